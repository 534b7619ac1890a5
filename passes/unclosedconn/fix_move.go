package unclosedconn

import (
	"go/ast"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// move takes a deferred release to p, where it must mean the same: what it
// names is there already, and what it looks at when it is deferred does not
// change in between.
func (s *site) move(d *ast.DeferStmt, p place) ([]analysis.TextEdit, bool) {
	if !s.sameAt(d, p) {
		return nil, false
	}
	first, last := s.src.tok.Line(d.Pos()), s.src.tok.Line(d.End())
	if last >= s.src.tok.LineCount() {
		return nil, false
	}
	from, to := s.src.tok.LineStart(first), s.src.tok.LineStart(last+1)
	if _, ok := s.src.indent(d); !ok || s.shared(d, p, first, last) {
		return nil, false
	}
	text := strings.TrimSpace(s.src.slice(from, to))
	added, ok := s.src.insert(p, text)
	if !ok || added.Pos > from {
		return nil, false
	}
	return []analysis.TextEdit{added, {Pos: from, End: to}}, true
}

// shared reports whether another statement of the list is on one of the lines.
func (s *site) shared(d *ast.DeferStmt, p place, first, last int) bool {
	for _, st := range p.list {
		if st != ast.Stmt(d) && s.src.tok.Line(st.Pos()) <= last && first <= s.src.tok.Line(st.End()) {
			return true
		}
	}
	return false
}

// sameAt reports whether a deferred call means the same at p.
func (s *site) sameAt(d *ast.DeferStmt, p place) bool {
	same, selected := true, map[*ast.Ident]bool{}
	ast.Inspect(d, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			selected[sel.Sel] = true
		}
		id, ok := n.(*ast.Ident)
		if !ok || selected[id] {
			return same
		}
		obj := s.info.Uses[id]
		if obj == nil || obj.Parent() == nil || d.Pos() <= obj.Pos() && obj.Pos() < d.End() {
			return same // a field of a literal, or declared by the call itself
		}
		same = same && s.visible(p, obj)
		return same
	})
	return same && !s.changes(d, p)
}

// changes reports whether a statement between p and the deferred call assigns
// a variable that the call evaluates when it is deferred.
func (s *site) changes(d *ast.DeferStmt, p place) bool {
	evaluated := append([]ast.Expr{d.Call.Fun}, d.Call.Args...)
	if _, ok := d.Call.Fun.(*ast.FuncLit); ok {
		evaluated = d.Call.Args
	}
	found := false
	for _, st := range p.list[p.after+1:] {
		if st == ast.Stmt(d) {
			break
		}
		ast.Inspect(st, func(n ast.Node) bool {
			if a, ok := n.(*ast.AssignStmt); ok {
				for _, l := range a.Lhs {
					found = found || s.usedBy(l, evaluated)
				}
			}
			return !found
		})
	}
	return found
}

func (s *site) usedBy(left ast.Expr, in []ast.Expr) bool {
	id, ok := left.(*ast.Ident)
	if !ok {
		return false
	}
	v, _ := s.info.ObjectOf(id).(*types.Var)
	for _, e := range in {
		if s.mentions(e, v) {
			return true
		}
	}
	return false
}
