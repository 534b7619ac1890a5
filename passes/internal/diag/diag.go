// Package diag turns findings into diagnostics. It is the only package that
// calls pass.Report.
package diag

import (
	"cmp"
	"fmt"
	"go/token"
	"path/filepath"
	"slices"
	"strings"

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

// Report sends the findings to the driver, sorted, each once, without those
// that an ignore comment silences.
func Report(pass *analysis.Pass, findings []Finding) {
	findings = suppress(pass, findings)
	slices.SortStableFunc(findings, compare)
	findings = slices.CompactFunc(findings, func(a, b Finding) bool { return compare(a, b) == 0 })
	at := spans(pass, findings)
	for _, f := range findings {
		if sp, ok := at[f.Pos]; ok {
			f.Pos, f.End = sp.pos, sp.end
		}
		pass.Report(analysis.Diagnostic{
			Pos:            f.Pos,
			End:            f.End,
			Category:       pass.Analyzer.Name,
			Message:        f.Message,
			Related:        related(f.Related, at),
			SuggestedFixes: f.Fixes,
		})
	}
}

func compare(a, b Finding) int {
	return cmp.Or(cmp.Compare(a.Pos, b.Pos), cmp.Compare(a.Message, b.Message))
}

func related(rs []Related, at map[token.Pos]span) []analysis.RelatedInformation {
	var out []analysis.RelatedInformation
	for _, r := range rs {
		if r.Pos.IsValid() {
			info := analysis.RelatedInformation{Pos: r.Pos, Message: r.Message}
			if sp, ok := at[r.Pos]; ok {
				info.Pos, info.End = sp.pos, sp.end
			}
			out = append(out, info)
		}
	}
	return out
}

// Page is a rule's page: its package comment from the analyzer heading on, as text.
func Page(doc string) string {
	var lines []string
	for line := range strings.Lines(doc) {
		line = strings.TrimRight(line, "\n")
		if !strings.HasPrefix(line, "//") {
			break
		}
		lines = append(lines, strings.TrimPrefix(strings.TrimPrefix(line, "//"), " "))
	}
	text := strings.Join(lines, "\n")
	if _, after, ok := strings.Cut(text, "# Analyzer "); ok {
		_, text, _ = strings.Cut(after, "\n")
		// The heading is followed by "name: summary", which drivers expect first,
		// without the name.
		if _, summary, ok := strings.Cut(text, ": "); ok {
			text = summary
		}
	}
	return strings.TrimSpace(text)
}

// The makes a thread's name part of a sentence.
func The(name string) string {
	switch name {
	case "handler", "goroutine", "":
		return "a " + cmp.Or(name, "goroutine")
	}
	return name
}

// Both makes the names of two threads part of a sentence.
func Both(a, b string) string {
	if a != b {
		return The(a) + " and " + The(b)
	}
	kind, name, _ := strings.Cut(cmp.Or(a, "goroutine"), " ")
	switch {
	case name == "":
		return "a " + kind + " and another " + kind
	case kind == "handler":
		return a + " and its second registration"
	}
	return a + " and its second start"
}

// Connected says where a connection comes from: here, or elsewhere if that is known.
func Connected(role, elsewhere string) string {
	verb := "connected"
	switch role {
	case "tx":
		verb = "begun"
	case "rows", "row", "stmt":
		verb = "opened"
	}
	if elsewhere != "" {
		return verb + " in " + elsewhere
	}
	return verb + " here"
}

// Call writes a call as the user would: conn.Exec, or the function's own name
// for functions that take the connection as an argument.
func Call(name, method string) string {
	if strings.HasPrefix(name, "the ") {
		return method + " on " + name
	}
	if strings.Contains(method, ".") {
		short := method[strings.LastIndexByte(method, '/')+1:]
		if strings.HasPrefix(method, "(*") && short != method {
			short = "(*" + short
		}
		return short + " on " + name
	}
	return name + "." + method
}

// Line says where other is, seen from pos: by line in the same file.
func Line(fset *token.FileSet, pos, other token.Pos) string {
	p, o := fset.Position(pos), fset.Position(other)
	switch {
	case !o.IsValid():
		return "elsewhere"
	case p.Filename == o.Filename:
		return fmt.Sprintf("on line %d", o.Line)
	}
	return fmt.Sprintf("in %s:%d", filepath.Base(o.Filename), o.Line)
}
