package passes_test

import (
	_ "embed"
	"fmt"
	"go/ast"
	"go/types"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/packages"

	"github.com/connvet/connvet/passes"
	"github.com/connvet/connvet/passes/internal/summary"
)

// triaged lists the findings of the standard library that have been read, each
// with what it is.
//
//go:embed testdata/std.txt
var triaged string

// TestStandardLibrary analyses all of std as if it were the user's code: no
// function may break the analysis, and each finding must have been read.
func TestStandardLibrary(t *testing.T) {
	if testing.Short() {
		t.Skip("analyses the standard library")
	}
	found := robust(t, loadMoved(t, "", "std"))
	known := map[string]bool{}
	for line := range strings.Lines(triaged) {
		if finding, _, ok := strings.Cut(line, " # "); ok {
			known[finding] = true
		}
	}
	for _, f := range found {
		if !known[f] {
			t.Errorf("not triaged: %s", f)
		}
	}
}

// TestModules analyses the libraries of the golden packages, which the catalog
// otherwise takes for granted: those that they import. Their findings are not
// asked for: a driver hands its connections to and fro below its own contract.
// CONNVET_TEST_MODULES names more directories of modules (a list as in PATH);
// then everything is analysed that they, and the golden packages, depend on.
func TestModules(t *testing.T) {
	if testing.Short() {
		t.Skip("analyses the modules of the golden packages")
	}
	dirs := append([]string{"../testdata"}, filepath.SplitList(os.Getenv("CONNVET_TEST_MODULES"))...)
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			for batch := range slices.Chunk(dependencies(t, dir), 64) { // so that no more of them are in memory
				robust(t, loadMoved(t, dir, batch...))
			}
		})
	}
}

// dependencies lists the packages outside of std that those of a directory
// import; with CONNVET_TEST_MODULES also what these import, and so on. Some
// that do not build are left out.
func dependencies(t *testing.T, dir string) []string {
	t.Helper()
	roots, err := packages.Load(&packages.Config{Context: t.Context(), Mode: packages.NeedName | packages.NeedImports | packages.NeedDeps | packages.NeedModule, Dir: dir}, "./...")
	if err != nil {
		t.Fatal(err)
	}
	all := os.Getenv("CONNVET_TEST_MODULES") != ""
	found := map[string]bool{}
	packages.Visit(roots, nil, func(p *packages.Package) {
		if p.Module == nil || !p.Module.Main && !all {
			return
		}
		for _, imp := range p.Imports {
			if imp.Module != nil && !imp.Module.Main && len(imp.Errors) == 0 {
				found[imp.PkgPath] = true
			}
		}
	})
	return slices.Sorted(maps.Keys(found))
}

// robust analyses packages one by one and lists the findings. Whatever the
// analysis could not do is an error of the test.
func robust(t *testing.T, pkgs []*packages.Package) []string {
	t.Helper()
	var found []string
	for _, p := range pkgs { // one by one: each may then be forgotten
		graph, err := checker.Analyze(append(passes.Rules(), summary.Analyzer), []*packages.Package{p}, nil)
		if err != nil {
			t.Fatal(err)
		}
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
				file := filepath.Base(act.Package.Fset.Position(d.Pos).Filename)
				found = append(found, fmt.Sprintf("%s/%s: %s: %s", strings.TrimPrefix(p.PkgPath, moved), file, act.Analyzer.Name, d.Message))
			}
		}
	}
	slices.Sort(found)
	t.Logf("%d packages, %d findings", len(pkgs), len(found))
	return found
}

// moved is where packages are moved to.
const moved = "example.com/moved/"

// loadMoved loads packages with bodies and moves them into a module of the
// user, under other import paths: those of the catalog are never analysed.
func loadMoved(t *testing.T, dir string, paths ...string) []*packages.Package {
	t.Helper()
	const mode = packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports |
		packages.NeedTypes | packages.NeedSyntax | packages.NeedTypesInfo | packages.NeedTypesSizes
	pkgs, err := packages.Load(&packages.Config{Context: t.Context(), Mode: mode, Dir: dir}, paths...)
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
		move(t, p, imports[p], moved+p.PkgPath)
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
