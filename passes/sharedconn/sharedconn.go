package sharedconn

import (
	_ "embed"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/connvet/connvet/passes/internal/summary"
)

//go:embed doc.go
var doc string

// Analyzer is the rule.
var Analyzer = &analysis.Analyzer{
	Name:     "sharedconn",
	Doc:      strings.TrimSpace(doc),
	URL:      "https://pkg.go.dev/github.com/connvet/connvet/passes/sharedconn",
	Run:      run,
	Requires: []*analysis.Analyzer{summary.Analyzer},
}

func run(pass *analysis.Pass) (any, error) { return nil, nil }
