// Package lockset finds which locks are held at each instruction of a
// function: a forward analysis that keeps what is held on every path.
package lockset

import (
	"cmp"
	"slices"

	"golang.org/x/tools/go/ssa"
	"honnef.co/go/tools/analysis/dfa/dense"

	"github.com/connvet/connvet/passes/internal/access"
	"github.com/connvet/connvet/passes/internal/effect"
	"github.com/connvet/connvet/passes/internal/flow"
)

// Op is what an instruction does to a lock.
type Op struct {
	effect.Lock
	Unlock   bool
	Deferred bool      // at the end of the function
	Token    bool      // a send or receive: what comes first on a channel takes it, the other gives it back
	Weak     bool      // a token only if both are seen
	On       effect.On // for the function's own edges: a result that tells whether the lock was taken
}

// Ops are what a function does to locks.
type Ops struct {
	At   func(ssa.Instruction) []Op               // asked once for each instruction
	Edge func(from, to *ssa.BasicBlock) []Op      // known only when a branch is taken
	Net  func(held, free []*ssa.Return) effect.On // what tells returns with a lock from those without
}

// held is the set of locks held on every path; nil Locks with Top is "not reached".
type held struct {
	top   bool
	locks []effect.Lock
}

type lattice struct{}

func (lattice) Ident() held { return held{top: true} }

func (lattice) Equals(a, b held) bool {
	return a.top == b.top && slices.Equal(a.locks, b.locks)
}

// Merge keeps what both hold; what one of them shares is shared.
func (lattice) Merge(a, b held) held {
	switch {
	case a.top:
		return b
	case b.top:
		return a
	}
	var both []effect.Lock
	for _, l := range a.locks {
		if i := find(b.locks, l.Path); i >= 0 {
			l.Shared, l.Slot = l.Shared || b.locks[i].Shared, l.Slot || b.locks[i].Slot
			both = append(both, l)
		}
	}
	return held{locks: both}
}

// find gives the index of the lock with the path, -1 if it is not held.
func find(locks []effect.Lock, p access.Path) int {
	return slices.IndexFunc(locks, func(l effect.Lock) bool { return l.Path == p })
}

// Result is what is held where.
type Result struct {
	Given []effect.Lock // held when the function starts: it gives them back without having taken them
	at    map[ssa.Instruction][]effect.Lock
	ops   map[ssa.Instruction][]Op
	Net   []effect.LockNet // what the function takes or gives back for its caller
	Any   bool
}

// At lists the locks held when the instruction runs; for what is deferred,
// when the function ends.
func (r *Result) At(i ssa.Instruction) []effect.Lock {
	if r == nil {
		return nil
	}
	return r.at[i]
}

// Unlocks reports whether the function gives a lock back, itself or by what it
// defers, after an instruction.
func (r *Result) Unlocks(after ssa.Instruction, p access.Path) bool {
	if r == nil {
		return false
	}
	for i, ops := range r.ops {
		if slices.ContainsFunc(ops, func(o Op) bool { return o.Unlock && o.Path == p }) &&
			(flow.Before(after, i) || slices.ContainsFunc(ops, func(o Op) bool { return o.Deferred })) {
			return true
		}
	}
	return false
}

// solver is one function.
type solver struct {
	fn     *ssa.Function
	ops    Ops
	at     map[ssa.Instruction][]Op
	edges  map[edge][]Op
	result *Result
}

type edge struct{ from, to *ssa.BasicBlock }

// Solve finds the held locks.
func Solve(fn *ssa.Function, ops Ops) *Result {
	s := &solver{
		fn: fn, ops: ops, at: map[ssa.Instruction][]Op{}, edges: map[edge][]Op{},
		result: &Result{at: map[ssa.Instruction][]effect.Lock{}},
	}
	s.gather()
	if len(s.at)+len(s.edges) == 0 || len(fn.Blocks) == 0 {
		return s.result
	}
	s.result.Any = true
	s.orderTokens()
	s.result.ops = s.at
	transfer := func(from, to *ssa.BasicBlock, in held) held {
		if in.top {
			return in
		}
		locks := s.run(from, in.locks, nil)
		for _, o := range s.edges[edge{from, to}] {
			locks = apply(locks, o)
		}
		return held{locks: locks}
	}
	solve := func(entry []effect.Lock) func(*ssa.BasicBlock) held {
		sol := dense.Forward[lattice](flow.Graph{Fn: fn}, map[*ssa.BasicBlock]held{fn.Blocks[0]: {locks: entry}}, transfer)
		return func(b *ssa.BasicBlock) held { return sol.In(b) }
	}
	in := solve(nil)
	given := s.given(in)
	s.fill(in)
	if given = s.possible(given, solve); len(given) > 0 {
		s.result.Given = given
		s.refill(solve(given))
	}
	return s.result
}

