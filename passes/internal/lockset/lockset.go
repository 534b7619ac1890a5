// Package lockset finds which locks are held at each instruction of a
// function: a forward analysis that keeps what is held on every path.
package lockset

import (
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
	Deferred bool // at the end of the function
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

func (lattice) Merge(a, b held) held {
	switch {
	case a.top:
		return b
	case b.top:
		return a
	}
	var both []effect.Lock
	for _, l := range a.locks {
		if slices.Contains(b.locks, l) {
			both = append(both, l)
		}
	}
	return held{locks: both}
}

// Result is what is held where.
type Result struct {
	at  map[ssa.Instruction][]effect.Lock
	Net []effect.LockNet // what the function takes or gives back for its caller
	Any bool
}

// At lists the locks held when the instruction runs.
func (r *Result) At(i ssa.Instruction) []effect.Lock {
	if r == nil {
		return nil
	}
	return r.at[i]
}

// Solve finds the held locks. ops says what an instruction does; it is asked once for each.
func Solve(fn *ssa.Function, ops func(ssa.Instruction) []Op) *Result {
	byInstr := map[ssa.Instruction][]Op{}
	for _, b := range fn.Blocks {
		for _, i := range b.Instrs {
			if o := ops(i); len(o) > 0 {
				byInstr[i] = o
			}
		}
	}
	r := &Result{at: map[ssa.Instruction][]effect.Lock{}}
	if len(byInstr) == 0 || len(fn.Blocks) == 0 {
		return r
	}
	r.Any = true
	transfer := func(from, _ *ssa.BasicBlock, in held) held {
		if in.top {
			return in
		}
		return held{locks: run(from, in.locks, byInstr, nil)}
	}
	sol := dense.Forward[lattice](flow.Graph{Fn: fn}, map[*ssa.BasicBlock]held{fn.Blocks[0]: {}}, transfer)
	r.fill(fn, byInstr, func(b *ssa.BasicBlock) held { return sol.In(b) })
	return r
}

func (r *Result) fill(fn *ssa.Function, byInstr map[ssa.Instruction][]Op, in func(*ssa.BasicBlock) held) {
	atExit, taken := held{top: true}, takenLocks(byInstr)
	for _, b := range fn.Blocks {
		st := in(b)
		if st.top {
			continue
		}
		out := run(b, st.locks, byInstr, func(i ssa.Instruction, locks []effect.Lock) {
			if len(locks) > 0 {
				r.at[i] = locks
			}
			r.unlocksOfCaller(byInstr[i], locks, taken)
		})
		if _, ok := b.Instrs[len(b.Instrs)-1].(*ssa.Return); ok {
			atExit = lattice{}.Merge(atExit, held{locks: out})
		}
	}
	for _, l := range atExit.locks {
		if !deferredUnlock(byInstr, l.Path) {
			r.Net = append(r.Net, effect.LockNet{Path: l.Path, Shared: l.Shared})
		}
	}
	slices.SortFunc(r.Net, func(a, b effect.LockNet) int { return access.Compare(a.Path, b.Path) })
	r.Net = slices.Compact(r.Net)
}

// unlocksOfCaller notes what is given back for the caller: a lock that the
// function takes on no path. If it takes it on some, the lock may be its own.
func (r *Result) unlocksOfCaller(ops []Op, locks []effect.Lock, taken map[access.Path]bool) {
	for _, o := range ops {
		if !o.Unlock || o.Deferred || taken[o.Path] {
			continue
		}
		if !slices.ContainsFunc(locks, func(l effect.Lock) bool { return l.Path == o.Path }) {
			r.Net = append(r.Net, effect.LockNet{Path: o.Path, Shared: o.Shared, Unlock: true})
		}
	}
}

func takenLocks(byInstr map[ssa.Instruction][]Op) map[access.Path]bool {
	out := map[access.Path]bool{}
	for _, ops := range byInstr {
		for _, o := range ops {
			if !o.Unlock {
				out[o.Path] = true
			}
		}
	}
	return out
}

func deferredUnlock(byInstr map[ssa.Instruction][]Op, p access.Path) bool {
	for _, ops := range byInstr {
		for _, o := range ops {
			if o.Unlock && o.Deferred && o.Path == p {
				return true
			}
		}
	}
	return false
}

// run applies a block to the held locks, showing visit what is held before each instruction.
func run(b *ssa.BasicBlock, locks []effect.Lock, byInstr map[ssa.Instruction][]Op, visit func(ssa.Instruction, []effect.Lock)) []effect.Lock {
	for _, i := range b.Instrs {
		if visit != nil {
			visit(i, locks)
		}
		for _, o := range byInstr[i] {
			locks = apply(locks, o)
		}
	}
	return locks
}

func apply(locks []effect.Lock, o Op) []effect.Lock {
	if o.Unlock {
		if o.Deferred {
			return locks
		}
		return slices.DeleteFunc(slices.Clone(locks), func(l effect.Lock) bool { return l.Path == o.Path })
	}
	if !o.Path.Known() || slices.Contains(locks, o.Lock) {
		return locks
	}
	out := append(slices.Clone(locks), o.Lock)
	slices.SortFunc(out, func(a, b effect.Lock) int { return access.Compare(a.Path, b.Path) })
	return out
}
