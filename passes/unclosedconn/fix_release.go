package unclosedconn

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/connvet/connvet/passes/internal/catalog"
)

// statement is the deferred release to add at p.
func (s *site) statement(p place) (string, bool) {
	if s.acq.Row.Role == "tx" && !s.commits() {
		return "", false // a rollback would hide that the commit is missing
	}
	if s.undo != nil {
		return s.deferred(p, s.undo.Name(), s.undo, s.undo.Type().Underlying())
	}
	if s.lent() {
		return s.giveBack(p)
	}
	for _, name := range releaseNames(s.acq.Row) {
		if st, ok := s.deferredMethod(p, s.x.Type(), s.x.Name()+"."+name, name); ok {
			return st, true
		}
	}
	inner := s.acq.Row.Inner
	if f, ok := member(s.fix.pass.Pkg, s.x.Type(), inner).(*types.Var); ok {
		return s.deferredMethod(p, f.Type(), s.x.Name()+"."+inner+".Close", "Close")
	}
	return "", false
}

func (s *site) deferredMethod(p place, recv types.Type, fun, name string) (string, bool) {
	fn, ok := member(s.fix.pass.Pkg, recv, name).(*types.Func)
	if !ok {
		return "", false
	}
	return s.deferred(p, fun, s.x, fn.Type())
}

// lent reports whether the value may belong to a pool that has a method to take
// it back: what only opens it owes it no pool.
func (s *site) lent() bool {
	if !slices.ContainsFunc(s.acq.Row.ReleasedBy, func(f string) bool { return strings.HasPrefix(f, "(") }) {
		return false
	}
	fn := callee(s.info, s.call)
	return fn == nil || fn.Signature().Recv() != nil || catalog.Default().Func(catalog.FuncKey(fn)) == nil
}

// giveBack is the deferred call of the pool's method that takes the value back.
func (s *site) giveBack(p place) (string, bool) {
	sel, ok := ast.Unparen(s.call.Fun).(*ast.SelectorExpr)
	if !ok || s.info.Selections[sel] == nil || !s.repeatable(p, sel.X) {
		return "", false
	}
	methods := types.NewMethodSet(s.info.Selections[sel].Recv())
	for m := range methods.Methods() {
		fn, ok := m.Obj().(*types.Func)
		if !ok {
			continue
		}
		known := catalog.Default().Func(catalog.FuncKey(fn))
		if sig := fn.Signature(); known != nil && sig.Params().Len() == 1 && sig.Results().Len() == 0 && s.takesBack(known) {
			return "defer " + types.ExprString(sel.X) + "." + fn.Name() + "(" + s.name + ")", s.visible(p, s.x)
		}
	}
	return "", false
}

func (s *site) takesBack(f *catalog.Func) bool {
	effect, ok := f.Args[0]
	return ok && effect == catalog.ArgRelease && slices.Contains(s.acq.Row.ReleasedBy, catalog.ShortFunc(f.Key))
}

func member(pkg *types.Package, t types.Type, name string) types.Object {
	obj, _, _ := types.LookupFieldOrMethod(t, true, pkg, name)
	return obj
}

// releaseNames are the methods that may be deferred for the row, the best
// first; none where one of them ends the value well and another one undoes it.
func releaseNames(row *catalog.Type) []string {
	if row.Release["Rollback"] {
		return []string{"Rollback"}
	}
	if row.Release["Abort"] || row.Release["Commit"] {
		return nil
	}
	var out []string
	for _, name := range []string{"Release", "Close", "CloseNow"} {
		if row.Release[name] {
			out = append(out, name)
		}
	}
	if len(out) == 0 && len(row.Release) == 1 {
		for name := range row.Release {
			out = append(out, name)
		}
	}
	return out
}

// deferred is the defer statement that calls fun: a plain one if it returns no
// error, otherwise one that says the error is of no use.
func (s *site) deferred(p place, fun string, root types.Object, t types.Type) (string, bool) {
	sig, ok := t.(*types.Signature)
	if !ok || sig.Variadic() || sig.Params().Len() > 1 || !s.visible(p, root) {
		return "", false
	}
	arg := ""
	if sig.Params().Len() == 1 {
		if !isContext(sig.Params().At(0).Type()) {
			return "", false
		}
		if arg, ok = s.context(p); !ok {
			return "", false
		}
	}
	call := fun + "(" + arg + ")"
	blanks, fails := []string{}, false
	for v := range sig.Results().Variables() {
		blanks = append(blanks, "_")
		fails = fails || types.Identical(v.Type(), types.Universe.Lookup("error").Type())
	}
	if !fails {
		return "defer " + call, true
	}
	return "defer func() { " + strings.Join(blanks, ", ") + " = " + call + " }()", true
}

func isContext(t types.Type) bool { return catalog.TypeKey(t) == "context.Context" }

