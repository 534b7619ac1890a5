package summary

import (
	"go/token"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/connvet/connvet/passes/internal/catalog"
)

// reached lists the blocks that may run: those behind a question whose answer
// the catalog rules out do not.
func (b *builder) reached() map[*ssa.BasicBlock]bool {
	out := map[*ssa.BasicBlock]bool{}
	if len(b.fn.Blocks) == 0 {
		return out
	}
	work := []*ssa.BasicBlock{b.fn.Blocks[0]}
	for len(work) > 0 {
		blk := work[len(work)-1]
		work = work[:len(work)-1]
		if out[blk] {
			continue
		}
		out[blk] = true
		never := b.neverTaken(blk)
		for i, to := range blk.Succs {
			if i != never {
				work = append(work, to)
			}
		}
	}
	return out
}

// neverTaken gives the branch of a block that compares the result of a call
// with a number that the result never is; -1 if there is none.
func (b *builder) neverTaken(blk *ssa.BasicBlock) int {
	iff, ok := blk.Instrs[len(blk.Instrs)-1].(*ssa.If)
	if !ok {
		return -1
	}
	cond, ok := iff.Cond.(*ssa.BinOp)
	if !ok || cond.Op != token.EQL && cond.Op != token.NEQ {
		return -1
	}
	x, isResult := cond.X.(*ssa.Extract)
	value := constInt(cond.Y)
	if !isResult || value == 0 {
		return -1
	}
	call, ok := x.Tuple.(*ssa.Call)
	if !ok {
		return -1
	}
	key, _ := b.calleeKey(&call.Call)
	cf := b.eng.cat.Func(key)
	if cf == nil || !slices.Contains(cf.Never, catalog.Never{Result: x.Index, Value: value}) {
		return -1
	}
	if cond.Op == token.EQL {
		return 0
	}
	return 1
}
