package summary

import (
	"cmp"
	"go/types"
	"maps"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/connvet/connvet/passes/internal/access"
	"github.com/connvet/connvet/passes/internal/catalog"
	"github.com/connvet/connvet/passes/internal/config"
	"github.com/connvet/connvet/passes/internal/effect"
	"github.com/connvet/connvet/passes/internal/entrypoint"
	"github.com/connvet/connvet/passes/internal/flow"
	"github.com/connvet/connvet/passes/internal/sharing"
)

// Evidence says why a shared place certainly holds a connection.
type Evidence struct {
	Row      *catalog.Type
	Acquired int          // position of the acquisition, or of the call that leads to it
	Where    effect.Place // of the acquisition, if another package makes it
	Declared int          // position of the declaration of the field or variable, 0 if elsewhere
}

// Shared is a connection that entries reach together.
type Shared struct {
	Use, Other  effect.Use
	Entry, With effect.Thread
	Self        bool
	Evidence    Evidence
	Guard       Guard       // the lock that other uses hold
	Swap        *effect.Use // replaces the connection without a lock, nil if nothing does
}

// judge finds the connections that the function's entries share. Package
// variables are judged for the whole package at once: whole says whether this
// builder is that of the package.
func (b *builder) judge(whole bool) {
	p := &sharing.Problem{Tasks: whole} // inside a function, goroutines are the business of its timeline
	canon := b.canonical()
	for _, t := range b.threads {
		parent := t.Parent
		if parent != 0 {
			parent = canon[parent]
		}
		p.Threads = append(p.Threads, sharing.Thread{Parent: parent, Kind: t.Kind, Many: t.Level == entrypoint.Many, Early: t.over && !whole})
	}
	for i, u := range b.uses {
		if u.Thread == 0 || b.testThread(u.Thread) {
			continue
		}
		vals := b.resolve(u.Value)
		global := hasGlobal(vals)
		for _, x := range vals {
			if global && x.Path.Root.Kind == access.Fresh {
				continue // known by the package variable that holds it
			}
			if !judged(x.Path, whole) || x.Path.HasVariableElem() && !config.Current().Strict() || b.private(x, u.Thread) {
				continue
			}
			p.Uses = append(p.Uses, sharing.Use{Index: i, Thread: canon[u.Thread], Place: x.Path, Locks: b.namedLocks(u), Pos: u.Pos})
		}
	}
	p.Conflict = func(v, w sharing.Use) bool { return b.sharedConflict(v, w) }
	for _, pair := range b.onePerHandler(p.Pairs()) {
		b.found(pair, b.guardOf(p.Uses, pair.Use), b.swapOf(p.Uses, pair.Use.Place))
	}
}

// onePerHandler keeps the first finding for each connection and named handler:
// one may be registered twice, or converted and then registered.
func (b *builder) onePerHandler(pairs []sharing.Pair) []sharing.Pair {
	type handler struct {
		place access.Path
		name  string
	}
	seen := map[handler]bool{}
	return slices.DeleteFunc(pairs, func(p sharing.Pair) bool {
		h := handler{p.Use.Place, b.outermost(b.uses[p.Use.Index].Thread).Name}
		again := strings.Contains(h.name, " ") && seen[h]
		seen[h] = true
		return again
	})
}

// threadID is what makes two threads the same for the user.
type threadID struct {
	pos    int
	where  effect.Place
	name   string
	parent int
}

// queued comes before the name of a queue, where the name of a thread would be.
const queued = "queue "

// canonical maps each thread to the first one that starts at the same place,
// one registration seen through several callers, or that shares its queue.
func (b *builder) canonical() []int {
	out := make([]int, len(b.threads)+1)
	first := map[threadID]int{}
	for i, t := range b.threads {
		id := threadID{t.Pos, t.Where, t.Name, out[t.Parent]}
		if t.Queue != "" {
			id = threadID{name: queued + t.Queue}
		}
		if first[id] == 0 {
			first[id] = i + 1
		}
		out[i+1] = first[id]
	}
	return out
}

// judged reports whether a place is judged here: package variables and the
// receivers of entries by type for the whole package, the rest per function.
func judged(p access.Path, whole bool) bool {
	if whole {
		return p.Root.Kind != access.Free
	}
	return p.Root.Kind == access.Fresh || p.Root.Kind == access.Param || p.Root.Kind == access.Free
}

// testThread reports whether a thread is started by test code.
func (b *builder) testThread(t int) bool {
	for t != 0 {
		if b.threads[t-1].Test {
			return true
		}
		t = b.threads[t-1].Parent
	}
	return false
}

