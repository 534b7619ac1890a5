package unclosedconn

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ast/astutil"

	"github.com/connvet/connvet/passes/internal/catalog"
	"github.com/connvet/connvet/passes/internal/ssabuild"
	"github.com/connvet/connvet/passes/internal/summary"
)

// site is an acquisition in the syntax: `value, err := call` and what encloses it.
type site struct {
	fix   *fixer
	info  *types.Info
	src   *source
	acq   summary.Acquisition
	call  *ast.CallExpr
	stmt  ast.Stmt       // the assignment or declaration, or the if statement that begins with it
	list  []ast.Stmt     // that it is part of
	index int            // of stmt in list
	body  *ast.BlockStmt // of the innermost function
	typ   *ast.FuncType
	loop  *ast.BlockStmt // body of the innermost loop around it in the function; nil if none
	top   ast.Node       // the outermost declaration
	x     *types.Var     // the variable that gets the value
	name  string
	err   *types.Var // the variable that gets the error; nil if none
	flag  *types.Var // the variable that says whether there is a value; nil if none
	undo  *types.Var // the variable that gets the function which releases it; nil if none
}

// site finds the statement of an acquisition; nil if it is not of a form that
// fixes know.
func (f *fixer) site(a summary.Acquisition) *site {
	src := f.source(a.Call.Pos())
	if src == nil {
		return nil
	}
	s := &site{fix: f, info: f.pass.TypesInfo, src: src, acq: a}
	path, _ := astutil.PathEnclosingInterval(src.file, a.Call.Pos(), a.Call.Pos()+1)
	at := 0
	for ; at < len(path); at++ {
		if c, ok := path[at].(*ast.CallExpr); ok && c.Lparen == a.Call.Pos() {
			s.call = c
			break
		}
	}
	if s.call == nil || !s.enclose(path[at+1:]) || s.x == nil || s.body == nil || s.list == nil {
		return nil
	}
	return s
}

// enclose walks outwards from the call.
func (s *site) enclose(path []ast.Node) bool {
	var inner ast.Stmt
	for _, n := range path {
		if st, ok := n.(ast.Stmt); ok && inner == nil {
			inner = st
			if !s.assigned(st) {
				return false
			}
			s.stmt = st
		}
		if s.body != nil {
			s.top = n
			if _, ok := n.(*ast.FuncDecl); ok {
				break
			}
			continue
		}
		switch n := n.(type) {
		case *ast.IfStmt:
			if n.Init == inner {
				s.stmt = n
			}
		case *ast.ForStmt:
			s.enterLoop(n.Body)
		case *ast.RangeStmt:
			s.enterLoop(n.Body)
		case *ast.BlockStmt:
			s.enlist(n.List)
		case *ast.CaseClause:
			s.enlist(n.Body)
		case *ast.CommClause:
			s.enlist(n.Body)
		case *ast.FuncLit:
			s.body, s.typ, s.top = n.Body, n.Type, n
		case *ast.FuncDecl:
			s.body, s.typ, s.top = n.Body, n.Type, n
			return true
		}
	}
	return true
}

// enterLoop notes the innermost loop whose body the call is in.
func (s *site) enterLoop(body *ast.BlockStmt) {
	if s.loop == nil && body.Pos() <= s.call.Pos() && s.call.Pos() < body.End() {
		s.loop = body
	}
}

// enlist notes the innermost list of statements.
func (s *site) enlist(list []ast.Stmt) {
	if s.list != nil {
		return
	}
	for i, st := range list {
		if st == s.stmt {
			s.list, s.index = list, i
		}
	}
}

