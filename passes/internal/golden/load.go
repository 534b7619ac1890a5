package golden

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"golang.org/x/tools/go/packages"
)

// module is a loaded set of packages of one module, tests included.
type module struct {
	dir   string
	roots []*packages.Package
}

// loaded keeps modules for the life of the process: type-checking the drivers
// is what costs, and several tests ask for the same packages.
var loaded struct {
	sync.Mutex
	modules map[string]*module
}

func load(dir string, patterns []string) (*module, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	key := dir + "\x00" + strings.Join(patterns, "\x00")
	loaded.Lock()
	defer loaded.Unlock()
	if m := loaded.modules[key]; m != nil {
		return m, nil
	}
	m, err := loadModule(dir, patterns)
	if err != nil {
		return nil, err
	}
	if loaded.modules == nil {
		loaded.modules = make(map[string]*module)
	}
	loaded.modules[key] = m
	return m, nil
}

// loadModule lists the packages and type-checks all of them from source. Only
// those of the main module get bodies and are left to be analysed.
func loadModule(dir string, patterns []string) (*module, error) {
	roots, err := packages.Load(&packages.Config{
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedImports | packages.NeedDeps |
			packages.NeedModule | packages.NeedTypesSizes,
		Dir:   dir,
		Env:   append(os.Environ(), "GOWORK=off"),
		Tests: true,
	}, patterns...)
	if err != nil {
		return nil, err
	}
	roots = dropTestMains(roots)
	if err := listErrors(roots); err != nil {
		return nil, err
	}
	ld := &loader{fset: token.NewFileSet(), units: make(map[*packages.Package]*unit)}
	packages.Visit(roots, nil, ld.add)
	if err := ld.check(); err != nil {
		return nil, err
	}
	ld.prune()
	return &module{dir: dir, roots: roots}, nil
}

// dropTestMains removes the generated main packages of tests.
func dropTestMains(pkgs []*packages.Package) []*packages.Package {
	var out []*packages.Package
	for _, p := range pkgs {
		if !strings.HasSuffix(p.ID, ".test") {
			out = append(out, p)
		}
	}
	return out
}

func listErrors(roots []*packages.Package) error {
	if len(roots) == 0 {
		return errors.New("no packages match")
	}
	var errs []error
	packages.Visit(roots, nil, func(p *packages.Package) {
		for _, e := range p.Errors {
			errs = append(errs, fmt.Errorf("%s: %w", p.ID, e))
		}
	})
	return errors.Join(errs...)
}

// loader type-checks a package graph.
type loader struct {
	fset  *token.FileSet
	order []*unit // dependencies first
	units map[*packages.Package]*unit
}

type unit struct {
	pkg  *packages.Package
	own  bool // of the main module
	done chan struct{}
	errs []error
}

func (ld *loader) add(p *packages.Package) {
	own := p.Module != nil && p.Module.Main
	u := &unit{pkg: p, own: own, done: make(chan struct{})}
	ld.units[p] = u
	ld.order = append(ld.order, u)
}

// check type-checks all packages, those that do not depend on each other at
// the same time. Errors count only in the main module: elsewhere, bodies and cgo are
// missing by design.
func (ld *loader) check() error {
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	for _, u := range ld.order {
		go func() {
			defer close(u.done)
			for _, dep := range u.pkg.Imports {
				<-ld.units[dep].done
			}
			slots <- struct{}{}
			defer func() { <-slots }()
			ld.checkUnit(u)
		}()
	}
	var errs []error
	for _, u := range ld.order {
		<-u.done
		if u.own {
			errs = append(errs, u.errs...)
		}
	}
	return errors.Join(errs...)
}

func (ld *loader) checkUnit(u *unit) {
	p := u.pkg
	p.Fset = ld.fset
	if p.PkgPath == "unsafe" {
		p.Types, p.TypesInfo = types.Unsafe, new(types.Info)
		return
	}
	fail := func(err error) { u.errs = append(u.errs, err) }
	files := ld.parse(u, fail)
	conf := &types.Config{
		IgnoreFuncBodies: !u.own,
		FakeImportC:      true,
		Sizes:            p.TypesSizes,
		Error:            fail,
		Importer:         importer(p.Imports),
	}
	if p.Module != nil && p.Module.GoVersion != "" {
		conf.GoVersion = "go" + p.Module.GoVersion
	}
	var info *types.Info
	if u.own {
		info = newInfo()
		p.Syntax, p.TypesInfo = files, info
	}
	p.Types, _ = conf.Check(p.PkgPath, ld.fset, files, info) // errors went to fail
}

func (ld *loader) parse(u *unit, fail func(error)) []*ast.File {
	mode := parser.SkipObjectResolution
	if u.own {
		mode |= parser.ParseComments
	}
	var files []*ast.File
	for _, name := range u.pkg.GoFiles {
		f, err := parser.ParseFile(ld.fset, name, nil, mode)
		if err != nil {
			fail(err)
		}
		if f != nil {
			files = append(files, f)
		}
	}
	return files
}

// prune leaves in the import graph only what will be analysed. Drivers are
// described by the catalog, not by their code.
func (ld *loader) prune() {
	for _, u := range ld.order {
		for path, dep := range u.pkg.Imports {
			if !ld.units[dep].own {
				delete(u.pkg.Imports, path)
			}
		}
	}
}

// importer finds packages among the imports of one package.
type importer map[string]*packages.Package

// Import implements types.Importer.
func (imp importer) Import(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	if p := imp[path]; p != nil && p.Types != nil {
		return p.Types, nil
	}
	return nil, fmt.Errorf("package %s was not listed", path)
}

func newInfo() *types.Info {
	return &types.Info{
		Types:        make(map[ast.Expr]types.TypeAndValue),
		Instances:    make(map[*ast.Ident]types.Instance),
		Defs:         make(map[*ast.Ident]types.Object),
		Uses:         make(map[*ast.Ident]types.Object),
		Implicits:    make(map[ast.Node]types.Object),
		Selections:   make(map[*ast.SelectorExpr]*types.Selection),
		Scopes:       make(map[ast.Node]*types.Scope),
		FileVersions: make(map[*ast.File]string),
	}
}