// sharedConflict reports whether the two uses of one place must not overlap,
// and whether the place is known to hold a connection.
func (b *builder) sharedConflict(v, w sharing.Use) bool {
	u, o := b.uses[v.Index], b.uses[w.Index]
	ev, ok := b.evidence(v.Place, u)
	if !ok || u.Judged && o.Judged {
		return false
	}
	if u.Swap != effect.NoSwap || o.Swap != effect.NoSwap {
		return b.swapConflict(v, w)
	}
	return ev.Row.Contract.Conflicts(u.Role, o.Role)
}

// evidence tells whether a place holds a connection for sure: it is, or holds,
// an acquired one (V), or it has a connection type by declaration and is no
// override that only some code sets (T). Package variables need V.
func (b *builder) evidence(place access.Path, u use) (Evidence, bool) {
	ev := Evidence{Declared: b.eng.declaration(place)}
	if b.eng.seam(place) {
		return ev, false
	}
	if place.Root.Kind == access.Fresh && place.Len() == 0 {
		o := b.objects[place.Root.N]
		row := b.eng.cat.Type(o.Type)
		if o.Kind != effect.Acquire || o.Test || row == nil || b.inSeam(place) {
			return ev, false
		}
		ev.acquired(o)
		ev.Row, ev.Declared = b.shownRow(row, u), b.declaredAs(place)
		return ev, true
	}
	for _, x := range b.holds(place) {
		o := b.object(x)
		if o == nil || o.Kind != effect.Acquire || o.Test {
			continue
		}
		row := b.eng.cat.Type(o.Type)
		if row == nil {
			continue
		}
		if row = b.shownRow(row, u); row.Contract <= catalog.Shareable {
			continue
		}
		if ev.Row == nil || o.Pos == u.Pos { // rather the acquisition that this use leads to
			ev.acquired(*o)
			ev.Row = row
		}
	}
	if ev.Row != nil {
		return ev, true
	}
	if place.Root.Kind == access.Global {
		return b.importedEvidence(place, ev)
	}
	row := b.eng.cat.Type(u.Type)
	if row == nil || !u.Static && !b.staticPlace(place, u) || b.eng.variants(u.Type) || row.Contract == catalog.Serial {
		return ev, false
	}
	ev.Row = row
	if u.Guard {
		return ev, b.eng.fieldAcquired(u.Value.Path, row)
	}
	return ev, true
}

// staticPlace reports whether a place has a connection type by its
// declaration: the use names a container of connections, or some use shows it.
func (b *builder) staticPlace(place access.Path, u use) bool {
	if b.holdsConns(place) || b.holdsConns(u.Value.Path) {
		return true
	}
	return slices.ContainsFunc(b.uses, func(u use) bool { return u.Static && u.Value.Path == place })
}

// holdsConns reports whether a path leads to the elements of a container that
// is declared to have connections.
func (b *builder) holdsConns(p access.Path) bool {
	if !p.HasEach() {
		return false
	}
	t := b.rootType(p.Root)
	for i := 0; i < p.Len() && t != nil; i++ {
		t = stepType(t, p.Steps[i])
	}
	return t != nil && b.eng.cat.TypeOf(t) != nil
}

// acquired notes the acquisition that proves the place holds a connection.
func (ev *Evidence) acquired(o object) {
	ev.Acquired, ev.Where = o.Pos, ""
	if o.Foreign {
		ev.Where = o.Where
	}
}

// shownRow is the row that the finding names: the type that the use declares,
// if it says as much as the acquired one.
func (b *builder) shownRow(acquired *catalog.Type, u use) *catalog.Type {
	declared := b.eng.cat.Type(u.Type)
	if declared != nil && strings.Contains(u.Type, "#") && declared.Contract > acquired.Contract {
		return declared // used by the rules of a role
	}
	if declared == nil || b.eng.variants(u.Type) || declared.Contract != acquired.Contract {
		return acquired
	}
	return declared
}

// inSeam reports whether an object is kept in a place that only tests set.
func (b *builder) inSeam(object access.Path) bool {
	return slices.ContainsFunc(b.stores, func(s effect.Store) bool {
		return b.eng.seam(s.Place) && slices.ContainsFunc(b.resolve(s.Value), func(v access.Value) bool { return v.Path == object })
	})
}

// declaredAs is the position of the package variable that an object is kept in.
func (b *builder) declaredAs(object access.Path) int {
	for _, s := range b.stores {
		if s.Place.Root.Kind == access.Global && slices.ContainsFunc(b.resolve(s.Value), func(v access.Value) bool { return v.Path == object }) {
			return b.eng.declaration(s.Place)
		}
	}
	return 0
}

// holds lists what may be in a place; an element found by ranging over a
// container may be any of those stored in it.
func (b *builder) holds(place access.Path) []access.Value {
	vs := b.resolve(access.Value{Path: place})
	if n := place.Len(); n == 0 || !isElement(place.Steps[n-1]) {
		return vs
	}
	return append(vs, b.elements(place)...)
}