// assigned reads the variables that get the results of the call.
func (s *site) assigned(st ast.Stmt) bool {
	var names []ast.Expr
	switch st := st.(type) {
	case *ast.AssignStmt:
		if len(st.Rhs) != 1 || ast.Unparen(st.Rhs[0]) != ast.Expr(s.call) {
			return false
		}
		names = st.Lhs
	case *ast.DeclStmt:
		d, ok := st.Decl.(*ast.GenDecl)
		if !ok || len(d.Specs) != 1 {
			return false
		}
		v, ok := d.Specs[0].(*ast.ValueSpec)
		if !ok || len(v.Values) != 1 || ast.Unparen(v.Values[0]) != ast.Expr(s.call) {
			return false
		}
		for _, n := range v.Names {
			names = append(names, n)
		}
	default:
		return false
	}
	s.x = s.variable(names, s.acq.Result)
	s.err = s.variable(names, s.acq.Error)
	s.undo = s.variable(names, s.acq.Undo)
	for i := range names {
		if v := s.variable(names, i); v != nil && s.err == nil && types.Identical(v.Type(), types.Typ[types.Bool]) {
			s.flag = v
		}
	}
	if s.x == nil || s.acq.Error >= 0 && s.err == nil || s.acq.Undo >= 0 && s.undo == nil {
		return false
	}
	s.name = s.x.Name()
	return true
}

func (s *site) variable(names []ast.Expr, i int) *types.Var {
	if i < 0 || i >= len(names) {
		return nil
	}
	id, ok := names[i].(*ast.Ident)
	if !ok || id.Name == "_" {
		return nil
	}
	v, _ := s.info.ObjectOf(id).(*types.Var)
	return v
}

// sole reports whether the variable is one of the function's own, and is
// assigned only by this acquisition.
func (s *site) sole() bool {
	return s.constant(s.x) && (s.undo == nil || s.constant(s.undo))
}

func (s *site) constant(v *types.Var) bool {
	if v.Pos() < s.body.Pos() || v.Pos() >= s.body.End() {
		return false
	}
	writes := 0
	ast.Inspect(s.top, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, l := range n.Lhs {
				if s.is(l, v) {
					writes++
				}
			}
		case *ast.ValueSpec:
			for _, name := range n.Names {
				if len(n.Values) > 0 && s.info.Defs[name] == v {
					writes++
				}
			}
		case *ast.RangeStmt:
			if s.is(n.Key, v) || s.is(n.Value, v) {
				writes += 2
			}
		case *ast.UnaryExpr:
			if n.Op == token.AND && s.is(n.X, v) {
				writes += 2
			}
		}
		return true
	})
	return writes == 1
}

// is reports whether an expression is the variable.
func (s *site) is(e ast.Expr, v *types.Var) bool {
	id, ok := e.(*ast.Ident)
	return ok && v != nil && s.info.ObjectOf(id) == v
}

func (s *site) mentions(n ast.Node, v *types.Var) bool {
	found := false
	if n != nil && v != nil {
		ast.Inspect(n, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && s.info.ObjectOf(id) == v {
				found = true
			}
			return !found
		})
	}
	return found
}

// checked finds the place from which on the value is certainly there: right
// after the acquisition if it cannot fail, otherwise after the test of its error.
func (s *site) checked() (place, bool) {
	if st, ok := s.stmt.(*ast.IfStmt); ok {
		return s.checkedBy(st, s.index)
	}
	if !s.mayFail() {
		return place{list: s.list, after: s.index}, true
	}
	for i := s.index + 1; i < len(s.list); i++ {
		switch st := s.list[i].(type) {
		case *ast.IfStmt:
			if p, ok := s.checkedBy(st, i); ok {
				return p, true
			}
			if !s.harmless(st) {
				return place{}, false
			}
		case *ast.ExprStmt:
			if s.requires(st.X) {
				return place{list: s.list, after: i}, true
			}
			if s.mentions(st, s.x) {
				return place{}, false
			}
		case *ast.AssignStmt:
			if s.mentions(st, s.x) || s.writesErr(st) {
				return place{}, false
			}
		case *ast.DeclStmt:
			if s.mentions(st, s.x) {
				return place{}, false
			}
		default:
			return place{}, false
		}
	}
	return place{}, false
}

