package summary

import (
	"go/types"
	"slices"
	"strings"
	"sync"

	"golang.org/x/tools/go/ssa"

	"github.com/connvet/connvet/passes/internal/access"
	"github.com/connvet/connvet/passes/internal/catalog"
	"github.com/connvet/connvet/passes/internal/effect"
	"github.com/connvet/connvet/passes/internal/entrypoint"
	"github.com/connvet/connvet/passes/internal/obligation"
)

// oracle answers the obligation analysis for one source, from the catalog and
// the callees' summaries.
type oracle struct {
	b   *builder
	row *catalog.Type  // nil if the source is only known by its interface
	typ types.Type     // of the source
	on  []access.Value // what the source lives on
	// owner says that the source is of a user's type that owns connections.
	owner bool
	// pool says that the source is a pool: what has its type is the pool, in no other role.
	pool bool
}

func methodCall(c ssa.CallInstruction) bool {
	common := c.Common()
	return common.IsInvoke() || common.Signature().Recv() != nil
}

// Operand says what a call does to its operand.
func (o *oracle) Operand(c ssa.CallInstruction, i int) obligation.Answer {
	common := c.Common()
	if bi, ok := common.Value.(*ssa.Builtin); ok {
		if bi.Name() == "append" {
			return does(obligation.Move)
		}
		return does(obligation.Borrow)
	}
	key, args := o.b.calleeKey(common)
	if key == "" {
		return o.dynamic(c, i)
	}
	if i >= len(args) {
		return does(obligation.Escape)
	}
	if o.owner {
		return o.ownerOperand(c, key, args[i], i)
	}
	method := methodCall(c)
	if method && i == 0 {
		if e, ok := o.receiver(c, key); ok {
			return does(e)
		}
	}
	return o.argument(c, key, args[i], i, method)
}

func does(e obligation.Effect) obligation.Answer { return obligation.Answer{Effect: e} }

// receiver is the effect of a method called on the value itself.
func (o *oracle) receiver(c ssa.CallInstruction, key string) (obligation.Effect, bool) {
	typ, name := splitMethod(key)
	if o.releases(c, typ, name) {
		return obligation.Release, true
	}
	cat := o.b.eng.cat
	if cf := cat.Func(key); cf != nil && cf.Args[-1] == catalog.ArgOwn {
		return obligation.Move, true
	}
	if cat.Func(key) != nil || cat.Type(typ) != nil || c.Common().IsInvoke() {
		return obligation.Borrow, true
	}
	if o.row != nil && packageOf(key) == packageOf("("+o.row.Key+").") {
		return obligation.Borrow, true // a method of an embedded type of the library
	}
	return 0, false
}

// releases reports whether a method of the value, or of the field that carries
// its release, ends the obligation.
func (o *oracle) releases(c ssa.CallInstruction, typ, name string) bool {
	row := o.row
	if row == nil {
		row = o.b.eng.cat.Type(typ)
	}
	if row == nil {
		return c.Common().IsInvoke() && ends(name)
	}
	if own := o.b.eng.cat.Type(typ); o.pool && own != nil && own.Lasting() && own.Release[name] {
		return true // of the *sql.DB inside
	}
	if row.Inner != "" && o.b.eng.cat.Type(typ) != row {
		return releaseNames[name]
	}
	return row.Release[name]
}

// argument is the effect of passing the value to a named function.
func (o *oracle) argument(c ssa.CallInstruction, key string, v ssa.Value, i int, method bool) obligation.Answer {
	at := i
	if method {
		at--
	}
	e := o.b.eng
	if cf := e.cat.Func(key); cf != nil {
		if eff, ok := cf.Args[at]; ok {
			return does(argEffect(eff))
		}
		if len(cf.Results) > 0 && slices.ContainsFunc(cf.Results, func(r catalog.Result) bool { return int(r.Parent) == at }) {
			return does(obligation.Borrow)
		}
	}
	if key == "(*sync.Pool).Put" {
		return does(obligation.Move)
	}
	if e.entries.Call(key) != nil {
		return does(obligation.Escape)
	}
	if sum, known := e.lookup(key); known {
		return o.summarised(c, key, sum, i, v.Type())
	}
	if typ, _ := splitMethod(key); typ != "" && e.cat.Type(typ) != nil && releaseRow(e.cat.TypeOf(v.Type())) {
		return does(obligation.Borrow)
	}
	if e.looks(key, v.Type()) {
		return does(obligation.Borrow)
	}
	return does(obligation.Escape)
}

