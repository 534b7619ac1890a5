package summary

import (
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/connvet/connvet/passes/internal/catalog"
)

// failure finds errors that are surely not nil.
type failure struct {
	said func(ssa.Value) bool // values that need no look; nil for none
}

// failures are functions that always give an error, or do where code asks them
// for one: the error of a context is asked for when it has ended.
var failures = map[string]bool{
	"fmt.Errorf": true, "errors.New": true,
	"(context.Context).Err": true, "context.Cause": true,
}

// sure reports whether an error is not nil where the block ends.
func (f *failure) sure(v ssa.Value, at *ssa.BasicBlock, depth int) bool {
	if depth == 0 {
		return false
	}
	if f.said != nil && f.said(v) || testedFailure(v, at) {
		return true
	}
	switch v := v.(type) {
	case *ssa.MakeInterface:
		return true
	case *ssa.ChangeInterface:
		return f.sure(v.X, at, depth-1)
	case *ssa.Call:
		return f.call(v, at, depth-1)
	case *ssa.Phi:
		for i, e := range v.Edges {
			if !f.sure(e, v.Block().Preds[i], depth-1) {
				return false
			}
		}
		return true
	case *ssa.UnOp:
		if _, ok := v.X.(*ssa.Global); ok && v.Op == token.MUL {
			return true // a variable such as io.EOF
		}
		if s := lastStored(v); s != nil {
			return f.sure(s, at, depth-1)
		}
	}
	return false
}

// call reports whether a call gives an error for sure: one that is made by it,
// or made of another one.
func (f *failure) call(c *ssa.Call, at *ssa.BasicBlock, depth int) bool {
	key := ""
	if c.Call.IsInvoke() {
		key = catalog.FuncKey(c.Call.Method)
	} else if fn := c.Call.StaticCallee(); fn != nil {
		if obj, ok := fn.Object().(*types.Func); ok {
			key = catalog.FuncKey(obj)
		}
	}
	if failures[key] {
		return true
	}
	return slices.ContainsFunc(operands(c), func(v ssa.Value) bool {
		return isError(v.Type()) && f.sure(v, at, depth)
	})
}

// operands lists the operands of a call, and the elements of a list of
// arguments that the call spells out.
func operands(c *ssa.Call) []ssa.Value {
	out := slices.Clone(c.Call.Args)
	sl, ok := lastOperand(c.Call.Args).(*ssa.Slice)
	if !ok {
		return out
	}
	list, ok := sl.X.(*ssa.Alloc)
	if !ok {
		return out
	}
	for _, r := range *list.Referrers() {
		el, ok := r.(*ssa.IndexAddr)
		if !ok {
			continue
		}
		for _, s := range *el.Referrers() {
			if st, ok := s.(*ssa.Store); ok {
				out = append(out, st.Val)
			}
		}
	}
	return out
}

func lastOperand(vs []ssa.Value) ssa.Value {
	if len(vs) == 0 {
		return nil
	}
	return vs[len(vs)-1]
}

// testedFailure reports whether a block runs only after a test that found the
// error: not nil, or one of a kind.
func testedFailure(v ssa.Value, at *ssa.BasicBlock) bool {
	for blk := at; blk.Idom() != nil; blk = blk.Idom() {
		d := blk.Idom()
		iff, ok := d.Instrs[len(d.Instrs)-1].(*ssa.If)
		if !ok || len(blk.Preds) != 1 || blk.Preds[0] != d || d.Succs[0] == d.Succs[1] {
			continue
		}
		switch c := iff.Cond.(type) {
		case *ssa.BinOp:
			failed := d.Succs[0]
			if c.Op == token.EQL {
				failed = d.Succs[1]
			}
			if isNil(c.Y) && sameValue(c.X, v) && blk == failed && (c.Op == token.EQL || c.Op == token.NEQ) {
				return true
			}
		case *ssa.Call:
			if blk == d.Succs[0] && slices.ContainsFunc(c.Call.Args, func(x ssa.Value) bool { return sameValue(x, v) && isError(x.Type()) }) {
				return true // errors.Is and its like
			}
		}
	}
	return false
}

// sameValue reports whether two values are one, or two readings of a variable
// that has the same content.
func sameValue(x, y ssa.Value) bool {
	if x == y {
		return true
	}
	return stored(x) == stored(y)
}

// stored looks through the reading of a variable in memory.
func stored(v ssa.Value) ssa.Value {
	if load, ok := v.(*ssa.UnOp); ok {
		if s := lastStored(load); s != nil {
			return s
		}
	}
	return v
}