// mayFail reports whether there may be no value: there is an error or a flag
// beside it, a field with the error, or the function asks whether it is nil.
func (s *site) mayFail() bool {
	if s.err != nil || s.flag != nil || s.acq.Row.ErrField != "" {
		return true
	}
	asked := false
	ast.Inspect(s.body, func(n ast.Node) bool {
		if b, ok := n.(*ast.BinaryExpr); ok {
			asked = asked || s.is(ast.Unparen(b.X), s.x) && s.isNil(b.Y) || s.is(ast.Unparen(b.Y), s.x) && s.isNil(b.X)
		}
		return !asked
	})
	if t, ok := s.info.TypeOf(s.call).(*types.Tuple); ok && s.acq.Undo < 0 {
		return asked || t.Len() > 1 // a flag or an error that is dropped
	}
	return asked
}

// checkedBy is the place that a test of the error leads to.
func (s *site) checkedBy(st *ast.IfStmt, i int) (place, bool) {
	own := st == s.stmt // the value is acquired, and perhaps declared, by the if statement itself
	declares := own && st.Pos() <= s.x.Pos() && s.x.Pos() < st.End()
	if st.Init != nil && !own && !s.loadsFailure(st) {
		return place{}, false
	}
	if s.mayFail() && (s.err != nil || s.acq.Row.ErrField != "") && !s.asksError(st.Cond) {
		return place{}, false
	}
	switch {
	case s.says(st.Cond, token.LAND):
		return place{after: -1, block: st.Body}, true
	case !s.says(st.Cond, token.LOR):
		return place{}, false
	}
	if block, ok := st.Else.(*ast.BlockStmt); ok {
		return place{after: -1, block: block}, true
	}
	if st.Else != nil || declares || !s.ends(st.Body.List) {
		return place{}, false
	}
	return place{list: s.list, after: i}, true
}

// says reports whether a condition, and each of the operands that op joins, says
// that there is a value (joined by &&) or that there is none (joined by ||). With
// any other operand beside it, the value may be there on both ways.
func (s *site) says(e ast.Expr, op token.Token) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return op == token.LAND && s.is(e, s.flag)
	case *ast.UnaryExpr:
		return op == token.LOR && e.Op == token.NOT && s.is(ast.Unparen(e.X), s.flag)
	case *ast.BinaryExpr:
		if e.Op == op {
			return s.says(e.X, op) && s.says(e.Y, op)
		}
		x := e.X
		if s.isNil(x) {
			x = e.Y
		} else if !s.isNil(e.Y) {
			return false
		}
		found := e.Op == token.NEQ && s.is(ast.Unparen(x), s.x) || e.Op == token.EQL && s.failure(x)
		failed := e.Op == token.EQL && s.is(ast.Unparen(x), s.x) || e.Op == token.NEQ && s.failure(x)
		return op == token.LAND && found || op == token.LOR && failed
	}
	return false
}

func (s *site) isNil(e ast.Expr) bool {
	tv, ok := s.info.Types[e]
	return ok && tv.IsNil()
}

// failure reports whether an expression is the error of the acquisition.
func (s *site) failure(e ast.Expr) bool {
	e = ast.Unparen(e)
	if s.err != nil {
		return s.is(e, s.err)
	}
	if sel, ok := e.(*ast.SelectorExpr); ok {
		return sel.Sel.Name == s.acq.Row.ErrField && s.is(sel.X, s.x)
	}
	return s.holdsFailure(e)
}

// holdsFailure reports whether e is a variable that an if statement sets to the
// field with the error.
func (s *site) holdsFailure(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	if !ok || s.acq.Row.ErrField == "" {
		return false
	}
	for _, st := range s.list[s.index+1:] {
		if st, ok := st.(*ast.IfStmt); ok && s.loadsFailure(st) {
			init := st.Init.(*ast.AssignStmt)
			left, ok := init.Lhs[0].(*ast.Ident)
			return ok && s.info.Defs[left] != nil && s.info.Defs[left] == s.info.Uses[id]
		}
	}
	return false
}

