package passes_test

import (
	"go/ast"
	gcimporter "go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/packages"

	"github.com/connvet/connvet/passes"
	"github.com/connvet/connvet/passes/internal/summary"
)

// FuzzRules asks that no file which type-checks breaks the analysis. The seeds
// are the golden files and the examples of std; only std can be imported.
func FuzzRules(f *testing.F) {
	for _, name := range seeds(f) {
		src, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(src))
	}
	std := &once{imp: gcimporter.ForCompiler(token.NewFileSet(), "gc", nil)}
	f.Fuzz(func(t *testing.T, src string) {
		p := typeCheck(src, std)
		if p == nil {
			t.Skip("does not type-check")
		}
		graph, err := checker.Analyze(append(passes.Rules(), summary.Analyzer), []*packages.Package{p}, nil)
		if err != nil {
			t.Fatal(err)
		}
		for act := range graph.All() {
			if act.Err != nil {
				t.Errorf("%s: %v", act, act.Err)
			}
			if res, ok := act.Result.(*summary.Result); ok && len(res.Broken) > 0 {
				t.Errorf("not analysed: %s", strings.Join(res.Broken, "; "))
			}
		}
	})
}

// seeds lists the files to start from.
func seeds(f *testing.F) []string {
	f.Helper()
	var out []string
	for _, pattern := range []string{
		"../testdata/*/*/*.go", "../testdata/*/*/*/*.go",
		filepath.Join(runtime.GOROOT(), "src/database/sql/example*_test.go"), //nolint:staticcheck // the tests run where Go is
		filepath.Join(runtime.GOROOT(), "src/net/http/example*_test.go"),     //nolint:staticcheck // likewise
		filepath.Join(runtime.GOROOT(), "src/sync/example*_test.go"),         //nolint:staticcheck // likewise
	} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		out = append(out, names...)
	}
	return out
}

// once lets parallel workers import the packages of std, each one time.
type once struct {
	mu  sync.Mutex
	imp types.Importer
}

// Import implements types.Importer.
func (o *once) Import(path string) (*types.Package, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.imp.Import(path)
}

// typeCheck makes a package of the user's module of one file; nil if it does
// not type-check.
func typeCheck(src string, imp types.Importer) *packages.Package {
	const path = "example.com/fuzz"
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "fuzz.go", src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil
	}
	info := &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Instances: map[*ast.Ident]types.Instance{},
		Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Implicits: map[ast.Node]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{},
		Scopes: map[ast.Node]*types.Scope{}, FileVersions: map[*ast.File]string{},
	}
	sizes := types.SizesFor("gc", runtime.GOARCH)
	conf := &types.Config{Importer: imp, Sizes: sizes}
	pkg, err := conf.Check(path, fset, []*ast.File{file}, info)
	if err != nil {
		return nil
	}
	return &packages.Package{
		ID: path, PkgPath: path, Name: pkg.Name(), Fset: fset, Syntax: []*ast.File{file}, Types: pkg, TypesInfo: info,
		TypesSizes: sizes, Module: &packages.Module{Path: path, Main: true},
	}
}
