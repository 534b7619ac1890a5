// Package summary is the only pass with facts: it says what each function does
// with connections, and finds what cannot be found without following them. It
// reports nothing itself; the rules turn its results into diagnostics.
package summary

import (
	"cmp"
	"fmt"
	"go/token"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/connvet/connvet/passes/internal/access"
	"github.com/connvet/connvet/passes/internal/catalog"
	"github.com/connvet/connvet/passes/internal/effect"
	"github.com/connvet/connvet/passes/internal/ssabuild"
)

// Analyzer summarises the functions of a package.
var Analyzer = &analysis.Analyzer{
	Name:       "connsummary",
	Doc:        "summarise what functions do with connections\n\nIt reports nothing; the rules of connvet read it.",
	URL:        "https://pkg.go.dev/github.com/connvet/connvet",
	Run:        run,
	ResultType: reflect.TypeFor[*Result](),
	FactTypes:  []analysis.Fact{new(Package)},
}

// Result is what the rules read.
type Result struct {
	Functions []Function
	Shared    []Shared
	Unguarded []Unguarded
	Fields    []FieldLeak
	Pooled    []Pooled
	Transient []Transient
	Broken    []string // functions whose analysis failed
	TooLarge  []string // functions that are left out for their size
}

// Function is what was found in one function.
type Function struct {
	SSA          *ssa.Function
	Acquisitions []Acquisition
	Overlaps     []Overlap
	Busy         []Busy
	Inherited    []Inherited
	Ended        []Ended
}

// run is: fast path, gather, judge, export.
func run(pass *analysis.Pass) (any, error) {
	res := &Result{}
	f := importFacts(pass)
	if !relevant(pass, f) {
		return res, nil
	}
	pkg, err := ssabuild.Build(pass)
	if err != nil {
		return res, res.broke(pass.Pkg.Path() + ": " + err.Error())
	}
	e := newEngine(pass, f, pkg)
	e.indexCalls()
	for _, fn := range e.pkg.Funcs {
		e.builder(fn)
	}
	var whole *builder
	e.protectPackage(func() { whole = e.judgePackage() })
	fact := e.fact()
	e.protectPackage(func() { e.addGlobals(fact, whole) })
	pass.ExportPackageFact(fact)
	for _, fn := range e.pkg.Funcs {
		if b := e.done[fn]; b != nil {
			res.add(b)
		}
	}
	e.protectPackage(func() {
		members := e.members()
		e.countGuards(members)
		e.guardOverlaps(res.Functions, members)
		res.Unguarded = e.judgeObjects(members)
	})
	e.protectPackage(func() { res.Fields = e.judgeFields() })
	res.Shared = distinct(pass, e.shared)
	res.Fields = slices.DeleteFunc(res.Fields, func(l FieldLeak) bool { return l.Kind == Overwritten && replacedAt(res.Shared, l.Pos) })
	e.protectPackage(func() { res.Pooled = e.pooled() })
	e.protectPackage(func() { res.Transient = e.transients() })
	res.TooLarge = e.large
	return res, res.broke(e.broken...)
}

// broke notes what could not be analysed, and says so once.
func (r *Result) broke(what ...string) error {
	r.Broken = what
	for _, b := range slices.Concat(what, r.TooLarge) {
		if _, err := fmt.Fprintln(os.Stderr, "connvet: not analysed: "+b); err != nil {
			return err
		}
	}
	return nil
}

// distinct keeps one finding for each handler, connection and line: a handler
// may be seen where it is registered, where it is converted and by its
// declaration. What is seen at a registration says the most.
func distinct(pass *analysis.Pass, all []Shared) []Shared {
	type id struct {
		line, entry, name string
	}
	registered := map[string]bool{} // handlers by name, and the lines of those without one
	for _, s := range all {
		switch {
		case s.Entry.Declared:
		case strings.Contains(s.Entry.Name, " "):
			registered[s.Entry.Name] = true
		default:
			registered[lineOf(pass, s)] = true
		}
	}
	seen := map[id]int{}
	var out []Shared
	for _, s := range all {
		line := lineOf(pass, s)
		if s.Entry.Declared && (registered[s.Entry.Name] || registered[line]) {
			continue
		}
		k := id{line, s.Entry.Name, s.Use.Name}
		switch n := seen[k]; {
		case n == 0:
			out = append(out, s)
			seen[k] = len(out)
		case out[n-1].Evidence.Acquired == 0 && s.Evidence.Acquired != 0:
			out[n-1] = s // says where the connection comes from, too
		}
	}
	return out
}

