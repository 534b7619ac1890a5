package summary

import (
	"cmp"
	"go/token"
	"slices"
	"strings"

	"github.com/connvet/connvet/passes/internal/access"
	"github.com/connvet/connvet/passes/internal/effect"
	"github.com/connvet/connvet/passes/internal/entrypoint"
)

// instance binds a callee's summary to one call.
type instance struct {
	b       *builder
	s       *site
	sum     *effect.Func
	closure *access.Value // the function value called, for captured variables
	base    int           // index here of the callee's object 0
	threads []int         // index here of the callee's threads, by index there
	site    int
}

// instantiate applies a callee's summary at a call and gives its results.
func (b *builder) instantiate(s *site, sum *effect.Func, closure *access.Value) [][]access.Value {
	if s.ctx.depth > maxDepth || len(b.objects)+len(sum.Objects) > b.budget(maxObjects) {
		return nil
	}
	b.sites++
	in := &instance{b: b, s: s, sum: sum, closure: closure, base: len(b.objects), site: b.sites}
	in.bindThreads()
	in.bindObjects()
	in.bindStores()
	in.bindUses()
	in.bindCalls()
	in.bindPairs()
	in.bindJoins()
	in.bindGives()
	in.bindProcesses()
	in.bindJoinsIf()
	in.bindMakes()
	return in.results()
}

// value binds a callee's value: one value may become several alternatives.
func (in *instance) value(v access.Value) []access.Value {
	var onto []access.Value
	switch r := v.Path.Root; r.Kind {
	case access.Param:
		if r.N < len(in.s.args) {
			onto = in.s.args[r.N]
		}
	case access.Free:
		if in.closure != nil {
			onto = []access.Value{{Path: in.closure.Path.Step(binding(r.N))}}
		}
	case access.Fresh:
		onto = fresh(in.base + r.N)
	case access.Global, access.Func:
		return []access.Value{v}
	}
	var out []access.Value
	for _, o := range onto {
		nv := access.Value{Path: v.Path.Rebase(o.Path), Type: v.Type}
		if v.Type == "" && v.Path.Len() == 0 {
			nv.Type = o.Type
		}
		if nv.Path.Known() {
			out = append(out, nv)
		}
	}
	return out
}

func (in *instance) values(vs []access.Value) []access.Value {
	var out []access.Value
	for _, v := range vs {
		out = merge(out, in.value(v))
	}
	return out
}

func (in *instance) thread(t int) int {
	if t == 0 {
		return in.s.ctx.thread
	}
	return in.threads[t]
}

func (in *instance) bindThreads() {
	in.threads = make([]int, len(in.sum.Threads)+1)
	for i, t := range in.sum.Threads {
		ctx := in.s.ctx
		ctx.thread = in.thread(t.Parent)
		where, test := t.Where, t.Test
		n := in.b.startThread(t, ctx)
		in.threads[i+1] = n
		if n == 0 {
			continue
		}
		nt := &in.b.threads[n-1]
		nt.Where, nt.Test, nt.site = where, test, in.site
		in.bindEnd(n)
		if in.s.ctx.repeat && t.Kind == entrypoint.Go {
			nt.Level = entrypoint.Many
			if in.turns() {
				nt.Self, nt.turns = true, true
			}
		}
		if t.Pos != 0 {
			nt.Pos = t.Pos
		}
	}
}

// turns reports whether the call is made again and again by a callee: the body
// of a loop over an iterator.
func (in *instance) turns() bool {
	at := in.s.ctx.at
	if in.s.ctx.each {
		return true
	}
	return in.closure != nil && at != nil && at.Block() != nil && !in.b.loops.In(at.Block())
}

func (in *instance) bindObjects() {
	var guard effect.Guard
	if len(in.sum.Objects) > 0 {
		guard = in.b.guard(in.s.ctx.at)
	}
	for _, o := range in.sum.Objects {
		o.Thread = in.thread(o.Thread)
		on, from := o.On, o.From
		o.On, o.From = nil, nil
		o.Guard |= guard
		n := in.b.newObject(o, in.s.ctx.at, in.s.ctx.pos)
		in.b.objects[n].role = o.Role
		in.b.objects[n].On, in.b.objects[n].From = on, from // bound below, when all objects have their numbers
	}
	for i := range in.sum.Objects {
		o := &in.b.objects[in.base+i]
		o.On, o.From = in.values(o.On), in.values(o.From)
		o.site = in.site
	}
	for i, t := range in.sum.Threads {
		if n := in.threads[i+1]; n != 0 {
			in.b.threads[n-1].Handle = in.values(t.Handle)
		}
	}
}

func (in *instance) bindStores() {
	for _, st := range in.sum.Stores {
		for _, p := range in.places(st.Place) {
			for _, v := range in.value(st.Value) {
				if st.Copy {
					in.b.copies[p.Path] = true
				}
				in.b.store(p.Path, v, st.Test || in.b.eng.test(in.s.ctx.pos))
			}
		}
	}
}