func releaseRow(r *catalog.Type) bool { return r != nil && r.Must }

func argEffect(a catalog.ArgEffect) obligation.Effect {
	switch a {
	case catalog.ArgRelease:
		return obligation.Release
	case catalog.ArgOwn:
		return obligation.Move
	case catalog.ArgUse, catalog.ArgRead, catalog.ArgWrite, catalog.ArgBorrow:
	}
	return obligation.Borrow
}

// summarised is the effect of a call whose summary is known.
func (o *oracle) summarised(c ssa.CallInstruction, key string, sum *effect.Func, i int, t types.Type) obligation.Answer {
	var p effect.Param
	if sum != nil && i < len(sum.Params) {
		p = sum.Params[i]
	}
	switch {
	case !o.follows(t) && (p.Escapes || !o.b.eng.looks(key, t)):
		return does(obligation.Escape)
	case !o.follows(t):
		return does(obligation.Borrow)
	case p.Released != effect.None && !o.releasable(t):
		p.Released, p.When = effect.None, effect.Always
	}
	if how(c) == direct && p.When != effect.Always && !p.Escapes && p.Held == 0 {
		return obligation.Answer{Effect: obligation.Release, If: condition(p, obligation.Result)}
	}
	return outcomeEffect(p, how(c))
}

// releasable reports whether a parameter of the type can release the source: a
// scanner interface ends a single row, but not a result set.
func (o *oracle) releasable(t types.Type) bool {
	if o.row == nil || !types.IsInterface(t) || o.row.Inner != "" {
		return true
	}
	set := types.NewMethodSet(t)
	for i := range set.Len() {
		if o.row.Release[set.At(i).Obj().Name()] {
			return true
		}
	}
	return set.Len() == 0
}

func condition(p effect.Param, on obligation.On) obligation.Condition {
	return obligation.Condition{On: on, Index: p.Of, Nil: p.When == effect.IfNil}
}

// Container says what a call does to a value that its operand holds.
func (o *oracle) Container(c ssa.CallInstruction, i int) obligation.Answer {
	common := c.Common()
	if bi, ok := common.Value.(*ssa.Builtin); ok {
		if bi.Name() == "append" {
			return does(obligation.Move)
		}
		return does(obligation.Borrow)
	}
	key, args := o.b.calleeKey(common)
	if key == "" || i >= len(args) {
		return does(obligation.Escape)
	}
	e, t := o.b.eng, args[i].Type()
	if e.entries.Call(key) != nil {
		return does(obligation.Escape)
	}
	if o.pool {
		return o.poolContainer(c, key, i, t)
	}
	if a, ok := o.partOperand(c, i, t); ok {
		return a
	}
	if o.owner && !e.endable(t) {
		return does(obligation.Borrow)
	}
	if sum, known := e.lookup(key); known && e.owner(t) {
		if sum == nil || i >= len(sum.Params) {
			return does(obligation.Borrow)
		}
		return outcomeEffect(sum.Params[i], how(c))
	}
	// What an interface hides may be asked for what it holds: a hijacked connection.
	hidden := types.IsInterface(t) && !printers[packageOf(key)] && !readers[packageOf(key)]
	if e.looks(key, t) && !hidden {
		return does(obligation.Borrow)
	}
	return does(obligation.Escape)
}

// manner is how a callee runs.
type manner uint8

const (
	direct manner = iota
	deferred
	beside
)

