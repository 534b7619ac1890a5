package summary

import (
	"go/token"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/connvet/connvet/passes/internal/access"
	"github.com/connvet/connvet/passes/internal/effect"
	"github.com/connvet/connvet/passes/internal/entrypoint"
	"github.com/connvet/connvet/passes/internal/flow"
)

// Budgets of an exported summary.
const (
	maxExportedUses    = 64
	maxExportedCalls   = 32
	maxExportedStores  = 32
	maxExportedThreads = 16
	maxExportedObjects = 32
)

// exporter renumbers what a caller can see of a function's effects.
type exporter struct {
	b       *builder
	objects map[int]int // object here -> exported object
	queue   []int
	threads map[int]int
}

// export fills the summary with what outlives the call.
func (b *builder) export() {
	x := &exporter{b: b, objects: map[int]int{}, threads: map[int]int{0: 0}}
	b.sum.NoReturn = b.neverReturns()
	x.exportResults()
	x.exportStores()
	x.drain()
	x.exportThreads()
	x.exportCalls()
	x.exportStarts()
	x.drain()
	x.exportUses()
	x.exportPairs()
	b.exportMakes()
	x.exportWaits()
	x.exportJoinsIf()
	x.drain()
	x.exportTouches()
	x.exportHandles()
	x.placeObjects()
}

// neverReturns reports whether no path reaches a return.
func (b *builder) neverReturns() bool {
	for _, blk := range b.fn.Blocks {
		if _, ok := blk.Instrs[len(blk.Instrs)-1].(*ssa.Return); ok {
			return false
		}
	}
	return true
}

// outlives reports whether a path names something the caller has a name for.
func outlives(p access.Path) bool {
	switch p.Root.Kind {
	case access.Param, access.Free, access.Global, access.Func:
		return true
	case access.Opaque, access.Fresh:
	}
	return false
}

// object gives the exported number of an object, exporting it if there is room.
func (x *exporter) object(n int) (int, bool) {
	if m, ok := x.objects[n]; ok {
		return m, m >= 0
	}
	if len(x.b.sum.Objects) >= maxExportedObjects {
		x.objects[n] = -1
		return -1, false
	}
	o := x.b.objects[n]
	m := len(x.b.sum.Objects)
	x.objects[n] = m
	e := o.Object
	e.Role = o.role
	e.On, e.From = nil, nil
	e.Back = o.Back || len(o.From) > 0 && x.b.ended(fresh(n)[0])
	x.b.sum.Objects = append(x.b.sum.Objects, e)
	x.queue = append(x.queue, n)
	return m, true
}

// placeObjects says which thread makes each exported object.
func (x *exporter) placeObjects() {
	for n, m := range x.objects {
		if m >= 0 {
			x.b.sum.Objects[m].Thread = max(x.threads[x.b.objects[n].Thread], 0)
		}
	}
}

// value renumbers a value; ok is false if the caller cannot name it.
func (x *exporter) value(v access.Value) (access.Value, bool) {
	if outlives(v.Path) {
		return v, true
	}
	if v.Path.Root.Kind != access.Fresh {
		return v, false
	}
	m, ok := x.object(v.Path.Root.N)
	v.Path.Root.N = m
	return v, ok
}

func (x *exporter) values(vs []access.Value) []access.Value {
	var out []access.Value
	for _, v := range x.resolve(vs) {
		if e, ok := x.value(v); ok && !slices.Contains(out, e) {
			out = append(out, e)
		}
	}
	return dedupe(out)
}

// resolve follows values as far as the caller can: not through a copy of a
// struct that this function has changed.
func (x *exporter) resolve(vs []access.Value) []access.Value {
	if len(x.b.copies) == 0 {
		return x.b.resolveAll(vs)
	}
	var out []access.Value
	for _, v := range vs {
		out = merge(out, x.b.follow(v, maxDepth, nil, x.b.changedCopy))
	}
	return out
}

// drain exports what the exported objects hold, and what they live on.
func (x *exporter) drain() {
	for len(x.queue) > 0 {
		n := x.queue[0]
		x.queue = x.queue[1:]
		m := x.objects[n]
		on := x.values(x.b.objects[n].On)
		x.b.sum.Objects[m].On = on
		from := x.values(x.b.objects[n].From)
		x.b.sum.Objects[m].From = from
		for _, s := range x.b.stores {
			if s.Place.Root.Kind == access.Fresh && s.Place.Root.N == n {
				x.store(s)
			}
		}
	}
}

func (x *exporter) store(s effect.Store) {
	if len(x.b.sum.Stores) >= maxExportedStores {
		return
	}
	p, ok := x.value(access.Value{Path: s.Place})
	if !ok {
		return
	}
	for _, v := range x.resolve([]access.Value{s.Value}) {
		e, ok := x.value(v)
		st := effect.Store{Place: p.Path, Value: e, Test: s.Test, Copy: x.b.copies[s.Place]}
		if ok && !slices.Contains(x.b.sum.Stores, st) {
			x.b.sum.Stores = append(x.b.sum.Stores, st)
		}
	}
}

