package diag

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
)

// fixture is a pass over one file that keeps what is reported.
type fixture struct {
	pass     *analysis.Pass
	file     *token.File
	src      string
	reported []analysis.Diagnostic
}

func newFixture(t *testing.T, body string) *fixture {
	t.Helper()
	f := &fixture{src: "package p\n" + body}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", f.src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	f.file = fset.File(file.Pos())
	f.pass = &analysis.Pass{
		Analyzer: &analysis.Analyzer{Name: "rule"},
		Fset:     fset,
		Files:    []*ast.File{file},
		Report:   func(d analysis.Diagnostic) { f.reported = append(f.reported, d) },
	}
	return f
}

// at is a finding at the first place of the text.
func (f *fixture) at(text, message string) Finding {
	return Finding{Pos: f.file.Pos(strings.Index(f.src, text)), Message: message}
}

// lines lists what was reported as "line message".
func (f *fixture) lines() []string {
	var out []string
	for _, d := range f.reported {
		out = append(out, fmt.Sprintf("%d %s", f.pass.Fset.Position(d.Pos).Line, d.Message))
	}
	return out
}

const (
	noReason = "this connvet:ignore gives no reason, so it is not honoured"
	noUse    = "this connvet:ignore silences nothing"
)

func TestIgnore(t *testing.T) {
	for name, test := range map[string]struct {
		body string // findings are at A and B
		want []string
	}{
		"none":             {"var A int\nvar B int", []string{"2 found", "3 found"}},
		"same line":        {"var A int //connvet:ignore rule one at a time\nvar C, B int", []string{"3 found"}},
		"after a bracket":  {"var (\n\tA int\n) //connvet:ignore rule misplaced\nvar B int", []string{"3 found", "4 " + noUse, "5 found"}},
		"next line":        {"//connvet:ignore rule one at a time\nvar A int\n\nvar B int", []string{"5 found"}},
		"not further":      {"//connvet:ignore rule one at a time\n\nvar A int\nvar B int", []string{"2 " + noUse, "4 found", "5 found"}},
		"no reason":        {"var A int //connvet:ignore rule\nvar B int", []string{"2 found", "2 " + noReason, "3 found"}},
		"blank reason":     {"var A int //connvet:ignore rule   \nvar B int", []string{"2 found", "2 " + noReason, "3 found"}},
		"another rule":     {"var A int //connvet:ignore other one at a time\nvar B int", []string{"2 found", "3 found"}},
		"unused":           {"var A int\nvar B int\n\n//connvet:ignore rule old\nvar C int", []string{"2 found", "3 found", "5 " + noUse}},
		"inside a comment": {"// see //connvet:ignore rule why\nvar A int\nvar B int", []string{"3 found", "4 found"}},
		"both on one line": {"//connvet:ignore rule one at a time\nvar A, B int", nil},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, test.body)
			Report(f.pass, []Finding{f.at("A", "found"), f.at("B", "found")})
			if got := f.lines(); !slices.Equal(got, test.want) {
				t.Errorf("reported %q, want %q", got, test.want)
			}
		})
	}
}

func TestReportSortsAndDeduplicates(t *testing.T) {
	f := newFixture(t, "var A int\nvar B int")
	Report(f.pass, []Finding{f.at("B", "y"), f.at("A", "z"), f.at("B", "x"), f.at("A", "z"), f.at("B", "y")})
	if got, want := f.lines(), []string{"2 z", "3 x", "3 y"}; !slices.Equal(got, want) {
		t.Errorf("reported %q, want %q", got, want)
	}
	for _, d := range f.reported {
		if d.Category != "rule" {
			t.Errorf("category %q", d.Category)
		}
	}
}

func TestReportRelated(t *testing.T) {
	f := newFixture(t, "var A = c.m.f(1)\nvar B int")
	found := f.at("(1)", "found")
	found.Related = []Related{{Pos: f.at("B", "").Pos, Message: "here"}, {Pos: token.NoPos, Message: "nowhere"}}
	Report(f.pass, []Finding{found})
	if len(f.reported) != 1 || len(f.reported[0].Related) != 1 || f.reported[0].Related[0].Message != "here" {
		t.Fatalf("reported %+v", f.reported)
	}
	d := f.reported[0]
	if got := f.src[f.file.Offset(d.Pos):f.file.Offset(d.End)]; got != "f(1)" {
		t.Errorf("underlined %q, want the call from its name", got)
	}
}

func TestPage(t *testing.T) {
	for _, test := range []struct{ doc, want string }{
		{"// Package p is.\n//\n// # Analyzer p\n//\n// p: does this\n//\n//\tcode\n//\n// More.\npackage p\n\n// not this\n", "does this\n\n\tcode\n\nMore."},
		{"// Only text.\npackage p\n", "Only text."},
		{"package p\n", ""},
	} {
		if got := Page(test.doc); got != test.want {
			t.Errorf("Page(%q) = %q, want %q", test.doc, got, test.want)
		}
	}
}

func TestWords(t *testing.T) {
	for _, test := range []struct{ got, want string }{
		{The("handler"), "a handler"},
		{The("goroutine"), "a goroutine"},
		{The(""), "a goroutine"},
		{The("handler serve"), "handler serve"},
		{Both("handler serve", "handler"), "handler serve and a handler"},
		{Both("handler", "handler"), "a handler and another handler"},
		{Both("", ""), "a goroutine and another goroutine"},
		{Both("handler serve", "handler serve"), "handler serve and its second registration"},
		{Both("goroutine poll", "goroutine poll"), "goroutine poll and its second start"},
		{Connected("conn", ""), "connected here"},
		{Connected("tx", "store.go:7"), "begun in store.go:7"},
		{Connected("rows", ""), "opened here"},
		{Call("conn", "Exec"), "conn.Exec"},
		{Call("conn", "example.com/lib.Run"), "lib.Run on conn"},
	} {
		if test.got != test.want {
			t.Errorf("%q, want %q", test.got, test.want)
		}
	}
	f := newFixture(t, "var A int\nvar B int")
	a, b := f.at("A", "").Pos, f.at("B", "").Pos
	other := f.pass.Fset.AddFile("dir/q.go", -1, 10)
	if got := Line(f.pass.Fset, a, b); got != "on line 3" {
		t.Errorf("same file: %q", got)
	}
	if got := Line(f.pass.Fset, a, other.Pos(0)); got != "in q.go:1" {
		t.Errorf("another file: %q", got)
	}
	if got := Line(f.pass.Fset, a, token.NoPos); got != "elsewhere" {
		t.Errorf("no position: %q", got)
	}
}
