// Package load reads Go packages for analysis at a fraction of the usual cost.
//
// It takes the import graph from the go command without building anything,
// marks the packages whose code matters, and type-checks only those in full.
// Of the rest it keeps the declarations, and only of packages that these
// declarations mention.
package load

import (
	"context"
	"errors"
	"fmt"
	"go/build"
	"go/token"
	"go/types"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/tools/go/packages"

	"github.com/connvet/connvet/cmd/connvet/internal/report"
)

// Config says what to load.
type Config struct {
	Dir        string // where the go command runs
	Patterns   []string
	Tests      bool
	Tags       string
	Env        []string               // nil means the environment of the process
	Catalogued func(path string) bool // packages whose importers matter
}

// Package is one package of the import graph.
type Package struct {
	*packages.Package

	Path    string              // import path, without the mark of a test variant
	Imports map[string]*Package // by the path in the source
	Main    bool                // belongs to the main module
	Std     bool
	Root    bool // its findings are wanted
	Analyze bool // its function bodies matter

	carrier bool // reaches a catalogued package
	test    bool // a generated test main
	types   *types.Package
	checked sync.Once
	deps    []*Package    // what it was checked against
	broken  *report.Error // why it did not type-check, if it was loaded for its declarations
	errs    []report.Error
}

// Program is a loaded import graph.
type Program struct {
	Fset     *token.FileSet
	Packages []*Package // dependencies first
	Errors   []report.Error

	slots chan struct{} // bounds the work that runs at once
}

// mode leaves out NeedTypesSizes on purpose: like all modes that look at types,
// it makes the go command run cgo, and with it the C compiler.
const mode = packages.NeedName | packages.NeedFiles | packages.NeedImports | packages.NeedDeps |
	packages.NeedModule | packages.NeedForTest

// Sizes are those of the target of the build.
var Sizes = types.SizesFor("gc", build.Default.GOARCH)

// Load reads the import graph. Errors that concern single packages are found
// in the program; the error result means that nothing could be loaded.
func Load(ctx context.Context, cfg Config) (*Program, error) {
	lcfg := &packages.Config{Context: ctx, Mode: mode, Dir: cfg.Dir, Env: cfg.Env, Tests: cfg.Tests}
	if cfg.Tags != "" {
		lcfg.BuildFlags = []string{"-tags=" + cfg.Tags}
	}
	roots, err := packages.Load(lcfg, cfg.Patterns...)
	if err != nil {
		return nil, listError(err)
	}
	p := &Program{Fset: token.NewFileSet(), slots: make(chan struct{}, runtime.GOMAXPROCS(0))}
	p.build(roots)
	p.mark(roots, cfg.Catalogued)
	p.listErrors(roots)
	for _, pattern := range unmatched(cfg.Dir, cfg.Patterns, p.Packages) {
		p.Errors = append(p.Errors, report.Error{Package: pattern, Message: "the pattern matches no packages; check the path, and the -tags it needs"})
	}
	return p, nil
}

// listError reduces the text of a failed go list to what the go command said.
func listError(err error) error {
	text := err.Error()
	if _, rest, ok := strings.Cut(text, "stderr:"); ok {
		text = rest
	}
	var lines []string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "go: "))
		if line != "" {
			lines = append(lines, line)
		}
	}
	return errors.New("go list: " + strings.Join(lines, "; "))
}

// build turns the graph of go/packages into ours, dependencies first.
func (p *Program) build(roots []*packages.Package) {
	byID := map[string]*Package{}
	packages.Visit(roots, nil, func(lp *packages.Package) {
		n := &Package{
			Package: lp,
			Path:    lp.PkgPath,
			Imports: make(map[string]*Package, len(lp.Imports)),
			Main:    inMain(lp),
			Std:     inStd(lp),
			test:    lp.Name == "main" && strings.HasSuffix(lp.ID, ".test"),
		}
		for path, d := range lp.Imports {
			n.Imports[path] = byID[d.ID]
		}
		byID[lp.ID] = n
		p.Packages = append(p.Packages, n)
	})
}

func inMain(p *packages.Package) bool {
	if p.Module != nil {
		return p.Module.Main
	}
	return !inStd(p) && !strings.Contains(p.PkgPath, "/vendor/")
}

