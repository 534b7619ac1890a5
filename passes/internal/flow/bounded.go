package flow

import (
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// Bounded reports whether the loops that a block is in turn only as often as
// the code itself says: over a literal, an array or a constant number.
func (l *Loops) Bounded(b *ssa.BasicBlock) bool {
	if !l.In(b) {
		return false
	}
	for _, h := range b.Parent().Blocks {
		if l.Same(b, h) && boundedHeader(h) {
			return true
		}
	}
	return false
}

// boundedHeader reports whether a block decides on the next turn of such a loop.
func boundedHeader(h *ssa.BasicBlock) bool {
	iff, ok := h.Instrs[len(h.Instrs)-1].(*ssa.If)
	if !ok {
		return false
	}
	switch c := iff.Cond.(type) {
	case *ssa.BinOp: // index < length
		phi, ok := c.X.(*ssa.Phi)
		if b, add := c.X.(*ssa.BinOp); add {
			phi, ok = b.X.(*ssa.Phi)
		}
		return ok && (phi.Comment == "rangeindex" || phi.Comment == "rangeint.iter") && constantLength(c.Y)
	case *ssa.Extract: // the next pair of a map
		next, ok := c.Tuple.(*ssa.Next)
		if !ok {
			return false
		}
		r, ok := next.Iter.(*ssa.Range)
		return ok && mapLiteral(r.X)
	}
	return false
}

// constantLength reports whether a length is a number in the code, or that of
// a slice literal.
func constantLength(v ssa.Value) bool {
	switch v := v.(type) {
	case *ssa.Const:
		return true
	case *ssa.Call:
		if bi, ok := v.Call.Value.(*ssa.Builtin); !ok || bi.Name() != "len" {
			return false
		}
		s, ok := v.Call.Args[0].(*ssa.Slice)
		if !ok || s.Low != nil || s.High != nil {
			return false
		}
		a, ok := s.X.(*ssa.Alloc)
		if !ok {
			return false
		}
		_, array := a.Type().Underlying().(*types.Pointer).Elem().Underlying().(*types.Array)
		return array
	}
	return false
}

// mapLiteral reports whether a map is made here and filled outside of loops.
func mapLiteral(v ssa.Value) bool {
	m, ok := v.(*ssa.MakeMap)
	if !ok {
		return false
	}
	loops := FindLoops(m.Parent())
	for _, r := range *m.Referrers() {
		switch r := r.(type) {
		case *ssa.MapUpdate:
			if r.Map != ssa.Value(m) || loops.In(r.Block()) && !loops.Same(r.Block(), m.Block()) {
				return false
			}
		case *ssa.Range, *ssa.Lookup, *ssa.DebugRef:
		default:
			return false // others may fill it
		}
	}
	return true
}
