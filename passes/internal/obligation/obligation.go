// Package obligation follows one acquired value through one function and finds
// the exits on which nobody has released it: a forward, edge-sensitive
// typestate. The state is a set of disjuncts that are not merged when the
// value is held by different variables, because a variable that is overwritten
// while it holds an owed value is the finding.
package obligation

import (
	"go/token"
	"slices"

	"golang.org/x/tools/go/ssa"
	"honnef.co/go/tools/analysis/dfa/dense"

	"github.com/connvet/connvet/passes/internal/flow"
)

// Effect is what a call does to the tracked value it is given.
type Effect uint8

// The effects.
const (
	Borrow     Effect = iota // looks at it, uses it
	Release                  // ends it
	Move                     // owns it from now on
	Escape                   // nobody knows: the value is followed no further
	HalfMove                 // another goroutine that releases it on some of its paths only
	DeferGuard               // a deferred function that may release it: trusted
)

// Oracle knows what calls do.
type Oracle interface {
	// Operand says what the call does to its operand i (receiver first, then
	// arguments; for function values, bindings are operands of the closure).
	Operand(c ssa.CallInstruction, i int) Effect
	// Closure says what running a closure does to what it captures as binding i.
	// c is the call, go or defer statement, or the call it is passed to.
	Closure(c ssa.CallInstruction, m *ssa.MakeClosure, i int) Effect
	// EndsParent reports whether the call releases what the value lives on.
	EndsParent(c ssa.CallInstruction) bool
	// NoReturn reports whether the call never comes back.
	NoReturn(c ssa.CallInstruction) bool
	// Inner reports whether a field of the tracked value is the value itself
	// for the purpose of releasing it.
	Inner(x ssa.Value, field int) bool
	// Chains reports whether a call's result is its receiver.
	Chains(c *ssa.Call) bool
	// Derives reports whether the results of a call live on its operands without owning them.
	Derives(c *ssa.Call) bool
	// Drains reports whether a false result of the call releases its receiver.
	Drains(c *ssa.Call) bool
}

// Source is the value to follow: the result of a call, or a parameter or
// captured variable that the function is given.
type Source struct {
	Call   *ssa.Call // nil for a given value
	Result int       // index in the call's results
	Error  int       // index of the error that is nil when the value is valid, -1 if none
	Given  ssa.Value // parameter or captured variable
	Cell   bool      // Given is the address of the variable
}

// Exit is a way out of the function on which the value is still owed.
type Exit struct {
	Return *ssa.Return
	Half   bool // another goroutine may release it
}

// Outcome is what became of the value.
type Outcome struct {
	Leaks     []Exit
	Again     bool         // acquired again while owed
	Deferred  bool         // acquired again while its release is only deferred
	Released  bool         // released on some path
	Unowed    bool         // some path reaches a return without release or move
	Moved     bool         // moved or escaped on some path
	ReturnsAt map[int]bool // results through which every such return hands the owed value on
	Kept      bool         // some return gives away a value that is not owed any more
}

type status uint8

const (
	absent status = iota
	owed
	released
	moved
	half
)

// state is one disjunct.
type state struct {
	status   status
	deferred bool
	holders  uint64 // phis and local places that hold the value
	errs     uint64 // phis and local places that hold its error
	known    uint32 // conditions known to hold
	denied   uint32 // conditions known not to hold
}

// maxDisjuncts is where the analysis gives up on a value, silently.
const maxDisjuncts = 24

type states []state

func (s states) with(n state) states {
	if slices.Contains(s, n) {
		return s
	}
	if len(s) >= maxDisjuncts {
		return states{{status: moved}}
	}
	out := append(slices.Clone(s), n)
	slices.SortFunc(out, compare)
	return out
}

