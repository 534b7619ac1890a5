package diag

import (
	"go/ast"
	"go/token"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// ignoreMark starts a comment that silences one rule on its line, or on the
// next line if the comment stands alone: //connvet:ignore RULE reason.
const ignoreMark = "//connvet:ignore"

// line is one line of one file.
type line struct {
	file string
	n    int
}

// directive is one ignore comment for the rule that runs.
type directive struct {
	pos    token.Pos
	reason string
	alone  bool // no code on its line
	used   bool
}

// suppress drops the findings that a comment silences, and adds one for each
// comment that has no reason or silences nothing.
func suppress(pass *analysis.Pass, findings []Finding) []Finding {
	at, all := directives(pass)
	if len(all) == 0 {
		return findings
	}
	var out []Finding
	for _, f := range findings {
		p := pass.Fset.Position(f.Pos)
		d := at[line{p.Filename, p.Line}]
		if d == nil {
			if d = at[line{p.Filename, p.Line - 1}]; d != nil && !d.alone {
				d = nil
			}
		}
		if d == nil || d.reason == "" {
			out = append(out, f)
			continue
		}
		d.used = true
	}
	for _, d := range all {
		switch {
		case d.reason == "":
			out = append(out, Finding{Pos: d.pos, Message: "this connvet:ignore gives no reason, so it is not honoured"})
		case !d.used:
			out = append(out, Finding{Pos: d.pos, Message: "this connvet:ignore silences nothing"})
		}
	}
	return out
}

// directives lists the ignore comments for the rule, by line and in order.
func directives(pass *analysis.Pass) (map[line]*directive, []*directive) {
	at := map[line]*directive{}
	var all []*directive
	for _, f := range pass.Files {
		var code map[int]bool
		for _, g := range f.Comments {
			for _, c := range g.List {
				rest, ok := strings.CutPrefix(c.Text, ignoreMark)
				if !ok {
					continue
				}
				rule, reason, _ := strings.Cut(strings.TrimSpace(rest), " ")
				if rule != pass.Analyzer.Name {
					continue
				}
				if code == nil {
					code = codeLines(pass.Fset, f)
				}
				p := pass.Fset.Position(c.Pos())
				d := &directive{pos: c.Pos(), reason: strings.TrimSpace(reason), alone: !code[p.Line]}
				at[line{p.Filename, p.Line}] = d
				all = append(all, d)
			}
		}
	}
	return at, all
}

// codeLines lists the lines of a file on which a piece of code starts or ends.
func codeLines(fset *token.FileSet, f *ast.File) map[int]bool {
	out := map[int]bool{}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n.(type) {
		case nil, *ast.CommentGroup, *ast.Comment:
			return false
		case *ast.File:
			return true
		}
		out[fset.Position(n.Pos()).Line] = true
		out[fset.Position(n.End()-1).Line] = true
		return true
	})
	return out
}
