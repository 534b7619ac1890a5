package summary

import (
	"fmt"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"
	"golang.org/x/tools/go/types/typeutil"

	"github.com/connvet/connvet/passes/internal/access"
	"github.com/connvet/connvet/passes/internal/catalog"
	"github.com/connvet/connvet/passes/internal/effect"
	"github.com/connvet/connvet/passes/internal/entrypoint"
	"github.com/connvet/connvet/passes/internal/process"
	"github.com/connvet/connvet/passes/internal/ssabuild"
)

// engine summarises the functions of one package, each once, callees first.
type engine struct {
	pass     *analysis.Pass
	cat      *catalog.Catalog
	entries  *entrypoint.Table
	children *process.Table
	pkg      *ssabuild.Package
	facts    facts

	done      map[*ssa.Function]*builder
	busy      map[*ssa.Function]bool
	byKey     map[string]*ssa.Function
	named     map[string]types.Type // types by key, for promoted methods
	methods   map[string][]string   // exported methods by type key
	names     map[token.Pos][]string
	receivers map[token.Pos]string
	bare      map[int]bool    // uses found to lack a lock, by position
	hooks     map[string]bool // types whose values call back while they are read
	seams     map[string]bool // variables and fields that only tests set
	sets      typeutil.MethodSetCache
	fleeting  map[string]bool // types of which each request has its own value
	called    map[string]bool // functions that non-test code calls by name
	callers   map[string][]*ssa.Function
	shared    []Shared
	transient []Transient
	judged    map[access.Path]bool                // package variables with a finding
	broken    []string                            // functions that could not be analysed
	large     []string                            // functions that are not worth their time
	fields    map[string]bool                     // T.f that non-test code fills with an acquired connection
	refs      map[*ssa.Function][]ssa.Instruction // uses of the functions of the package
	drivers   []string                            // of database/sql, that the package can see
	endables  map[string]bool                     // types whose values can end something
	procs     *processIndex
}

func newEngine(pass *analysis.Pass, f facts, pkg *ssabuild.Package) *engine {
	e := &engine{
		pass:      pass,
		cat:       catalog.Default(),
		entries:   entrypoint.Default(),
		children:  process.Default(),
		pkg:       pkg,
		broken:    pkg.Left,
		facts:     f,
		done:      map[*ssa.Function]*builder{},
		busy:      map[*ssa.Function]bool{},
		byKey:     map[string]*ssa.Function{},
		named:     map[string]types.Type{},
		methods:   map[string][]string{},
		names:     map[token.Pos][]string{},
		receivers: map[token.Pos]string{},
		bare:      map[int]bool{},
		hooks:     map[string]bool{},
		seams:     map[string]bool{},
		called:    map[string]bool{},
		callers:   map[string][]*ssa.Function{},
		judged:    map[access.Path]bool{},
		endables:  map[string]bool{},
	}
	for _, fn := range e.pkg.Funcs {
		e.byKey[e.key(fn)] = fn
	}
	e.indexTypes()
	e.indexNames()
	e.indexSeams()
	e.drivers = e.seeDrivers()
	return e
}

// key is the name of a function across packages: its catalog key, and for
// closures the enclosing function's key and a number.
func (e *engine) key(fn *ssa.Function) string {
	if o := fn.Origin(); o != nil {
		fn = o
	}
	if fn.Parent() != nil {
		name := fn.Name()
		if i := strings.LastIndexByte(name, '$'); i >= 0 {
			name = name[i:]
		}
		return e.key(fn.Parent()) + name
	}
	if obj, ok := fn.Object().(*types.Func); ok {
		return catalog.FuncKey(obj)
	}
	if fn.Pkg != nil {
		return catalog.StripVendor(fn.Pkg.Pkg.Path()) + "." + fn.Name()
	}
	return fn.String()
}

// maxBlocks is the size beyond which a function is not analysed.
const maxBlocks = 2000

