package capturedconn

import (
	_ "embed"
	"fmt"
	"go/token"

	"golang.org/x/tools/go/analysis"

	"github.com/connvet/connvet/passes/internal/catalog"
	"github.com/connvet/connvet/passes/internal/diag"
	"github.com/connvet/connvet/passes/internal/rule"
	"github.com/connvet/connvet/passes/internal/summary"
)

//go:embed doc.go
var doc string

// Analyzer is the rule.
var Analyzer = rule.New("capturedconn", doc, find)

func find(pass *analysis.Pass, res *summary.Result) []diag.Finding {
	var findings []diag.Finding
	for _, fn := range res.Functions {
		for _, o := range fn.Overlaps {
			findings = append(findings, finding(pass, o))
		}
	}
	return findings
}

func finding(pass *analysis.Pass, o summary.Overlap) diag.Finding {
	f := diag.Finding{Pos: token.Pos(o.Use.Here)}
	what := o.Name
	if o.Use.Method != "" {
		what = diag.Call(o.Name, o.Use.Method)
	}
	contract := fmt.Sprintf("(%s %s)", o.Row.Name(), o.Row.Says)
	if itself(o) {
		f.Message = fmt.Sprintf("%s may run at the same time as itself in another goroutine started here %s", what, contract)
	} else {
		f.Message = fmt.Sprintf("%s may run at the same time as the %s %s %s", what, verb(o), diag.Line(pass.Fset, f.Pos, token.Pos(o.Other.Here)), contract)
		f.Related = append(f.Related, diag.Related{Pos: token.Pos(o.Other.Here), Message: "other use here"})
	}
	f.Related = append(f.Related, diag.Related{Pos: token.Pos(o.Thread.Pos), Message: "goroutine started here"})
	f.Related = append(f.Related, diag.Hops(o.Use, o.Use.Here, "used", o.Thread.Pos)...)
	f.Related = append(f.Related, diag.Hops(o.Other, o.Other.Here, "other use", o.Thread.Pos)...)
	return f
}

// itself reports whether both uses are one, made by several goroutines.
func itself(o summary.Overlap) bool {
	return o.Use.Here == o.Other.Here && (o.Self || o.Use.Where == o.Other.Where && o.Use.Method == o.Other.Method)
}

// verb names the other use by its direction.
func verb(o summary.Overlap) string {
	switch o.Other.Role {
	case catalog.Read:
		return "read"
	case catalog.Write:
		return "write"
	case catalog.End:
		return "release"
	case catalog.Use, catalog.Open, catalog.Free:
	}
	return "use"
}
