package golangci

import (
	"fmt"
	"go/token"
	"path/filepath"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// adapt wraps a rule so that its diagnostics suit golangci-lint. What the rule
// requires stays shared, so that each package is summarised once.
func adapt(rule *analysis.Analyzer) *analysis.Analyzer {
	return &analysis.Analyzer{
		Name:             rule.Name,
		Doc:              rule.Doc,
		URL:              rule.URL,
		Requires:         rule.Requires,
		ResultType:       rule.ResultType,
		FactTypes:        rule.FactTypes,
		RunDespiteErrors: rule.RunDespiteErrors,
		Run: func(pass *analysis.Pass) (any, error) {
			inner := *pass
			inner.Report = func(d analysis.Diagnostic) { pass.Report(fold(pass.Fset, d)) }
			return rule.Run(&inner)
		},
	}
}

// fold moves related positions into the message: golangci-lint would make each
// an issue of its own.
func fold(fset *token.FileSet, d analysis.Diagnostic) analysis.Diagnostic {
	if len(d.Related) == 0 {
		return d
	}
	var places []string
	for _, r := range d.Related {
		pos := fset.Position(r.Pos)
		places = append(places, fmt.Sprintf("%s: %s:%d", r.Message, filepath.Base(pos.Filename), pos.Line))
	}
	d.Message += " (" + strings.Join(places, "; ") + ")"
	d.Related = nil
	return d
}
