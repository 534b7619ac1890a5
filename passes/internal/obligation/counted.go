package obligation

import (
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"

	"github.com/connvet/connvet/passes/internal/flow"
)

// findCounter notes whether a number that the turns of a loop change decides
// on the acquisition. Whether an earlier turn's value is still there when the
// next one is acquired cannot be told then: batches are committed by count.
func (t *tracker) findCounter() {
	i := t.src.made()
	if i == nil {
		return
	}
	loops := flow.FindLoops(t.fn)
	if !loops.In(i.Block()) {
		return
	}
	for b := i.Block().Idom(); b != nil && loops.Same(b, i.Block()); b = b.Idom() {
		if iff, ok := b.Instrs[len(b.Instrs)-1].(*ssa.If); ok && loops.Same(b, b.Succs[0]) && loops.Same(b, b.Succs[1]) &&
			countedBy(iff.Cond, loops, b, 3) {
			t.turns = loops
			return
		}
	}
}

// countedBy reports whether a condition asks for a number that a phi of the
// loop of block b carries from turn to turn.
func countedBy(cond ssa.Value, loops *flow.Loops, b *ssa.BasicBlock, depth int) bool {
	if depth == 0 {
		return false
	}
	switch v := cond.(type) {
	case *ssa.BinOp:
		return countedBy(v.X, loops, b, depth-1) || countedBy(v.Y, loops, b, depth-1)
	case *ssa.UnOp:
		return v.Op == token.NOT && countedBy(v.X, loops, b, depth-1)
	case *ssa.Phi:
		basic, ok := v.Type().Underlying().(*types.Basic)
		return ok && basic.Info()&types.IsNumeric != 0 && loops.Same(v.Block(), b)
	}
	return false
}

// nextTurn lets go of what a counted acquisition of an earlier turn got.
func (t *tracker) nextTurn(from, to *ssa.BasicBlock, s state) state {
	if t.turns == nil || s.status != owed || s.kept || !to.Dominates(from) || !t.turns.Same(to, t.src.made().Block()) {
		return s
	}
	return s.settle(moved)
}
