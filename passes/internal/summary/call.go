package summary

import (
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/connvet/connvet/passes/internal/access"
	"github.com/connvet/connvet/passes/internal/catalog"
	"github.com/connvet/connvet/passes/internal/effect"
)

// site is one call with its operands named: receiver first, as in summaries.
type site struct {
	instr ssa.CallInstruction
	sig   *types.Signature
	args  [][]access.Value
	vals  []ssa.Value // the operands; shorter than args, or nil, for calls that a summary made
	ctx   context
	own   bool // its results are those of the instruction, though the target was found later
}

// arg gives the values of an argument counted without the receiver.
func (s *site) arg(i int, method bool) []access.Value {
	if method {
		i++
	}
	if i < 0 || i >= len(s.args) {
		return nil
	}
	return s.args[i]
}

// apply gives the results of a call in the function's own thread, and records
// its effects the first time.
func (b *builder) apply(c *ssa.Call) [][]access.Value {
	return b.applyIn(c, b.context(c))
}

func (b *builder) applyIn(c ssa.CallInstruction, ctx context) [][]access.Value {
	if rs, ok := b.applied[c]; ok {
		return rs
	}
	b.applied[c] = nil // a call whose operands depend on itself through a loop
	b.applied[c] = b.appended(c)
	rs := b.dispatch(c, ctx)
	b.applied[c] = rs
	return rs
}

// appended is what a call of append adds, which its result has whatever the
// slice was before: in a loop, that depends on the call itself.
func (b *builder) appended(c ssa.CallInstruction) [][]access.Value {
	common := c.Common()
	if bi, ok := common.Value.(*ssa.Builtin); ok && bi.Name() == "append" && len(common.Args) > 1 {
		return [][]access.Value{b.eval(common.Args[1])}
	}
	return nil
}

// dispatch is the flat choice between the kinds of calls.
func (b *builder) dispatch(c ssa.CallInstruction, ctx context) [][]access.Value {
	common := c.Common()
	if bi, ok := common.Value.(*ssa.Builtin); ok {
		return b.builtin(bi.Name(), common.Args, ctx)
	}
	s := &site{instr: c, sig: common.Signature(), ctx: ctx}
	if common.IsInvoke() {
		s.vals = append([]ssa.Value{common.Value}, common.Args...)
		s.args = b.evalAll(s.vals)
		return b.invoke(s, common)
	}
	s.vals = common.Args
	s.args = b.evalAll(s.vals)
	if fn, ok := common.Value.(*ssa.Function); ok {
		return b.static(s, fn)
	}
	return b.callValues(s, b.eval(common.Value))
}

func (b *builder) evalAll(vs []ssa.Value) [][]access.Value {
	out := make([][]access.Value, len(vs))
	for i, v := range vs {
		out[i] = b.eval(v)
	}
	return out
}

func (b *builder) builtin(name string, args []ssa.Value, ctx context) [][]access.Value {
	switch name {
	case "close":
		b.signalChan(args[0], ctx)
	case "append":
		return [][]access.Value{b.longer(args)}
	case "copy":
		for _, to := range b.step(b.eval(args[0]), access.Elem) {
			for _, from := range b.step(b.eval(args[1]), access.Elem) {
				b.store(to.Path, from, false)
			}
		}
	}
	return nil
}

// longer gives the slice with more elements. One that outlives the call keeps
// its name, and its elements theirs.
func (b *builder) longer(args []ssa.Value) []access.Value {
	out := b.eval(args[0])
	if len(args) < 2 {
		return out
	}
	more := b.eval(args[1])
	if len(out) != 1 || !outlives(out[0].Path) {
		return merge(out, more)
	}
	for _, to := range b.step(out, access.Elem) {
		for _, from := range b.elementsIn(more) {
			b.store(to.Path, from, false)
		}
	}
	return out
}

// elementsIn gives the elements of slices, and not the slices.
func (b *builder) elementsIn(slices []access.Value) []access.Value {
	var out []access.Value
	for _, v := range slices {
		vs := []access.Value{v}
		if o := b.object(v); o == nil || o.Kind != effect.Alloc {
			out = merge(out, b.step(vs, access.Elem))
			continue
		}
		for _, e := range b.spread(vs) {
			if e != v {
				out = append(out, e)
			}
		}
	}
	return out
}

// static applies a call of a known function.
func (b *builder) static(s *site, fn *ssa.Function) [][]access.Value {
	key := b.eng.key(fn)
	if m, ok := thunk(fn); ok {
		key = catalog.FuncKey(m)
	}
	return b.named(s, key, s.sig.Recv() != nil || (fn.Signature.Recv() != nil))
}

// thunk gives the method behind a method expression or a promoted-method wrapper.
func thunk(fn *ssa.Function) (*types.Func, bool) {
	if fn.Synthetic == "" || fn.Parent() != nil {
		return nil, false
	}
	m, ok := fn.Object().(*types.Func)
	return m, ok
}

