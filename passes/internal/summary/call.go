package summary

import (
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/connvet/connvet/passes/internal/access"
	"github.com/connvet/connvet/passes/internal/catalog"
	"github.com/connvet/connvet/passes/internal/effect"
	"github.com/connvet/connvet/passes/internal/entrypoint"
)

// site is one call with its operands named: receiver first, as in summaries.
type site struct {
	instr ssa.CallInstruction
	sig   *types.Signature
	args  [][]access.Value
	vals  []ssa.Value // the operands; shorter than args, or nil, for calls that a summary made
	ctx   context
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
	rs := b.dispatch(c, ctx)
	b.applied[c] = rs
	return rs
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
		out := b.eval(args[0])
		if len(args) > 1 {
			out = merge(out, b.eval(args[1]))
		}
		return [][]access.Value{out}
	case "copy":
		for _, to := range b.step(b.eval(args[0]), access.Elem) {
			for _, from := range b.step(b.eval(args[1]), access.Elem) {
				b.store(to.Path, from, false)
			}
		}
	}
	return nil
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
	if ent := b.eng.entries.Call(key); ent != nil {
		return b.entry(s, ent, method)
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

// handles names the handles that a library makes: the group whose Wait joins.
func (b *builder) handles(s *site, key string, out [][]access.Value) [][]access.Value {
	if !b.eng.entries.Package(packageOf(key)) {
		return out
	}
	for i := range out {
		t := s.sig.Results().At(i).Type()
		if len(out[i]) == 0 && b.eng.entries.Package(packageOf(catalog.TypeKey(t))) {
			out[i] = fresh(b.newObject(effect.Object{Kind: effect.Result, Type: catalog.TypeKey(t), Thread: s.ctx.thread}, s.ctx.at, s.ctx.pos))
		}
	}
	return out
}

// handled applies calls whose effect is built in, and what waits for, or
// limits, the callbacks of a handle.
func (b *builder) handled(s *site, key string) ([][]access.Value, bool) {
	switch {
	case b.eng.entries.Limits(key):
		b.limit(s)
		return b.chained(s), true
	case b.eng.entries.Joins(key):
		return b.callJoin(s), true
	}
	if known := knownCalls[key]; known != nil {
		return known(b, s), true
	}
	return nil, false
}

// limit notes that a group runs one callback at a time.
func (b *builder) limit(s *site) {
	if len(s.vals) < 2 {
		return
	}
	if c, ok := s.vals[1].(*ssa.Const); ok && c.Value != nil && c.Int64() == 1 {
		b.limited = append(b.limited, s.args[0]...)
	}
}

// invoke applies an interface method call.
func (b *builder) invoke(s *site, common *ssa.CallCommon) [][]access.Value {
	key := catalog.FuncKey(common.Method)
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
	if !b.eng.mayCarry(common) {
		b.unknown(s, key)
		return nil
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
		t := s.sig.Results().At(i).Type()
		o := b.newObject(effect.Object{Kind: effect.Result, Type: catalog.TypeKey(t)}, s.ctx.at, s.ctx.pos)
		if i == 0 {
			res = o
		}
	}
	for _, t := range targets {
		if len(b.calls) >= b.budget(maxCalls) {
			break
		}
		b.calls = append(b.calls, &call{
			Call: effect.Call{
				Target: t, Method: method, Args: args, Result: res, NRes: n,
				Thread: s.ctx.thread, Locks: s.ctx.locks, Where: b.eng.place(s.ctx.pos),
				Repeat: s.ctx.repeat, Test: b.eng.test(s.ctx.pos), Pos: int(s.ctx.pos), Here: int(s.ctx.here),
			},
			at: s.ctx.at, deferred: s.ctx.deferred, depth: s.ctx.depth,
		})
	}
	out := make([][]access.Value, n)
	for i := range out {
		if res >= 0 && carrier(s.sig.Results().At(i).Type()) {
			out[i] = fresh(res + i)
		}
	}
	return out
}

// catalogued applies what the catalog says of a function or method.
func (b *builder) catalogued(s *site, key string, method bool) ([][]access.Value, bool) {
	cf := b.eng.cat.Func(key)
	recv := ""
	if method && len(s.vals) > 0 {
		recv = catalog.TypeKey(s.vals[0].Type())
	}
	typ, name := splitMethod(key)
	if cf == nil {
		if name == "" || b.eng.cat.Type(typ) == nil {
			return nil, false
		}
		return b.rowCall(s, typ, name)
	}
	if name != "" {
		if b.eng.cat.Type(typ) == nil {
			typ = recv
		}
		b.useRow(s, typ, name)
	}
	b.catalogArgs(s, cf, method)
	b.lend(s, cf, method)
	return b.catalogResults(s, cf, method), true
}

// splitMethod splits "(T).M" into its type key and method name.
func splitMethod(key string) (typ, name string) {
	if len(key) == 0 || key[0] != '(' {
		return "", ""
	}
	for i := len(key) - 1; i > 0; i-- {
		if key[i] == ')' {
			return key[1:i], key[i+2:]
		}
	}
	return "", ""
}

// rowCall is a call of a method of a catalogued type that the catalog says no more of.
func (b *builder) rowCall(s *site, typ, name string) ([][]access.Value, bool) {
	if b.eng.cat.Type(typ) == nil {
		return nil, false
	}
	b.useRow(s, typ, name)
	b.runCallbacks(s)
	return b.chained(s), true
}

// chained gives the receiver for results of its own type: builder-style methods.
func (b *builder) chained(s *site) [][]access.Value {
	n := s.sig.Results().Len()
	out := make([][]access.Value, n)
	if len(s.vals) == 0 {
		return out
	}
	for i := range n {
		if types.Identical(s.sig.Results().At(i).Type(), s.vals[0].Type()) {
			out[i] = s.args[0]
		}
	}
	return out
}

// useRow records the use of a receiver by one of its methods.
func (b *builder) useRow(s *site, typ, method string) {
	if len(s.args) == 0 {
		return
	}
	var recv ssa.Value
	if len(s.vals) > 0 {
		recv = s.vals[0]
	}
	n := len(b.uses)
	for _, v := range s.args[0] {
		row := b.rowOf(v, typ)
		if row == nil {
			continue
		}
		b.use(s.ctx, v, row, typ, method, row.MethodRole(method), recv)
	}
	b.markSeveral(n)
}

// markSeveral marks the uses from n on as alternatives of each other, if they are.
func (b *builder) markSeveral(n int) {
	if len(b.uses)-n < 2 {
		return
	}
	for i := n; i < len(b.uses); i++ {
		b.uses[i].Several = true
	}
}

// rowOf gives the row of a value: that of the object it is, else that of its type.
func (b *builder) rowOf(v access.Value, typ string) *catalog.Type {
	if o := b.object(v); o != nil && (o.Kind == effect.Acquire || o.Kind == effect.Moved) {
		if row := b.eng.cat.Type(o.Type); row != nil && catalog.ShortName(o.Type) == catalog.ShortName(typ) {
			return row
		}
	}
	if v.Type != "" {
		if row := b.eng.cat.Type(v.Type); row != nil {
			return row
		}
	}
	return b.eng.cat.Type(typ)
}

// use records one use.
func (b *builder) use(ctx context, v access.Value, row *catalog.Type, static, method string, role catalog.Role, recv ssa.Value) {
	if role == catalog.Free || len(b.uses) >= b.budget(maxUses) {
		return
	}
	if row.Contract > catalog.Shareable || b.eng.variants(static) {
		b.uses = append(b.uses, use{
			Use: effect.Use{
				Value: v, Type: row.Key, Method: method, Role: role,
				Static: declared(recv), Thread: ctx.thread, Locks: ctx.locks,
				Where: b.eng.place(ctx.pos), Via: ctx.via, Test: b.eng.test(ctx.pos),
				Guard: b.overridden(recv), Pos: int(ctx.pos), Here: int(ctx.here), Name: b.useNameAt(ctx, v, recv, strings.Contains(method, ".")), Maybe: b.dependsOnCapture(ctx.at),
			},
			at: ctx.at, deferred: ctx.deferred, own: true,
		})
	}
}

// useParents counts the use of a result set, batch or inner connection as a
// use of the connection it lives on.
func (b *builder) useParents() {
	for i := 0; i < len(b.uses) && len(b.uses) < b.budget(maxUses); i++ {
		u := b.uses[i]
		for _, x := range b.resolve(u.Value) {
			if o := b.object(x); o != nil {
				b.useParent(u, o)
			}
		}
	}
}

func (b *builder) useParent(u use, o *object) {
	for _, p := range o.On {
		row := b.rowOf(p, b.typeOf(p))
		if row == nil || row.Contract <= catalog.Shareable && !b.eng.variants(row.Key) {
			continue
		}
		nu := u
		nu.Value, nu.Type, nu.Role, nu.Static, nu.own = p, row.Key, o.role, false, false
		if nu.Role == catalog.Use && row.Contract == catalog.Serial {
			nu.Role = catalog.Open
		}
		b.uses = append(b.uses, nu)
	}
}

// typeOf gives the type key of a value's place as far as it is known here.
func (b *builder) typeOf(v access.Value) string {
	if v.Type != "" {
		return v.Type
	}
	if o := b.object(v); o != nil {
		return o.Type
	}
	if t := b.eng.placeType(b.fn, v.Path); t != nil {
		return catalog.TypeKey(t)
	}
	return ""
}

// declared reports whether a receiver is a field, parameter or captured
// variable that has the connection type by its declaration.
func declared(recv ssa.Value) bool {
	switch v := recv.(type) {
	case *ssa.UnOp:
		switch x := v.X.(type) {
		case *ssa.FieldAddr, *ssa.FreeVar:
			return true
		case *ssa.IndexAddr:
			return declared(x.X)
		}
	case *ssa.FieldAddr, *ssa.Field, *ssa.Parameter, *ssa.FreeVar:
		return true
	case *ssa.Extract:
		if next, ok := v.Tuple.(*ssa.Next); ok {
			r, ok := next.Iter.(*ssa.Range)
			return ok && declared(r.X)
		}
	}
	return false
}

// catalogArgs records what a catalogued call does with its arguments.
func (b *builder) catalogArgs(s *site, cf *catalog.Func, method bool) {
	for _, i := range slices.Sorted(mapKeys(cf.Args)) {
		role := catalog.Use
		switch cf.Args[i] {
		case catalog.ArgRelease:
			role = catalog.End
		case catalog.ArgBorrow:
			continue
		case catalog.ArgUse, catalog.ArgOwn:
		}
		at := i
		if method {
			at++
		}
		if at >= len(s.args) {
			continue
		}
		var val ssa.Value
		if at < len(s.vals) {
			val = s.vals[at]
		}
		for _, v := range s.args[at] {
			typ := b.typeOf(v)
			if typ == "" && val != nil {
				typ = catalog.TypeKey(val.Type())
			}
			if row := b.rowOf(v, typ); row != nil {
				b.use(s.ctx, v, row, typ, cf.Key, role, val)
			}
		}
	}
}

// catalogResults names the connections among the results of a catalogued call.
func (b *builder) catalogResults(s *site, cf *catalog.Func, method bool) [][]access.Value {
	out := b.chained(s)
	for _, r := range cf.Results {
		if r.Index >= len(out) {
			continue
		}
		var on []access.Value
		switch {
		case r.Parent == catalog.Receiver && len(s.args) > 0:
			on = s.args[0]
		case r.Parent >= 0:
			on = s.arg(int(r.Parent), method)
		}
		if r.Alias {
			out[r.Index] = on
			continue
		}
		n := b.newObject(effect.Object{
			Kind: effect.Acquire, Type: r.Type.Key, Thread: s.ctx.thread, On: on,
			Name: b.eng.nameAt(s.ctx.pos, r.Index),
		}, s.ctx.at, s.ctx.pos)
		if n >= 0 {
			b.objects[n].role = b.creationRole(cf.Key, on)
		}
		out[r.Index] = fresh(n)
	}
	return out
}

// creationRole is the role of the method that made a value, on the value it lives on.
func (b *builder) creationRole(key string, on []access.Value) catalog.Role {
	typ, name := splitMethod(key)
	for _, p := range on {
		if row := b.rowOf(p, typ); row != nil {
			return row.MethodRole(name)
		}
	}
	return catalog.Use
}

// lend runs the callbacks that receive a value owned by the library.
func (b *builder) lend(s *site, cf *catalog.Func, method bool) {
	for _, l := range cf.Lends {
		fns := s.arg(l.Callback, method)
		if len(fns) == 0 {
			continue
		}
		var on []access.Value
		switch {
		case l.Parent == catalog.Receiver && len(s.args) > 0:
			on = s.args[0]
		case l.Parent >= 0:
			on = s.arg(int(l.Parent), method)
		}
		n := b.newObject(effect.Object{Kind: effect.Acquire, Type: l.Type.Key, Thread: s.ctx.thread, On: on}, s.ctx.at, s.ctx.pos)
		args := make([][]access.Value, l.Param+1)
		args[l.Param] = fresh(n)
		b.callback(s, fns, args)
		b.endLent(s, l.Type, n)
	}
}

// endLent notes that the library ends what it lent when the callback returns.
func (b *builder) endLent(s *site, row *catalog.Type, n int) {
	if n < 0 || row.Contract <= catalog.Shareable || len(b.uses) >= b.budget(maxUses) {
		return
	}
	b.uses = append(b.uses, use{
		Use: effect.Use{
			Value: fresh(n)[0], Type: row.Key, Role: catalog.End, Thread: s.ctx.thread, Method: "",
			Where: b.eng.place(s.ctx.pos), Pos: int(s.ctx.pos), Here: int(s.ctx.here), Test: b.eng.test(s.ctx.pos),
		},
		at: s.ctx.at, deferred: s.ctx.deferred, after: true,
	})
}

// runCallbacks runs function arguments of a library call before it returns.
func (b *builder) runCallbacks(s *site) {
	for i, v := range s.vals {
		if _, ok := v.Type().Underlying().(*types.Signature); ok {
			b.callback(s, s.args[i], nil)
		}
	}
}

// callback calls function values with given arguments; results are dropped.
func (b *builder) callback(s *site, fns []access.Value, args [][]access.Value) {
	for _, f := range fns {
		if len(b.calls) >= b.budget(maxCalls) {
			return
		}
		b.calls = append(b.calls, &call{
			Call: effect.Call{
				Target: f, Args: args, Result: -1, Thread: s.ctx.thread, Locks: s.ctx.locks,
				Where: b.eng.place(s.ctx.pos), Repeat: s.ctx.repeat, Test: b.eng.test(s.ctx.pos), Pos: int(s.ctx.pos), Here: int(s.ctx.here),
			},
			at: s.ctx.at, deferred: s.ctx.deferred, depth: s.ctx.depth,
		})
	}
}

// method calls a named method on object values.
func (b *builder) method(s *site, objs []access.Value, name string) {
	for _, o := range objs {
		if len(b.calls) >= b.budget(maxCalls) {
			return
		}
		b.calls = append(b.calls, &call{
			Call: effect.Call{
				Target: o, Method: name, Result: -1, Thread: s.ctx.thread, Locks: s.ctx.locks,
				Where: b.eng.place(s.ctx.pos), Repeat: s.ctx.repeat, Test: b.eng.test(s.ctx.pos), Pos: int(s.ctx.pos), Here: int(s.ctx.here),
			},
			at: s.ctx.at, deferred: s.ctx.deferred, depth: s.ctx.depth,
		})
	}
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

// wrapped lets a handler that goes into an unknown function come out of it
// when the function gives back a handler: middleware.
func (b *builder) wrapped(s *site) [][]access.Value {
	n := s.sig.Results().Len()
	out := make([][]access.Value, n)
	for i := range n {
		if b.eng.entryOf(s.sig.Results().At(i).Type()) == nil {
			continue
		}
		for j, v := range s.vals {
			if b.eng.entryOf(v.Type()) != nil {
				out[i] = merge(out[i], s.args[j])
			}
		}
	}
	return out
}

// entry applies a call that starts, registers or runs callbacks.
func (b *builder) entry(s *site, ent *entrypoint.Entry, method bool) [][]access.Value {
	out := make([][]access.Value, s.sig.Results().Len())
	for _, i := range b.callbackArgs(s, ent, method) {
		at := i
		if method {
			at++
		}
		vals := b.spread(s.args[at])
		b.enter(s, ent, vals, at, out)
	}
	return out
}

// callbackArgs lists the callback arguments that the call really has.
func (b *builder) callbackArgs(s *site, ent *entrypoint.Entry, method bool) []int {
	var out []int
	off := 0
	if method {
		off = 1
	}
	for _, i := range ent.Callbacks {
		if i+off < len(s.args) {
			out = append(out, i)
		}
	}
	return out
}

// spread adds the elements of a variadic slice to the values themselves.
func (b *builder) spread(vs []access.Value) []access.Value {
	out := vs
	for _, v := range vs {
		o := b.object(v)
		if o == nil || o.Kind != effect.Alloc {
			continue
		}
		for _, s := range b.stores {
			if s.Place.Len() == 1 && s.Place.Root == v.Path.Root && s.Place.Steps[0][0] == '[' {
				out = merge(out, []access.Value{s.Value})
			}
		}
	}
	return out
}

// enter is the flat choice between the kinds of entries.
func (b *builder) enter(s *site, ent *entrypoint.Entry, vals []access.Value, at int, out [][]access.Value) {
	in := *s
	switch ent.Kind {
	case entrypoint.Call:
		b.runCall(&in, ent, vals)
	case entrypoint.Once:
		b.runEntry(&in, ent, vals)
	case entrypoint.Wrap:
		b.wrap(&in, vals, out)
	case entrypoint.Later:
		b.escape(s.ctx, vals)
	default:
		for _, v := range vals {
			for _, e := range b.perMethod(s, ent, v, at) {
				in.ctx.thread = b.startThread(b.entryThread(s, e, []access.Value{v}, out), s.ctx)
				in.ctx.locks = nil
				if in.ctx.thread != 0 {
					b.runEntry(&in, e, []access.Value{v})
				}
			}
		}
	}
}

// perMethod splits an entry into one for each method that is called on an
// object: those of the interface it is registered as.
func (b *builder) perMethod(s *site, ent *entrypoint.Entry, v access.Value, at int) []*entrypoint.Entry {
	if len(ent.Methods) == 0 || b.function(v) {
		return []*entrypoint.Entry{ent}
	}
	names := ent.Methods
	if names[0] == "*" && at < len(s.vals) {
		if it, ok := s.vals[at].Type().Underlying().(*types.Interface); ok && it.NumMethods() > 0 {
			names = exportedMethods(it)
		}
	}
	var out []*entrypoint.Entry
	for _, n := range names {
		e := *ent
		e.Methods = []string{n}
		out = append(out, &e)
	}
	return out
}

func exportedMethods(it *types.Interface) []string {
	var out []string
	for i := range it.NumMethods() {
		if m := it.Method(i); m.Exported() {
			out = append(out, m.Name())
		}
	}
	return out
}

// runCall runs callbacks before the call returns, but for those that detach
// themselves: parallel subtests go on beside the caller until it ends.
func (b *builder) runCall(s *site, ent *entrypoint.Entry, vals []access.Value) {
	owner := fresh(b.newObject(effect.Object{Kind: effect.Result, Thread: s.ctx.thread}, s.ctx.at, s.ctx.pos))
	for _, v := range vals {
		in := *s
		if b.eng.detaches(b.functionKey(v)) && len(s.args) > 0 {
			in.ctx.thread = b.startThread(effect.Thread{
				Kind: entrypoint.Go, Handle: s.args[0], Name: "parallel subtest", Why: ent.Why,
			}, s.ctx)
			in.ctx.locks = nil
		}
		b.callback(&in, []access.Value{v}, [][]access.Value{owner})
	}
	b.joins = append(b.joins, join{handle: owner, at: s.ctx.at, deferred: s.ctx.deferred, thread: s.ctx.thread})
}

func (b *builder) entryThread(s *site, ent *entrypoint.Entry, vals []access.Value, out [][]access.Value) effect.Thread {
	t := effect.Thread{Kind: ent.Kind, Level: ent.Level, Why: ent.Why, Name: b.entryName(ent.Kind, vals, ent.Methods)}
	if ent.Kind == entrypoint.Go && s.ctx.repeat {
		t.Level = entrypoint.Many
	}
	if ent.Kind == entrypoint.Spawn {
		t.Joined = true
		t.Level = entrypoint.Many
	}
	switch {
	case ent.Handle == entrypoint.HandleRecv && len(s.args) > 0:
		t.Handle = s.args[0]
	case ent.Handle >= 0:
		t.Handle = s.arg(int(ent.Handle), s.sig.Recv() != nil)
	case ent.Handle == entrypoint.HandleResult && len(out) > 0:
		if len(out[0]) == 0 {
			out[0] = fresh(b.newObject(effect.Object{Kind: effect.Result, Thread: s.ctx.thread}, s.ctx.at, s.ctx.pos))
		}
		t.Handle = out[0]
	}
	t.Handle = slices.Clone(t.Handle)
	t.Self = ent.Kind == entrypoint.Go && ent.Level == entrypoint.Many
	return t
}

// runEntry calls the callbacks: functions directly, objects by their methods.
func (b *builder) runEntry(s *site, ent *entrypoint.Entry, vals []access.Value) {
	for _, v := range vals {
		if len(ent.Methods) == 0 || b.function(v) {
			b.callback(s, []access.Value{v}, nil)
			continue
		}
		for _, m := range ent.Methods {
			b.method(s, []access.Value{v}, m)
		}
	}
}

// function reports whether a value is certainly a function.
func (b *builder) function(v access.Value) bool {
	if v.Path.Root.Kind == access.Func {
		return true
	}
	o := b.object(v)
	return o != nil && (o.Kind == effect.Closure || o.Kind == effect.Memo)
}

// wrap makes a memoised function of its callback, or lets the callback through.
func (b *builder) wrap(s *site, vals []access.Value, out [][]access.Value) {
	if len(out) == 0 {
		return
	}
	res, ok := s.sig.Results().At(0).Type().Underlying().(*types.Signature)
	if !ok || res.Results().Len() == 0 {
		out[0] = merge(out[0], vals)
		return
	}
	n := b.newObject(effect.Object{Kind: effect.Memo}, s.ctx.at, s.ctx.pos)
	if n < 0 {
		return
	}
	memo := access.Of(access.Root{Kind: access.Fresh, N: n})
	inner := *s
	inner.sig = res
	rs := b.pend(&inner, vals, "", nil)
	for i, r := range rs {
		for _, v := range r {
			b.store(memo.Step(memoStep(i)), v, b.eng.test(s.ctx.pos))
		}
	}
	out[0] = fresh(n)
}

func memoStep(i int) string {
	if i == 0 {
		return access.Call
	}
	return access.Call + string(rune('0'+i))
}

// converted makes an entry of what is converted to a handler type.
func (b *builder) converted(to types.Type, x ssa.Value, at ssa.Instruction) {
	ent := b.eng.entries.Type(catalog.TypeKey(to))
	if ent == nil || b.entrySig {
		return
	}
	s := &site{sig: emptySignature, ctx: b.context(at)}
	b.serveValue(s, b.eval(x), x.Type(), ent)
}

// serveValue starts an entry thread for a handler value.
func (b *builder) serveValue(s *site, vals []access.Value, t types.Type, ent *entrypoint.Type) {
	if b.entrySig {
		return
	}
	for _, v := range vals {
		in := *s
		in.ctx.thread = b.startThread(effect.Thread{
			Kind: ent.Kind, Level: ent.Level, Why: ent.Why, Name: b.entryName(ent.Kind, []access.Value{v}, ent.Methods),
		}, s.ctx)
		in.ctx.locks = nil
		if in.ctx.thread == 0 {
			return
		}
		if _, ok := t.Underlying().(*types.Signature); ok || b.function(v) {
			b.callback(&in, []access.Value{v}, nil)
			continue
		}
		if v.Type == "" {
			v.Type = catalog.TypeKey(t)
		}
		for _, m := range ent.Methods {
			b.method(&in, []access.Value{v}, m)
		}
	}
}

var emptySignature = types.NewSignatureType(nil, nil, nil, nil, nil, false)
