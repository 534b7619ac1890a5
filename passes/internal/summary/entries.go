package summary

import (
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/connvet/connvet/passes/internal/access"
	"github.com/connvet/connvet/passes/internal/catalog"
	"github.com/connvet/connvet/passes/internal/effect"
	"github.com/connvet/connvet/passes/internal/entrypoint"
)

// handles names the handles that a library makes: the group whose Wait joins.
// What a method of one makes of it stands for the same group.
func (b *builder) handles(s *site, key string, out [][]access.Value) [][]access.Value {
	if !b.eng.entries.Package(packageOf(key)) {
		return out
	}
	for i := range out {
		t := s.sig.Results().At(i).Type()
		if len(out[i]) > 0 || !b.eng.entries.Package(packageOf(catalog.TypeKey(t))) {
			continue
		}
		if typ, _ := splitMethod(key); typ != "" && len(s.args) > 0 && packageOf(typ) == packageOf(catalog.TypeKey(t)) && b.grouped(s.args[0]) {
			out[i] = s.args[0]
		} else {
			out[i] = fresh(b.newObject(effect.Object{Kind: effect.Result, Type: catalog.TypeKey(t), Thread: s.ctx.thread}, s.ctx.at, s.ctx.pos))
		}
	}
	return out
}

// grouped reports whether a value is a handle that a library made.
func (b *builder) grouped(vs []access.Value) bool {
	return len(vs) == 1 && b.object(vs[0]) != nil && b.object(vs[0]).Kind == effect.Result
}

// handled applies calls whose effect is built in, and what waits for, or
// limits, the callbacks of a handle.
func (b *builder) handled(s *site, key string) ([][]access.Value, bool) {
	switch {
	case b.eng.entries.Limits(key):
		return b.limit(s, key), true
	case b.eng.entries.Joins(key):
		return b.callJoin(s), true
	}
	if known := knownCalls[key]; known != nil {
		return known(b, s), true
	}
	if flagCall(key) != "" {
		return b.callFlag(s, key), true
	}
	return nil, false
}

// limit notes that a group runs one callback at a time.
func (b *builder) limit(s *site, key string) [][]access.Value {
	if s.sig.Recv() != nil {
		if s.single(0) {
			b.limited = append(b.limited, s.args[0]...)
		}
		return b.chained(s)
	}
	out := b.handles(s, key, make([][]access.Value, s.sig.Results().Len()))
	if s.single(0) && len(out) > 0 {
		b.limited = append(b.limited, out[0]...)
	}
	return out
}

// single reports whether an argument, counted without the receiver, is 1.
func (s *site) single(i int) bool {
	if s.sig.Recv() != nil {
		i++
	}
	if i >= len(s.vals) {
		return false
	}
	c, ok := s.vals[i].(*ssa.Const)
	return ok && c.Value != nil && c.Value.Kind() == constant.Int && c.Int64() == 1
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
		if ent.Field != "" && at < len(s.vals) {
			vals = b.calledFields(vals, s.vals[at].Type(), ent.Field)
		}
		b.enter(s, ent, vals, at, out)
	}
	return out
}

// calledFields gives the functions in the fields of a struct argument.
func (b *builder) calledFields(vals []access.Value, t types.Type, field string) []access.Value {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	st, ok := t.Underlying().(*types.Struct)
	if !ok {
		return nil
	}
	var out []access.Value
	for i := range st.NumFields() {
		f := st.Field(i)
		if _, fn := f.Type().Underlying().(*types.Signature); fn && (field == "*" || field == f.Name()) {
			out = append(out, b.step(vals, f.Name())...)
		}
	}
	return out
}

