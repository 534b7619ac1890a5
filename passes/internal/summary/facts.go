package summary

import (
	"cmp"
	"slices"

	"golang.org/x/tools/go/analysis"

	"github.com/connvet/connvet/passes/internal/access"
	"github.com/connvet/connvet/passes/internal/effect"
)

// Package is the only fact: the summaries of a package's functions, and the
// stores into package variables of this package and of those it imports.
type Package struct {
	Path    string
	Funcs   []effect.Func // sorted by key, empty summaries left out
	Globals []Global      // sorted
	Open    []effect.Func // entries that reach package variables of unknown content
}

// Global says that non-test code puts an acquired connection into a place.
type Global struct {
	Place access.Path
	Type  string
	Where effect.Place
}

// AFact marks Package as a fact.
func (*Package) AFact() {}

// facts gives the summaries of imported packages.
type facts struct {
	packages map[string]*Package
	funcs    map[string]*effect.Func
	globals  []Global
}

// importFacts reads the facts of the direct imports.
func importFacts(pass *analysis.Pass) facts {
	f := facts{packages: map[string]*Package{}, funcs: map[string]*effect.Func{}}
	for _, imp := range pass.Pkg.Imports() {
		var p Package
		if !pass.ImportPackageFact(imp, &p) {
			continue
		}
		f.packages[p.Path] = &p
		for i := range p.Funcs {
			f.funcs[p.Funcs[i].Key] = &p.Funcs[i]
		}
		f.globals = append(f.globals, p.Globals...)
	}
	f.globals = sortGlobals(f.globals)
	return f
}

func sortGlobals(gs []Global) []Global {
	slices.SortFunc(gs, func(a, b Global) int {
		return cmp.Or(access.Compare(a.Place, b.Place), cmp.Compare(a.Type, b.Type), cmp.Compare(a.Where, b.Where))
	})
	return slices.Compact(gs)
}

// any reports whether an imported package can hold a connection.
func (f facts) any() bool { return len(f.packages) > 0 }

// has reports whether the package was analysed.
func (f facts) has(path string) bool { return f.packages[path] != nil }

// find looks a function up; known is true if its package was analysed.
func (f facts) find(key string) (sum *effect.Func, known bool) {
	if s := f.funcs[key]; s != nil {
		return s, true
	}
	return nil, f.has(packageOf(key))
}

// portable strips what has no meaning in another process.
func portable(f *effect.Func) effect.Func {
	out := *f
	out.Uses = slices.Clone(f.Uses)
	for i := range out.Uses {
		out.Uses[i].Pos, out.Uses[i].Here = 0, 0
	}
	out.Calls = slices.Clone(f.Calls)
	for i := range out.Calls {
		out.Calls[i].Pos, out.Calls[i].Here = 0, 0
	}
	out.Threads = slices.Clone(f.Threads)
	for i := range out.Threads {
		out.Threads[i].Pos = 0
	}
	out.Pairs = slices.Clone(f.Pairs)
	for i := range out.Pairs {
		p := &out.Pairs[i]
		p.A.Pos, p.A.Here, p.B.Pos, p.B.Here = 0, 0, 0, 0
	}
	out.Objects = slices.Clone(f.Objects)
	for i := range out.Objects {
		out.Objects[i].Pos = 0
	}
	return out
}
