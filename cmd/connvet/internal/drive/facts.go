package drive

import (
	"go/types"
	"reflect"
	"sync"

	"golang.org/x/tools/go/analysis"

	"github.com/connvet/connvet/cmd/connvet/internal/load"
)

// facts are what analysers say about packages and objects for the analysis of
// their importers. Object is nil for a fact about the package.
type facts struct {
	mu sync.RWMutex
	m  map[*types.Package]map[factKey]analysis.Fact
}

type factKey struct {
	object types.Object
	typ    reflect.Type
}

func newFacts() *facts {
	return &facts{m: map[*types.Package]map[factKey]analysis.Fact{}}
}

func (f *facts) set(pkg *types.Package, key factKey, fact analysis.Fact) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.m[pkg] == nil {
		f.m[pkg] = map[factKey]analysis.Fact{}
	}
	f.m[pkg][key] = fact
}

// get copies a fact to ptr, as analysers expect.
func (f *facts) get(pkg *types.Package, key factKey, ptr analysis.Fact) bool {
	f.mu.RLock()
	fact, ok := f.m[pkg][key]
	f.mu.RUnlock()
	if ok {
		reflect.ValueOf(ptr).Elem().Set(reflect.ValueOf(fact).Elem())
	}
	return ok
}

// bind gives a pass its view of the facts: its own package and the direct
// imports, no more than separate analysis under go vet would give.
func (f *facts) bind(pass *analysis.Pass, n *load.Package) {
	visible := []*types.Package{n.Types()}
	for _, d := range n.Imports {
		if d.Analyze && d.Types() != nil {
			visible = append(visible, d.Types())
		}
	}
	pass.ImportPackageFact = func(pkg *types.Package, ptr analysis.Fact) bool {
		for _, v := range visible {
			if v == pkg {
				return f.get(pkg, factKey{typ: reflect.TypeOf(ptr)}, ptr)
			}
		}
		return false
	}
	pass.ExportPackageFact = func(fact analysis.Fact) {
		f.set(n.Types(), factKey{typ: reflect.TypeOf(fact)}, fact)
	}
	pass.ImportObjectFact = func(obj types.Object, ptr analysis.Fact) bool {
		return f.get(obj.Pkg(), factKey{obj, reflect.TypeOf(ptr)}, ptr)
	}
	pass.ExportObjectFact = func(obj types.Object, fact analysis.Fact) {
		f.set(n.Types(), factKey{obj, reflect.TypeOf(fact)}, fact)
	}
	pass.AllPackageFacts = func() []analysis.PackageFact { return f.packages(pass.Analyzer, visible) }
	pass.AllObjectFacts = func() []analysis.ObjectFact { return f.objects(pass.Analyzer, visible) }
}

func (f *facts) packages(a *analysis.Analyzer, visible []*types.Package) []analysis.PackageFact {
	var out []analysis.PackageFact
	f.each(a, visible, func(pkg *types.Package, key factKey, fact analysis.Fact) {
		if key.object == nil {
			out = append(out, analysis.PackageFact{Package: pkg, Fact: fact})
		}
	})
	return out
}

func (f *facts) objects(a *analysis.Analyzer, visible []*types.Package) []analysis.ObjectFact {
	var out []analysis.ObjectFact
	f.each(a, visible, func(_ *types.Package, key factKey, fact analysis.Fact) {
		if key.object != nil {
			out = append(out, analysis.ObjectFact{Object: key.object, Fact: fact})
		}
	})
	return out
}

// each visits the facts of an analyser's own types.
func (f *facts) each(a *analysis.Analyzer, visible []*types.Package, visit func(*types.Package, factKey, analysis.Fact)) {
	own := map[reflect.Type]bool{}
	for _, t := range a.FactTypes {
		own[reflect.TypeOf(t)] = true
	}
	f.mu.RLock()
	defer f.mu.RUnlock()
	for _, pkg := range visible {
		for key, fact := range f.m[pkg] {
			if own[key.typ] {
				visit(pkg, key, fact)
			}
		}
	}
}
