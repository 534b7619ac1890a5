package format

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	sarifmodel "github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
	"golang.org/x/tools/go/analysis"

	"github.com/connvet/connvet/cmd/connvet/internal/report"
)

func sample() *report.Report {
	r := &report.Report{
		Findings: []report.Finding{{
			Rule: "fake", File: "/w/dir with space/é.go", Line: 2, Column: 6, EndLine: 2, EndColumn: 8, Message: "a [b] c",
			Related: []report.Related{{File: "/w/q.go", Line: 1, Column: 1, Message: "cause"}},
			Fixes:   []report.Fix{{Message: "fix it", Edits: []report.Edit{{File: "/w/q.go", Line: 1, Column: 1, EndLine: 1, EndColumn: 2, NewText: "x"}}}},
		}, {
			Rule: "fake", File: "/w/a.go", Line: 1, Column: 1, EndLine: 1, EndColumn: 1, Message: "m",
		}, {
			Rule: "fake", File: "/w/a.go", Line: 1, Column: 1, EndLine: 1, EndColumn: 1, Message: "m",
		}},
		Errors: []report.Error{{Package: "p", File: "/w/p.go", Line: 3, Message: "wrong"}, {Package: "q", Message: "lost"}},
	}
	r.Normalize("/w")
	return r
}

func options(errs *bytes.Buffer) Options {
	return Options{
		Rules:   []*analysis.Analyzer{{Name: "fake", Doc: "fake: finds things\n\nDetails.", URL: "https://example.com"}},
		Version: "v1",
		Context: -1,
		Errors:  errs,
		Open: func(file string) ([]byte, error) {
			if strings.HasSuffix(file, "é.go") {
				return []byte("package p\nvé € = 𝄞x\n"), nil
			}
			return nil, errors.New("no such file")
		},
	}
}

func TestSarifIsValid(t *testing.T) {
	for name, r := range map[string]*report.Report{"full": sample(), "empty": {Findings: []report.Finding{}, Errors: []report.Error{}}} {
		var out, errs bytes.Buffer
		if err := sarif(&out, r, options(&errs)); err != nil {
			t.Fatal(err)
		}
		parsed, err := sarifmodel.FromBytes(out.Bytes())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := parsed.Validate(); err != nil {
			t.Errorf("%s: %v\n%s", name, err, out.String())
		}
		if !strings.Contains(out.String(), `"results": [`) {
			t.Errorf("%s: no results", name)
		}
	}
}

func TestSarifColumnsAreUTF16(t *testing.T) {
	b := &sarifBuilder{src: newSources(options(nil).Open)}
	line := "vé € = 𝄞x"
	for text, want := range map[string]int{"v": 1, "€": 4, "𝄞": 8, "x": 10} {
		if got := b.column("é.go", 2, strings.Index(line, text)+1); got != want {
			t.Errorf("column of %s: %d, want %d", text, got, want)
		}
	}
	if got := b.column("unreadable.go", 2, 7); got != 7 {
		t.Errorf("got %d", got)
	}
}

func TestJSONShape(t *testing.T) {
	var out bytes.Buffer
	if err := jsonDocument(&out, sample(), Options{}); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), "null") {
		t.Errorf("null in %s", out.String())
	}
	var doc struct{ Findings, Errors []map[string]any }
	if err := json.Unmarshal(out.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	if len(doc.Findings) != 2 || doc.Findings[0]["file"] != "a.go" || doc.Findings[1]["file"] != "dir with space/é.go" {
		t.Errorf("got %s", out.String())
	}
	for _, key := range []string{"rule", "file", "line", "column", "endLine", "endColumn", "message", "url", "related", "fixes"} {
		if _, ok := doc.Findings[0][key]; !ok {
			t.Errorf("no %s", key)
		}
	}
}

func TestGithubEscapes(t *testing.T) {
	var out, errs bytes.Buffer
	r := &report.Report{Findings: []report.Finding{{Rule: "r", File: "a,b:c.go", Line: 1, Column: 2, EndLine: 1, EndColumn: 2, Message: "50%\nmore"}}}
	if err := github(&out, r, options(&errs)); err != nil {
		t.Fatal(err)
	}
	want := "::error file=a%2Cb%3Ac.go,line=1,endLine=1,col=2,title=connvet r::50%25%0Amore\n"
	if out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

func TestTextColor(t *testing.T) {
	var out, errs bytes.Buffer
	o := options(&errs)
	o.Color = true
	if err := text(&out, sample(), o); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), bold+"a.go:1:1:"+reset) {
		t.Errorf("got %q", out.String())
	}
	if want := "connvet: q: lost\nconnvet: p.go:3: wrong (package p)\n"; errs.String() != want {
		t.Errorf("errors %q, want %q", errs.String(), want)
	}
}

func TestSummary(t *testing.T) {
	for doc, want := range map[string]string{
		"fake: finds things\n\nMore.":                                                                      "finds things",
		"// Package fake finds things.\n//\n// More.\npackage fake":                                        "Package fake finds things.",
		"// Package fake defines the rule.\n//\n// # Analyzer fake\n//\n// fake: finds\n//\n// x\npackage": "finds",
		"package fake": "fake",
		"":             "fake",
	} {
		if got := Summary(&analysis.Analyzer{Name: "fake", Doc: doc}); got != want {
			t.Errorf("%q: got %q, want %q", doc, got, want)
		}
	}
}
