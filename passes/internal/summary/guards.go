package summary

import (
	"go/token"

	"golang.org/x/tools/go/ssa"

	"github.com/connvet/connvet/passes/internal/access"
)

// overridden reports whether the receiver comes from a place that the
// function compares with nil: an override, or a lazily made value.
func (b *builder) overridden(recv ssa.Value) bool {
	if recv == nil {
		return false
	}
	if b.nilTests == nil {
		b.nilTests = map[access.Path]bool{}
		for _, blk := range b.fn.Blocks {
			for _, i := range blk.Instrs {
				if x := nilTested(i); x != nil {
					for _, v := range b.eval(x) {
						b.nilTests[v.Path] = true
					}
				}
			}
		}
	}
	for _, v := range b.eval(recv) {
		if b.nilTests[v.Path] && v.Path.Len() > 0 {
			return true
		}
	}
	return false
}

// nilTested gives the operand that an instruction compares with nil.
func nilTested(i ssa.Instruction) ssa.Value {
	bin, ok := i.(*ssa.BinOp)
	if !ok || (bin.Op != token.EQL && bin.Op != token.NEQ) {
		return nil
	}
	if isNil(bin.Y) && !isError(bin.X.Type()) {
		return bin.X
	}
	if isNil(bin.X) && !isError(bin.Y.Type()) {
		return bin.Y
	}
	return nil
}

// dependsOnCapture reports whether an instruction of a function literal runs
// only for some values of a captured variable.
func (b *builder) dependsOnCapture(at ssa.Instruction) bool {
	if at == nil || len(b.fn.FreeVars) == 0 {
		return false
	}
	for blk := at.Block().Idom(); blk != nil; blk = blk.Idom() {
		iff, ok := blk.Instrs[len(blk.Instrs)-1].(*ssa.If)
		if ok && readsCapture(iff.Cond, 4) {
			return true
		}
	}
	return false
}

func readsCapture(v ssa.Value, depth int) bool {
	if depth == 0 {
		return false
	}
	switch v := v.(type) {
	case *ssa.FreeVar:
		return true
	case *ssa.UnOp:
		return readsCapture(v.X, depth-1)
	case *ssa.BinOp:
		return readsCapture(v.X, depth-1) || readsCapture(v.Y, depth-1)
	case *ssa.FieldAddr:
		return readsCapture(v.X, depth-1)
	}
	return false
}

func isNil(v ssa.Value) bool {
	c, ok := v.(*ssa.Const)
	return ok && c.IsNil()
}