func compare(a, b state) int {
	for _, d := range []int{
		int(a.status) - int(b.status), flag(a.deferred) - flag(b.deferred), order(a.holders, b.holders), order(a.errs, b.errs),
		order(uint64(a.known), uint64(b.known)), order(uint64(a.denied), uint64(b.denied)),
	} {
		if d != 0 {
			return d
		}
	}
	return 0
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

func order(a, b uint64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

type lattice struct{}

func (lattice) Ident() states           { return nil }
func (lattice) Equals(a, b states) bool { return slices.Equal(a, b) }
func (lattice) Merge(a, b states) (m states) {
	m = a
	for _, s := range b {
		m = m.with(s)
	}
	return m
}

// Follow analyses one source in a function.
func Follow(fn *ssa.Function, src Source, o Oracle) *Outcome {
	t := newTracker(fn, src, o)
	start := state{status: absent}
	if src.Given != nil {
		start.status = owed
		if src.Cell {
			start.holders = t.bit(place{root: src.Given, field: -1})
		}
	}
	if t.overflow {
		return &Outcome{Moved: true}
	}
	sol := dense.Forward[lattice](flow.Graph{Fn: fn}, map[*ssa.BasicBlock]states{fn.Blocks[0]: {start}}, t.transfer)
	out := &Outcome{ReturnsAt: map[int]bool{}}
	for _, b := range fn.Blocks {
		t.judge(b, sol.In(b), out)
	}
	return out
}

// transfer runs a block and refines what is known on the edge out of it.
func (t *tracker) transfer(from, to *ssa.BasicBlock, in states) states {
	var out states
	for _, s := range in {
		for _, i := range from.Instrs {
			var alive bool
			if s, alive = t.exec(i, s); !alive {
				goto next
			}
		}
		if s, ok := t.refine(from, to, s); ok {
			out = out.with(t.enter(from, to, s))
		}
	next:
	}
	return out
}

// judge finds what happens at the returns and re-acquisitions of a block.
func (t *tracker) judge(b *ssa.BasicBlock, in states, out *Outcome) {
	for _, s := range in {
		for _, i := range b.Instrs {
			if c, ok := i.(*ssa.Call); ok && c == t.src.Call {
				t.again(s, out)
			}
			if r, ok := i.(*ssa.Return); ok {
				t.leave(r, s, out)
			}
			var alive bool
			if s, alive = t.exec(i, s); !alive {
				break
			}
			t.note(s, out)
		}
	}
}

func (t *tracker) note(s state, out *Outcome) {
	switch s.status {
	case released:
		out.Released = true
	case moved:
		out.Moved = true
	}
}

// again judges an acquisition that runs while the value of an earlier turn is owed.
func (t *tracker) again(s state, out *Outcome) {
	if s.status != owed || t.stillHeld(s) {
		return
	}
	out.Again = true
	if s.deferred {
		out.Deferred = true
	}
}

// leave judges a return.
func (t *tracker) leave(r *ssa.Return, s state, out *Outcome) {
	at := -1
	for i, v := range r.Results {
		switch {
		case t.alias(v, s):
			at = i
		case t.contains(v, s, 6):
			out.Moved = true
			if s.status == owed || s.status == half {
				return
			}
		}
	}
	switch s.status {
	case owed, half:
		if s.deferred {
			out.Released = true
			return
		}
		if at >= 0 {
			out.ReturnsAt[at] = true
			return
		}
		out.Unowed = true
		exit := Exit{Return: r, Half: s.status == half}
		if !slices.Contains(out.Leaks, exit) {
			out.Leaks = append(out.Leaks, exit)
		}
	case moved, released:
		if at >= 0 {
			out.Kept = true
		}
	}
}

// exec runs one instruction; alive is false when the path ends here.
func (t *tracker) exec(i ssa.Instruction, s state) (_ state, alive bool) {
	switch i := i.(type) {
	case *ssa.Call:
		return t.call(i, s)
	case *ssa.Defer:
		return t.deferCall(i, s), true
	case *ssa.Go:
		return t.spawn(i, s), true
	case *ssa.RunDefers:
		if s.deferred && (s.status == owed || s.status == half) {
			s.status = released
		}
	case *ssa.Store:
		return t.store(i, s), true
	case *ssa.MapUpdate:
		return t.give(s, i.Value), true
	case *ssa.Send:
		return t.give(s, i.X), true
	case *ssa.Panic:
		return s, false
	case *ssa.Select:
		for _, st := range i.States {
			if st.Send != nil {
				s = t.give(s, st.Send)
			}
		}
	}
	return s, true
}

// give moves the value when v is, or holds, it.
func (t *tracker) give(s state, v ssa.Value) state {
	if s.status == owed && t.contains(v, s, 6) {
		s.status = moved
	}
	return s
}

func (t *tracker) call(c *ssa.Call, s state) (state, bool) {
	if t.oracle.NoReturn(c) {
		return s, false
	}
	if s.status == owed || s.status == half {
		s = t.apply(c, s, t.effect(c, s))
	}
	if c == t.src.Call {
		next := state{status: owed}
		if s.status == absent {
			next.known, next.denied = s.known, s.denied
		}
		return next, true
	}
	return s, true
}

func (t *tracker) deferCall(d *ssa.Defer, s state) state {
	if s.status != owed && s.status != half {
		return s
	}
	switch t.effect(d, s) {
	case Release, DeferGuard, HalfMove:
		s.deferred = true
	case Move, Escape:
		s.status = moved
	case Borrow:
	}
	return s
}

func (t *tracker) spawn(g *ssa.Go, s state) state {
	if s.status != owed {
		return s
	}
	return t.apply(g, s, t.effect(g, s))
}

func (t *tracker) apply(_ ssa.CallInstruction, s state, e Effect) state {
	switch e {
	case Release:
		s.status = released
	case Move, Escape, DeferGuard:
		s.status = moved
	case HalfMove:
		s.status = half
	case Borrow:
	}
	return s
}

// effect is the strongest effect of a call on the value, through any operand.
func (t *tracker) effect(c ssa.CallInstruction, s state) Effect {
	e := Borrow
	if t.oracle.EndsParent(c) {
		e = Release
	}
	for i, v := range operands(c.Common()) {
		if t.alias(v, s) {
			e = stronger(e, t.oracle.Operand(c, i))
			continue
		}
		e = stronger(e, t.held(c, i, v, s))
	}
	return e
}

// held is the effect of a call on a value that one of its operands holds: a
// closure that captured it, or a structure it is part of.
func (t *tracker) held(c ssa.CallInstruction, i int, v ssa.Value, s state) Effect {
	if m := closure(v); m != nil {
		e := Borrow
		for n, b := range m.Bindings {
			if t.alias(b, s) || t.holds(b, s) {
				e = stronger(e, t.oracle.Closure(c, m, n))
			} else if t.contains(b, s, 4) {
				e = stronger(e, Escape)
			}
		}
		return e
	}
	if t.contains(v, s, 6) {
		return t.container(c, i)
	}
	return Borrow
}

// container is the effect of passing on a structure that holds the value.
func (t *tracker) container(c ssa.CallInstruction, i int) Effect {
	if t.oracle.Operand(c, i) == Borrow {
		return Borrow
	}
	return Escape
}

func stronger(a, b Effect) Effect {
	rank := [...]int{Borrow: 0, HalfMove: 1, DeferGuard: 2, Escape: 3, Move: 4, Release: 5}
	if rank[b] > rank[a] {
		return b
	}
	return a
}

// operands lists a call's operands, receiver or function value first.
func operands(c *ssa.CallCommon) []ssa.Value {
	if c.IsInvoke() {
		return append([]ssa.Value{c.Value}, c.Args...)
	}
	if _, ok := c.Value.(*ssa.Function); ok {
		return c.Args
	}
	return append(slices.Clone(c.Args), c.Value)
}

// closure finds the function literal or method value behind a value.
func closure(v ssa.Value) *ssa.MakeClosure {
	for {
		switch x := v.(type) {
		case *ssa.MakeClosure:
			return x
		case *ssa.ChangeType:
			v = x.X
		case *ssa.MakeInterface:
			v = x.X
		default:
			return nil
		}
	}
}

func isNil(v ssa.Value) bool {
	c, ok := v.(*ssa.Const)
	return ok && c.IsNil()
}

// comparison gives the operand compared with nil and whether the given
// successor is the one on which it is nil.
func comparison(cond ssa.Value, taken bool) (x ssa.Value, nilHere, ok bool) {
	bin, isBin := cond.(*ssa.BinOp)
	if !isBin || (bin.Op != token.EQL && bin.Op != token.NEQ) {
		return nil, false, false
	}
	switch {
	case isNil(bin.Y):
		x = bin.X
	case isNil(bin.X):
		x = bin.Y
	default:
		return nil, false, false
	}
	return x, taken == (bin.Op == token.EQL), true
}