// needed lists the threads that do something a caller may have to judge, and
// those that start them.
func (x *exporter) needed() map[int]bool {
	out := map[int]bool{}
	mark := func(t int) {
		for t != 0 && !out[t] {
			out[t] = true
			t = x.b.threads[t-1].Parent
		}
	}
	for _, u := range x.b.uses {
		if slices.ContainsFunc(x.b.resolve(u.Value), func(v access.Value) bool { return v.Path.Known() }) {
			mark(u.Thread)
		}
	}
	for _, c := range x.b.calls {
		if slices.ContainsFunc(x.b.resolve(c.Target), func(v access.Value) bool { return x.open(c, v) }) {
			mark(c.Thread)
		}
	}
	return out
}

func (x *exporter) exportThreads() {
	needed := x.needed()
	for i, t := range x.b.threads {
		if !needed[i+1] {
			x.threads[i+1] = -1
			continue
		}
		if t.Joined {
			x.threads[i+1] = x.threads[t.Parent]
			continue
		}
		if len(x.b.sum.Threads) >= maxExportedThreads {
			x.threads[i+1] = -1
			continue
		}
		e := t.Thread
		e.Parent = max(x.threads[t.Parent], 0)
		e.Handle, e.Ends = nil, x.b.endOf(i+1)
		x.b.sum.Threads = append(x.b.sum.Threads, e)
		x.threads[i+1] = len(x.b.sum.Threads)
	}
}

// exportHandles names what the exported threads are waited on with.
func (x *exporter) exportHandles() {
	for i, t := range x.b.threads {
		if n := x.threads[i+1]; !t.Joined && n > 0 {
			for _, h := range x.b.resolveAll(t.Handle) {
				if outlives(h.Path) {
					x.b.sum.Threads[n-1].Handle = append(x.b.sum.Threads[n-1].Handle, h)
				} else if m, ok := x.objects[h.Path.Root.N]; ok && m >= 0 && h.Path.Root.Kind == access.Fresh {
					h.Path.Root.N = m
					x.b.sum.Threads[n-1].Handle = append(x.b.sum.Threads[n-1].Handle, h)
				}
			}
		}
	}
}

func (x *exporter) exportResults() {
	b := x.b
	n := b.fn.Signature.Results().Len()
	results := make([][]access.Value, n)
	for _, blk := range b.fn.Blocks {
		r, ok := blk.Instrs[len(blk.Instrs)-1].(*ssa.Return)
		if !ok {
			continue
		}
		for i, v := range r.Results {
			if i < n && carrier(v.Type()) {
				results[i] = merge(results[i], x.values(b.eval(v)))
			}
		}
	}
	for i := range results {
		results[i] = dedupe(results[i])
	}
	b.sum.Results = results
}

func (x *exporter) exportStores() {
	for _, s := range x.b.stores {
		if outlives(s.Place) {
			x.store(s)
		}
	}
}

func (x *exporter) exportCalls() {
	for _, c := range x.b.calls {
		thread := x.threads[c.Thread]
		if thread < 0 || len(x.b.sum.Calls) >= maxExportedCalls {
			continue
		}
		for _, t := range x.b.resolve(c.Target) {
			if t.Path.Root.Kind == access.Func || !x.open(c, t) {
				continue
			}
			if e, ok := x.value(t); ok {
				x.exportCall(c, e, thread, c.Each || c.Thread == 0 && t.Path.HasEach())
			}
		}
	}
}

// open reports whether what a call calls is for the caller to know: a value of
// its own, a field of an object that it gets and may fill, or what an open call gives.
func (x *exporter) open(c *call, target access.Value) bool {
	if c.resolved[targetID(target)] {
		return false
	}
	if isHook(target) && len(c.resolved) > 0 {
		return false // a connection has one of each, and it ran here
	}
	if outlives(target.Path) {
		return true
	}
	r := target.Path.Root
	if r.Kind != access.Fresh {
		return false
	}
	switch x.b.objects[r.N].Kind {
	case effect.Result:
	case effect.Alloc:
		if target.Path.Len() == 0 {
			return false
		}
	default:
		return false
	}
	m, ok := x.objects[r.N]
	return ok && m >= 0
}

func (x *exporter) exportCall(c *call, target access.Value, thread int, each bool) {
	locks, ok := x.locks(c.Locks)
	if !ok {
		return
	}
	e := c.Call
	e.Target, e.Thread, e.Locks, e.Each = target, thread, locks, each
	e.Args = make([][]access.Value, len(c.Args))
	for i, a := range c.Args {
		e.Args[i] = x.values(a)
	}
	e.Result = -1
	if c.Result >= 0 {
		for i := range c.NRes {
			n, ok := x.object(c.Result + i)
			if i == 0 && ok {
				e.Result = n
			}
			if !ok || n != e.Result+i {
				e.Result, e.NRes = -1, 0
				break
			}
		}
	}
	x.b.sum.Calls = append(x.b.sum.Calls, e)
}

