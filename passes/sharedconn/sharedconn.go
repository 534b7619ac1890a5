package sharedconn

import (
	_ "embed"
	"fmt"
	"go/token"

	"golang.org/x/tools/go/analysis"

	"github.com/connvet/connvet/passes/internal/catalog"
	"github.com/connvet/connvet/passes/internal/diag"
	"github.com/connvet/connvet/passes/internal/effect"
	"github.com/connvet/connvet/passes/internal/entrypoint"
	"github.com/connvet/connvet/passes/internal/summary"
)

//go:embed doc.go
var doc string

// Analyzer is the rule.
var Analyzer = &analysis.Analyzer{
	Name:     "sharedconn",
	Doc:      diag.Page(doc),
	URL:      "https://pkg.go.dev/github.com/connvet/connvet/passes/sharedconn",
	Run:      run,
	Requires: []*analysis.Analyzer{summary.Analyzer},
}

func run(pass *analysis.Pass) (any, error) {
	res := pass.ResultOf[summary.Analyzer].(*summary.Result)
	var findings []diag.Finding
	for _, group := range grouped(res.Shared) {
		findings = append(findings, findingsOf(group)...)
	}
	diag.Report(pass, findings)
	return nil, nil
}

// site is one connection at one position.
type site struct {
	pos  int
	name string
	row  *catalog.Type
}

// grouped brings together what is said of one connection at one position: a
// call that registers many handlers.
func grouped(all []summary.Shared) [][]summary.Shared {
	var order []site
	groups := map[site][]summary.Shared{}
	for _, s := range all {
		k := site{s.Use.Pos, s.Use.Name, s.Evidence.Row}
		if groups[k] == nil {
			order = append(order, k)
		}
		groups[k] = append(groups[k], s)
	}
	out := make([][]summary.Shared, 0, len(order))
	for _, k := range order {
		out = append(out, groups[k])
	}
	return out
}

// fewHandlers is how many handlers get a finding each at one position.
const fewHandlers = 2

func findingsOf(group []summary.Shared) []diag.Finding {
	if len(group) > fewHandlers {
		f := finding(group[0])
		row := group[0].Evidence.Row
		f.Message = fmt.Sprintf("%s is shared by every call of %d handlers without a lock, %s among them (%s %s)",
			group[0].Use.Name, len(group), diag.The(group[0].Entry.Name), row.Name(), row.Says)
		return []diag.Finding{f}
	}
	var out []diag.Finding
	for _, s := range group {
		out = append(out, finding(s))
	}
	return out
}

// connected says where the connection is made.
func connected(ev summary.Evidence) string {
	if ev.Where != "" {
		return "connected in " + string(ev.Where)
	}
	return "connected here"
}

// started says how a thread comes to run.
func started(t effect.Thread) string {
	switch {
	case t.Kind != entrypoint.Serve:
		return "goroutine started here"
	case t.Declared:
		return "handler declared here"
	}
	return "registered as a handler here"
}

func finding(s summary.Shared) diag.Finding {
	f := diag.Finding{Pos: token.Pos(s.Use.Pos)}
	row := s.Evidence.Row
	contract := fmt.Sprintf("(%s %s)", row.Name(), row.Says)
	name := s.Use.Name
	if name == "" {
		name = "the connection"
	}
	if s.Self {
		f.Message = fmt.Sprintf("%s is shared by every call of %s without a lock %s", name, diag.The(s.Entry.Name), contract)
	} else {
		f.Message = fmt.Sprintf("%s is shared by %s and %s without a common lock %s", name, diag.The(s.Entry.Name), diag.The(s.With.Name), contract)
	}
	f.Related = append(f.Related,
		diag.Related{Pos: token.Pos(s.Evidence.Declared), Message: "declared here"},
		diag.Related{Pos: token.Pos(s.Evidence.Acquired), Message: connected(s.Evidence)},
		diag.Related{Pos: token.Pos(s.Entry.Pos), Message: started(s.Entry)},
	)
	if !s.Self {
		f.Related = append(f.Related, diag.Related{Pos: token.Pos(s.Other.Pos), Message: "other use here"})
	}
	return f
}
