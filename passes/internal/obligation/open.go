package obligation

import (
	"golang.org/x/tools/go/ssa"
	"honnef.co/go/tools/analysis/dfa/dense"

	"github.com/connvet/connvet/passes/internal/flow"
)

// Moment is a call that runs while the value is owed.
type Moment struct {
	Call   *ssa.Call
	Always bool // owed on every path that gets there
	Given  bool // the call is given the value and ends it only when it is done
}

// Open lists the calls that run while the value is owed, block by block.
// Renewed reports whether an instruction makes what the value lives on
// anew: an older value is not followed beyond it. Calls that are given the
// value and may end it, or hand it on, are left out, except those that end it
// last, as reported by last.
func Open(fn *ssa.Function, src Source, o Oracle, renewed func(ssa.Instruction) bool, last func(ssa.CallInstruction) bool) []Moment {
	t := newTracker(fn, src, o)
	t.renewed = renewed
	sol := dense.Forward[lattice](flow.Graph{Fn: fn}, t.start(), t.transfer)
	var out []Moment
	for _, b := range fn.Blocks {
		in := sol.In(b)
		if in.top {
			return nil
		}
		out = append(out, t.moments(b, in, last)...)
	}
	return out
}

// moments lists the calls of a block before which the value is owed.
func (t *tracker) moments(b *ssa.BasicBlock, in states, last func(ssa.CallInstruction) bool) []Moment {
	var out []Moment
	at := map[*ssa.Call]int{}
	closed := map[*ssa.Call]bool{}
	t.run(b, in.set, func(i ssa.Instruction, s state) {
		c, ok := i.(*ssa.Call)
		if !ok {
			return
		}
		given := t.byOperand(c, s).Effect != Borrow
		if s.status != owed || given && !last(c) {
			closed[c] = true
			return
		}
		if _, seen := at[c]; !seen {
			at[c] = len(out)
			out = append(out, Moment{Call: c, Given: given})
		}
	})
	for n := range out {
		out[n].Always = !closed[out[n].Call]
	}
	return out
}