// hook makes an entry of what is stored into a field that a library calls.
func (b *builder) hook(st *ssa.Store) {
	fa, ok := st.Addr.(*ssa.FieldAddr)
	if !ok {
		return
	}
	t := fa.X.Type().Underlying().(*types.Pointer).Elem()
	ent := b.eng.entries.Type(catalog.TypeKey(t))
	if ent == nil || ent.Kind != entrypoint.Serve || len(ent.Fields) == 0 {
		return
	}
	name := fieldOf(fa.X.Type(), fa.Field).Name()
	if slices.Contains(ent.Fields, name) || slices.Contains(ent.Fields, "*") {
		s := &site{sig: emptySignature, ctx: b.context(st)}
		b.serveValue(s, b.eval(st.Val), st.Val.Type(), ent)
	}
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
		in.ctx.locks = b.keyedLock(s, ent.Func)
		b.runCall(&in, ent, vals)
	case entrypoint.Once:
		in.ctx.locks = b.onceLock(s)
		in.ctx.once = true
		b.runEntry(&in, ent, vals)
	case entrypoint.Wrap:
		b.wrap(&in, vals, out)
	case entrypoint.Later:
		b.hookLater(s, ent, vals)
		b.escape(s.ctx, vals)
	default:
		for _, v := range vals {
			for _, e := range b.perMethod(s, ent, v, at) {
				in.ctx.thread = b.startThread(b.entryThread(s, e, []access.Value{v}, out), s.ctx)
				in.ctx.locks = nil
				if in.ctx.thread != 0 {
					b.runEntry(&in, e, b.instances(&in, e, v))
				}
			}
		}
	}
}

// onceLock adds to the locks of a call the Once that keeps its callback from
// running beside itself.
func (b *builder) onceLock(s *site) []effect.Lock {
	if len(s.args) == 0 || len(s.args[0]) != 1 {
		return s.ctx.locks
	}
	return append(slices.Clone(s.ctx.locks), effect.Lock{Path: s.args[0][0].Path, Once: true})
}

// keyed are calls that run one callback at a time for each value of an operand.
var keyed = map[string]int{"(*golang.org/x/sync/singleflight.Group).Do": 1}

// keyedLock adds to the locks of a call the one for its key, if that is always
// the same.
func (b *builder) keyedLock(s *site, key string) []effect.Lock {
	at, ok := keyed[key]
	if !ok || at >= len(s.vals) || len(s.args[0]) != 1 {
		return s.ctx.locks
	}
	step := lookupStep(s.vals[at])
	if step == access.Elem {
		return s.ctx.locks
	}
	return append(slices.Clone(s.ctx.locks), effect.Lock{Path: s.args[0][0].Path.Step(step)})
}

// perMethod splits an entry into one for each method that is called on an
// object: those of the interface it is registered as.
func (b *builder) perMethod(s *site, ent *entrypoint.Entry, v access.Value, at int) []*entrypoint.Entry {
	if len(ent.Methods) == 0 || b.function(v) {
		return []*entrypoint.Entry{ent}
	}
	names := ent.Methods
	if names[0] == "*" {
		names = b.calledMethods(s, ent, v, at)
	}
	var out []*entrypoint.Entry
	for _, n := range names {
		e := *ent
		e.Methods = []string{n}
		out = append(out, &e)
	}
	return out
}

// calledMethods lists the methods that are called on an object whose exported
// methods are: those of the interface it is registered as, unless the library
// looks for them itself.
func (b *builder) calledMethods(s *site, ent *entrypoint.Entry, v access.Value, at int) []string {
	if at < len(s.vals) && ent.Fresh == entrypoint.Itself {
		if it, ok := s.vals[at].Type().Underlying().(*types.Interface); ok && it.NumMethods() > 0 {
			return exportedMethods(it)
		}
	}
	if typ := b.dynamicType(v); typ != "" && b.eng.named[typ] != nil {
		return b.eng.analysed(typ)
	}
	return ent.Methods
}