func (b *builder) importedEvidence(place access.Path, ev Evidence) (Evidence, bool) {
	for _, g := range b.eng.facts.globals {
		if g.Place == place {
			if row := b.eng.cat.Type(g.Type); row != nil {
				ev.Row, ev.Where = row, g.Where
				return ev, true
			}
		}
	}
	return ev, false
}

// found records a finding, once for each use position.
func (b *builder) found(pair sharing.Pair, guard Guard, swap *effect.Use) {
	u, o := &b.uses[pair.Use.Index], &b.uses[pair.Other.Index]
	ev, ok := b.evidence(pair.Use.Place, *u)
	if !ok {
		return
	}
	for i := range b.uses {
		if pair.Use.Place.HasVariableElem() {
			break // found in strict only: facts do not depend on the profile
		}
		if w := &b.uses[i]; w.Thread != 0 && slices.ContainsFunc(b.resolve(w.Value), func(x access.Value) bool { return x.Path == pair.Use.Place }) {
			w.Judged = true
		}
	}
	if b.whole && !pair.Use.Place.HasVariableElem() {
		b.eng.judged[pair.Use.Place] = true
	}
	if ev.Declared == 0 {
		ev.Declared = cmp.Or(u.Field, o.Field, b.fieldAt(pair.Use.Place))
	}
	s := Shared{Use: u.Use, Other: o.Use, Self: pair.Self, Evidence: ev, Guard: guard, Swap: swap}
	s.Entry, s.With = b.outermost(u.Thread), b.outermost(o.Thread)
	if n := b.lastingName(pair.Use.Place, *u); s.Use.Name == "" || n != "" {
		s.Use.Name = cmp.Or(n, b.pathName(pair.Use.Place))
	}
	b.eng.shared = append(b.eng.shared, s)
}

// fieldAt is the position of the field of this package that a place leads
// through last, or of the variable that it is; 0 if there is none.
func (b *builder) fieldAt(place access.Path) int {
	t := b.rootType(place.Root)
	pos := b.variableAt(place)
	for i := 0; i < place.Len() && t != nil; i++ {
		f := fieldNamed(t, place.Steps[i])
		if f == nil {
			break
		}
		if t = f.Type(); f.Pkg() == b.eng.pass.Pkg {
			pos = int(f.Pos())
		}
	}
	return pos
}

// variableAt is the position of the parameter or captured variable of the
// function that a place is; 0 if it is none.
func (b *builder) variableAt(place access.Path) int {
	switch r := place.Root; {
	case place.Len() > 0 || r.Key != "":
	case r.Kind == access.Param && r.N < len(b.fn.Params):
		return int(b.fn.Params[r.N].Pos())
	case r.Kind == access.Free && r.N < len(b.fn.FreeVars):
		return int(b.fn.FreeVars[r.N].Pos())
	}
	return 0
}

// rootType is the declared type of what a path starts from; nil if it is not
// known here.
func (b *builder) rootType(r access.Root) types.Type {
	switch {
	case r.Kind == access.Param && r.Key != "":
		return b.eng.named[strings.TrimPrefix(r.Key, "*")]
	case r.Kind == access.Fresh && r.N < len(b.objects):
		return b.eng.named[b.objects[r.N].Type]
	}
	return b.eng.placeType(b.fn, access.Of(r))
}

// lastingName is the package variable that a connection used by code of
// another package is kept in; "" if there is none.
func (b *builder) lastingName(place access.Path, u use) string {
	if !u.Foreign {
		return ""
	}
	for _, v := range append([]access.Value{{Path: place}}, b.resolve(u.Value)...) {
		if v.Path.Root.Kind == access.Global {
			return b.pathName(v.Path)
		}
	}
	return ""
}

// outermost is the entry that runs a thread, or the thread itself.
func (b *builder) outermost(t int) effect.Thread {
	out := effect.Thread{}
	for t != 0 {
		out = b.threads[t-1].Thread
		if out.Kind == entrypoint.Serve {
			return out
		}
		t = out.Parent
	}
	return out
}

// namedLocks are the locks of a use that are the same lock for every thread.
func (b *builder) namedLocks(u use) []effect.Lock {
	var out []effect.Lock
	for _, l := range u.Locks {
		vs := b.resolveLock(access.Value{Path: l.Path})
		if len(vs) == 1 {
			l = b.behind(l, vs[0])
		}
		if b.private(access.Value{Path: l.Path}, u.Thread) {
			continue
		}
		l.Shared = l.Shared || l.Slot && b.severalSlots(vs)
		out = append(out, l)
	}
	return out
}

// severalSlots reports whether a channel or semaphore lets in more than one.
func (b *builder) severalSlots(vs []access.Value) bool {
	n := 0
	for _, v := range vs {
		if o := b.object(v); o != nil {
			if o.Slots < 2 {
				return false
			}
			n++
		}
	}
	return n > 0
}

