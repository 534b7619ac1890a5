package obligation

import (
	"slices"

	"golang.org/x/tools/go/ssa"
	"honnef.co/go/tools/analysis/dfa/dense"

	"github.com/connvet/connvet/passes/internal/flow"
)

// After is a call that only runs when the value has been released.
type After struct {
	Call *ssa.Call
	By   *ssa.Call // a release that may come before it
}

// Ended lists the calls that the value's release has come before on every
// path. Ends reports whether a call, given the value as operand, releases it
// for certain; every other way to lose it makes the analysis silent.
func Ended(fn *ssa.Function, src Source, o Oracle, ends func(ssa.CallInstruction, int) bool) []After {
	t := newTracker(fn, src, o)
	t.ends = ends
	sol := dense.Forward[lattice](flow.Graph{Fn: fn}, t.start(), t.transfer)
	var out []After
	for _, b := range fn.Blocks {
		in := sol.In(b)
		if in.top {
			return nil
		}
		out = append(out, t.after(b, in)...)
	}
	return t.withRelease(out)
}

// after lists the calls of a block that run in no state but ended.
func (t *tracker) after(b *ssa.BasicBlock, in states) []After {
	var out []After
	other := map[*ssa.Call]bool{}
	seen := map[*ssa.Call]bool{}
	t.run(b, in.set, func(i ssa.Instruction, s state) {
		c, ok := i.(*ssa.Call)
		switch {
		case !ok:
		case s.status != ended:
			other[c] = true
		case !seen[c]:
			seen[c] = true
			out = append(out, After{Call: c})
		}
	})
	return slices.DeleteFunc(out, func(a After) bool { return other[a.Call] })
}

// withRelease gives each call the last release before it in the code.
func (t *tracker) withRelease(all []After) []After {
	for n := range all {
		for _, r := range t.endedBy {
			if by := all[n].By; by == nil || r.Pos() < all[n].Call.Pos() && r.Pos() > by.Pos() {
				all[n].By = r
			}
		}
	}
	return all
}

// end applies a call in an analysis that asks for certain releases only.
func (t *tracker) end(c *ssa.Call, s state) state {
	for i, v := range Operands(c.Common()) {
		if t.alias(v, s) && t.ends(c, i) {
			if !slices.Contains(t.endedBy, c) {
				t.endedBy = append(t.endedBy, c)
			}
			return s.settle(ended)
		}
	}
	switch t.effect(c, s).Effect {
	case Borrow:
		return s
	case Release, Move, Escape, HalfMove, DeferGuard:
	}
	return s.settle(moved)
}