// named applies a call of the function with this key; method says whether the
// first argument is a receiver.
func (b *builder) named(s *site, key string, method bool) [][]access.Value {
	if rs, ok := b.process(s, key, method); ok {
		return rs
	}
	if ent := b.eng.entries.Call(key); ent != nil {
		return b.entry(s, ent, method)
	}
	if in := b.eng.entries.Injector(key); in != nil {
		return b.inject(s, in, method)
	}
	if rs, ok := b.handled(s, key); ok {
		return rs
	}
	if rs, ok := b.catalogued(s, key, method); ok {
		return rs
	}
	if sum, known := b.eng.lookup(key); sum != nil {
		return b.instantiate(s, sum, nil)
	} else if known {
		return nil
	}
	if ent := b.eng.registrarEntry(key, s); ent != nil {
		return b.entry(s, ent, method)
	}
	b.unknown(s, key)
	return b.handles(s, key, b.wrapped(s))
}

// invoke applies an interface method call.
func (b *builder) invoke(s *site, common *ssa.CallCommon) [][]access.Value {
	key := catalog.FuncKey(common.Method)
	if rs, ok := b.process(s, key, true); ok {
		return rs
	}
	if ent := b.eng.entries.Call(key); ent != nil {
		return b.entry(s, ent, true)
	}
	if rs, ok := b.handled(s, key); ok {
		return rs
	}
	if rs, ok := b.catalogued(s, key, true); ok {
		return rs
	}
	if static := catalog.TypeKey(common.Value.Type()); static != "" {
		if rs, ok := b.rowCall(s, static, common.Method.Name()); ok {
			return rs
		}
	}
	if b.useRoles(s, common.Method.Name()) {
		b.runCallbacks(s)
		return b.chained(s)
	}
	if !b.eng.mayCarry(common) {
		b.unknown(s, key)
		return b.handles(s, key, make([][]access.Value, s.sig.Results().Len()))
	}
	return b.pend(s, s.args[0], common.Method.Name(), s.args[1:])
}

// callValues calls function values.
func (b *builder) callValues(s *site, fns []access.Value) [][]access.Value {
	if len(fns) == 0 {
		b.unknown(s, "")
		return nil
	}
	b.joins = append(b.joins, join{handle: fns, at: s.ctx.at, deferred: s.ctx.deferred, thread: s.ctx.thread}) // stop functions
	return b.pend(s, fns, "", s.args)
}

// pend records a call for every alternative of its target; what can be
// resolved is resolved when the function's stores are all known.
func (b *builder) pend(s *site, targets []access.Value, method string, args [][]access.Value) [][]access.Value {
	n := s.sig.Results().Len()
	res := -1
	for i := range n {
		if len(b.objects)+n-i > b.budget(maxObjects) {
			break // results are numbered in a row: all or none
		}
		t := s.sig.Results().At(i).Type()
		o := b.newObject(effect.Object{Kind: effect.Result, Type: catalog.TypeKey(t)}, s.ctx.at, s.ctx.pos)
		if i == 0 {
			res = o
		}
	}
	for _, t := range targets {
		b.addCall(s, effect.Call{Target: t, Method: method, Args: args, Result: res, NRes: n})
	}
	out := make([][]access.Value, n)
	for i := range out {
		if res >= 0 && carrier(s.sig.Results().At(i).Type()) {
			out[i] = fresh(res + i)
		}
	}
	return out
}

// callback calls function values with given arguments; results are dropped.
func (b *builder) callback(s *site, fns []access.Value, args [][]access.Value) {
	for _, f := range fns {
		b.addCall(s, effect.Call{Target: f, Args: args, Result: -1})
	}
}

// method calls a named method on object values.
func (b *builder) method(s *site, objs []access.Value, name string) {
	for _, o := range objs {
		b.addCall(s, effect.Call{Target: o, Method: name, Result: -1})
	}
}

// addCall records a pending call in the context of a site.
func (b *builder) addCall(s *site, c effect.Call) {
	if len(b.calls) >= b.budget(maxCalls) {
		return
	}
	c.Thread, c.Locks, c.Where = s.ctx.thread, s.ctx.locks, s.ctx.place(b.eng)
	c.Repeat, c.Once, c.Test = s.ctx.repeat, s.ctx.once, b.eng.test(s.ctx.pos)
	c.Pos, c.Here = int(s.ctx.pos), int(s.ctx.here)
	c.Each = s.ctx.thread == 0 && c.Target.Path.HasEach()
	b.calls = append(b.calls, &call{Call: c, at: s.ctx.at, deferred: s.ctx.deferred, depth: s.ctx.depth, via: s.ctx.via, each: s.ctx.each})
}

// hop is the call that leads from a context to what it calls, behind those
// that lead to the context.
func (b *builder) hop(ctx context) []effect.Hop {
	h := effect.Hop{Where: ctx.place(b.eng), Pos: int(ctx.pos)}
	if ctx.where != "" {
		h.Pos = 0
	}
	return append(slices.Clone(ctx.via), h)
}

// unknown is a call of code that nobody knows: its arguments escape, and
// threads that a closure it is given starts are counted.
func (b *builder) unknown(s *site, key string) {
	for i, v := range s.vals {
		if sig := b.eng.entryOf(v.Type()); sig != nil {
			b.serveValue(s, s.args[i], v.Type(), sig)
			continue
		}
		if !b.eng.borrows(key, v.Type()) {
			b.escape(s.ctx, s.args[i])
		}
	}
}

// escape notes that code nobody knows got the values.
func (b *builder) escape(ctx context, vals []access.Value) {
	if ctx.thread == 0 {
		b.escaped[ctx.at] = append(b.escaped[ctx.at], vals...)
	}
}
