package unclosedconn

import (
	"fmt"
	"go/token"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/connvet/connvet/passes/internal/diag"
	"github.com/connvet/connvet/passes/internal/summary"
)

// released reports a call on a connection that was given back before.
func released(pass *analysis.Pass, e summary.Ended) diag.Finding {
	f := diag.Finding{Pos: token.Pos(e.Use.Here)}
	name := e.Use.Name
	if name == "" {
		name = "the connection"
	}
	what := call(name, e.Use.Method) + " is called"
	if e.Helper != "" {
		what = e.Helper + " uses " + name
	}
	f.Message = fmt.Sprintf("%s after %s %s (%s)", what, calleeName(e.Release),
		diag.Line(pass.Fset, f.Pos, e.Release.Pos()), e.Row.Ended.Error)
	f.Related = append(f.Related, diag.Related{Pos: e.Release.Pos(), Message: "released here"})
	if e.Helper != "" && !e.Use.Foreign {
		f.Related = append(f.Related, diag.Related{Pos: token.Pos(e.Use.Pos), Message: "used here"})
	}
	return f
}

// call writes a call on the connection, or of a method that takes it.
func call(name, method string) string {
	if strings.HasPrefix(method, "(") {
		return method[strings.LastIndexByte(method, '.')+1:] + " of " + name
	}
	return diag.Call(name, method)
}
