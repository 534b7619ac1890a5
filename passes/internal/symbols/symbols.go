// Package symbols resolves symbols of data files in the real libraries, for
// tests. Nothing is compiled, not even C: declarations are type-checked from
// source, without function bodies.
package symbols

import (
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/connvet/connvet/passes/internal/catalog"
)

// World is a set of packages with the declarations of their modules. What they
// import from other modules is empty: types of those are invalid.
type World struct {
	fset    *token.FileSet
	sources map[string]*packages.Package // by import path, as go list sees them
	modules map[string]bool              // modules of the wanted packages
	done    map[string]*types.Package
}

// tags turns on the parts of libraries that are optional.
const tags = "duckdb_arrow"

// Load reads the packages as seen from the module in dir.
func Load(dir string, paths ...string) (*World, error) {
	cfg := &packages.Config{
		Mode:       packages.NeedName | packages.NeedFiles | packages.NeedImports | packages.NeedDeps | packages.NeedModule,
		Dir:        dir,
		Env:        append(os.Environ(), "CGO_ENABLED=1", "GOWORK=off"),
		BuildFlags: []string{"-tags=" + tags},
	}
	roots, err := packages.Load(cfg, paths...)
	if err != nil {
		return nil, fmt.Errorf("load the real libraries (go mod download in %s may help): %w", dir, err)
	}
	w := &World{
		fset:    token.NewFileSet(),
		sources: map[string]*packages.Package{},
		modules: map[string]bool{},
		done:    map[string]*types.Package{"unsafe": types.Unsafe},
	}
	for _, p := range roots {
		if len(p.Errors) > 0 {
			return nil, fmt.Errorf("load %s as seen from %s: %w", p.PkgPath, dir, p.Errors[0])
		}
		w.modules[modulePath(p)] = true
	}
	packages.Visit(roots, nil, func(p *packages.Package) { w.sources[p.PkgPath] = p })
	return w, nil
}

// modulePath is "" for the standard library.
func modulePath(p *packages.Package) string {
	if p.Module == nil {
		return ""
	}
	return p.Module.Path
}

// Package gives the declarations of a package.
func (w *World) Package(path string) (*types.Package, error) {
	src := w.sources[path]
	if src == nil {
		return nil, fmt.Errorf("package %s does not exist", path)
	}
	return w.check(src)
}

func (w *World) check(src *packages.Package) (*types.Package, error) {
	if p := w.done[src.PkgPath]; p != nil {
		return p, nil
	}
	var files []*ast.File
	for _, name := range src.GoFiles {
		f, err := parser.ParseFile(w.fset, name, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	conf := types.Config{
		IgnoreFuncBodies: true,
		FakeImportC:      true,
		Importer:         importer{w, src},
		Error:            func(error) {}, // what is missing comes from the empty packages
		Sizes:            types.SizesFor(build.Default.Compiler, build.Default.GOARCH),
	}
	p, err := conf.Check(src.PkgPath, w.fset, files, nil)
	if p == nil {
		return nil, err
	}
	w.done[src.PkgPath] = p
	return p, nil
}

// importer imports for one package: the standard library and the modules of
// the wanted packages in full, others empty.
type importer struct {
	w    *World
	from *packages.Package
}

func (i importer) Import(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	src := i.from.Imports[path]
	if src == nil {
		return nil, fmt.Errorf("package %s does not exist", path)
	}
	m := modulePath(src)
	if m == "" && !strings.Contains(src.PkgPath, "internal/") || m != "" && i.w.modules[m] && !generated(src) {
		return i.w.check(src)
	}
	p := types.NewPackage(src.PkgPath, src.Name)
	p.MarkComplete()
	return p, nil
}

// generated reports whether a package is C translated to Go, large and without
// a type that a data file could name.
func generated(p *packages.Package) bool {
	return modulePath(p) == "modernc.org/sqlite" && filepath.Base(p.PkgPath) == "lib"
}

// Type resolves a type key: pkg.T, *pkg.T, either with a #role.
func (w *World) Type(key string) (types.Type, error) {
	key, _, _ = strings.Cut(key, "#")
	name, star := strings.CutPrefix(key, "*")
	dot := strings.LastIndexByte(name, '.')
	if dot < 0 {
		return nil, fmt.Errorf("%q is no type key", key)
	}
	p, err := w.Package(name[:dot])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	tn, ok := p.Scope().Lookup(name[dot+1:]).(*types.TypeName)
	if !ok {
		return nil, fmt.Errorf("%s: package %s declares no such type", key, p.Path())
	}
	if star {
		return types.NewPointer(tn.Type()), nil
	}
	return tn.Type(), nil
}

// Func resolves a function key. The key must be the one the declaration has:
// a promoted method is known by the type that declares it.
func (w *World) Func(key string) (*types.Func, error) {
	recv := catalog.ReceiverKey(key)
	if recv != "" {
		f, err := w.Method(recv, key[strings.LastIndexByte(key, '.')+1:])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		recv, _, _ = strings.Cut(recv, "#")
		if got := catalog.FuncKey(f); got != catalog.MethodKey(recv, f.Name()) {
			return nil, fmt.Errorf("%s is declared as %s", key, got)
		}
		return f, nil
	}
	dot := strings.LastIndexByte(key, '.')
	if dot < 0 {
		return nil, fmt.Errorf("%q is no function key", key)
	}
	p, err := w.Package(key[:dot])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	f, ok := p.Scope().Lookup(key[dot+1:]).(*types.Func)
	if !ok {
		return nil, fmt.Errorf("%s: package %s declares no such function", key, p.Path())
	}
	return f, nil
}

// Var checks that a package declares the variable with this key.
func (w *World) Var(key string) error {
	dot := strings.LastIndexByte(key, '.')
	if dot < 0 {
		return fmt.Errorf("%q is no variable key", key)
	}
	p, err := w.Package(key[:dot])
	if err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	if _, ok := p.Scope().Lookup(key[dot+1:]).(*types.Var); !ok {
		return fmt.Errorf("%s: package %s declares no such variable", key, p.Path())
	}
	return nil
}

// Method resolves a method of a type, promoted or its own.
func (w *World) Method(typ, name string) (*types.Func, error) {
	t, err := w.Type(typ)
	if err != nil {
		return nil, err
	}
	obj, _, _ := types.LookupFieldOrMethod(t, false, named(t).Obj().Pkg(), name)
	f, ok := obj.(*types.Func)
	if !ok {
		return nil, fmt.Errorf("%s has no method %s", typ, name)
	}
	return f, nil
}

// Field resolves a field of a struct, or of a pointer to one.
func (w *World) Field(typ, name string) (*types.Var, error) {
	t, err := w.Type(typ)
	if err != nil {
		return nil, err
	}
	obj, _, _ := types.LookupFieldOrMethod(t, true, named(t).Obj().Pkg(), name)
	v, ok := obj.(*types.Var)
	if !ok {
		return nil, fmt.Errorf("%s has no field %s", typ, name)
	}
	return v, nil
}

func named(t types.Type) *types.Named {
	t = types.Unalias(t)
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	n, ok := t.(*types.Named)
	if !ok {
		return types.NewNamed(types.NewTypeName(token.NoPos, nil, "?", nil), t, nil)
	}
	return n
}