// places binds the place of a store: an assignment to a captured variable goes
// to the variable, which the binding refers to.
func (in *instance) places(p access.Path) []access.Value {
	vs := in.value(access.Value{Path: p})
	if p.Root.Kind != access.Free || p.Len() > 0 {
		return vs
	}
	var out []access.Value
	for _, v := range vs {
		for _, cell := range in.b.heap[v.Path] {
			if o := in.b.object(cell); outlives(cell.Path) || o != nil && o.Kind == effect.Alloc {
				out = append(out, cell)
			}
		}
	}
	return append(vs, out...)
}

func (in *instance) bindUses() {
	for _, u := range in.sum.Uses {
		locks, ok := in.locks(u.Locks, u.Thread)
		if !ok || len(in.b.uses) >= in.b.budget(maxUses) {
			continue
		}
		thread := in.thread(u.Thread)
		if u.Thread != 0 && thread == 0 {
			continue // its thread did not fit the budget
		}
		via := append(in.b.hop(in.s.ctx), u.Via...)
		via = via[max(0, len(via)-maxVia):]
		if u.Maybe && in.s.ctx.deferred {
			continue // a deferred guard: whether it uses the connection is decided at run time
		}
		pos := in.s.ctx.pos
		inside := in.b.encloses(in.sum.Key)
		n := len(in.b.uses)
		for _, v := range in.value(u.Value) {
			nu := u
			nu.Value, nu.Locks, nu.Thread, nu.Via = v, locks, thread, via
			if nu.Pos == 0 {
				nu.Pos, nu.Foreign, nu.Name = int(pos), true, in.foreignName(u, v)
			}
			if nu.Here == 0 || !inside {
				nu.Here = int(in.s.ctx.here)
			}
			in.b.uses = append(in.b.uses, use{Use: nu, at: in.s.ctx.at, deferred: in.s.ctx.deferred, site: in.site, own: u.Own})
		}
		in.b.markSeveral(n)
	}
}

// foreignName is how this function writes the connection that a function of
// another package uses.
func (in *instance) foreignName(u effect.Use, v access.Value) string {
	if slices.ContainsFunc(u.Value.Path.Steps[:], isContextValue) {
		for _, x := range in.b.resolve(v) {
			if n := in.b.pathName(x.Path); n != "" && !slices.ContainsFunc(x.Path.Steps[:], isContextValue) {
				return n
			}
		}
	}
	if r := u.Value.Path.Root; r.Kind == access.Param && r.N < len(in.s.vals) {
		if base := in.b.written(unboxed(in.s.vals[r.N]), 4); base != "" {
			return u.Value.Path.Text(base)
		}
	}
	if u.Swap != effect.NoSwap {
		return cmp.Or(u.Name, in.b.pathName(v.Path)) // the place, not what is put there
	}
	return cmp.Or(in.b.pathName(v.Path), u.Name)
}

// isContextValue reports whether a step leads to a value that a context carries.
func isContextValue(step string) bool { return strings.HasPrefix(step, "<") }

// locks binds the locks of a use; a lock that cannot be named puts the use out of reach.
func (in *instance) locks(ls []effect.Lock, thread int) ([]effect.Lock, bool) {
	var out []effect.Lock
	for _, l := range ls {
		vs := in.value(access.Value{Path: l.Path})
		if len(vs) != 1 {
			return nil, false
		}
		out = append(out, in.b.behind(l, vs[0]))
	}
	for _, l := range in.s.ctx.locks {
		if thread == 0 || l.Once { // what runs once starts its threads once
			out = append(out, l)
		}
	}
	return out, true
}

func (in *instance) bindCalls() {
	for _, c := range in.sum.Calls {
		locks, ok := in.locks(c.Locks, c.Thread)
		thread := in.thread(c.Thread)
		if !ok || (c.Thread != 0 && thread == 0) {
			continue
		}
		for _, t := range in.value(c.Target) {
			if len(in.b.calls) >= in.b.budget(maxCalls) {
				return
			}
			nc := c
			nc.Target, nc.Thread, nc.Locks = t, thread, locks
			nc.Args = make([][]access.Value, len(c.Args))
			for i, a := range c.Args {
				nc.Args[i] = in.values(a)
			}
			if c.Result >= 0 {
				nc.Result = in.base + c.Result
			}
			if nc.Pos == 0 {
				nc.Pos = int(in.s.ctx.pos)
			}
			if nc.Here == 0 || !in.b.encloses(in.sum.Key) {
				nc.Here = int(in.s.ctx.here)
			}
			nc.Repeat = nc.Repeat || in.s.ctx.repeat
			nc.Once = nc.Once || in.s.ctx.once
			in.b.calls = append(in.b.calls, &call{
				Call: nc, at: in.s.ctx.at, deferred: in.s.ctx.deferred, depth: in.s.ctx.depth + 1, via: in.b.hop(in.s.ctx),
			})
		}
	}
}

