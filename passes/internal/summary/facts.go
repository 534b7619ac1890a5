package summary

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/connvet/connvet/passes/internal/access"
	"github.com/connvet/connvet/passes/internal/effect"
)

// Package is the only fact: the summaries of a package's functions, and the
// stores into package variables of this package and of those it imports.
type Package struct {
	contents // unexported: gob would describe the types of exported fields in each fact
}

type contents struct {
	Path    string
	Funcs   []effect.Func // sorted by key, empty summaries left out
	Globals []Global      // sorted
	Open    []effect.Func // entries that reach package variables of unknown content
	Drivers []string      // drivers of database/sql that the package can see, sorted
	Carried []effect.Func // methods of other packages' types behind our interfaces, for importers that do not import them
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
	drivers  []string // sorted
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
		for i := range p.Carried {
			if f.funcs[p.Carried[i].Key] == nil {
				f.funcs[p.Carried[i].Key] = &p.Carried[i]
			}
		}
		f.globals = append(f.globals, p.Globals...)
		f.drivers = append(f.drivers, p.Drivers...)
	}
	slices.Sort(f.drivers)
	f.drivers = slices.Compact(f.drivers)
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
		out.Uses[i].Pos, out.Uses[i].Here, out.Uses[i].Field = 0, 0, 0
		out.Uses[i].Via = slices.Clone(out.Uses[i].Via)
		for j := range out.Uses[i].Via {
			out.Uses[i].Via[j].Pos = 0
		}
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
		p.A.Go, p.B.Go = 0, 0
	}
	out.Touches = slices.Clone(f.Touches)
	for i := range out.Touches {
		out.Touches[i].Pos, out.Touches[i].Name = 0, "" // the caller names its own call
	}
	out.Starts = slices.Clone(f.Starts)
	for i := range out.Starts {
		out.Starts[i].Pos, out.Starts[i].Name = 0, ""
	}
	out.Owned = slices.Clone(f.Owned)
	for i := range out.Owned {
		out.Owned[i].Pos = 0
	}
	out.Makes = slices.Clone(f.Makes)
	for i := range out.Makes {
		out.Makes[i].Pos, out.Makes[i].Origin = 0, 0
	}
	out.Objects = slices.Clone(f.Objects)
	for i := range out.Objects {
		out.Objects[i].Pos = 0
	}
	return out
}

// maxCarried bounds the methods that a package hands on for others.
const maxCarried = 128

// carry lists the methods of types of other packages that the summaries speak
// of: an importer may call them through an interface without importing them.
func (f facts) carry(own string, funcs []effect.Func) []effect.Func {
	byType := map[string][]*effect.Func{}
	for _, key := range slices.Sorted(maps.Keys(f.funcs)) {
		if typ, _ := splitMethod(key); typ != "" {
			byType[strings.TrimPrefix(typ, "*")] = append(byType[strings.TrimPrefix(typ, "*")], f.funcs[key])
		}
	}
	var out []effect.Func
	seen := map[string]bool{}
	work := slices.Clone(funcs)
	for len(work) > 0 && len(out) < maxCarried {
		fn := work[0]
		work = work[1:]
		for _, t := range boxedTypes(&fn) {
			if seen[t] || packageOf(t) == own {
				continue
			}
			seen[t] = true
			for _, m := range byType[t] {
				out = append(out, *m)
				work = append(work, *m)
			}
		}
	}
	slices.SortFunc(out, func(a, b effect.Func) int { return cmp.Compare(a.Key, b.Key) })
	return out
}

// boxedTypes lists the concrete types that a summary puts behind interfaces.
func boxedTypes(f *effect.Func) []string {
	var out []string
	add := func(v access.Value) {
		if v.Type != "" {
			out = append(out, strings.TrimPrefix(v.Type, "*"))
		}
	}
	for _, r := range f.Results {
		for _, v := range r {
			add(v)
		}
	}
	for _, s := range f.Stores {
		add(s.Value)
	}
	for _, c := range f.Calls {
		for _, a := range c.Args {
			for _, v := range a {
				add(v)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