func how(c ssa.CallInstruction) manner {
	switch c.(type) {
	case *ssa.Go:
		return beside
	case *ssa.Defer:
		return deferred
	}
	return direct
}

// outcomeEffect translates what a callee does to a value into what the call does.
func outcomeEffect(p effect.Param, m manner) obligation.Answer {
	switch {
	case p.Released == effect.All && m == beside:
		return does(obligation.Move)
	case p.Released == effect.All:
		return does(obligation.Release)
	case p.Escapes:
		return does(obligation.Move)
	case p.Released == effect.Some && m == beside:
		return does(obligation.HalfMove)
	case p.Released == effect.Some && m == deferred:
		return does(obligation.DeferGuard)
	case p.Released == effect.Some:
		return does(obligation.Escape)
	}
	return does(obligation.Borrow)
}

// dynamic is the effect of calling a function value with the value.
func (o *oracle) dynamic(c ssa.CallInstruction, i int) obligation.Answer {
	var a obligation.Answer
	known := false
	for _, f := range o.b.resolveAll(o.b.eval(c.Common().Value)) {
		key := f.Path.Root.Key
		if obj := o.b.object(f); obj != nil && obj.Kind == effect.Closure && !obj.Bound {
			key = obj.Func
		}
		sum, ok := o.b.eng.lookup(key)
		if !ok || sum == nil && key == "" {
			return does(obligation.Escape)
		}
		known = true
		if sum != nil && i < len(sum.Params) {
			if eff := outcomeEffect(sum.Params[i], how(c)); eff.Effect != obligation.Borrow {
				a = eff
			}
		}
	}
	if !known {
		return does(obligation.Escape)
	}
	return a
}

// Closure says what running a closure does to what it captured.
func (o *oracle) Closure(c ssa.CallInstruction, m *ssa.MakeClosure, i int) obligation.Answer {
	p, ok := o.captured(m, i)
	if !ok {
		return does(obligation.Escape)
	}
	run, ok := o.runs(c, m)
	if p == (effect.Param{Beside: p.Beside}) {
		if o.owner && run == beside || o.serves(c) {
			return does(obligation.Escape) // lives on in a goroutine of its own, or as long as the handler
		}
		return does(obligation.Borrow)
	}
	if !ok {
		return does(obligation.Escape)
	}
	if run == deferred && p.When != effect.Always && !p.Escapes {
		return obligation.Answer{Effect: obligation.Release, If: condition(p, obligation.Binding)}
	}
	return outcomeEffect(p, run)
}

// Undoes reports whether calling a function literal or method value always
// releases what it captured.
func (o *oracle) Undoes(m *ssa.MakeClosure, i int) bool {
	p, ok := o.captured(m, i)
	return ok && p.Released == effect.All
}

// captured is what a function literal or method value does to a binding.
func (o *oracle) captured(m *ssa.MakeClosure, i int) (effect.Param, bool) {
	fn := m.Fn.(*ssa.Function)
	if method, ok := boundMethod(fn); ok {
		name := method.Name()
		if o.owner && !o.row.Release[name] {
			sum, known := o.b.eng.lookup(catalog.FuncKey(method))
			if sum == nil || len(sum.Params) == 0 {
				return effect.Param{}, known
			}
			return sum.Params[0], true
		}
		if o.row != nil && o.row.Release[name] || (o.row == nil || o.row.Inner != "") && releaseNames[name] {
			return effect.Param{Released: effect.All}, true
		}
		if o.row != nil {
			return effect.Param{}, true
		}
		return effect.Param{}, false
	}
	sum, known := o.b.eng.lookup(o.b.eng.key(fn))
	if !known {
		return effect.Param{}, false
	}
	if sum == nil || i >= len(sum.Frees) {
		return effect.Param{}, true
	}
	return sum.Frees[i], true
}