// bindPairs runs the two calls of each undecided overlap on threads that end
// with the call: what they are calls of may be known here.
func (in *instance) bindPairs() {
	for _, p := range in.sum.Pairs {
		in.b.sites++
		for _, c := range []effect.PairCall{p.A, p.B} {
			locks, ok := in.locks(c.Locks, 1)
			if !ok {
				break
			}
			in.bindPairCall(c, locks)
		}
	}
}

func (in *instance) bindPairCall(c effect.PairCall, locks []effect.Lock) {
	b, ctx := in.b, in.s.ctx
	for _, t := range in.value(c.Target) {
		thread := b.startThread(effect.Thread{Kind: entrypoint.Go, Joined: true, Name: "goroutine"}, ctx)
		if thread == 0 || len(b.calls) >= b.budget(maxCalls) {
			return
		}
		side := &b.threads[thread-1]
		side.pair, side.beside = b.sites, c.Beside
		if c.Go != 0 {
			side.Pos, side.Where = c.Go, b.eng.place(token.Pos(c.Go))
		}
		nc := &call{
			Call: effect.Call{
				Target: t, Method: c.Method, Result: -1, Thread: thread, Locks: locks, Where: c.Where, Pos: c.Pos, Here: c.Here,
			},
			at: ctx.at, deferred: ctx.deferred, depth: ctx.depth + 1, name: c.Name,
		}
		if nc.Pos == 0 {
			nc.Pos = int(ctx.pos)
		}
		if nc.Here == 0 || !b.encloses(in.sum.Key) {
			nc.Here = int(ctx.here)
		}
		b.calls = append(b.calls, nc)
	}
}

// bindGives notes the tokens that a thread gives back though it has not taken them.
func (in *instance) bindGives() {
	t := in.s.ctx.thread
	for _, l := range in.sum.Locks {
		if t != 0 && l.Unlock && l.Token {
			in.b.gives[t] = merge(in.b.gives[t], in.value(access.Value{Path: l.Path}))
		}
	}
}

func (in *instance) bindJoins() {
	if js := in.values(in.sum.Joins); len(js) > 0 {
		in.b.joins = append(in.b.joins, join{handle: js, at: in.s.ctx.at, deferred: in.s.ctx.deferred, thread: in.s.ctx.thread})
	}
	if ss := in.values(in.sum.Signals); len(ss) > 0 {
		in.b.signal(ss, in.s.ctx)
	}
	in.bindStreams()
	if es := in.values(in.sum.Escapes); len(es) > 0 {
		in.b.escape(in.s.ctx, es)
	}
}

// bindStreams notes the channels that a thread, or this function, sends on or
// receives from again and again.
func (in *instance) bindStreams() {
	st := &in.b.own
	if t := in.s.ctx.thread; t != 0 {
		st = &in.b.threads[t-1].streams
	}
	st.early, st.takes = merge(st.early, in.values(in.sum.Early)), merge(st.takes, in.values(in.sum.Takes))
}

func (in *instance) results() [][]access.Value {
	out := make([][]access.Value, len(in.sum.Results))
	for i, r := range in.sum.Results {
		out[i] = in.values(r)
		in.nameResult(out[i], i)
	}
	return out
}

// nameResult names a connection, or what holds one, that the callee has no
// variable for by the variable that the call is assigned to.
func (in *instance) nameResult(vs []access.Value, i int) {
	if in.s.instr == nil {
		return // no call that the user wrote
	}
	for _, v := range vs {
		if o := in.b.object(v); o != nil && (o.Kind == effect.Acquire || o.Kind == effect.Alloc) && o.Name == "" {
			o.Name = in.b.eng.nameAt(in.s.ctx.pos, i)
		}
	}
}

// signal notes that a handle is told of the end of a thread, or of this function.
func (b *builder) signal(handles []access.Value, ctx context) {
	if ctx.thread != 0 {
		t := &b.threads[ctx.thread-1]
		t.Handle = merge(t.Handle, handles)
		return
	}
	b.signals = append(b.signals, signal{handle: handles, at: ctx.at, deferred: ctx.deferred})
}

// hasSite reports whether two effects came in through one call, where the
// callee's package has judged them already.
func sameSite(a, b use) bool { return a.site != 0 && a.site == b.site }

func dedupe(vs []access.Value) []access.Value {
	slices.SortFunc(vs, access.CompareValues)
	return slices.Compact(vs)
}

// encloses reports whether the function with this key is a literal inside the
// outermost function of this one.
func (b *builder) encloses(key string) bool {
	outer, _, _ := strings.Cut(b.sum.Key, "$")
	return strings.HasPrefix(key, outer+"$")
}