// loadsFailure reports whether an if statement begins with err := x.Error.
func (s *site) loadsFailure(st *ast.IfStmt) bool {
	init, ok := st.Init.(*ast.AssignStmt)
	if !ok || s.err != nil || len(init.Lhs) != 1 || len(init.Rhs) != 1 || init.Tok != token.DEFINE {
		return false
	}
	sel, ok := ast.Unparen(init.Rhs[0]).(*ast.SelectorExpr)
	return ok && sel.Sel.Name == s.acq.Row.ErrField && s.is(sel.X, s.x)
}

// harmless reports whether an if statement between the acquisition and the
// test of its error treats a special case of the error and leaves.
func (s *site) harmless(st *ast.IfStmt) bool {
	return st.Init == nil && st.Else == nil && s.isError(st.Cond) && !s.mentions(st, s.x) && s.ends(st.Body.List)
}

// isError reports whether a condition can only hold if there is an error.
func (s *site) isError(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.CallExpr:
		fn := callee(s.info, e)
		return fn != nil && catalog.FuncKey(fn) == "errors.Is" && s.is(ast.Unparen(e.Args[0]), s.err) ||
			fn != nil && catalog.FuncKey(fn) == "errors.As" && s.is(ast.Unparen(e.Args[0]), s.err)
	case *ast.BinaryExpr:
		return e.Op == token.EQL && !s.isNil(e.X) && !s.isNil(e.Y) && (s.is(ast.Unparen(e.X), s.err) || s.is(ast.Unparen(e.Y), s.err))
	}
	return false
}

// asksError reports whether a condition looks at the error: that the value is
// not nil is not enough where there is an error to look at.
func (s *site) asksError(e ast.Expr) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		if x, ok := n.(ast.Expr); ok && s.failure(x) {
			found = true
		}
		return !found
	})
	return found
}

// requires reports whether a call stops the test if there is an error.
func (s *site) requires(e ast.Expr) bool {
	c, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok || s.err == nil {
		return false
	}
	fn := callee(s.info, c)
	if fn == nil || fn.Pkg() == nil || catalog.StripVendor(fn.Pkg().Path()) != "github.com/stretchr/testify/require" ||
		!slices.Contains([]string{"NoError", "NoErrorf", "Nil", "Nilf"}, fn.Name()) {
		return false
	}
	for _, arg := range c.Args {
		if s.is(ast.Unparen(arg), s.err) {
			return true
		}
	}
	return false
}

func (s *site) writesErr(st *ast.AssignStmt) bool {
	for _, l := range st.Lhs {
		if s.is(l, s.err) {
			return true
		}
	}
	return false
}

// ends reports whether control never gets past the end of the statements.
func (s *site) ends(list []ast.Stmt) bool {
	if len(list) == 0 {
		return false
	}
	switch st := list[len(list)-1].(type) {
	case *ast.ReturnStmt:
		return true
	case *ast.BranchStmt:
		return st.Tok != token.FALLTHROUGH
	case *ast.BlockStmt:
		return s.ends(st.List)
	case *ast.IfStmt:
		switch e := st.Else.(type) {
		case *ast.BlockStmt:
			return s.ends(st.Body.List) && s.ends(e.List)
		case *ast.IfStmt:
			return s.ends(st.Body.List) && s.ends([]ast.Stmt{e})
		}
	case *ast.ExprStmt:
		c, ok := ast.Unparen(st.X).(*ast.CallExpr)
		return ok && s.neverReturns(c)
	}
	return false
}

func (s *site) neverReturns(c *ast.CallExpr) bool {
	if id, ok := ast.Unparen(c.Fun).(*ast.Ident); ok {
		if b, ok := s.info.Uses[id].(*types.Builtin); ok {
			return b.Name() == "panic"
		}
	}
	fn := callee(s.info, c)
	return fn != nil && ssabuild.NoReturn(fn)
}

// callee is the function or method that a call names; nil for others.
func callee(info *types.Info, c *ast.CallExpr) *types.Func {
	var id *ast.Ident
	switch f := ast.Unparen(c.Fun).(type) {
	case *ast.Ident:
		id = f
	case *ast.SelectorExpr:
		id = f.Sel
	default:
		return nil
	}
	fn, _ := info.Uses[id].(*types.Func)
	return fn
}
