package unclosedconn

import (
	"go/ast"
	"go/types"
)

// reach is the set of variables that hold the value, or something got from it
// that may be of no use once the value is released: rows, a bucket, a reader.
type reach struct {
	s    *site
	vars map[types.Object]bool
	out  bool // one of them leaves the function
}

// escapes reports whether something got from the value may outlive the
// function, so that releasing the value at its end is not right.
func (s *site) escapes() bool {
	r := &reach{s: s, vars: map[types.Object]bool{s.x: true}}
	for n := -1; n != len(r.vars); {
		n = len(r.vars)
		ast.Inspect(s.body, r.grow)
	}
	ast.Inspect(s.body, r.leave)
	if s.typ.Results != nil {
		for _, f := range s.typ.Results.List {
			for _, name := range f.Names {
				r.out = r.out || r.vars[s.info.Defs[name]]
			}
		}
	}
	return r.out
}

// grow adds the variables that an assignment fills.
func (r *reach) grow(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.AssignStmt:
		if n != r.s.stmt && !(len(n.Rhs) == 1 && n.Rhs[0] == ast.Expr(r.s.call)) {
			r.assign(n.Lhs, n.Rhs)
		}
	case *ast.ValueSpec:
		var left []ast.Expr
		for _, name := range n.Names {
			left = append(left, name)
		}
		if len(n.Values) > 0 && n.Values[0] != ast.Expr(r.s.call) {
			r.assign(left, n.Values)
		}
	case *ast.RangeStmt:
		if r.mentions(n.X) {
			r.assignTo(n.Key, n.X)
			r.assignTo(n.Value, n.X)
		}
	case *ast.TypeSwitchStmt:
		r.out = r.out || r.mentions(n.Assign)
	}
	return true
}

func (r *reach) assign(left, right []ast.Expr) {
	for i, l := range left {
		value := right[0]
		if len(left) == len(right) {
			value = right[i]
		}
		if r.mentions(value) {
			r.assignTo(l, value)
		}
	}
}

func (r *reach) assignTo(left, value ast.Expr) {
	if left == nil || !r.keeps(r.s.info.TypeOf(left), value) {
		return
	}
	id, plain := ast.Unparen(left).(*ast.Ident)
	if !plain {
		id = localRoot(r.s.info, left)
	}
	if plain && id.Name == "_" {
		return
	}
	if id == nil || !r.local(r.s.info.ObjectOf(id)) {
		r.out = true
		return
	}
	r.vars[r.s.info.ObjectOf(id)] = true
}

// local reports whether the object is declared by the function.
func (r *reach) local(obj types.Object) bool {
	return obj != nil && r.s.body.Pos() <= obj.Pos() && obj.Pos() < r.s.body.End() ||
		obj != nil && r.s.typ.Results != nil && r.s.typ.Results.Pos() <= obj.Pos() && obj.Pos() < r.s.typ.Results.End()
}

// localRoot is the variable that a field or element is a part of; nil if that
// is somewhere else.
func localRoot(info *types.Info, e ast.Expr) *ast.Ident {
	for {
		switch x := ast.Unparen(e).(type) {
		case *ast.Ident:
			return x
		case *ast.SelectorExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		default:
			return nil
		}
		t := info.TypeOf(e)
		if t == nil {
			return nil
		}
		if _, ok := t.Underlying().(*types.Pointer); ok {
			return nil
		}
	}
}

// leave looks for ways out of the function.
func (r *reach) leave(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.ReturnStmt:
		for _, e := range n.Results {
			r.out = r.out || r.mentions(e) && r.keeps(r.s.info.TypeOf(e), e)
		}
	case *ast.SendStmt:
		r.out = r.out || r.mentions(n.Value) && r.keeps(r.s.info.TypeOf(n.Value), n.Value)
	case *ast.GoStmt:
		r.out = r.out || r.mentions(n)
	case *ast.CallExpr:
		r.out = r.out || r.registers(n)
	}
	return !r.out
}

// registers reports whether a method of the value is given a function or
// channel that it may use later: its owner wants it to stay.
func (r *reach) registers(c *ast.CallExpr) bool {
	switch r.s.acq.Row.Role {
	case "tx", "rows", "row", "stmt", "batch", "cursor", "body", "lease", "bucket":
		return false
	}
	sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr)
	if !ok || !r.mentions(sel.X) {
		return false
	}
	for _, arg := range c.Args {
		t := r.s.info.TypeOf(arg)
		if t == nil {
			continue
		}
		switch t.Underlying().(type) {
		case *types.Signature, *types.Chan:
			return true
		}
	}
	return false
}

func (r *reach) mentions(n ast.Node) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && r.vars[r.s.info.ObjectOf(id)] {
			found = true
		}
		return !found
	})
	return found
}

// keeps reports whether a value of type t, got from expression e, may need the
// connection. Bytes that a method gives may be the connection's own buffer;
// those that a function gives are a copy.
func (r *reach) keeps(t types.Type, e ast.Expr) bool {
	if t == nil {
		return true
	}
	switch kind := holds(t, map[types.Type]bool{}); kind {
	case nothing:
		return false
	case buffer:
		return !r.copies(e)
	}
	return true
}

// copies reports whether bytes are made by a call that is not a method of the
// value, nor of what is got from it.
func (r *reach) copies(e ast.Expr) bool {
	c, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return false
	}
	if r.s.info.Types[c.Fun].IsType() {
		return false
	}
	return callee(r.s.info, c) != nil && !r.mentions(c.Fun)
}

// holding is what a value of some type can hold on to.
type holding int

const (
	nothing holding = iota
	buffer          // bytes
	anything
)

// holds says what a value of type t can hold on to.
func holds(t types.Type, seen map[types.Type]bool) holding {
	t = types.Unalias(t)
	if seen[t] || types.Identical(t, types.Universe.Lookup("error").Type()) {
		return nothing
	}
	seen[t] = true
	switch u := t.Underlying().(type) {
	case *types.Basic:
		if u.Kind() == types.UnsafePointer {
			return anything
		}
		return nothing
	case *types.Pointer:
		return holds(u.Elem(), seen)
	case *types.Slice:
		if b, ok := u.Elem().Underlying().(*types.Basic); ok && b.Kind() == types.Byte {
			return buffer
		}
		return holds(u.Elem(), seen)
	case *types.Array:
		return holds(u.Elem(), seen)
	case *types.Map:
		return max(holds(u.Key(), seen), holds(u.Elem(), seen))
	case *types.Struct:
		most := nothing
		for f := range u.Fields() {
			most = max(most, holds(f.Type(), seen))
		}
		return most
	case *types.Tuple:
		most := nothing
		for v := range u.Variables() {
			most = max(most, holds(v.Type(), seen))
		}
		return most
	}
	return anything
}