func lineOf(pass *analysis.Pass, s Shared) string {
	p := pass.Fset.Position(token.Pos(s.Use.Pos))
	return p.Filename + ":" + strconv.Itoa(p.Line)
}

// relevant reports whether the package can hold a connection: it imports a
// catalogued package, or one that can, or it belongs to the main module.
// Catalogued packages themselves are axioms.
func relevant(pass *analysis.Pass, f facts) bool {
	path := catalog.StripVendor(pass.Pkg.Path())
	cat := catalog.Default()
	if cat.Package(path) || pass.Pkg.Name() == "main" && isTestMain(path) {
		return false
	}
	if f.any() || mainModule(pass) {
		return true
	}
	for _, imp := range pass.Pkg.Imports() {
		p := catalog.StripVendor(imp.Path())
		if cat.Package(p) && !std(p) {
			return true
		}
	}
	return false
}

// std reports whether the import path is of the standard library.
func std(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}

func isTestMain(path string) bool { return strings.HasSuffix(path, ".test") }

// mainModule reports whether the package belongs to the module being checked:
// dependencies have a version, std has no module.
func mainModule(pass *analysis.Pass) bool {
	return pass.Module != nil && pass.Module.Path != "" && pass.Module.Version == ""
}

func (r *Result) add(b *builder) {
	f := Function{SSA: b.fn, Acquisitions: b.acquisitions, Overlaps: b.overlaps(), Busy: firstBusy(b.busy), Inherited: b.inherited, Ended: b.afterwards}
	if len(f.Acquisitions)+len(f.Overlaps)+len(f.Busy)+len(f.Inherited)+len(f.Ended) > 0 {
		r.Functions = append(r.Functions, f)
	}
}

// fact is what importers need of the package's functions.
func (e *engine) fact() *Package {
	p := &Package{contents{Path: catalog.StripVendor(e.pass.Pkg.Path()), Globals: slices.Clone(e.facts.globals), Drivers: e.drivers}}
	for _, fn := range e.pkg.Funcs {
		if b := e.done[fn]; b != nil && !b.sum.Empty() && !e.test(fn.Pos()) {
			p.Funcs = append(p.Funcs, e.withoutReported(e.withVerdicts(portable(b.sum))))
		}
	}
	slices.SortFunc(p.Funcs, func(a, b effect.Func) int { return cmp.Compare(a.Key, b.Key) })
	p.Carried = e.facts.carry(p.Path, p.Funcs)
	p.Globals = sortGlobals(p.Globals)
	return p
}

// addGlobals adds to the fact what the package as a whole does.
func (e *engine) addGlobals(p *Package, whole *builder) {
	if whole == nil {
		return
	}
	p.Globals = sortGlobals(append(p.Globals, whole.acquiredGlobals()...))
	p.Open = whole.open()
}

// withVerdicts marks the uses of package variables that have a finding here,
// so that importers do not report them again.
func (e *engine) withVerdicts(f effect.Func) effect.Func {
	for i := range f.Uses {
		f.Uses[i].Judged = f.Uses[i].Judged || e.judged[f.Uses[i].Value.Path]
	}
	return f
}

// acquiredGlobals lists the package variables that non-test code fills with
// acquired connections.
func (b *builder) acquiredGlobals() []Global {
	var out []Global
	for _, s := range b.stores {
		if s.Place.Root.Kind != access.Global || s.Test {
			continue
		}
		for _, x := range b.resolve(s.Value) {
			if o := b.object(x); o != nil && o.Kind == effect.Acquire && !o.Test {
				out = append(out, Global{Place: s.Place, Type: o.Type, Where: o.Where})
			}
		}
	}
	return out
}

// open exports the entries that reach package variables whose content this
// package does not know.
func (b *builder) open() []effect.Func {
	b.uses = slices.DeleteFunc(b.uses, func(u use) bool { return u.Thread == 0 || u.Judged })
	b.stores = nil
	b.export()
	b.sum.Uses = slices.DeleteFunc(b.sum.Uses, func(u effect.Use) bool { return u.Value.Path.Root.Kind != access.Global })
	b.sum.Calls = slices.DeleteFunc(b.sum.Calls, func(c effect.Call) bool { return c.Target.Path.Root.Kind != access.Global })
	if len(b.sum.Uses)+len(b.sum.Calls) == 0 {
		return nil
	}
	b.sum.Key = "open"
	b.sum.Results, b.sum.Owned, b.sum.Params, b.sum.Frees = nil, nil, nil, nil
	return []effect.Func{portable(b.sum)}
}