// runs tells how a call runs a function value that is given to it.
func (o *oracle) runs(c ssa.CallInstruction, m *ssa.MakeClosure) (manner, bool) {
	common := c.Common()
	if common.Value == ssa.Value(m) {
		return how(c), true
	}
	key, args := o.b.calleeKey(common)
	if ent := o.b.eng.entries.Call(key); ent != nil {
		switch ent.Kind {
		case entrypoint.Go, entrypoint.Serve, entrypoint.Spawn:
			return beside, true
		case entrypoint.Call, entrypoint.Once:
			return how(c), true
		case entrypoint.Wrap, entrypoint.Later:
			return 0, false
		}
	}
	if key == "" {
		return 0, slices.Contains(args, ssa.Value(m))
	}
	typ, _ := splitMethod(key)
	if o.b.eng.cat.Func(key) != nil || typ != "" && o.b.eng.cat.Type(typ) != nil {
		return how(c), true
	}
	return 0, false
}

// serves reports whether a call registers a function value that runs again and
// again after it: what that captured lives as long as it is registered.
func (o *oracle) serves(c ssa.CallInstruction) bool {
	key, _ := o.b.calleeKey(c.Common())
	ent := o.b.eng.entries.Call(key)
	return ent != nil && ent.Kind == entrypoint.Serve
}

// EndsParent reports whether the call releases what the source lives on.
func (o *oracle) EndsParent(c ssa.CallInstruction) bool {
	if len(o.on) == 0 {
		return false
	}
	key, args := o.b.calleeKey(c.Common())
	if key == "" || len(args) == 0 {
		return o.closureEnds(c)
	}
	_, name := splitMethod(key)
	ended := o.b.eval(args[0])
	if !slices.ContainsFunc(ended, o.livesOn) {
		return false
	}
	for _, v := range ended {
		if row := o.b.rowOf(v, catalog.TypeKey(args[0].Type())); row != nil && row.Release[name] && methodCall(c) {
			return true
		}
	}
	if sum, _ := o.b.eng.lookup(key); sum != nil && len(sum.Params) > 0 {
		return sum.Params[0].Released != effect.None
	}
	return false
}

// closureEnds reports whether a called or deferred function literal releases
// what the source lives on.
func (o *oracle) closureEnds(c ssa.CallInstruction) bool {
	m, ok := c.Common().Value.(*ssa.MakeClosure)
	if !ok {
		return false
	}
	for i, x := range m.Bindings {
		if !slices.ContainsFunc(o.b.resolveAll(o.b.eval(x)), o.livesOn) {
			continue
		}
		parent := oracle{b: o.b}
		if p, ok := parent.captured(m, i); ok && p.Released != effect.None {
			return true
		}
	}
	return false
}

// livesOn reports whether the source is part of the conversation of v.
func (o *oracle) livesOn(v access.Value) bool {
	on := o.on
	for range 3 {
		if slices.ContainsFunc(o.b.resolveAll(on), func(p access.Value) bool {
			return slices.ContainsFunc(o.b.resolve(v), func(q access.Value) bool { return p.Path == q.Path })
		}) {
			return true
		}
		var up []access.Value
		for _, p := range o.b.resolveAll(on) {
			if obj := o.b.object(p); obj != nil {
				up = append(up, obj.On...)
			}
		}
		on = up
	}
	return false
}

// NoReturn reports whether the call never comes back.
func (o *oracle) NoReturn(c ssa.CallInstruction) bool {
	key, _ := o.b.calleeKey(c.Common())
	if key == "" {
		return false
	}
	sum, _ := o.b.eng.lookup(key)
	return sum != nil && sum.NoReturn
}

// panics are names, beside those that begin with Fatal, of functions that end
// the program, or the goroutine.
var panics = map[string]bool{"Panic": true, "Panicf": true, "Panicln": true, "Panicw": true, "Exit": true, "Exitf": true}

