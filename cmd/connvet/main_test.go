package main

import (
	"go/ast"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/gotooltest"
	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/tools/go/analysis"

	"github.com/connvet/connvet/cmd/connvet/internal/cli"
	"github.com/connvet/connvet/cmd/connvet/internal/vettool"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"connvet": main,
		"fakevet": fakevet,
	})
}

// fakevet is the tool with one rule whose findings are easy to foresee.
func fakevet() {
	rules := []*analysis.Analyzer{fakeRule}
	if vettool.Wanted(os.Args[1:]) {
		vettool.Main(rules)
	}
	os.Exit(cli.Main(os.Args[1:], cli.Process(), rules))
}

func TestScript(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the go command")
	}
	p := testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: os.Getenv("UPDATE") != "",
		Setup: func(e *testscript.Env) error {
			for _, tool := range []string{"connvet", "fakevet"} {
				path, err := exec.LookPath(tool)
				if err != nil {
					return err
				}
				e.Setenv(strings.ToUpper(tool), path)
			}
			return nil
		},
	}
	if err := gotooltest.Setup(&p); err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, p)
}

// leaks is the fact of fakeRule: the package calls Leak somewhere.
type leaks struct{ N int }

func (*leaks) AFact() {}

// fakeRule reports calls of functions named Leak, offers to call Close instead,
// and says in its message what it knows of the imports. It panics at Boom.
var fakeRule = &analysis.Analyzer{
	Name:      "fake",
	Doc:       "fake: calls of Leak\n\nEverything about it is made up.",
	URL:       "https://example.com/fake",
	FactTypes: []analysis.Fact{new(leaks)},
	Run: func(pass *analysis.Pass) (any, error) {
		n := 0
		for _, f := range pass.Files {
			for call := range calls(f) {
				switch call.Name {
				case "Boom":
					panic("boom")
				case "Leak":
					n++
					pass.Report(leakAt(pass, f, call))
				}
			}
		}
		pass.ExportPackageFact(&leaks{n})
		return nil, nil
	},
}

func calls(f *ast.File) map[*ast.Ident]bool {
	out := map[*ast.Ident]bool{}
	ast.Inspect(f, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			switch fn := call.Fun.(type) {
			case *ast.Ident:
				out[fn] = true
			case *ast.SelectorExpr:
				out[fn.Sel] = true
			}
		}
		return true
	})
	return out
}

func leakAt(pass *analysis.Pass, f *ast.File, call *ast.Ident) analysis.Diagnostic {
	msg := "leaked in package " + pass.Pkg.Name()
	for _, imp := range pass.Pkg.Imports() {
		if fact := new(leaks); pass.ImportPackageFact(imp, fact) && fact.N > 0 {
			msg += ", like its import " + imp.Name()
		}
	}
	return analysis.Diagnostic{
		Pos:      call.Pos(),
		End:      call.End(),
		Category: pass.Analyzer.Name,
		Message:  msg,
		Related:  []analysis.RelatedInformation{{Pos: f.Name.Pos(), Message: "package named here"}},
		SuggestedFixes: []analysis.SuggestedFix{{
			Message:   "call Close",
			TextEdits: []analysis.TextEdit{{Pos: call.Pos(), End: call.End(), NewText: []byte("Close")}},
		}},
	}
}
