// Package report is what a run has to say: findings and errors, in the order
// and the shape in which every output format shows them.
package report

import (
	"cmp"
	"path/filepath"
	"slices"
)

// Report is the outcome of a run. Its JSON form is part of the tool's interface.
type Report struct {
	Findings []Finding `json:"findings"`
	Errors   []Error   `json:"errors"`
}

// Finding is one diagnostic of one rule.
type Finding struct {
	Rule      string    `json:"rule"`
	File      string    `json:"file"`
	Line      int       `json:"line"`
	Column    int       `json:"column"` // in bytes, from 1
	EndLine   int       `json:"endLine"`
	EndColumn int       `json:"endColumn"`
	Message   string    `json:"message"`
	URL       string    `json:"url"`
	Related   []Related `json:"related"`
	Fixes     []Fix     `json:"fixes"`
}

// Related is another place that belongs to a finding.
type Related struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Message string `json:"message"`
}

// Fix is one way to repair a finding.
type Fix struct {
	Message string `json:"message"`
	Edits   []Edit `json:"edits"`
}

// Edit replaces a stretch of one file.
type Edit struct {
	File      string `json:"file"`
	Line      int    `json:"line"`
	Column    int    `json:"column"`
	EndLine   int    `json:"endLine"`
	EndColumn int    `json:"endColumn"`
	NewText   string `json:"newText"`

	Path  string `json:"-"` // the file as it was opened
	Start int    `json:"-"` // byte offsets of the stretch
	End   int    `json:"-"`
}

// Error is a failure of the run that names what failed.
type Error struct {
	Package string `json:"package"`
	File    string `json:"file"`
	Line    int    `json:"line"`
	Message string `json:"message"`
}

// Normalize makes paths relative to dir with forward slashes, sorts, and
// removes what is there twice, as test variants of a package repeat its findings.
func (r *Report) Normalize(dir string) {
	for i := range r.Findings {
		r.Findings[i].relativize(dir)
	}
	for i := range r.Errors {
		r.Errors[i].File = relative(dir, r.Errors[i].File)
	}
	slices.SortStableFunc(r.Findings, compareFindings)
	r.Findings = slices.CompactFunc(r.Findings, func(a, b Finding) bool { return compareFindings(a, b) == 0 })
	slices.SortStableFunc(r.Errors, compareErrors)
	r.Errors = slices.Compact(r.Errors)
	if r.Findings == nil {
		r.Findings = []Finding{}
	}
	if r.Errors == nil {
		r.Errors = []Error{}
	}
}

func (f *Finding) relativize(dir string) {
	f.File = relative(dir, f.File)
	if f.Related == nil {
		f.Related = []Related{}
	}
	if f.Fixes == nil {
		f.Fixes = []Fix{}
	}
	for i := range f.Related {
		f.Related[i].File = relative(dir, f.Related[i].File)
	}
	for i := range f.Fixes {
		if f.Fixes[i].Edits == nil {
			f.Fixes[i].Edits = []Edit{}
		}
		for j := range f.Fixes[i].Edits {
			f.Fixes[i].Edits[j].File = relative(dir, f.Fixes[i].Edits[j].File)
		}
	}
}

// relative leaves a path alone that has no relative form, on another volume.
func relative(dir, file string) string {
	if file == "" || !filepath.IsAbs(file) {
		return filepath.ToSlash(file)
	}
	rel, err := filepath.Rel(dir, file)
	if err != nil {
		return filepath.ToSlash(file)
	}
	return filepath.ToSlash(rel)
}

func compareFindings(a, b Finding) int {
	return cmp.Or(
		cmp.Compare(a.File, b.File),
		cmp.Compare(a.Line, b.Line),
		cmp.Compare(a.Column, b.Column),
		cmp.Compare(a.Rule, b.Rule),
		cmp.Compare(a.Message, b.Message),
	)
}

func compareErrors(a, b Error) int {
	return cmp.Or(
		cmp.Compare(a.File, b.File),
		cmp.Compare(a.Line, b.Line),
		cmp.Compare(a.Package, b.Package),
		cmp.Compare(a.Message, b.Message),
	)
}