// inStd: go/packages does not hand on the go command's Standard. Packages of
// the standard library have no module and no dot in their first element; files
// named on the command line have no module either.
func inStd(p *packages.Package) bool {
	if p.Module != nil || p.PkgPath == "command-line-arguments" {
		return false
	}
	path := strings.TrimPrefix(p.PkgPath, "vendor/")
	if path != p.PkgPath {
		return true
	}
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".") && inGoroot(p)
}

// mark decides what is analysed, and for which packages findings are wanted.
func (p *Program) mark(roots []*packages.Package, catalogued func(string) bool) {
	axiom := map[string]bool{} // modules of catalogued libraries: known by their rows
	for _, n := range p.Packages {
		if n.Module != nil && !n.Main && catalogued(n.Path) {
			axiom[n.Module.Path] = true
		}
	}
	for _, n := range p.Packages {
		n.carrier = !n.Std && (n.Main || catalogued(n.Path) || n.importsCarrier())
	}
	p.markRoots(roots)
	for _, n := range slices.Backward(p.Packages) {
		if n.Root {
			n.Analyze = true
		}
		if !n.Analyze {
			continue
		}
		for _, d := range n.Imports {
			if d.carrier && !d.test && (d.Main || d.Module == nil || !axiom[d.Module.Path]) {
				d.Analyze = true
			}
		}
	}
}

func (n *Package) importsCarrier() bool {
	for _, d := range n.Imports {
		if d.carrier {
			return true
		}
	}
	return false
}

// markRoots wants the findings of the named packages. Where a package is also
// compiled together with its tests, that variant speaks for it.
func (p *Program) markRoots(roots []*packages.Package) {
	named := map[string]bool{}
	for _, r := range roots {
		named[r.ID] = true
	}
	tested := map[string]bool{}
	for _, n := range p.Packages {
		if named[n.ID] && n.ForTest != "" && n.ForTest == n.Path {
			tested[n.Path] = true
		}
	}
	for _, n := range p.Packages {
		if !named[n.ID] || n.test || n.Path == "unsafe" || len(n.GoFiles) == 0 {
			continue
		}
		switch n.ForTest {
		case "":
			n.Root = !tested[n.Path]
		case n.Path, strings.TrimSuffix(n.Path, "_test"):
			n.Root = true
		}
	}
}

// Work runs f while holding one of as many slots as there are processors. f must
// not wait for other work.
func (p *Program) Work(f func()) {
	p.slots <- struct{}{}
	defer func() { <-p.slots }()
	f()
}

// listErrors collects what the go command said about single packages.
func (p *Program) listErrors(roots []*packages.Package) {
	named := map[string]bool{}
	for _, r := range roots {
		named[r.ID] = true
	}
	for _, n := range p.Packages {
		for _, e := range n.Errors {
			err := packageError(n.Path, e)
			n.errs = append(n.errs, err)
			if named[n.ID] || n.Main && len(n.GoFiles) > 0 {
				p.Errors = append(p.Errors, err)
			}
		}
	}
}

func packageError(path string, e packages.Error) report.Error {
	file, line := splitPos(e.Pos)
	return report.Error{Package: path, File: file, Line: line, Message: oneLine(e.Msg)}
}

func oneLine(s string) string {
	var parts []string
	for line := range strings.Lines(s) {
		if line = strings.TrimSpace(line); line != "" {
			parts = append(parts, line)
		}
	}
	return strings.Join(parts, " ")
}

// String names the package as the go command does.
func (n *Package) String() string { return n.ID }

// Types is the type-checked package; valid after Check or Declare.
func (n *Package) Types() *types.Package { return n.types }

// Editable are the files of the main module that findings may be about.
func (p *Program) Editable() map[string]bool {
	out := map[string]bool{}
	for _, n := range p.Packages {
		if n.Main {
			for _, f := range n.GoFiles {
				out[f] = true
			}
		}
	}
	return out
}

var errNoImport = errors.New("the go command does not know this import")

func importError(path string, err error) error { return fmt.Errorf("cannot import %s: %w", path, err) }
