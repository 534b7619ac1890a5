package flow

import (
	"go/constant"
	"go/token"

	"golang.org/x/tools/go/ssa"
)

// Single reports whether an edge goes into the body of a loop that turns once
// at most, by a constant number: the edge is taken no second time.
func Single(from, to *ssa.BasicBlock) bool {
	iff, ok := from.Instrs[len(from.Instrs)-1].(*ssa.If)
	if !ok || from.Succs[0] != to {
		return false
	}
	cond, ok := iff.Cond.(*ssa.BinOp)
	if !ok || cond.Op != token.LSS && cond.Op != token.LEQ {
		return false
	}
	second, ok := secondIndex(cond.X)
	limit, isConst := cond.Y.(*ssa.Const)
	return ok && isConst && limit.Value != nil && !constant.Compare(second, cond.Op, limit.Value)
}

// secondIndex is what a counter that starts at a constant and goes up by a
// constant is compared as before the second turn.
func secondIndex(v ssa.Value) (constant.Value, bool) {
	switch v := v.(type) {
	case *ssa.Phi: // for i := 0; i < 1; i++
		start, step, ok := counter(v)
		if !ok {
			return nil, false
		}
		return constant.BinaryOp(start, token.ADD, step), true
	case *ssa.BinOp: // for range 1
		phi, ok := v.X.(*ssa.Phi)
		if !ok || v.Op != token.ADD {
			return nil, false
		}
		start, step, ok := counter(phi)
		if !ok || phi.Edges[0] != ssa.Value(v) && phi.Edges[1] != ssa.Value(v) {
			return nil, false
		}
		return constant.BinaryOp(start, token.ADD, step), true
	}
	return nil, false
}

// counter gives where a variable starts and by how much each turn raises it.
func counter(phi *ssa.Phi) (start, step constant.Value, ok bool) {
	if len(phi.Edges) != 2 {
		return nil, nil, false
	}
	for i, e := range phi.Edges {
		c, isConst := e.(*ssa.Const)
		add, isAdd := phi.Edges[1-i].(*ssa.BinOp)
		if !isConst || !isAdd || add.Op != token.ADD || add.X != ssa.Value(phi) {
			continue
		}
		by, isConst := add.Y.(*ssa.Const)
		if isConst && integer(c) && integer(by) && constant.Sign(by.Value) > 0 {
			return c.Value, by.Value, true
		}
	}
	return nil, nil, false
}

func integer(c *ssa.Const) bool { return c.Value != nil && c.Value.Kind() == constant.Int }
