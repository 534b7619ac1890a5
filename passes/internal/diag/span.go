package diag

import (
	"go/ast"
	"go/token"

	"golang.org/x/tools/go/analysis"
)

// span is the source text of a call, from the name of what is called.
type span struct{ pos, end token.Pos }

// spans finds, for the calls that findings speak of by their opening
// parenthesis (as SSA does), the text to underline.
func spans(pass *analysis.Pass, findings []Finding) map[token.Pos]span {
	wanted := map[token.Pos]bool{}
	for _, f := range findings {
		wanted[f.Pos] = true
		for _, r := range f.Related {
			wanted[r.Pos] = true
		}
	}
	out := map[token.Pos]span{}
	if len(wanted) == 0 {
		return out
	}
	for _, file := range pass.Files {
		ast.Inspect(file, func(n ast.Node) bool {
			if c, ok := n.(*ast.CallExpr); ok && wanted[c.Lparen] {
				out[c.Lparen] = span{calleePos(c.Fun), c.End()}
			}
			return true
		})
	}
	return out
}

// calleePos is where the name of the called function or method starts.
func calleePos(fun ast.Expr) token.Pos {
	switch f := ast.Unparen(fun).(type) {
	case *ast.SelectorExpr:
		return f.Sel.Pos()
	case *ast.IndexExpr:
		return calleePos(f.X)
	case *ast.IndexListExpr:
		return calleePos(f.X)
	default:
		return f.Pos()
	}
}
