package drive

import (
	"go/token"

	"golang.org/x/tools/go/analysis"

	"github.com/connvet/connvet/cmd/connvet/internal/report"
)

// finding turns a diagnostic into plain text and numbers, so that nothing keeps
// the syntax of the package in memory.
func (s *session) finding(a *analysis.Analyzer, d analysis.Diagnostic) report.Finding {
	fset := s.r.prog.Fset
	pos := fset.Position(d.Pos)
	end := pos
	if d.End.IsValid() {
		end = fset.Position(d.End)
	}
	f := report.Finding{
		Rule:      a.Name,
		File:      pos.Filename,
		Line:      pos.Line,
		Column:    pos.Column,
		EndLine:   end.Line,
		EndColumn: end.Column,
		Message:   d.Message,
		URL:       url(a, d),
	}
	for _, rel := range d.Related {
		p := fset.Position(rel.Pos)
		f.Related = append(f.Related, report.Related{File: p.Filename, Line: p.Line, Column: p.Column, Message: rel.Message})
	}
	for _, fix := range d.SuggestedFixes {
		f.Fixes = append(f.Fixes, report.Fix{Message: fix.Message, Edits: edits(fset, fix.TextEdits)})
	}
	return f
}

func url(a *analysis.Analyzer, d analysis.Diagnostic) string {
	switch {
	case d.URL != "":
		return d.URL
	case a.URL == "" || d.Category == "" || d.Category == a.Name:
		return a.URL
	}
	return a.URL + "#" + d.Category
}

// edits are given by places in the file itself, whatever its line directives say.
func edits(fset *token.FileSet, in []analysis.TextEdit) []report.Edit {
	var out []report.Edit
	for _, e := range in {
		start := fset.PositionFor(e.Pos, false)
		end := start
		if e.End.IsValid() {
			end = fset.PositionFor(e.End, false)
		}
		out = append(out, report.Edit{
			File:      start.Filename,
			Line:      start.Line,
			Column:    start.Column,
			EndLine:   end.Line,
			EndColumn: end.Column,
			NewText:   string(e.NewText),
			Path:      start.Filename,
			Start:     start.Offset,
			End:       end.Offset,
		})
	}
	return out
}
