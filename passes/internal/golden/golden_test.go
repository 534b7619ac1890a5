package golden

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
)

// marks is the fact that a package has a function Mark.
type marks struct{ Pkg string }

func (*marks) AFact() {}

// toy reports calls of Mark, in other packages only by their fact.
var toy = &analysis.Analyzer{
	Name:      "toy",
	Doc:       "report calls of functions called Mark",
	Run:       runToy,
	FactTypes: []analysis.Fact{new(marks)},
}

func runToy(pass *analysis.Pass) (any, error) {
	if pass.Pkg.Scope().Lookup("Mark") != nil {
		pass.ExportPackageFact(&marks{pass.Pkg.Path()})
	}
	for _, f := range pass.Files {
		ast.Inspect(f, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				toyCall(pass, call)
			}
			return true
		})
	}
	return nil, nil
}

func toyCall(pass *analysis.Pass, call *ast.CallExpr) {
	id, ok := call.Fun.(*ast.Ident)
	if sel, isSel := call.Fun.(*ast.SelectorExpr); isSel {
		id, ok = sel.Sel, true
	}
	if !ok {
		return
	}
	fn, ok := pass.TypesInfo.Uses[id].(*types.Func)
	if !ok || fn.Name() != "Mark" || !pass.ImportPackageFact(fn.Pkg(), new(marks)) {
		return
	}
	pass.Report(analysis.Diagnostic{
		Pos:     call.Pos(),
		Message: "call of Mark",
		Related: []analysis.RelatedInformation{{Pos: fn.Pos(), Message: "declared here"}},
	})
}

func TestAgreement(t *testing.T) {
	Run(t, "testdata/toy", toy, "./a", "./b", "./elsewhere")
}

func TestDisagreement(t *testing.T) {
	tests := []struct {
		pattern string
		want    []string
	}{
		{"./wrong", []string{
			"wrong/wrong.go:5: no finding matches `call of Mark`",
			"wrong/wrong.go:6: no related position matches `declared here`",
			"wrong/wrong.go:10: unexpected finding: call of Mark",
			"wrong/wrong.go:14: finding \"call of Mark\" does not match `call of Other`",
			"wrong/wrong.go:14: no finding matches `call of Other`",
			"wrong/wrong.go:18: no finding matches `call of Mark`",
		}},
		{"./unlisted", []string{
			"unlisted/unlisted.go:5: unexpected related position: declared here",
		}},
	}
	for _, test := range tests {
		got, err := compare("testdata/toy", toy, []string{test.pattern})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s:\n got %s\nwant %s", test.pattern, strings.Join(got, "\n     "), strings.Join(test.want, "\n     "))
		}
	}
}

func TestUnknownPackage(t *testing.T) {
	if _, err := compare("testdata/toy", toy, []string{"./nowhere"}); err == nil {
		t.Error("a pattern that matches nothing is no error")
	}
}

func TestBrokenExpectation(t *testing.T) {
	for _, comment := range []string{
		"// want \"(\"",
		"// want \"a\" b",
		"// want +\"a\"",
		"// rel \"a",
	} {
		var x expectations
		if err := x.addComment("p", place{}, comment); err == nil {
			t.Errorf("%s is accepted", comment)
		}
	}
	var x expectations
	if err := x.addComment("p", place{}, "// want to know more"); err != nil || len(x.wants) > 0 {
		t.Errorf("prose is taken for an expectation: %v %v", x.wants, err)
	}
}

func TestCount(t *testing.T) {
	got, problems, err := countTree("testdata/toy")
	if err != nil {
		t.Fatal(err)
	}
	if want := (Tally{Bad: 8, Ok: 2, FN: 1, FP: 1}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	want := []string{
		"testdata/toy/unlisted/unlisted.go:11: FN_kept is a known gap and does not say why",
		"testdata/toy/unlisted/unlisted.go:13: FP_kept is a known gap and does not say why",
		"testdata/toy/wrong/wrong.go:23: OkLiar must stay silent but wants `call of Mark`",
		"testdata/toy/wrong/wrong.go:27: BadSilent wants no finding",
	}
	if !slices.Equal(problems, want) {
		t.Errorf("got %q, want %q", problems, want)
	}
}

// TestNames holds every golden function to the promise of its name.
func TestNames(t *testing.T) {
	Count(t, "../../../testdata")
}

// TestCorpus holds the golden packages of the rules to their size: a rule that
// is not shown many right programs cannot be trusted on wrong ones.
func TestCorpus(t *testing.T) {
	var all Tally
	for _, rule := range []string{"sharedconn", "capturedconn", "unclosedconn", "busyconn", "transientpool", "inheritedconn"} {
		c := Count(t, "../../../testdata/"+rule)
		t.Logf("%s: %+v", rule, c)
		all = all.Add(c)
	}
	if all.Total() < 150 {
		t.Errorf("%d golden functions, want at least 150", all.Total())
	}
	if 2*all.Ok <= all.Total() {
		t.Errorf("%d of %d golden functions are Ok, want more than half", all.Ok, all.Total())
	}
}
