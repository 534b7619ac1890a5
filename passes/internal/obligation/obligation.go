// Package obligation follows one acquired value through one function and finds
// the exits on which nobody has released it: a forward, edge-sensitive
// typestate. The state is a set of disjuncts that are not merged when the
// value is held by different variables, because a variable that is overwritten
// while it holds an owed value is the finding.
package obligation

import (
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

// On is what the condition of a release speaks of.
type On uint8

// The things a condition can speak of.
const (
	Always  On = iota // no condition
	Result            // a result of the call
	Binding           // a variable that the closure captured
)

// Condition says when a release happens: when a result or a captured variable
// is, or is not, nil.
type Condition struct {
	On    On
	Index int
	Nil   bool
}

// Answer is what a call does, and for a release when it does it.
type Answer struct {
	Effect Effect
	If     Condition
}

// Oracle knows what calls do.
type Oracle interface {
	// Operand says what the call does to its operand i (receiver first, then
	// arguments; for function values, the function value is the last operand).
	Operand(c ssa.CallInstruction, i int) Answer
	// Container says what the call does to a value that its operand i holds.
	Container(c ssa.CallInstruction, i int) Answer
	// Closure says what running a closure does to what it captures as binding i.
	// c is the call, go or defer statement, or the call it is passed to.
	Closure(c ssa.CallInstruction, m *ssa.MakeClosure, i int) Answer
	// Undoes reports whether calling the closure releases its binding i.
	Undoes(m *ssa.MakeClosure, i int) bool
	// EndsParent reports whether the call releases what the value lives on.
	EndsParent(c ssa.CallInstruction) bool
	// NoReturn reports whether the call never comes back.
	NoReturn(c ssa.CallInstruction) bool
	// Always reports whether the asserted type is the only one that the operand has.
	Always(a *ssa.TypeAssert) bool
	// Fatal reports whether the call, of which nothing is known, may never come back.
	Fatal(c ssa.CallInstruction) bool
	// Inner reports whether a field of the tracked value is the value itself
	// for the purpose of releasing it.
	Inner(x ssa.Value, field int) bool
	// Part reports whether a field of the tracked value is something that it owns.
	Part(x ssa.Value, field int) bool
	// Failure reports whether a field of the tracked value is not nil when its
	// acquisition failed.
	Failure(x ssa.Value, field int) bool
	// Alias gives the operand that a result of the call is, or takes the place
	// of; -1 if there is none.
	Alias(c *ssa.Call, result int) int
	// Wraps reports whether a result of a call that only borrows its operand may hold it.
	Wraps(c *ssa.Call, operand, result int) bool
	// Holds reports whether a value of the type of x may hold the tracked value.
	Holds(x ssa.Value) bool
	// Asks reports whether the call asks its receiver whether it has ended.
	Asks(c *ssa.Call) bool
	// Drains reports whether a false result, or an error, of the call releases its receiver.
	Drains(c *ssa.Call) bool
}

// Source is the value to follow: the result of a call, a variable or composite
// literal, or a parameter or captured variable that the function is given.
type Source struct {
	Call   *ssa.Call  // nil for other values
	Made   *ssa.Alloc // the variable or literal
	Result int        // index in the call's results
	Error  int        // index of the error that is nil when the value is valid, -1 if none
	Undo   int        // index of the result that is a function which releases the value, -1 if none
	Given  ssa.Value  // parameter or captured variable
	Cell   bool       // Given is the address of the variable
	Field  int        // 1 + the field of the structure Given that keeps the value, 0 if Given is the value
	Due    bool       // what the field keeps must be released by the function itself
	Follow bool       // note the calls after which the value is followed no further
}

// made is the instruction that makes the value; nil for a given one.
func (s Source) made() ssa.Instruction {
	switch {
	case s.Call != nil:
		return s.Call
	case s.Made != nil:
		return s.Made
	}
	return nil
}

// Exit is a way out of the function on which the value is still owed.
type Exit struct {
	Return *ssa.Return
	Half   bool // another goroutine may release it
}

// Outcome is what became of the value.
type Outcome struct {
	Leaks     []Exit
	Over      []*ssa.Store // stores that overwrite the last place which keeps the value
	Again     bool         // acquired again while owed
	Forgotten bool         // acquired again with nothing deferred that would release it
	Returns   bool         // the function can return after it is acquired
	Turns     bool         // acquired again after an earlier turn got its value
	Released  bool         // released on some path
	Unowed    bool         // some path reaches a return without release or move
	Moved     bool         // moved or escaped on some path
	Half      bool         // given to a goroutine that releases it on some of its paths
	ReturnsAt map[int]bool // results through which a return hands the owed value on
	Undo      int          // result that is a function which releases the value handed on, -1 if none
	Held      uint16       // results that are structures or functions holding the value
	Lost      []*ssa.Call  // calls of unknown code that got the owed value
	Kept      bool         // some return gives away a value that is not owed any more
	fates     map[Condition]uint8
}

// Gone reports whether some path releases the value or hands it on.
func (o *Outcome) Gone() bool {
	return o.Released || o.Moved || o.Half || len(o.ReturnsAt) > 0 || o.Held != 0
}

// The fates of a value at an exit, as bits.
const (
	fateUnowed uint8 = 1 << iota
	fateReleased
	fateOther
)

// When gives the condition that decides whether the value is released.
func (o *Outcome) When() Condition {
	for c, f := range o.fates {
		other := c
		other.Nil = !c.Nil
		if f == fateReleased && o.fates[other] == fateUnowed {
			return c
		}
	}
	return Condition{}
}

// Follow analyses one source in a function.
func Follow(fn *ssa.Function, src Source, o Oracle) *Outcome {
	t := newTracker(fn, src, o)
	sol := dense.Forward[lattice](flow.Graph{Fn: fn}, t.start(), t.transfer)
	out := &Outcome{ReturnsAt: map[int]bool{}, Undo: -1, fates: map[Condition]uint8{}}
	for _, b := range fn.Blocks {
		in := sol.In(b)
		if in.top {
			return &Outcome{Moved: true, Undo: -1}
		}
		t.judge(b, in, out)
	}
	out.Returns = t.returns()
	return out
}

// given is the state of a value that the function is given.
func (t *tracker) given() state {
	s := state{status: owed}
	switch src := t.src; {
	case src.Cell:
		s.holders = t.bit(place{root: src.Given, field: whole})
	case src.Field > 0:
		s.holders, s.kept = t.bit(place{root: src.Given, field: src.Field - 1}), !src.Due
	}
	return s
}

// returns reports whether the function can return after the value is acquired.
func (t *tracker) returns() bool {
	for b := range t.reached() {
		if len(b.Instrs) == 0 {
			continue
		}
		if _, ok := b.Instrs[len(b.Instrs)-1].(*ssa.Return); ok {
			return true
		}
	}
	return false
}

// start is what holds when the function begins.
func (t *tracker) start() map[*ssa.BasicBlock]states {
	s := state{status: absent}
	if t.src.Given != nil {
		s = t.given()
	}
	return map[*ssa.BasicBlock]states{t.fn.Blocks[0]: {set: []state{s}}}
}

// transfer runs a block and refines what is known on the edge out of it.
func (t *tracker) transfer(from, to *ssa.BasicBlock, in states) states {
	if in.top {
		return in
	}
	var out states
	for _, s := range t.run(from, in.set, nil) {
		if s, ok := t.refine(from, to, s); ok {
			out = out.with(t.nextTurn(from, to, t.enter(from, to, s)))
		}
	}
	return out
}

// run executes the instructions of a block on each state; see is told the
// state before each instruction.
func (t *tracker) run(b *ssa.BasicBlock, in []state, see func(ssa.Instruction, state)) []state {
	cur := in
	for _, i := range b.Instrs {
		next := make([]state, 0, len(cur))
		for _, s := range cur {
			if see != nil {
				see(i, s)
			}
			for _, n := range t.exec(i, s) {
				if !slices.Contains(next, n) {
					next = append(next, n)
				}
			}
		}
		cur = next
	}
	return cur
}

// judge finds what happens at the returns and re-acquisitions of a block.
func (t *tracker) judge(b *ssa.BasicBlock, in states, out *Outcome) {
	t.run(b, in.set, func(i ssa.Instruction, s state) {
		switch s.status {
		case released:
			out.Released = true
		case moved:
			out.Moved = true
		case half:
			out.Half = true
		case absent, owed:
			out.Moved = out.Moved || s.kept
		}
		if i == t.src.made() {
			t.again(s, out)
		}
		switch i := i.(type) {
		case *ssa.Call:
			t.lose(i, s, out)
		case *ssa.Store:
			if t.loses(i, s) && !slices.Contains(out.Over, i) {
				out.Over = append(out.Over, i)
			}
		case *ssa.Return:
			t.leave(i, s, out)
		}
	})
}

// lose notes that unknown code gets the owed value.
func (t *tracker) lose(c *ssa.Call, s state, out *Outcome) {
	if t.src.Follow && s.status == owed && !s.kept && t.effect(c, s).Effect == Escape && !slices.Contains(out.Lost, c) {
		out.Lost = append(out.Lost, c)
	}
}

// again judges an acquisition that runs while the value of an earlier turn is owed.
func (t *tracker) again(s state, out *Outcome) {
	out.Turns = out.Turns || s.status != absent
	if s.status == owed && s.kept {
		t.keptAgain(s, out)
		return
	}
	if s.status != owed || t.stillHeld(s) {
		return
	}
	out.Again = true
	out.Forgotten = out.Forgotten || !s.deferred && t.atExit(s).status != released
}

// leave judges a return.
func (t *tracker) leave(r *ssa.Return, s state, out *Outcome) {
	at, undo, held := t.handed(r, s)
	if s.status == released || s.status == moved || s.kept {
		out.Kept = out.Kept || at >= 0
	}
	fate := fateOther
	switch {
	case s.status == absent:
		return
	case s.status == released:
		fate = fateReleased
	case s.status == moved, s.kept:
	case held != 0, at < 0 && undo >= 0:
		out.Held |= held
		if undo >= 0 {
			out.Held |= 1 << undo
		}
	case at >= 0:
		t.handOn(at, undo, out)
	default:
		fate = fateUnowed
		out.Unowed = true
		if exit := (Exit{Return: r, Half: s.status == half}); !slices.Contains(out.Leaks, exit) {
			out.Leaks = append(out.Leaks, exit)
		}
	}
	t.noteFate(r, s, fate, out)
}

// handOn notes that a return gives the owed value to the caller, with or
// without a function that releases it.
func (t *tracker) handOn(at, undo int, out *Outcome) {
	if len(out.ReturnsAt) > 0 && out.Undo != undo {
		out.Kept = true
	}
	out.ReturnsAt[at] = true
	out.Undo = undo
}

// handed finds the result that is the value, the one that is a function which
// releases it, and those that hold it.
func (t *tracker) handed(r *ssa.Return, s state) (at, undo int, held uint16) {
	at, undo = -1, -1
	for i, v := range r.Results {
		switch {
		case t.alias(v, s):
			at = i
		case t.undoes(v, s):
			undo = i
		case i < 16 && t.contains(v, s, containDepth):
			held |= 1 << i
		}
	}
	return at, undo, held
}

// undoes reports whether v is a function that releases the value.
func (t *tracker) undoes(v ssa.Value, s state) bool {
	if t.isUndo(v) {
		return s.status != absent
	}
	m := closure(v)
	if m == nil {
		return false
	}
	for n, b := range m.Bindings {
		if (t.alias(b, s) || t.holds(b, s)) && t.oracle.Undoes(m, n) {
			return true
		}
	}
	return false
}

// noteFate remembers what became of a given value under each condition that
// could decide it.
func (t *tracker) noteFate(r *ssa.Return, s state, fate uint8, out *Outcome) {
	if t.src.Given == nil {
		return
	}
	note := func(c Condition, isNil, known bool) {
		for _, c.Nil = range []bool{true, false} {
			if !known || c.Nil == isNil {
				out.fates[c] |= fate
			}
		}
	}
	if n := len(r.Results); n > 0 && errorType(r.Results[n-1].Type()) {
		isNil, known := t.returnedNil(r.Results[n-1], r.Block(), s)
		note(Condition{On: Result, Index: n - 1}, isNil, known)
	}
	for i, f := range t.fn.FreeVars {
		if bit := t.conds[cellKey(f)]; bit != 0 {
			note(Condition{On: Binding, Index: i}, s.known&bit != 0, (s.known|s.denied)&bit != 0)
		}
	}
}
