package unclosedconn

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/analysis"
)

// wrap makes the body of the loop a function literal that each turn calls, so
// that what it defers runs at the end of the turn. Nothing in the body may leave
// the loop: only continue, which becomes return, stays within the turn.
func (s *site) wrap() ([]analysis.TextEdit, bool) {
	if s.loop == nil || len(s.loop.List) == 0 {
		return nil, false
	}
	w := &wrapping{body: s.loop, info: s.info, ok: true}
	for _, st := range s.loop.List {
		w.walk(st, false, false)
	}
	if !w.ok {
		return nil, false
	}
	open, okOpen := s.src.insert(place{after: -1, block: s.loop}, "func() {")
	end := s.src.tok.LineStart(s.src.tok.Line(s.loop.Rbrace))
	for _, c := range s.src.slice(end, s.loop.Rbrace) {
		okOpen = okOpen && (c == ' ' || c == '\t')
	}
	last := s.loop.List[len(s.loop.List)-1]
	if !okOpen || s.src.tok.Line(last.End()) == s.src.tok.Line(s.loop.Rbrace) {
		return nil, false
	}
	indent, _ := s.src.indent(s.loop.List[0])
	edits := []analysis.TextEdit{open}
	for _, c := range w.continues {
		edits = append(edits, analysis.TextEdit{Pos: c.Pos(), End: c.End(), NewText: []byte("return")})
	}
	return append(edits, analysis.TextEdit{Pos: s.loop.Rbrace, End: s.loop.Rbrace, NewText: []byte("}()\n" + indent)}), true
}

// wrapping looks for what would mean something else inside a function literal.
type wrapping struct {
	body      *ast.BlockStmt
	info      *types.Info
	continues []*ast.BranchStmt
	ok        bool
}

// walk goes through a statement of the body; loop and breakable say whether a
// continue or break in it belongs to a statement inside.
func (w *wrapping) walk(n ast.Node, loop, breakable bool) {
	ast.Inspect(n, func(m ast.Node) bool {
		if m == n {
			w.visit(m, loop, breakable)
			if inner, own := nested(m); own {
				w.nest(m, inner == token.FOR || loop, true)
				return false
			}
			return true
		}
		switch m.(type) {
		case nil:
		case *ast.FuncLit:
			return false
		case ast.Stmt:
			w.walk(m, loop, breakable)
			return false
		}
		return w.ok
	})
}

// nested tells loops, switches and selects, which take break and, for loops, continue.
func nested(n ast.Node) (token.Token, bool) {
	switch n.(type) {
	case *ast.ForStmt, *ast.RangeStmt:
		return token.FOR, true
	case *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt:
		return token.SWITCH, true
	}
	return token.ILLEGAL, false
}

// nest walks through what a nested statement consists of.
func (w *wrapping) nest(n ast.Node, loop, breakable bool) {
	ast.Inspect(n, func(m ast.Node) bool {
		switch m.(type) {
		case nil:
		case *ast.FuncLit:
			return false
		case ast.Stmt:
			if m != n {
				w.walk(m, loop, breakable)
				return false
			}
		}
		return w.ok
	})
}

// visit judges one statement.
func (w *wrapping) visit(n ast.Node, loop, breakable bool) {
	switch n := n.(type) {
	case *ast.ReturnStmt, *ast.LabeledStmt:
		w.ok = false
	case *ast.DeferStmt:
		w.ok = w.ok && !w.outside(n)
	case *ast.BranchStmt:
		switch {
		case n.Tok == token.FALLTHROUGH:
		case n.Label != nil, n.Tok == token.GOTO:
			w.ok = false
		case n.Tok == token.BREAK:
			w.ok = w.ok && breakable
		case !loop:
			w.continues = append(w.continues, n)
		}
	}
}

// outside reports whether a deferred call is about something that outlives the
// turn: then it is not known to be right at the end of a turn.
func (w *wrapping) outside(d *ast.DeferStmt) bool {
	root := d.Call.Fun
	if lit, ok := root.(*ast.FuncLit); ok {
		if len(lit.Body.List) != 1 {
			return true
		}
		c := topCall(lit.Body.List[0])
		if c == nil {
			return true
		}
		root = c.Fun
	}
	for {
		switch e := ast.Unparen(root).(type) {
		case *ast.SelectorExpr:
			root = e.X
			continue
		case *ast.Ident:
			obj := w.info.Uses[e]
			return obj == nil || obj.Pos() < w.body.Pos() || obj.Pos() >= w.body.End()
		}
		return true
	}
}
