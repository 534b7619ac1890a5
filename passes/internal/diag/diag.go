// Package diag turns findings into diagnostics. It is the only package that
// calls pass.Report.
package diag

import (
	"cmp"
	"go/token"
	"slices"

	"golang.org/x/tools/go/analysis"
)

// Finding is one report of a rule, with the places that prove it.
type Finding struct {
	Pos, End token.Pos
	Message  string // lower-case, no full stop, one line
	Related  []Related
	Fixes    []analysis.SuggestedFix
}

// Related is another place that belongs to a finding, in at most six words.
type Related struct {
	Pos     token.Pos
	Message string
}

// Report sends the findings to the driver, sorted, each once.
func Report(pass *analysis.Pass, findings []Finding) {
	slices.SortStableFunc(findings, compare)
	findings = slices.CompactFunc(findings, func(a, b Finding) bool { return compare(a, b) == 0 })
	for _, f := range findings {
		pass.Report(analysis.Diagnostic{
			Pos:            f.Pos,
			End:            f.End,
			Category:       pass.Analyzer.Name,
			Message:        f.Message,
			Related:        related(f.Related),
			SuggestedFixes: f.Fixes,
		})
	}
}

func compare(a, b Finding) int {
	return cmp.Or(cmp.Compare(a.Pos, b.Pos), cmp.Compare(a.Message, b.Message))
}

func related(rs []Related) []analysis.RelatedInformation {
	var out []analysis.RelatedInformation
	for _, r := range rs {
		if r.Pos.IsValid() {
			out = append(out, analysis.RelatedInformation{Pos: r.Pos, Message: r.Message})
		}
	}
	return out
}
