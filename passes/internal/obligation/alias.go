package obligation

import (
	"go/token"
	"slices"

	"golang.org/x/tools/go/ssa"
)

// alias reports whether v is the tracked value in state s.
func (t *tracker) alias(v ssa.Value, s state) bool {
	if s.status == absent {
		return false
	}
	switch v := v.(type) {
	case *ssa.Call:
		return t.aliasResult(v, 0, s)
	case *ssa.Parameter:
		return v == t.src.Given
	case *ssa.FreeVar:
		return v == t.src.Given && !t.src.Cell
	case *ssa.Extract:
		return t.aliasExtract(v, s)
	case *ssa.ChangeType:
		return t.alias(v.X, s)
	case *ssa.ChangeInterface:
		return t.alias(v.X, s)
	case *ssa.MakeInterface:
		return t.alias(v.X, s)
	case *ssa.Convert:
		return t.alias(v.X, s)
	case *ssa.TypeAssert:
		return t.alias(v.X, s)
	case *ssa.Alloc:
		return v == t.src.Made
	case *ssa.Phi:
		return s.holders&t.phis[v] != 0
	case *ssa.UnOp:
		return v.Op == token.MUL && t.aliasLoaded(v, s)
	case *ssa.FieldAddr:
		return t.oracle.Inner(v.X, v.Field) && t.alias(v.X, s)
	case *ssa.Field:
		return t.oracle.Inner(v.X, v.Field) && t.alias(v.X, s)
	}
	return false
}

// aliasResult reports whether a result of a call is the value.
func (t *tracker) aliasResult(c *ssa.Call, result int, s state) bool {
	if c == t.src.Call {
		return result == t.src.Result
	}
	ops := Operands(c.Common())
	at := t.oracle.Alias(c, result)
	return at >= 0 && at < len(ops) && t.alias(ops[at], s)
}

func (t *tracker) aliasExtract(v *ssa.Extract, s state) bool {
	switch tuple := v.Tuple.(type) {
	case *ssa.Call:
		return t.aliasResult(tuple, v.Index, s)
	case *ssa.TypeAssert:
		return v.Index == 0 && t.alias(tuple.X, s)
	}
	return false
}

// aliasLoaded reports whether a loaded value is the tracked one: what comes out
// of a field stays what it was when it was loaded.
func (t *tracker) aliasLoaded(v *ssa.UnOp, s state) bool {
	if fa, ok := v.X.(*ssa.FieldAddr); ok && t.oracle.Inner(fa.X, fa.Field) && t.alias(fa.X, s) {
		return true
	}
	if _, ok := keptPlace(v.X); ok {
		return s.holders&t.loads[v] != 0
	}
	return t.holds(v.X, s)
}

// holds reports whether v is the address of a variable that holds the value.
func (t *tracker) holds(v ssa.Value, s state) bool {
	p, ok := localPlace(v)
	if !ok {
		p, ok = keptPlace(v)
	}
	return ok && s.holders&t.places[p] != 0
}

// isUndo reports whether v is the function that came with the value and releases it.
func (t *tracker) isUndo(v ssa.Value) bool {
	x, ok := v.(*ssa.Extract)
	return ok && t.src.Call != nil && t.src.Undo >= 0 && x.Tuple == t.src.Call && x.Index == t.src.Undo
}

// contains reports whether v is the value or something that holds it.
func (t *tracker) contains(v ssa.Value, s state, depth int) bool {
	if v == nil || depth == 0 {
		return false
	}
	if t.alias(v, s) || s.status != absent && t.isUndo(v) {
		return true
	}
	switch v := v.(type) {
	case *ssa.Alloc, *ssa.Parameter, *ssa.FreeVar:
		return t.anyPlace(v, s)
	case *ssa.MakeClosure:
		return slices.ContainsFunc(v.Bindings, func(b ssa.Value) bool { return t.holds(b, s) || t.contains(b, s, depth-1) })
	case *ssa.MakeInterface:
		return t.contains(v.X, s, depth-1)
	case *ssa.ChangeInterface:
		return t.contains(v.X, s, depth-1)
	case *ssa.ChangeType:
		return t.contains(v.X, s, depth-1)
	case *ssa.TypeAssert:
		return t.contains(v.X, s, depth-1)
	case *ssa.Slice:
		return t.contains(v.X, s, depth-1)
	case *ssa.UnOp:
		return v.Op == token.MUL && t.containsLoaded(v.X, s, depth-1)
	case *ssa.FieldAddr:
		return t.containsField(v, v.X, v.Field, s, depth-1)
	case *ssa.Field:
		return t.containsField(v, v.X, v.Field, s, depth-1)
	case *ssa.Phi:
		return slices.ContainsFunc(v.Edges, func(e ssa.Value) bool { return !t.alias(e, s) && t.contains(e, s, depth-1) })
	case *ssa.Call:
		return t.wraps(v, 0, s, depth-1)
	case *ssa.Extract:
		return t.containsExtract(v, s, depth-1)
	}
	return false
}