// analysed lists the exported methods of a type but for those that packages
// which are not analysed declare.
func (e *engine) analysed(typ string) []string {
	var out []string
	for _, name := range e.exported(typ) {
		if m, ok := e.method(e.named[typ], name); ok && (m.Pkg() == e.pass.Pkg || e.facts.has(catalog.StripVendor(m.Pkg().Path()))) {
			out = append(out, name)
		}
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
		if ent.Level == entrypoint.Many {
			in.ctx.repeat, in.ctx.each = true, true
		}
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
	t := effect.Thread{Kind: ent.Kind, Level: ent.Level, Why: ent.Why, Queue: ent.Queue, Name: b.entryName(ent.Kind, vals, ent.Methods)}
	if n := ent.Count; n > 0 && s.single(n-1) {
		t.Level = entrypoint.One
	}
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

// instances gives what the methods of an entry are called on: the registered
// object, or one that is made for each call.
func (b *builder) instances(s *site, ent *entrypoint.Entry, v access.Value) []access.Value {
	if ent.Fresh == entrypoint.Itself || b.function(v) {
		return []access.Value{v}
	}
	typ := b.dynamicType(v)
	if typ == "" {
		return nil
	}
	n := b.newObject(effect.Object{Kind: effect.Alloc, Type: strings.TrimPrefix(typ, "*"), Thread: s.ctx.thread}, s.ctx.at, s.ctx.pos)
	if t := b.eng.named[typ]; t != nil && ent.Fresh == entrypoint.Copy {
		b.copyFields(fresh(n), v, t)
	}
	return fresh(n)
}

// copyFields gives an instance what is in the exported fields of an object.
func (b *builder) copyFields(to []access.Value, from access.Value, t types.Type) {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	st, ok := t.Underlying().(*types.Struct)
	if !ok {
		return
	}
	for i := range st.NumFields() {
		f := st.Field(i)
		if !f.Exported() || !carrier(f.Type()) {
			continue
		}
		for _, x := range to {
			b.store(x.Path.Step(f.Name()), access.Value{Path: from.Path.Step(f.Name())}, false)
		}
	}
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
	inner.ctx.once = true
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
	if v, ok := at.(ssa.Value); ok && b.onlyWrapped(v, 3) {
		return
	}
	s := &site{sig: emptySignature, ctx: b.context(at)}
	if s.ctx.pos = writtenAt(at); s.ctx.here == token.NoPos {
		s.ctx.here = s.ctx.pos
	}
	b.serveValue(s, b.eval(x), x.Type(), ent)
}

// writtenAt is the position of a conversion; if nobody wrote it, of what the
// converted value is used for, or of the value.
func writtenAt(at ssa.Instruction) token.Pos {
	v, ok := at.(ssa.Value)
	if at.Pos().IsValid() || !ok || v.Referrers() == nil {
		return at.Pos()
	}
	for _, ref := range *v.Referrers() {
		if ref.Pos().IsValid() {
			return ref.Pos()
		}
	}
	for _, op := range at.Operands(nil) {
		x := *op
		if c, ok := x.(*ssa.MakeClosure); ok && !c.Pos().IsValid() {
			x = c.Fn
		}
		if x.Pos().IsValid() {
			return x.Pos()
		}
	}
	return token.NoPos
}

// onlyWrapped reports whether a handler goes nowhere but into functions that
// give back a handler of their own and are known: how it runs is up to them.
func (b *builder) onlyWrapped(v ssa.Value, depth int) bool {
	refs := v.Referrers()
	if refs == nil || len(*refs) == 0 || depth == 0 {
		return false
	}
	for _, ref := range *refs {
		switch ref := ref.(type) {
		case *ssa.ChangeType, *ssa.MakeInterface, *ssa.ChangeInterface:
			if !b.onlyWrapped(ref.(ssa.Value), depth-1) {
				return false
			}
		case *ssa.Call:
			if !b.wraps(ref) {
				return false
			}
		case *ssa.DebugRef:
		default:
			return false
		}
	}
	return true
}

// wraps reports whether a call gives a handler made by a known function.
func (b *builder) wraps(c *ssa.Call) bool {
	fn, ok := c.Call.Value.(*ssa.Function)
	if !ok || b.eng.entryOf(c.Type()) == nil {
		return false
	}
	sum, _ := b.eng.lookup(b.eng.key(fn))
	return sum != nil && len(first(b.apply(c))) > 0
}

// serveValue starts an entry thread for a handler value.
func (b *builder) serveValue(s *site, vals []access.Value, t types.Type, ent *entrypoint.Type) {
	if b.entrySig {
		return
	}
	_, fn := t.Underlying().(*types.Signature)
	for _, v := range vals {
		in := *s
		if v.Type == "" && !fn && !types.IsInterface(t) {
			v.Type = catalog.TypeKey(t)
		}
		in.ctx.thread = b.startThread(effect.Thread{
			Kind: ent.Kind, Level: ent.Level, Why: ent.Why, Name: b.entryName(ent.Kind, []access.Value{v}, ent.Methods),
		}, s.ctx)
		in.ctx.locks = nil
		if in.ctx.thread == 0 {
			return
		}
		if fn || b.function(v) {
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
