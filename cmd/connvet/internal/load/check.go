package load

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"runtime"
	"sync"

	"github.com/connvet/connvet/cmd/connvet/internal/report"
)

// Syntax is what analysers see of a package, beyond its types. It is not kept
// by the package, so that it can be dropped once the package is analysed.
type Syntax struct {
	Files  []*ast.File
	Info   *types.Info
	Errors []report.Error // the package does not type-check; it cannot be analysed
}

// Check type-checks a package with its function bodies. It must be called once.
func (p *Program) Check(n *Package) *Syntax {
	var s *Syntax
	n.checked.Do(func() { s = p.check(n) })
	return s
}

// Declare type-checks the declarations of a package; a package whose bodies
// matter is expected to be checked already.
func (p *Program) Declare(n *Package) {
	n.checked.Do(func() { p.declare(n) })
}

func (p *Program) check(n *Package) *Syntax {
	deps := make([]*Package, 0, len(n.Imports))
	for _, d := range n.Imports {
		deps = append(deps, d)
	}
	p.declareAll(n, deps)
	s := new(Syntax)
	p.Work(func() { p.checkFull(n, s) })
	return s
}

func (p *Program) checkFull(n *Package, s *Syntax) {
	for _, name := range n.GoFiles {
		f, err := parser.ParseFile(p.Fset, name, nil, parser.SkipObjectResolution|parser.ParseComments)
		if err != nil {
			s.Errors = append(s.Errors, parseErrors(n.Path, name, err)...)
		}
		if f != nil {
			s.Files = append(s.Files, f)
		}
	}
	parsed := len(s.Errors) == 0
	s.Info = newInfo()
	cfg := p.typesConfig(n)
	cfg.Error = func(err error) {
		if parsed { // otherwise most of what it says follows from the syntax errors
			s.Errors = append(s.Errors, typeError(n, err))
		}
	}
	n.types = p.typecheck(n, cfg, s.Files, s.Info)
	if importsC(s.Files) {
		scrub(s)
	}
	s.Errors = n.explain(s.Errors)
	if len(s.Errors) > 0 {
		n.broken = &s.Errors[0]
	}
}

func newInfo() *types.Info {
	return &types.Info{
		Types:        make(map[ast.Expr]types.TypeAndValue),
		Defs:         make(map[*ast.Ident]types.Object),
		Uses:         make(map[*ast.Ident]types.Object),
		Implicits:    make(map[ast.Node]types.Object),
		Instances:    make(map[*ast.Ident]types.Instance),
		Scopes:       make(map[ast.Node]*types.Scope),
		Selections:   make(map[*ast.SelectorExpr]*types.Selection),
		FileVersions: make(map[*ast.File]string),
	}
}

func (p *Program) typesConfig(n *Package) *types.Config {
	cfg := &types.Config{
		FakeImportC: true, // cgo files are read as they are written; cgo is never run
		Sizes:       Sizes,
		Importer:    importer{n},
	}
	if n.Module != nil && n.Module.GoVersion != "" {
		cfg.GoVersion = "go" + n.Module.GoVersion
	}
	return cfg
}

// declare parses a package, drops everything but its declarations, and loads
// only the imports that these mention.
func (p *Program) declare(n *Package) {
	if n.Path == "unsafe" {
		n.types = types.Unsafe
		return
	}
	var files []*ast.File
	p.Work(func() { files = p.parseDecls(n) })
	p.declareAll(n, needed(n, files))
	p.Work(func() {
		cfg := p.typesConfig(n)
		cfg.IgnoreFuncBodies = true
		cfg.Error = func(err error) { n.note(typeError(n, err)) }
		n.types = p.typecheck(n, cfg, files, nil)
	})
}

// typecheck never fails: errors go to cfg.Error, a panic of the type checker too.
func (p *Program) typecheck(n *Package, cfg *types.Config, files []*ast.File, info *types.Info) (pkg *types.Package) {
	pkg = types.NewPackage(n.Path, n.Name)
	defer func() {
		if r := recover(); r != nil {
			cfg.Error(fmt.Errorf("the type checker of %s failed: %v", runtime.Version(), r))
		}
	}()
	checker := types.NewChecker(cfg, p.Fset, pkg, info)
	_ = checker.Files(files) // told to cfg.Error
	return pkg
}

func (p *Program) parseDecls(n *Package) []*ast.File {
	var files []*ast.File
	for _, name := range n.GoFiles {
		src, err := os.ReadFile(name)
		if err != nil {
			n.note(report.Error{Package: n.Path, File: name, Message: err.Error()})
			continue
		}
		f, err := p.parseDecl(name, src)
		if err != nil {
			n.note(parseErrors(n.Path, name, err)[0])
		}
		if f != nil {
			files = append(files, f)
		}
	}
	return files
}