// Fatal reports whether the call may not come back: it calls a logger, of
// which nothing is known, by such a name.
func (o *oracle) Fatal(c ssa.CallInstruction) bool {
	key, _ := o.b.calleeKey(c.Common())
	name := key[strings.LastIndexByte(key, '.')+1:]
	if !strings.HasPrefix(name, "Fatal") && !panics[name] {
		return false
	}
	_, known := o.b.eng.lookup(key)
	return !known
}

// Inner reports whether a field of the value is the value itself: the embedded
// one, and the field that carries its release.
func (o *oracle) Inner(x ssa.Value, field int) bool {
	f := fieldOf(x.Type(), field)
	if f == nil {
		return false
	}
	row := o.b.eng.cat.TypeOf(x.Type())
	return f.Embedded() || row != nil && row.Inner == f.Name()
}

// Failure reports whether a field is not nil when the acquisition failed.
func (o *oracle) Failure(x ssa.Value, field int) bool {
	f := fieldOf(x.Type(), field)
	row := o.row
	if row == nil {
		row = o.b.eng.cat.TypeOf(x.Type())
	}
	return f != nil && row != nil && row.ErrField == f.Name()
}

// Alias gives the operand that a result is, or takes the place of: the
// receiver of builder-style methods, and what a catalogued function wraps.
func (o *oracle) Alias(c *ssa.Call, result int) int {
	key, args := o.b.calleeKey(&c.Call)
	if key == "" || len(args) == 0 {
		return -1
	}
	cf := o.b.eng.cat.Func(key)
	if typ, name := splitMethod(key); cf != nil && o.row != nil && name != "" && typ == goType(o.row.Key) {
		cf = o.b.eng.cat.MethodOn(o.row, name)
	}
	if o.pool && methodCall(c) && o.samePool(c, cf, result) {
		return 0
	}
	if cf != nil {
		for _, r := range cf.Results {
			if r.Index != result {
				continue
			}
			if r.Alias && r.Parent == catalog.Receiver && len(args) > 0 && types.Identical(c.Type(), args[0].Type()) {
				return 0
			}
			if !r.Alias || r.Parent < 0 {
				return -1
			}
			at := int(r.Parent)
			if methodCall(c) {
				at++
			}
			return at
		}
	}
	if methodCall(c) && result == 0 && types.Identical(c.Type(), args[0].Type()) && o.b.eng.cat.TypeOf(args[0].Type()) != nil {
		return 0
	}
	return -1
}

// Wraps reports whether a result of a call that only borrows an operand may
// hold it. Results of catalogued calls hold what the catalog says, and what
// they do not own is no way to release it.
func (o *oracle) Wraps(c *ssa.Call, operand, result int) bool {
	t := c.Call.Signature().Results().At(result).Type()
	if bi, ok := c.Call.Value.(*ssa.Builtin); ok {
		return bi.Name() == "append"
	}
	if !o.holdable(t, holdDepth) || o.owner && !o.b.eng.endable(t) {
		return false
	}
	key, args := o.b.calleeKey(&c.Call)
	if key == "" || operand >= len(args) {
		return true
	}
	typ, _ := splitMethod(key)
	if o.b.eng.cat.Func(key) != nil || typ != "" && o.b.eng.cat.Type(typ) != nil {
		return false
	}
	sum, known := o.b.eng.lookup(key)
	if known && o.follows(args[operand].Type()) {
		return sum != nil && operand < len(sum.Params) && sum.Params[operand].Held&(1<<result) != 0
	}
	return true
}

// Holds reports whether a value of the type of x may hold the tracked value.
func (o *oracle) Holds(x ssa.Value) bool {
	t := x.Type()
	if _, ok := x.(*ssa.FieldAddr); ok {
		t = t.Underlying().(*types.Pointer).Elem()
	}
	return o.holdable(t, holdDepth)
}

// holdDepth is how deep a type is searched for a place that may hold the value.
const holdDepth = 6

