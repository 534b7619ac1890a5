package golangci

import (
	"go/token"
	"slices"
	"strings"
	"testing"

	"github.com/golangci/plugin-module-register/register"
	"golang.org/x/tools/go/analysis"

	"github.com/connvet/connvet/passes"
)

func TestSettings(t *testing.T) {
	t.Cleanup(func() { passes.Configure(passes.Options{}) })
	for _, test := range []struct {
		name     string
		settings any
		rules    []string
		err      string
	}{
		{"none", nil, passes.RuleNames(), ""},
		{"empty", map[string]any{}, passes.RuleNames(), ""},
		{"profile", map[string]any{"profile": "strict"}, passes.RuleNames(), ""},
		{"one rule off", map[string]any{"rules": map[string]any{"sharedconn": false}}, []string{"capturedconn", "unclosedconn", "busyconn", "transientpool"}, ""},
		{"unknown key", map[string]any{"profil": "strict"}, nil, `unknown field "profil"; use profile, rules`},
		{"unknown rule", map[string]any{"rules": map[string]any{"sharedcon": true}}, nil, `unknown rule "sharedcon"; use sharedconn, `},
		{"unknown profile", map[string]any{"profile": "lax"}, nil, `unknown profile "lax"; use default or strict`},
		{"not a switch", map[string]any{"rules": map[string]any{"sharedconn": "maybe"}}, nil, "cannot unmarshal string"},
	} {
		t.Run(test.name, func(t *testing.T) {
			names, err := build(test.settings)
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Errorf("got error %v, want %s", err, test.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if off := "sharedconn"; test.name == "one rule off" && slices.Contains(names, off) {
				t.Errorf("%s is on", off)
			}
			for _, rule := range test.rules {
				if !slices.Contains(names, rule) {
					t.Errorf("%s is off", rule)
				}
			}
		})
	}
}

func TestAllRulesOff(t *testing.T) {
	off := map[string]any{}
	for _, name := range passes.RuleNames() {
		off[name] = false
	}
	if _, err := build(map[string]any{"rules": off}); err == nil {
		t.Error("a linter without rules is no error")
	}
}

// build makes the linter as golangci-lint does, and names its analyzers.
func build(settings any) ([]string, error) {
	newPlugin, err := register.GetPlugin(Name)
	if err != nil {
		return nil, err
	}
	p, err := newPlugin(settings)
	if err != nil {
		return nil, err
	}
	analyzers, err := p.BuildAnalyzers()
	if err != nil {
		return nil, err
	}
	var names []string
	for _, a := range analyzers {
		names = append(names, a.Name)
	}
	return names, analysis.Validate(analyzers)
}

func TestFold(t *testing.T) {
	fset := token.NewFileSet()
	file := fset.AddFile("/somewhere/store.go", -1, 100)
	file.SetLines([]int{0, 10, 20, 30})
	fix := []analysis.SuggestedFix{{Message: "close it"}}
	got := fold(fset, analysis.Diagnostic{
		Pos:     file.Pos(25),
		Message: "conn is used twice",
		Related: []analysis.RelatedInformation{
			{Pos: file.Pos(5), Message: "goroutine started here"},
			{Pos: file.Pos(35), Message: "other use here"},
		},
		SuggestedFixes: fix,
	})
	if want := "conn is used twice (goroutine started here: store.go:1; other use here: store.go:4)"; got.Message != want {
		t.Errorf("got %q, want %q", got.Message, want)
	}
	if got.Related != nil || len(got.SuggestedFixes) != 1 {
		t.Errorf("got %d related positions and %d fixes, want none and 1", len(got.Related), len(got.SuggestedFixes))
	}
	if got := fold(fset, analysis.Diagnostic{Message: "alone"}); got.Message != "alone" {
		t.Errorf("got %q, want it unchanged", got.Message)
	}
}