// nameLocks gives the locks of all uses their final names.
func (b *builder) nameLocks() {
	for i := range b.uses {
		b.uses[i].Locks = b.namedLocks(b.uses[i])
	}
}

// judgePackage brings all functions together and judges what they share
// through package variables, and what methods that are entries by their type share.
func (e *engine) judgePackage() *builder {
	initFn := e.pkg.SSA.Func("init")
	if initFn == nil {
		return nil
	}
	b := newBuilder(e, initFn)
	b.whole = true
	b.loops = flow.FindLoops(initFn)
	for _, fn := range e.pkg.Funcs {
		fb := e.done[fn]
		if fb == nil || fn.Parent() != nil || !concernsPackage(fb.sum) {
			continue
		}
		b.instantiate(&site{sig: emptySignature, ctx: context{pos: fn.Pos()}}, fb.sum, nil)
	}
	for _, p := range slices.Sorted(maps.Keys(e.facts.packages)) {
		for i := range e.facts.packages[p].Open {
			b.instantiate(&site{sig: emptySignature}, &e.facts.packages[p].Open[i], nil)
		}
	}
	e.typeEntries(b)
	b.resolveCalls()
	b.nameLocks()
	b.judge(true)
	b.judgeMakes()
	return b
}

// concernsPackage reports whether a summary speaks of package variables or starts threads.
func concernsPackage(s *effect.Func) bool {
	global := func(p access.Path) bool { return p.Root.Kind == access.Global }
	return len(s.Threads) > 0 ||
		slices.ContainsFunc(s.Stores, func(st effect.Store) bool { return global(st.Place) })
}

// typeEntries starts the methods and functions that are entries by their type
// and that nothing in the package calls or registers by name.
func (e *engine) typeEntries(b *builder) {
	n := 1000
	for _, fn := range e.pkg.Funcs {
		fb := e.done[fn]
		if fb == nil || fn.Parent() != nil || e.test(fn.Pos()) || len(fb.sum.Uses)+len(fb.sum.Calls)+len(fb.sum.Makes) == 0 {
			continue
		}
		ent := e.typeEntry(fn)
		if ent == nil {
			continue
		}
		s := &site{sig: emptySignature, ctx: context{pos: fn.Pos()}}
		s.ctx.thread = b.startThread(effect.Thread{Kind: ent.Kind, Level: ent.Level, Why: ent.Why, Name: "handler " + shortFunc(fb.sum.Key), Declared: true}, s.ctx)
		s.args = make([][]access.Value, len(fn.Params))
		if fn.Signature.Recv() != nil {
			s.args[0] = root(access.Root{Kind: access.Param, N: n, Key: catalog.TypeKey(fn.Signature.Recv().Type())})
			n++
		}
		if s.ctx.thread != 0 {
			b.instantiate(s, fb.sum, nil)
		}
	}
}

// typeEntry gives the entry that a declared function is by its shape: the
// handler method of a handler type, or an exported function with a handler's
// signature, unless the package itself calls it: then its caller decides.
func (e *engine) typeEntry(fn *ssa.Function) *entrypoint.Type {
	obj, ok := fn.Object().(*types.Func)
	if !ok || e.called[catalog.FuncKey(obj)] {
		return nil
	}
	ent := e.entrySignature(fn.Signature)
	if ent == nil || !obj.Exported() {
		return nil
	}
	if recv := fn.Signature.Recv(); recv != nil && e.perInvocation()[strings.TrimPrefix(catalog.TypeKey(recv.Type()), "*")] {
		return nil
	}
	return ent
}

// perInvocation lists the types whose values the package's handlers make or
// are given by a constructor: an object for each request.
func (e *engine) perInvocation() map[string]bool {
	if e.fleeting != nil {
		return e.fleeting
	}
	e.fleeting = map[string]bool{}
	for _, fn := range e.pkg.Funcs {
		if !e.insideEntry(fn) && !e.ofInvocation(fn, 3) {
			continue
		}
		for _, blk := range fn.Blocks {
			for _, i := range blk.Instrs {
				switch v := i.(type) {
				case *ssa.Alloc:
					e.fleeting[strings.TrimPrefix(catalog.TypeKey(v.Type()), "*")] = true
				case *ssa.Call:
					e.fleeting[strings.TrimPrefix(catalog.TypeKey(v.Type()), "*")] = true
				}
			}
		}
	}
	return e.fleeting
}

// insideEntry reports whether a function has a handler's signature, or is a
// literal inside one that has.
func (e *engine) insideEntry(fn *ssa.Function) bool {
	for ; fn != nil; fn = fn.Parent() {
		if e.entrySignature(fn.Signature) != nil {
			return true
		}
	}
	return false
}