// builder gives the analysed function; nil while it is being analysed (a
// recursive call) and for functions that have no body here.
func (e *engine) builder(fn *ssa.Function) *builder {
	if o := fn.Origin(); o != nil {
		fn = o
	}
	if b, ok := e.done[fn]; ok {
		return b
	}
	if e.busy[fn] || len(fn.Blocks) == 0 || !e.own(fn) {
		return nil
	}
	if len(fn.Blocks) > maxBlocks {
		e.done[fn] = nil
		e.large = append(e.large, fmt.Sprintf("%s: too large: %d blocks", e.key(fn), len(fn.Blocks)))
		return nil
	}
	e.busy[fn] = true
	b := newBuilder(e, fn)
	if !e.protect(fn, b.run) {
		b = nil // what it had found so far may be wrong: code that nobody knows
	}
	delete(e.busy, fn)
	e.done[fn] = b
	return b
}

// own reports whether the function belongs to the package under analysis.
func (e *engine) own(fn *ssa.Function) bool {
	for fn.Parent() != nil {
		fn = fn.Parent()
	}
	return fn.Pkg == e.pkg.SSA
}

// protect runs one function's analysis and reports whether it came to its end;
// a panic costs that function only.
func (e *engine) protect(fn *ssa.Function, run func()) (ok bool) {
	defer func() {
		if r := recover(); r != nil {
			e.broken = append(e.broken, fmt.Sprintf("%s: internal error: %v", e.key(fn), r))
			ok = false
		}
	}()
	run()
	return true
}

// protectPackage runs a part of the analysis of the package as a whole.
func (e *engine) protectPackage(run func()) { e.protect(e.pkg.SSA.Func("init"), run) }

// lookup finds the summary of a function of any analysed package. known is
// true if the function was analysed, even if its summary is empty.
func (e *engine) lookup(key string) (sum *effect.Func, known bool) {
	if fn := e.byKey[key]; fn != nil {
		if b := e.builder(fn); b != nil {
			return b.sum, true
		}
		return nil, false
	}
	return e.facts.find(key)
}

// place renders a position for messages: file name and line.
func (e *engine) place(pos token.Pos) effect.Place {
	return effect.PlaceOf(e.pass.Fset, pos)
}

// test reports whether the position is in a _test.go file.
func (e *engine) test(pos token.Pos) bool {
	f := e.pass.Fset.File(pos)
	return f != nil && strings.HasSuffix(f.Name(), "_test.go")
}

// indexTypes records the named types in reach, for promoted methods and "all
// exported methods" entries.
func (e *engine) indexTypes() {
	pkgs := append([]*types.Package{e.pass.Pkg}, e.pass.Pkg.Imports()...)
	for _, p := range pkgs {
		scope := p.Scope()
		for _, n := range scope.Names() {
			tn, ok := scope.Lookup(n).(*types.TypeName)
			if !ok || tn.IsAlias() {
				continue
			}
			t := tn.Type()
			e.named[catalog.TypeKey(t)] = t
			e.named[catalog.TypeKey(types.NewPointer(t))] = types.NewPointer(t)
		}
	}
}

// exported lists the exported methods of a type by its key.
func (e *engine) exported(key string) []string {
	if ms, ok := e.methods[key]; ok {
		return ms
	}
	var out []string
	if t := e.named[key]; t != nil {
		set := e.sets.MethodSet(t)
		for i := range set.Len() {
			if o := set.At(i).Obj(); o.Exported() {
				out = append(out, o.Name())
			}
		}
	}
	e.methods[key] = out
	return out
}

// promoted finds the method that a type has through embedding: the key of the
// real method and the fields on the way to its receiver.
func (e *engine) promoted(typ, method string) (key string, steps []string) {
	t := e.named[typ]
	if t == nil {
		return "", nil
	}
	obj, index, _ := types.LookupFieldOrMethod(t, true, e.pass.Pkg, method)
	fn, ok := obj.(*types.Func)
	if !ok || len(index) < 2 {
		return "", nil
	}
	cur := t
	for _, i := range index[:len(index)-1] {
		if p, ok := cur.Underlying().(*types.Pointer); ok {
			cur = p.Elem()
		}
		st, ok := cur.Underlying().(*types.Struct)
		if !ok {
			return "", nil
		}
		steps = append(steps, st.Field(i).Name())
		cur = st.Field(i).Type()
	}
	return catalog.FuncKey(fn), steps
}