func (s *solver) gather() {
	for _, b := range s.fn.Blocks {
		for _, i := range b.Instrs {
			if o := s.ops.At(i); len(o) > 0 {
				s.at[i] = o
			}
		}
		if s.ops.Edge == nil {
			continue
		}
		for _, to := range b.Succs {
			if o := s.ops.Edge(b, to); len(o) > 0 {
				s.edges[edge{b, to}] = o
			}
		}
	}
}

func (s *solver) fill(in func(*ssa.BasicBlock) held) {
	exits, ends, taken := map[*ssa.Return][]effect.Lock{}, map[ssa.Instruction][]effect.Lock{}, s.taken()
	for _, b := range s.fn.Blocks {
		st := in(b)
		if st.top {
			continue
		}
		out := s.run(b, st.locks, func(i ssa.Instruction, locks []effect.Lock) {
			if len(locks) > 0 {
				s.result.at[i] = locks
			}
			if _, ok := i.(*ssa.RunDefers); ok {
				ends[i] = locks
			}
			s.unlocksOfCaller(s.at[i], locks, taken)
		})
		if r, ok := b.Instrs[len(b.Instrs)-1].(*ssa.Return); ok {
			exits[r] = out
		}
	}
	s.atEnd(ends)
	s.takesForCaller(exits)
	slices.SortFunc(s.result.Net, compareNets)
	s.result.Net = slices.Compact(s.result.Net)
}

func compareNets(a, b effect.LockNet) int {
	sign := func(n effect.LockNet) int {
		if n.Unlock {
			return 1
		}
		return 0
	}
	return cmp.Or(access.Compare(a.Path, b.Path), cmp.Compare(sign(a), sign(b)))
}

// unlocksOfCaller notes what is given back for the caller: a lock that the
// function takes on no path. If it takes it on some, the lock may be its own.
func (s *solver) unlocksOfCaller(ops []Op, locks []effect.Lock, taken map[access.Path]bool) {
	for _, o := range ops {
		if !o.Unlock || o.Deferred && !o.Token || taken[o.Path] || !o.Path.Known() {
			continue
		}
		if find(locks, o.Path) < 0 {
			s.result.Net = append(s.result.Net, o.net())
		}
	}
}

func (o Op) net() effect.LockNet {
	return effect.LockNet{Path: o.Path, Shared: o.Shared, Slot: o.Slot, Unlock: o.Unlock, Token: o.Token, Weak: o.Weak, Flag: o.Flag}
}

// takesForCaller notes what is still held at the returns: at all of them, or
// at those that a result tells from the others. If nothing tells them, the
// lock counts as taken: forgetting that it may not be only silences.
func (s *solver) takesForCaller(exits map[*ssa.Return][]effect.Lock) {
	for _, l := range s.heldAtSome(exits) {
		if s.deferredUnlock(l.Path) || !l.Path.Known() {
			continue
		}
		var with, without []*ssa.Return
		for _, b := range s.fn.Blocks {
			r, ok := b.Instrs[len(b.Instrs)-1].(*ssa.Return)
			locks, reached := exits[r]
			switch {
			case !ok || !reached:
			case find(locks, l.Path) >= 0:
				with = append(with, r)
			default:
				without = append(without, r)
			}
		}
		n := s.opOf(l).net()
		if len(without) > 0 && s.ops.Net != nil {
			n.On = s.ops.Net(with, without)
		} else if len(without) == 0 {
			n.On = s.passedOn(with, l.Path)
		}
		s.result.Net = append(s.result.Net, n)
	}
}

