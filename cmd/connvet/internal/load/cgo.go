package load

import (
	"go/ast"
	"go/types"
)

// scrub removes from a checked cgo package what names of C left without a
// type, so that analysers never meet an invalid one: such functions look as if
// they were written in assembly, such variables as if they had no initial value.
func scrub(s *Syntax) {
	v := &validity{seen: map[types.Type]bool{}}
	for _, f := range s.Files {
		for _, decl := range f.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && fn.Body != nil && !v.valid(fn, s.Info) {
				fn.Body = nil
			}
		}
	}
	var order []*types.Initializer
	for _, init := range s.Info.InitOrder {
		if v.valid(init.Rhs, s.Info) {
			order = append(order, init)
		}
	}
	s.Info.InitOrder = order
}

// validity remembers which types contain an invalid one.
type validity struct{ seen map[types.Type]bool }

func (v *validity) valid(node ast.Node, info *types.Info) bool {
	ok := true
	ast.Inspect(node, func(x ast.Node) bool {
		switch x := x.(type) {
		case *ast.Ident:
			if obj := info.ObjectOf(x); obj != nil {
				if _, pkg := obj.(*types.PkgName); !pkg {
					ok = ok && v.validType(obj.Type())
				}
			}
		case ast.Expr:
			if tv, found := info.Types[x]; found {
				ok = ok && v.validType(tv.Type)
			}
		}
		return ok
	})
	return ok
}

func (v *validity) validType(t types.Type) bool {
	if t == nil {
		return true
	}
	if ok, found := v.seen[t]; found {
		return ok
	}
	v.seen[t] = true // a recursive type is valid unless another part of it is not
	ok := v.validParts(t)
	v.seen[t] = ok
	return ok
}

func (v *validity) validParts(t types.Type) bool {
	switch t := t.(type) {
	case *types.Basic:
		return t.Kind() != types.Invalid
	case *types.Alias:
		return v.validType(types.Unalias(t))
	case *types.Named:
		return v.validType(t.Underlying())
	case *types.Pointer:
		return v.validType(t.Elem())
	case *types.Slice:
		return v.validType(t.Elem())
	case *types.Array:
		return t.Len() >= 0 && v.validType(t.Elem())
	case *types.Chan:
		return v.validType(t.Elem())
	case *types.Map:
		return v.validType(t.Key()) && v.validType(t.Elem())
	case *types.Struct:
		for f := range t.Fields() {
			if !v.validType(f.Type()) {
				return false
			}
		}
	case *types.Tuple:
		for f := range t.Variables() {
			if !v.validType(f.Type()) {
				return false
			}
		}
	case *types.Signature:
		return v.validType(t.Params()) && v.validType(t.Results())
	}
	return true
}
