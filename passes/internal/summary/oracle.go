package summary

import (
	"go/types"
	"slices"

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
	on  []access.Value // what the source lives on
}

func methodCall(c ssa.CallInstruction) bool {
	common := c.Common()
	return common.IsInvoke() || common.Signature().Recv() != nil
}

// Operand says what a call does to its operand.
func (o *oracle) Operand(c ssa.CallInstruction, i int) obligation.Effect {
	common := c.Common()
	if bi, ok := common.Value.(*ssa.Builtin); ok {
		if bi.Name() == "append" {
			return obligation.Move
		}
		return obligation.Borrow
	}
	key, args := o.b.calleeKey(common)
	if key == "" {
		return o.dynamic(c, i)
	}
	if i >= len(args) {
		return obligation.Escape
	}
	method := methodCall(c)
	if method && i == 0 {
		if e, ok := o.receiver(c, key); ok {
			return e
		}
	}
	return o.argument(c, key, args[i], i, method)
}

// receiver is the effect of a method called on the value itself.
func (o *oracle) receiver(c ssa.CallInstruction, key string) (obligation.Effect, bool) {
	typ, name := splitMethod(key)
	row := o.row
	if row == nil {
		row = o.b.eng.cat.Type(typ)
	}
	switch {
	case row != nil && row.Release[name]:
		return obligation.Release, true
	case row == nil && c.Common().IsInvoke() && releaseNames[name]:
		return obligation.Release, true
	}
	if cf := o.b.eng.cat.Func(key); cf != nil || o.b.eng.cat.Type(typ) != nil || c.Common().IsInvoke() {
		if cf != nil && cf.Args[-1] == catalog.ArgOwn {
			return obligation.Move, true
		}
		return obligation.Borrow, true
	}
	return 0, false
}

// argument is the effect of passing the value to a named function.
func (o *oracle) argument(c ssa.CallInstruction, key string, v ssa.Value, i int, method bool) obligation.Effect {
	at := i
	if method {
		at--
	}
	e := o.b.eng
	if cf := e.cat.Func(key); cf != nil {
		if eff, ok := cf.Args[at]; ok {
			return argEffect(eff)
		}
		if len(cf.Results) > 0 && slices.ContainsFunc(cf.Results, func(r catalog.Result) bool { return int(r.Parent) == at }) {
			return obligation.Borrow
		}
	}
	if key == "(*sync.Pool).Put" {
		return obligation.Move
	}
	if e.entries.Call(key) != nil {
		return obligation.Escape
	}
	if sum, known := e.lookup(key); known {
		return o.summarised(c, sum, i, v.Type())
	}
	if typ, _ := splitMethod(key); typ != "" && e.cat.Type(typ) != nil && releaseRow(e.cat.TypeOf(v.Type())) {
		return obligation.Borrow
	}
	if e.borrows(key, v.Type()) {
		return obligation.Borrow
	}
	return obligation.Escape
}

func releaseRow(r *catalog.Type) bool { return r != nil && r.Must }

func argEffect(a catalog.ArgEffect) obligation.Effect {
	switch a {
	case catalog.ArgRelease:
		return obligation.Release
	case catalog.ArgOwn:
		return obligation.Move
	case catalog.ArgUse, catalog.ArgBorrow:
	}
	return obligation.Borrow
}

// summarised is the effect of a call whose summary is known.
func (o *oracle) summarised(c ssa.CallInstruction, sum *effect.Func, i int, t types.Type) obligation.Effect {
	if !followed(o.b.eng, t) {
		return obligation.Escape
	}
	if sum == nil || i >= len(sum.Params) {
		return obligation.Borrow
	}
	return outcomeEffect(sum.Params[i], how(c))
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
func outcomeEffect(p effect.Param, m manner) obligation.Effect {
	switch {
	case p.Released == effect.All && m == beside:
		return obligation.Move
	case p.Released == effect.All:
		return obligation.Release
	case p.Escapes:
		return obligation.Move
	case p.Released == effect.Some && m == beside:
		return obligation.HalfMove
	case p.Released == effect.Some && m == deferred:
		return obligation.DeferGuard
	case p.Released == effect.Some:
		return obligation.Escape
	}
	return obligation.Borrow
}

// dynamic is the effect of calling a function value with the value.
func (o *oracle) dynamic(c ssa.CallInstruction, i int) obligation.Effect {
	e := obligation.Borrow
	known := false
	for _, f := range o.b.resolveAll(o.b.eval(c.Common().Value)) {
		key := f.Path.Root.Key
		if obj := o.b.object(f); obj != nil && obj.Kind == effect.Closure && !obj.Bound {
			key = obj.Func
		}
		sum, ok := o.b.eng.lookup(key)
		if !ok || sum == nil && key == "" {
			return obligation.Escape
		}
		known = true
		if sum != nil && i < len(sum.Params) {
			if eff := outcomeEffect(sum.Params[i], how(c)); eff != obligation.Borrow {
				e = eff
			}
		}
	}
	if !known {
		return obligation.Escape
	}
	return e
}

// Closure says what running a closure does to what it captured.
func (o *oracle) Closure(c ssa.CallInstruction, m *ssa.MakeClosure, i int) obligation.Effect {
	p, ok := o.captured(m, i)
	if !ok {
		return obligation.Escape
	}
	if p == (effect.Param{}) {
		return obligation.Borrow
	}
	if run, ok := o.runs(c, m); ok {
		return outcomeEffect(p, run)
	}
	return obligation.Escape
}

// captured is what a function literal or method value does to a binding.
func (o *oracle) captured(m *ssa.MakeClosure, i int) (effect.Param, bool) {
	fn := m.Fn.(*ssa.Function)
	if method, ok := boundMethod(fn); ok {
		name := method.Name()
		if o.row != nil && o.row.Release[name] || o.row == nil && releaseNames[name] {
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

// Inner reports whether a field of a catalogued value is the value itself.
func (o *oracle) Inner(x ssa.Value, field int) bool {
	row := o.b.eng.cat.TypeOf(x.Type())
	f := fieldOf(x.Type(), field)
	return row != nil && f != nil && (f.Embedded() || row.Inner == f.Name())
}

// Chains reports whether a call's result is its receiver: builder-style methods.
func (o *oracle) Chains(c *ssa.Call) bool {
	key, args := o.b.calleeKey(&c.Call)
	if key == "" || len(args) == 0 || !methodCall(c) || !types.Identical(c.Type(), args[0].Type()) {
		return false
	}
	cf := o.b.eng.cat.Func(key)
	return o.b.eng.cat.TypeOf(args[0].Type()) != nil && (cf == nil || !slices.ContainsFunc(cf.Results, func(r catalog.Result) bool { return r.Owned }))
}

// Derives reports whether the call's results live on its operands.
func (o *oracle) Derives(c *ssa.Call) bool {
	key, _ := o.b.calleeKey(&c.Call)
	cf := o.b.eng.cat.Func(key)
	return cf != nil && len(cf.Results) > 0
}

// Drains reports whether a false result of the call releases its receiver.
func (o *oracle) Drains(c *ssa.Call) bool {
	key, _ := o.b.calleeKey(&c.Call)
	_, name := splitMethod(key)
	return o.row != nil && name != "" && o.row.Drained[name]
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
	return set.Len() == 0 || releasable(set)
}