func (p *Program) parseDecl(name string, src []byte) (*ast.File, error) {
	return parser.ParseFile(p.Fset, name, src, parser.SkipObjectResolution)
}

func (n *Package) note(err report.Error) {
	if n.broken == nil {
		n.broken = &err
	}
}

func (p *Program) declareAll(n *Package, deps []*Package) {
	n.deps = deps
	var wg sync.WaitGroup
	for _, d := range deps {
		wg.Go(func() { p.Declare(d) })
	}
	wg.Wait()
}

// importer resolves the imports of one package.
type importer struct{ n *Package }

// Import gives the types of a package that Declare or Check has made.
func (i importer) Import(path string) (*types.Package, error) {
	d := i.n.Imports[path]
	if d == nil {
		return nil, errNoImport
	}
	if d.types == nil || len(d.GoFiles) == 0 && d.Path != "unsafe" {
		if len(d.errs) > 0 {
			return nil, importError(path, errText(d.errs[0].Message))
		}
		return nil, importError(path, errNoImport)
	}
	return d.types, nil
}

type errText string

func (e errText) Error() string { return string(e) }

// importsC reports whether files use cgo.
func importsC(files []*ast.File) bool {
	for _, f := range files {
		for _, spec := range f.Imports {
			if spec.Path.Value == `"C"` {
				return true
			}
		}
	}
	return false
}

// needed drops function bodies, the values of variables with a type, and the
// imports that only those used; it returns the packages of the other imports.
func needed(n *Package, files []*ast.File) []*Package {
	seen := map[*Package]bool{}
	var deps []*Package
	for _, f := range files {
		stripBodies(f)
		used := mentioned(f)
		for _, spec := range pruneImports(f, n, used) {
			d := n.Imports[importPath(spec)]
			if d != nil && !seen[d] {
				seen[d] = true
				deps = append(deps, d)
			}
		}
	}
	return deps
}

func stripBodies(f *ast.File) {
	for _, decl := range f.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			if decl.Body != nil {
				decl.Body = &ast.BlockStmt{Lbrace: decl.Body.Lbrace, Rbrace: decl.Body.Rbrace}
			}
		case *ast.GenDecl:
			if decl.Tok == token.VAR {
				stripValues(decl)
			}
		}
	}
}

func stripValues(decl *ast.GenDecl) {
	for _, spec := range decl.Specs {
		if v, ok := spec.(*ast.ValueSpec); ok && v.Type != nil {
			v.Values = nil
		}
	}
	ast.Inspect(decl, func(x ast.Node) bool {
		if lit, ok := x.(*ast.FuncLit); ok {
			lit.Body = &ast.BlockStmt{Lbrace: lit.Body.Lbrace, Rbrace: lit.Body.Rbrace}
		}
		return true
	})
}

// mentioned collects the names that stand before a dot.
func mentioned(f *ast.File) map[string]bool {
	used := map[string]bool{}
	for _, decl := range f.Decls {
		ast.Inspect(decl, func(x ast.Node) bool {
			if sel, ok := x.(*ast.SelectorExpr); ok {
				if id, ok := sel.X.(*ast.Ident); ok {
					used[id.Name] = true
				}
			}
			return true
		})
	}
	return used
}

// pruneImports removes the import specs that nothing mentions.
func pruneImports(f *ast.File, n *Package, used map[string]bool) []*ast.ImportSpec {
	var kept []*ast.ImportSpec
	decls := f.Decls[:0]
	for _, decl := range f.Decls {
		gen, ok := decl.(*ast.GenDecl)
		if !ok || gen.Tok != token.IMPORT {
			decls = append(decls, decl)
			continue
		}
		var specs []ast.Spec
		for _, s := range gen.Specs {
			spec, ok := s.(*ast.ImportSpec)
			if ok && wanted(spec, n, used) {
				specs = append(specs, s)
				kept = append(kept, spec)
			}
		}
		if gen.Specs = specs; len(specs) > 0 {
			decls = append(decls, decl)
		}
	}
	f.Decls, f.Imports = decls, kept
	return kept
}

func wanted(spec *ast.ImportSpec, n *Package, used map[string]bool) bool {
	if spec.Name != nil {
		switch spec.Name.Name {
		case "_":
			return false
		case ".":
			return true
		}
		return used[spec.Name.Name]
	}
	path := importPath(spec)
	if path == "C" {
		return true
	}
	d := n.Imports[path]
	return d != nil && used[d.Name]
}