// passedOn finds the result that is the answer whether the lock was taken: the
// function gives back what the operation said.
func (s *solver) passedOn(returns []*ssa.Return, p access.Path) effect.On {
	for i, ops := range s.at {
		v, ok := i.(ssa.Value)
		j := slices.IndexFunc(ops, func(o Op) bool { return !o.Unlock && o.Path == p && o.On.Result == 1 })
		if !ok || j < 0 {
			continue
		}
		for n := range returns[0].Results {
			if !slices.ContainsFunc(returns, func(r *ssa.Return) bool { return r.Results[n] != v }) {
				on := ops[j].On
				on.Result = n + 1
				return on
			}
		}
	}
	return effect.On{}
}

// heldAtSome lists the locks held at some return, in order.
func (s *solver) heldAtSome(exits map[*ssa.Return][]effect.Lock) []effect.Lock {
	var out []effect.Lock
	for _, locks := range exits {
		for _, l := range locks {
			if find(out, l.Path) < 0 {
				out = append(out, l)
			}
		}
	}
	slices.SortFunc(out, func(a, b effect.Lock) int { return access.Compare(a.Path, b.Path) })
	return out
}

// opOf finds an operation that takes the lock.
func (s *solver) opOf(l effect.Lock) Op {
	found := Op{Lock: l}
	s.each(func(o *Op) {
		if !o.Unlock && o.Path == l.Path {
			found.Token, found.Weak = o.Token, o.Weak
		}
	})
	return found
}

// atEnd finds the locks held when what is deferred runs: those held when the
// function ends, without those whose unlock is deferred later and so runs before.
func (s *solver) atEnd(ends map[ssa.Instruction][]effect.Lock) {
	for _, b := range s.fn.Blocks {
		for _, i := range b.Instrs {
			d, ok := i.(*ssa.Defer)
			if !ok {
				continue
			}
			end := held{top: true}
			for e, locks := range ends {
				if flow.Before(d, e) {
					end = lattice{}.Merge(end, held{locks: locks})
				}
			}
			if end.top {
				continue // the function never ends after it
			}
			s.result.at[d] = slices.DeleteFunc(slices.Clone(end.locks), func(l effect.Lock) bool {
				return s.unlockedBefore(d, l.Path)
			})
		}
	}
}

// unlockedBefore reports whether a deferred unlock of the place runs before
// what d defers.
func (s *solver) unlockedBefore(d *ssa.Defer, p access.Path) bool {
	for i, ops := range s.at {
		if slices.ContainsFunc(ops, func(o Op) bool { return o.Unlock && o.Deferred && o.Path == p }) && flow.Before(d, i) {
			return true
		}
	}
	return false
}

// each visits all operations.
func (s *solver) each(visit func(*Op)) {
	for _, ops := range s.at {
		for i := range ops {
			visit(&ops[i])
		}
	}
	for _, ops := range s.edges {
		for i := range ops {
			visit(&ops[i])
		}
	}
}

// taken lists the places that the function locks somewhere.
func (s *solver) taken() map[access.Path]bool {
	out := map[access.Path]bool{}
	s.each(func(o *Op) {
		if !o.Unlock {
			out[o.Path] = true
		}
	})
	return out
}

func (s *solver) deferredUnlock(p access.Path) bool {
	found := false
	s.each(func(o *Op) { found = found || o.Unlock && o.Deferred && o.Path == p })
	return found
}

// run applies a block to the held locks, showing visit what is held before each instruction.
func (s *solver) run(b *ssa.BasicBlock, locks []effect.Lock, visit func(ssa.Instruction, []effect.Lock)) []effect.Lock {
	for _, i := range b.Instrs {
		if visit != nil {
			visit(i, locks)
		}
		for _, o := range s.at[i] {
			locks = apply(locks, o)
		}
	}
	return locks
}

// apply is what an operation does to the held locks. A lock without a name is
// kept too: what it protects cannot be judged.
func apply(locks []effect.Lock, o Op) []effect.Lock {
	i := find(locks, o.Path)
	switch {
	case o.Deferred, o.Unlock && i < 0, !o.Unlock && i >= 0:
		return locks // what is deferred comes at the end
	case o.Unlock:
		return slices.Delete(slices.Clone(locks), i, i+1)
	}
	out := append(slices.Clone(locks), o.Lock)
	slices.SortFunc(out, func(a, b effect.Lock) int { return access.Compare(a.Path, b.Path) })
	return out
}