// context is the context to release with: that of the acquisition, or the one
// that the function is given.
func (s *site) context(p place) (string, bool) {
	for _, arg := range s.call.Args {
		if tv, ok := s.info.Types[arg]; ok && isContext(tv.Type) && s.repeatable(p, arg) {
			return types.ExprString(arg), true
		}
	}
	for _, f := range s.typ.Params.List {
		for _, name := range f.Names {
			if v := s.info.Defs[name]; v != nil && name.Name != "_" && isContext(v.Type()) && s.visible(p, v) {
				return name.Name, true
			}
		}
	}
	for _, imp := range s.src.file.Imports {
		name, ok := s.info.Implicits[imp].(*types.PkgName)
		if ok && imp.Path.Value == `"context"` && s.visible(p, name) {
			return name.Name() + ".Background()", true
		}
	}
	return "", false
}

// repeatable reports whether a context can be written again at p with the same
// meaning: a variable, a field, or a call such as r.Context() or of one of
// the empty contexts of package context.
func (s *site) repeatable(p place, e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		obj := s.info.Uses[e]
		return obj != nil && s.visible(p, obj)
	case *ast.SelectorExpr:
		return s.repeatable(p, e.X)
	case *ast.CallExpr:
		fn := callee(s.info, e)
		return fn != nil && len(e.Args) == 0 && (fn.Name() == "Context" || fn.Pkg() != nil && fn.Pkg().Path() == "context") &&
			s.repeatable(p, e.Fun)
	}
	return false
}

// visible reports whether the name of an object means that object at p.
func (s *site) visible(p place, obj types.Object) bool {
	scope := s.fix.pass.Pkg.Scope().Innermost(p.pos())
	if scope == nil {
		return false
	}
	_, found := scope.LookupParent(obj.Name(), p.pos())
	return found == obj
}

// commits reports whether the function commits the transaction somewhere.
func (s *site) commits() bool {
	found := false
	ast.Inspect(s.body, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok && sel.Sel.Name == "Commit" && s.is(ast.Unparen(sel.X), s.x) {
			found = true
		}
		return !found
	})
	return found
}

// twiceHarmless reports whether the value may be released again after a
// release that is there already.
func (s *site) twiceHarmless() bool {
	row, _, _ := strings.Cut(s.acq.Row.Key, "#")
	return s.undo == nil && s.acq.Row.Twice && catalog.TypeKey(s.x.Type()) == row
}

// releases reports whether a call ends the value.
func (s *site) releases(c *ast.CallExpr) bool {
	if s.undo != nil {
		return s.is(ast.Unparen(c.Fun), s.undo)
	}
	sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	x := ast.Unparen(sel.X)
	if inner := s.acq.Row.Inner; inner != "" {
		if f, ok := x.(*ast.SelectorExpr); ok && f.Sel.Name == inner {
			return sel.Sel.Name == "Close" && s.is(ast.Unparen(f.X), s.x)
		}
	}
	return s.acq.Row.Release[sel.Sel.Name] && s.is(x, s.x)
}

// laterDefer finds the one deferred release among the statements that follow p.
func (s *site) laterDefer(p place) *ast.DeferStmt {
	if p.after < 0 {
		return nil
	}
	var found *ast.DeferStmt
	for _, st := range p.list[p.after+1:] {
		d, ok := st.(*ast.DeferStmt)
		if !ok || !s.deferReleases(d) {
			continue
		}
		if found != nil {
			return nil
		}
		found = d
	}
	return found
}

// deferReleases reports whether a deferred call is a release, or a function
// literal that does nothing else without condition.
func (s *site) deferReleases(d *ast.DeferStmt) bool {
	if s.releases(d.Call) {
		return true
	}
	lit, ok := d.Call.Fun.(*ast.FuncLit)
	if !ok {
		return false
	}
	for _, st := range lit.Body.List {
		if c := topCall(st); c != nil && s.releases(c) {
			return true
		}
	}
	return false
}

// topCall is the call that a statement always makes.
func topCall(st ast.Stmt) *ast.CallExpr {
	var e ast.Expr
	switch st := st.(type) {
	case *ast.ExprStmt:
		e = st.X
	case *ast.AssignStmt:
		if len(st.Rhs) == 1 {
			e = st.Rhs[0]
		}
	case *ast.IfStmt:
		if st.Init != nil {
			return topCall(st.Init)
		}
	}
	c, _ := ast.Unparen(e).(*ast.CallExpr)
	return c
}

// exitsBetween reports whether control may leave between p and a later statement.
func (s *site) exitsBetween(p place, until ast.Stmt) bool {
	for _, st := range p.list[p.after+1:] {
		if st == until {
			return false
		}
		if leaves(st) {
			return true
		}
	}
	return true
}

func leaves(n ast.Node) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.ReturnStmt, *ast.BranchStmt:
			found = true
		case *ast.FuncLit:
			return false
		}
		return !found
	})
	return found
}
