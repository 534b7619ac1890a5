// Package rule makes an analyzer of what a rule finds in the summaries.
package rule

import (
	"golang.org/x/tools/go/analysis"

	"github.com/connvet/connvet/passes/internal/diag"
	"github.com/connvet/connvet/passes/internal/summary"
)

// pages is where the page of a rule is, followed by its name.
const pages = "https://pkg.go.dev/github.com/connvet/connvet/passes/"

// New makes the analyzer of a rule: its name, the text of its doc.go, and what
// it finds in the summary of a package.
func New(name, doc string, find func(*analysis.Pass, *summary.Result) []diag.Finding) *analysis.Analyzer {
	return &analysis.Analyzer{
		Name:     name,
		Doc:      diag.Page(doc),
		URL:      pages + name,
		Requires: []*analysis.Analyzer{summary.Analyzer},
		Run: func(pass *analysis.Pass) (any, error) {
			diag.Report(pass, find(pass, pass.ResultOf[summary.Analyzer].(*summary.Result)))
			return nil, nil
		},
	}
}
