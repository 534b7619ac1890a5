package passes_test

import (
	"fmt"
	"go/ast"
	"go/types"
	"testing"

	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/packages"

	"github.com/connvet/connvet/passes"
	"github.com/connvet/connvet/passes/internal/summary"
)

// TestStandardLibrary analyses code that nobody wrote with connvet in mind, as
// if it were the user's, and asks that no function breaks the analysis.
func TestStandardLibrary(t *testing.T) {
	if testing.Short() {
		t.Skip("analyses much of the standard library")
	}
	pkgs := loadStandard(t, "bufio", "context", "database/sql", "encoding/gob", "encoding/json",
		"fmt", "go/parser", "go/types", "io", "log/slog", "net", "net/http", "net/http/httptest",
		"net/rpc", "net/smtp", "net/textproto", "os", "os/exec", "reflect", "slices", "sync", "testing", "text/template", "time")
	graph, err := checker.Analyze(append(passes.Rules(), summary.Analyzer), pkgs, nil)
	if err != nil {
		t.Fatal(err)
	}
	findings := 0
	for act := range graph.All() {
		if act.Err != nil {
			t.Errorf("%s: %v", act, act.Err)
		}
		if res, ok := act.Result.(*summary.Result); ok {
			for _, b := range res.Broken {
				t.Errorf("%s: not analysed: %s", act.Package.PkgPath, b)
			}
		}
		for _, d := range act.Diagnostics {
			findings++
			t.Logf("%s: %s", act.Package.Fset.Position(d.Pos), d.Message)
		}
	}
	t.Logf("%d packages, %d findings", len(pkgs), findings)
}

// loadStandard loads packages with bodies and moves them into a module of the
// user, under other import paths: those of the catalog are never analysed.
func loadStandard(t *testing.T, paths ...string) []*packages.Package {
	t.Helper()
	const mode = packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports |
		packages.NeedTypes | packages.NeedSyntax | packages.NeedTypesInfo | packages.NeedTypesSizes
	pkgs, err := packages.Load(&packages.Config{Context: t.Context(), Mode: mode}, paths...)
	if err != nil {
		t.Fatal(err)
	}
	imports := map[*packages.Package]importer{}
	for _, p := range pkgs {
		for _, e := range p.Errors {
			t.Fatalf("%s: %v", p.PkgPath, e)
		}
		imports[p] = importer{}
		for path, dep := range p.Imports {
			imports[p][path] = dep.Types
		}
	}
	for _, p := range pkgs {
		move(t, p, imports[p], "example.com/moved/"+p.PkgPath)
	}
	return pkgs
}

func move(t *testing.T, p *packages.Package, imports importer, path string) {
	t.Helper()
	info := &types.Info{
		Types:        make(map[ast.Expr]types.TypeAndValue),
		Instances:    make(map[*ast.Ident]types.Instance),
		Defs:         make(map[*ast.Ident]types.Object),
		Uses:         make(map[*ast.Ident]types.Object),
		Implicits:    make(map[ast.Node]types.Object),
		Selections:   make(map[*ast.SelectorExpr]*types.Selection),
		Scopes:       make(map[ast.Node]*types.Scope),
		FileVersions: make(map[*ast.File]string),
	}
	conf := &types.Config{
		Importer: imports,
		Sizes:    p.TypesSizes,
	}
	pkg, err := conf.Check(path, p.Fset, p.Syntax, info)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	p.Types, p.TypesInfo, p.PkgPath, p.ID = pkg, info, path, path
	p.Module = &packages.Module{Path: "example.com/moved", Main: true}
	p.Imports = nil // their facts are not wanted
}

// importer knows the packages that were there before any was moved.
type importer map[string]*types.Package

// Import implements types.Importer.
func (imp importer) Import(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	if p := imp[path]; p != nil {
		return p, nil
	}
	return nil, fmt.Errorf("package %s was not listed", path)
}