// locks renumbers held locks; ok is false if one of them cannot be named.
func (x *exporter) locks(ls []effect.Lock) ([]effect.Lock, bool) {
	var out []effect.Lock
	for _, l := range ls {
		v, ok := x.value(access.Value{Path: l.Path})
		if !ok {
			return nil, false
		}
		l.Path = v.Path
		out = append(out, l)
	}
	return out, true
}

func (x *exporter) exportUses() {
	for _, u := range x.b.uses {
		thread := x.threads[u.Thread]
		if thread < 0 {
			continue
		}
		vals := x.b.resolve(u.Value)
		global := hasGlobal(vals)
		for _, v := range vals {
			if x.visible(v, thread) && !(global && v.Path.Root.Kind == access.Fresh) {
				e := u.Use
				e.Own = u.own
				x.exportUse(e, v, thread)
			}
		}
	}
}

// hasGlobal reports whether a value is kept in a package variable, by whose
// name it is known then.
func hasGlobal(vs []access.Value) bool {
	return slices.ContainsFunc(vs, func(v access.Value) bool { return v.Path.Root.Kind == access.Global })
}

func (x *exporter) exportPairs() {
	for _, p := range x.b.pairs {
		la, okA := x.locks(p.A.Locks)
		lb, okB := x.locks(p.B.Locks)
		if okA && okB && outlives(p.A.Target.Path) {
			p.A.Locks, p.B.Locks = la, lb
			x.b.sum.Pairs = append(x.b.sum.Pairs, p)
		}
	}
}

// visible reports whether a caller can have another use of the value.
func (x *exporter) visible(v access.Value, thread int) bool {
	if outlives(v.Path) {
		return true
	}
	if v.Path.Root.Kind != access.Fresh || thread == 0 && x.b.objects[v.Path.Root.N].Kind != effect.Result {
		return false
	}
	m, ok := x.objects[v.Path.Root.N]
	return ok && m >= 0
}

func (x *exporter) exportUse(u effect.Use, v access.Value, thread int) {
	e, ok := x.value(v)
	locks, named := x.locks(u.Locks)
	if !ok || !named || len(x.b.sum.Uses) >= maxExportedUses {
		return
	}
	u.Value, u.Thread, u.Locks = e, thread, locks
	for _, have := range x.b.sum.Uses {
		if have.Value == u.Value && have.Thread == u.Thread && have.Role == u.Role && have.Type == u.Type && have.Swap == u.Swap &&
			have.Static == u.Static && slices.Equal(have.Locks, u.Locks) {
			return
		}
	}
	x.b.sum.Uses = append(x.b.sum.Uses, u)
}

// exportWaits exports what the function waits for, tells, and lets escape.
func (x *exporter) exportWaits() {
	b := x.b
	for _, j := range b.joins {
		if j.thread == 0 {
			b.sum.Joins = append(b.sum.Joins, x.known(j.handle)...)
		}
	}
	for _, blk := range b.fn.Blocks {
		for _, i := range blk.Instrs {
			if u, ok := i.(*ssa.UnOp); ok && u.Op == token.ARROW {
				hs := x.known(b.eval(u.X))
				b.sum.Joins = append(b.sum.Joins, hs...)
				if b.usedInLoop(blk) {
					b.sum.Takes = append(b.sum.Takes, hs...)
				}
			}
		}
	}
	for _, s := range b.signals {
		if b.last(s) {
			b.sum.Signals = append(b.sum.Signals, x.known(s.handle)...)
		} else if sends(s.at) {
			b.sum.Early = append(b.sum.Early, x.known(s.handle)...)
		}
	}
	for _, vs := range b.escaped {
		b.sum.Escapes = append(b.sum.Escapes, x.known(vs)...)
	}
	b.sum.Joins, b.sum.Signals, b.sum.Escapes = dedupe(b.sum.Joins), dedupe(b.sum.Signals), dedupe(b.sum.Escapes)
	b.sum.Early, b.sum.Takes = append(b.sum.Early, x.known(b.own.early)...), append(b.sum.Takes, x.known(b.own.takes)...)
	b.sum.Early, b.sum.Takes = dedupe(b.sum.Early), dedupe(b.sum.Takes)
}

// known keeps the values that the caller can name.
func (x *exporter) known(vs []access.Value) []access.Value {
	var out []access.Value
	for _, v := range x.b.resolveAll(vs) {
		if outlives(v.Path) && v.Path.Root.Kind != access.Func {
			out = append(out, v)
		}
	}
	return out
}

// last reports whether the function uses no connection after a signal.
func (b *builder) last(s signal) bool {
	for _, u := range b.uses {
		if u.Thread != 0 && b.threads[u.Thread-1].Kind == entrypoint.Serve {
			continue
		}
		if s.deferred {
			if d, ok := u.at.(*ssa.Defer); ok && u.deferred && flow.Before(d, s.at) {
				return false
			}
			continue
		}
		if u.deferred || b.goesOn(s, u) {
			return false
		}
	}
	return true
}