// holdable reports whether a value of the type may hold the tracked value;
// true when the type is too deep to tell.
func (o *oracle) holdable(t types.Type, depth int) bool {
	if depth == 0 || o.typ == nil {
		return true
	}
	if types.Identical(t, o.typ) || o.holdsInner(t) {
		return true
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return u.Kind() == types.UnsafePointer
	case *types.Signature:
		return true
	case *types.Interface:
		// A wrapper behind it may have methods that the value has not.
		return !isError(t) && (types.IsInterface(o.typ) || types.Implements(o.typ, u) || releasable(o.b.eng.sets.MethodSet(t)))
	case *types.Pointer:
		return o.holdable(u.Elem(), depth-1)
	case *types.Slice:
		return o.holdable(u.Elem(), depth-1)
	case *types.Array:
		return o.holdable(u.Elem(), depth-1)
	case *types.Chan:
		return o.holdable(u.Elem(), depth-1)
	case *types.Map:
		return o.holdable(u.Elem(), depth-1)
	case *types.Struct:
		for i := range u.NumFields() {
			if o.holdable(u.Field(i).Type(), depth-1) {
				return true
			}
		}
		return false
	}
	return true
}

// holdsInner reports whether the type is an interface that the field which
// carries the release of the source has: a reader of a response's body.
func (o *oracle) holdsInner(t types.Type) bool {
	u, ok := t.Underlying().(*types.Interface)
	if !ok || u.Empty() || o.row == nil || o.row.Inner == "" {
		return false
	}
	f := fieldNamed(o.typ, o.row.Inner)
	return f != nil && types.Implements(f.Type(), u)
}

// endTests are methods that ask a connection whether it is closed already.
var endTests = map[string]bool{"IsClosed": true, "Closed": true, "IsClosing": true, "IsDone": true, "IsExpired": true}

// Asks reports whether the call asks its receiver whether, or with what error,
// it has ended. Only a result set that has ended has an error.
func (o *oracle) Asks(c *ssa.Call) bool {
	key, _ := o.b.calleeKey(&c.Call)
	_, name := splitMethod(key)
	return endTests[name] || name == "Err" && o.row != nil && o.row.Role == "rows" && o.row.Drained["Next"]
}

// Drains reports whether a false result of the call releases its receiver.
func (o *oracle) Drains(c *ssa.Call) bool {
	key, _ := o.b.calleeKey(&c.Call)
	_, name := splitMethod(key)
	return o.row != nil && name != "" && o.row.Drained[name]
}

// readers are packages of std that wrap or read what they are given and never
// close it, though some of their types have methods with the name of a release.
var readers = map[string]bool{"bufio": true, "io": true, "io/ioutil": true, "compress/gzip": true, "encoding/xml": true}

// looks reports whether an unknown function can only look at an argument of the type.
func (e *engine) looks(key string, t types.Type) bool {
	if row := e.cat.TypeOf(t); row != nil && row.Must && !printers[packageOf(key)] {
		return false
	}
	typ, _ := splitMethod(key)
	reader := readers[packageOf(key)] && (typ == "" || typ[0] == '*')
	return reader || e.borrows(key, t)
}

// followed reports whether the effect of functions on parameters of the type
// is part of their summaries.
func followed(e *engine, t types.Type) bool {
	if row := e.cat.TypeOf(t); row != nil {
		return row.Must
	}
	if _, ok := t.(*types.TypeParam); ok {
		return true
	}
	if _, ok := t.Underlying().(*types.Interface); !ok || isError(t) {
		return false
	}
	set := types.NewMethodSet(t)
	for i := range set.Len() {
		if ends(set.At(i).Obj().Name()) {
			return true
		}
	}
	return set.Len() == 0
}

// ends reports whether a method with the name releases something behind an
// interface: by its usual name, or because it uses up a single row.
func ends(name string) bool { return releaseNames[name] || rowNames()[name] }

var rowNames = sync.OnceValue(func() map[string]bool {
	out := map[string]bool{}
	for _, t := range catalog.Default().Types() {
		if t.Must && t.Role == "row" {
			for name := range t.Release {
				out[name] = true
			}
		}
	}
	return out
})