func (t *tracker) containsExtract(v *ssa.Extract, s state, depth int) bool {
	switch tuple := v.Tuple.(type) {
	case *ssa.Call:
		return t.wraps(tuple, v.Index, s, depth)
	case *ssa.TypeAssert:
		return v.Index == 0 && t.contains(tuple.X, s, depth)
	}
	return false
}

func (t *tracker) containsLoaded(addr ssa.Value, s state, depth int) bool {
	switch a := addr.(type) {
	case *ssa.Alloc:
		if r, ok := Only(a).(*ssa.Parameter); ok && t.anyPlace(r, s) {
			return true
		}
		return t.anyPlace(a, s)
	case *ssa.FreeVar:
		return t.anyPlace(a, s)
	case *ssa.FieldAddr:
		return t.containsField(a, a.X, a.Field, s, depth)
	}
	return false
}

// containsField reports whether a field of a structure that is no local
// variable may hold the value that the structure holds.
func (t *tracker) containsField(field, x ssa.Value, n int, s state, depth int) bool {
	if t.alias(x, s) {
		return t.oracle.Part(x, n)
	}
	if _, ok := x.(*ssa.Alloc); ok {
		return false
	}
	return t.oracle.Holds(field) && t.contains(x, s, depth)
}

func (t *tracker) anyPlace(root ssa.Value, s state) bool {
	for p, bit := range t.places {
		if p.root == root && s.holders&bit != 0 {
			return true
		}
	}
	return false
}

// wraps reports whether a result of a call that only borrowed the value can
// hold it: a constructor around it, or append.
func (t *tracker) wraps(c *ssa.Call, result int, s state, depth int) bool {
	if c == t.src.Call {
		return false
	}
	for i, v := range Operands(c.Common()) {
		if t.contains(v, s, depth) && t.oracle.Wraps(c, i, result) {
			return true
		}
	}
	return false
}

// isError reports whether v is the error of the acquisition in state s.
func (t *tracker) isError(v ssa.Value, s state) bool {
	switch v := v.(type) {
	case *ssa.Extract:
		return t.src.Call != nil && v.Tuple == t.src.Call && v.Index == t.src.Error
	case *ssa.Phi:
		return s.errs&t.phis[v] != 0
	case *ssa.Field:
		return t.oracle.Failure(v.X, v.Field) && t.alias(v.X, s)
	case *ssa.UnOp:
		if v.Op != token.MUL {
			return false
		}
		if fa, ok := v.X.(*ssa.FieldAddr); ok && t.oracle.Failure(fa.X, fa.Field) && t.alias(fa.X, s) {
			return true
		}
		p, ok := localPlace(v.X)
		return ok && s.errs&t.places[p] != 0
	}
	return false
}

// Operands lists a call's operands, receiver first, a function value last.
func Operands(c *ssa.CallCommon) []ssa.Value {
	if c.IsInvoke() {
		return append([]ssa.Value{c.Value}, c.Args...)
	}
	switch c.Value.(type) {
	case *ssa.Function, *ssa.Builtin:
		return c.Args
	}
	return append(slices.Clone(c.Args), c.Value)
}

// closure finds the function literal or method value behind a value.
func closure(v ssa.Value) *ssa.MakeClosure {
	for {
		switch x := v.(type) {
		case *ssa.MakeClosure:
			return x
		case *ssa.ChangeType:
			v = x.X
		case *ssa.MakeInterface:
			v = x.X
		default:
			return nil
		}
	}
}
