package summary

import (
	"cmp"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/connvet/connvet/passes/internal/access"
	"github.com/connvet/connvet/passes/internal/catalog"
	"github.com/connvet/connvet/passes/internal/effect"
	"github.com/connvet/connvet/passes/internal/entrypoint"
	"github.com/connvet/connvet/passes/internal/flow"
	"github.com/connvet/connvet/passes/internal/sharing"
	"github.com/connvet/connvet/passes/internal/threads"
)

// meeting caches the resolved values of a function's uses.
type meeting struct {
	b       *builder
	values  [][]access.Value
	pending []*call // uses beyond those of the builder: calls nobody knows yet
}

// maxPairs bounds the overlaps that are left to the callers.
const maxPairs = 8

// addPending adds a call of unknown target as a use of what it is called on.
func (m *meeting) addPending(p *threads.Problem, c *call) {
	if len(p.Uses) >= maxUses || isHook(c.Target) {
		return
	}
	var vals []access.Value
	for _, t := range m.b.resolve(c.Target) {
		if (t.Path.Root.Kind == access.Param || t.Path.Root.Kind == access.Free) && !c.resolved[targetID(t)] {
			vals = append(vals, t)
		}
	}
	if len(vals) == 0 {
		return
	}
	m.pending = append(m.pending, c)
	m.values = append(m.values, vals)
	p.Uses = append(p.Uses, threads.Use{Thread: c.Thread})
	if c.Thread == 0 {
		ev := m.b.event(p, c.at)
		ev.Own = append(ev.Own, len(p.Uses)-1)
	}
}

// undecided reports whether only a caller knows what a use is a use of.
func (m *meeting) undecided(i int) bool {
	if i >= len(m.b.uses) {
		return true
	}
	u := m.b.uses[i]
	return m.b.eng.variants(u.Type) && slices.ContainsFunc(m.values[i], func(v access.Value) bool {
		return v.Path.Root.Kind == access.Param || v.Path.Root.Kind == access.Free
	})
}

// pair leaves the judgement of two overlapping uses to the callers.
func (m *meeting) pair(i, j int) {
	a, b := m.pairCall(i), m.pairCall(j)
	if a.Target.Path != b.Target.Path || sharing.Protected(a.Locks, b.Locks) || len(m.b.pairs) >= maxPairs ||
		a.Target.Path.HasVariableElem() || a.Target.Path.HasEach() {
		return
	}
	if !slices.ContainsFunc(m.b.pairs, func(p effect.Pair) bool {
		return p.A.Target == a.Target && p.A.Method == a.Method && p.B.Method == b.Method
	}) {
		m.b.pairs = append(m.b.pairs, effect.Pair{A: a, B: b})
	}
}

func (m *meeting) pairCall(i int) effect.PairCall {
	if len(m.values[i]) == 0 {
		return effect.PairCall{}
	}
	target := m.values[i][0]
	if i < len(m.b.uses) {
		u := m.b.uses[i]
		return m.b.startedPair(u.Thread, effect.PairCall{Target: target, Method: u.Method, Locks: u.Locks, Where: u.Where, Name: cmp.Or(m.b.nameHere(u), u.Name), Pos: u.Pos, Here: u.Here})
	}
	c := m.pending[i-len(m.b.uses)]
	return m.b.startedPair(c.Thread, effect.PairCall{Target: target, Method: c.Method, Locks: c.Locks, Where: c.Where,
		Name: cmp.Or(c.name, m.b.pathName(target.Path)), Pos: c.Pos, Here: c.Here})
}

// startedPair adds to one side of an undecided overlap which goroutine makes it.
func (b *builder) startedPair(thread int, c effect.PairCall) effect.PairCall {
	if thread != 0 {
		c.Beside, c.Go = true, b.threads[thread-1].Pos
	}
	return c
}

// solveThreads finds which uses overlap inside the function, and which of its
// threads outlive it.
func (b *builder) solveThreads() {
	if len(b.threads) == 0 {
		return
	}
	m := &meeting{b: b}
	p := &threads.Problem{
		Fn: b.fn, Threads: len(b.threads),
		At: map[ssa.Instruction]*threads.Events{}, Deferred: map[*ssa.Defer]*threads.Events{},
		EdgeJoin: b.joinsByEdge(), Self: b.selfThread, Meet: m.meet, MeetSelf: m.meetSelf,
	}
	for i, u := range b.uses {
		vals := b.inAllElements(b.resolve(u.Value))
		m.values = append(m.values, vals)
		p.Uses = append(p.Uses, threads.Use{Thread: u.Thread, Objects: roots(vals)})
		if u.Thread == 0 {
			ev := b.event(p, u.at)
			if u.after {
				ev.After = append(ev.After, i)
			} else {
				ev.Own = append(ev.Own, i)
			}
		}
	}
	for _, c := range b.calls {
		m.addPending(p, c)
	}
	b.timeline(p)
	res := threads.Solve(p)
	for i := range b.threads {
		if len(res.Live[i+1]) == 0 && b.threads[i].Kind != entrypoint.Serve {
			b.threads[i].Joined = true
			b.threads[i].over = !res.Beside[i+1]
		}
	}
	b.live = res.Live
	b.conflicts = append(b.conflicts, res.Conflicts...)
}

// event gives the events of an instruction; those of a defer happen at the end.
func (b *builder) event(p *threads.Problem, at ssa.Instruction) *threads.Events {
	if d, ok := at.(*ssa.Defer); ok {
		if p.Deferred[d] == nil {
			p.Deferred[d] = &threads.Events{}
		}
		return p.Deferred[d]
	}
	if p.At[at] == nil {
		p.At[at] = &threads.Events{}
	}
	return p.At[at]
}

// timeline adds definitions, spawns and joins.
func (b *builder) timeline(p *threads.Problem) {
	for i, o := range b.objects {
		if o.at != nil {
			ev := b.event(p, o.at)
			ev.Defines = append(ev.Defines, i)
		}
	}
	for i, t := range b.threads {
		if t.at != nil && t.Kind != entrypoint.Serve {
			ev := b.event(p, t.at)
			ev.Spawns = append(ev.Spawns, i+1)
			if b.oneAtATime(t) {
				ev.Alone = append(ev.Alone, b.joined(t.Handle)...)
			}
			if t.Kind == entrypoint.Spawn || t.Joined {
				ev.Ended = append(ev.Ended, i+1)
			}
		}
	}
	for _, j := range b.joins {
		if j.thread == 0 {
			ev := b.event(p, j.at)
			ev.Joins = append(ev.Joins, b.joinedDeep(j.handle)...)
		}
	}
	for at, vals := range b.escaped {
		ev := b.event(p, at)
		ev.Joins = append(ev.Joins, b.joined(vals)...)
	}
	for _, at := range b.servings() {
		b.event(p, at).Serves = true
	}
	b.receives(p)
}

// joined lists the threads that a wait on the handles waits for. A structure
// that holds the handle counts as the handle: who knows what is done with it.
func (b *builder) joined(handle []access.Value) []int {
	hs := b.resolveAll(handle)
	var out []int
	for i, t := range b.threads {
		if slices.ContainsFunc(b.resolveAll(t.Handle), func(th access.Value) bool {
			return slices.ContainsFunc(hs, func(h access.Value) bool { return th.Path.HasPrefix(h.Path) })
		}) {
			out = append(out, i+1)
		}
	}
	return out
}

// joinedDeep is joined, and what the threads waited for waited for themselves.
func (b *builder) joinedDeep(handle []access.Value) []int {
	out := b.joined(handle)
	for i := 0; i < len(out) && len(out) < maxThreads; i++ {
		for _, t := range b.awaited(out[i]) {
			if !slices.Contains(out, t) {
				out = append(out, t)
			}
		}
	}
	return out
}

// edgeJoins lists the threads waited for by the select case that an edge
// takes, by the loop that it leaves, by the call whose result it tests, or by
// the flag that it finds set.
func (b *builder) edgeJoins(from, to *ssa.BasicBlock) []int {
	return slices.Concat(b.loopJoins(from, to), b.selectJoins(from, to), b.closedJoins(from, to), b.toldJoins(from), b.answerJoins(from, to), b.flagJoins(from, to), b.singleTurn(from, to))
}

// joinsByEdge is edgeJoins, which finds out about each edge once.
func (b *builder) joinsByEdge() func(from, to *ssa.BasicBlock) []int {
	found := map[[2]*ssa.BasicBlock][]int{}
	return func(from, to *ssa.BasicBlock) []int {
		e := [2]*ssa.BasicBlock{from, to}
		joins, ok := found[e]
		if !ok {
			joins = b.edgeJoins(from, to)
			found[e] = joins
		}
		return joins
	}
}

// selfThread reports whether a thread runs beside itself whatever this function does.
func (b *builder) selfThread(t int) bool {
	th := b.threads[t-1]
	return th.Self || th.Kind == entrypoint.Spawn
}

// roots lists the objects that a use belongs to: running the code that makes
// one of them again makes it another.
func roots(vals []access.Value) []int {
	var out []int
	for _, x := range vals {
		if x.Path.Root.Kind == access.Fresh {
			out = append(out, x.Path.Root.N)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// swaps reports whether a use replaces the connection: a goroutine that was
// given the old one goes on with it.
func (m *meeting) swaps(i int) bool { return i < len(m.b.uses) && m.b.uses[i].Swap != effect.NoSwap }

// apart reports whether one of two uses stands for a side of an undecided
// overlap of a callee, and the other is not its other side.
func (m *meeting) apart(i, j int) bool {
	p, q := m.pairOf(i), m.pairOf(j)
	if i >= len(m.b.uses) || j >= len(m.b.uses) {
		return p != 0 && q != 0 && p != q
	}
	return p != q
}

// meet reports whether two uses are of one connection, must not overlap by
// its contract, and hold no common lock.
func (m *meeting) meet(i, j int) bool {
	if m.swaps(i) || m.swaps(j) || m.apart(i, j) {
		return false
	}
	if m.undecided(i) || m.undecided(j) {
		m.pair(i, j)
		return false
	}
	u, v := m.b.uses[i], m.b.uses[j]
	if u.Thread == 0 && v.Thread == 0 || u.Thread != v.Thread && (judgedBefore(u, v) || m.b.ordered(u, v)) {
		return false
	}
	return m.conflict(i, j)
}

// pairOf is the undecided overlap that a use stands for a side of, 0 for none.
func (m *meeting) pairOf(i int) int {
	t := 0
	if i < len(m.b.uses) {
		t = m.b.uses[i].Thread
	} else {
		t = m.pending[i-len(m.b.uses)].Thread
	}
	if t == 0 {
		return 0
	}
	return m.b.threads[t-1].pair
}

// meetSelf is meet for a thread that runs beside itself by nature: if a callee
// started it, the callee's package has judged what it could.
func (m *meeting) meetSelf(i, j int) bool {
	if m.swaps(i) || m.swaps(j) {
		return false
	}
	if m.undecided(i) || m.undecided(j) {
		m.pair(i, j)
		return false
	}
	u, v := m.b.uses[i], m.b.uses[j]
	if t := m.b.threads[u.Thread-1]; t.site != 0 && t.site == u.site && judgedBefore(u, v) && !t.turns ||
		t.turns && (m.madeBy(t, i) || m.madeBy(t, j)) {
		return false
	}
	return m.conflict(i, j)
}

// madeBy reports whether a value is made by the same call that starts a thread.
func (m *meeting) madeBy(t thread, i int) bool {
	return slices.ContainsFunc(m.values[i], func(v access.Value) bool {
		return v.Path.Root.Kind == access.Fresh && m.b.objects[v.Path.Root.N].site == t.site
	})
}

// ordered reports whether one of two uses waits for the other: its thread
// starts by waiting for the other thread, or for a token that this function
// sends after the use.
func (b *builder) ordered(u, v use) bool {
	switch {
	case u.Thread != 0 && v.Thread != 0:
		return slices.Contains(b.awaited(u.Thread), v.Thread) && !b.streamsTo(v.Thread, u.Thread) ||
			slices.Contains(b.awaited(v.Thread), u.Thread) && !b.streamsTo(u.Thread, v.Thread)
	case v.Thread == 0:
		u, v = v, u
	}
	for _, j := range b.joins {
		if j.cond && j.thread == 0 && slices.Contains(b.joined(j.handle), v.Thread) {
			return true // a condition: nobody knows what it says
		}
	}
	for _, s := range b.signals {
		if s.token && !s.deferred && b.waitsFor(v.Thread, s.handle) && flow.Before(u.at, s.at) && !flow.Before(s.at, u.at) {
			return true
		}
	}
	return false
}

// awaited lists the threads that a thread waits for.
func (b *builder) awaited(t int) []int {
	var out []int
	for _, j := range b.joins {
		if j.thread == t {
			out = append(out, b.joined(j.handle)...)
		}
	}
	return out
}

// waitsFor reports whether a thread waits on one of the handles.
func (b *builder) waitsFor(t int, handle []access.Value) bool {
	hs := b.resolveAll(handle)
	return slices.ContainsFunc(b.joins, func(j join) bool {
		return j.thread == t && slices.ContainsFunc(b.resolveAll(j.handle), func(h access.Value) bool { return slices.Contains(hs, h) })
	})
}

// judgedBefore reports whether two uses came in through one call, where their
// contract was known already.
func judgedBefore(u, v use) bool { return sameSite(u, v) && u.Type != "" && v.Type != "" }

func (m *meeting) conflict(i, j int) bool {
	u, v := m.b.uses[i], m.b.uses[j]
	row := m.b.common(i, j, m.values)
	if row == nil || !row.Contract.Conflicts(roleFor(row, u), roleFor(row, v)) || awakes(row, u, v) || awakes(row, v, u) {
		return false
	}
	return !m.b.protected(i, j, m.values)
}

// awakes reports whether a use is the deferred end of a connection whose reader
// may still wait: the end is how it gets to know.
func awakes(row *catalog.Type, end, reader use) bool {
	return row.Contract == catalog.Duplex && end.deferred && end.Role == catalog.End && roleFor(row, reader) == catalog.Read
}

// roleFor is the role of a use on the row that counts, which may be another
// role of the Go type than the one known when the use was found.
func roleFor(row *catalog.Type, u use) catalog.Role {
	if u.Type == row.Key || goType(u.Type) != goType(row.Key) || u.Method == "" || strings.Contains(u.Method, ".") || !u.own {
		return u.Role
	}
	return row.MethodRole(u.Method)
}

// goType is the Go type of a row's key, without the role.
func goType(key string) string {
	typ, _, _ := strings.Cut(key, "#")
	return typ
}

// protected reports whether two uses hold one instance of a lock. A lock made
// in each turn of a loop protects only what is made with it.
func (b *builder) protected(i, j int, values [][]access.Value) bool {
	u, v := b.uses[i], b.uses[j]
	lasting := func(ls []effect.Lock) []effect.Lock {
		if u.Thread != v.Thread {
			return ls
		}
		var out []effect.Lock
		for _, l := range ls {
			if r := l.Path.Root; r.Kind != access.Fresh || !b.objects[r.N].Multi || slices.Contains(roots(values[i]), r.N) {
				out = append(out, l)
			}
		}
		return out
	}
	return sharing.Protected(lasting(u.Locks), lasting(v.Locks))
}

// oneAtATime reports whether a thread belongs to a group limited to one.
func (b *builder) oneAtATime(t thread) bool {
	limited := b.resolveAll(b.limited)
	return slices.ContainsFunc(b.resolveAll(t.Handle), func(h access.Value) bool { return slices.Contains(limited, h) })
}

// common gives the contract of the connection that two uses have in common;
// nil if they are of different ones, or it cannot be told.
func (b *builder) common(i, j int, values [][]access.Value) *catalog.Type {
	u, v := b.uses[i], b.uses[j]
	if (u.Several || several(values[i])) && (v.Several || several(values[j])) {
		return nil // one of several on both sides: they need not be the same
	}
	for _, x := range values[i] {
		if x.Path.HasVariableElem() || x.Path.HasEach() || b.private(x, u.Thread, v.Thread) || u.Thread != 0 && v.Thread != 0 && u.Thread != v.Thread && x.Path.Root.Kind == access.Global {
			continue
		}
		for _, y := range values[j] {
			if x.Path == y.Path {
				return b.contractOf(x, u, v)
			}
		}
	}
	return nil
}

// several reports whether a value is one of several objects made here.
func several(vs []access.Value) bool {
	n := 0
	for _, v := range vs {
		if v.Path.Root.Kind == access.Fresh && v.Path.Len() == 0 {
			n++
		}
	}
	return n > 1
}

// private reports whether a value is made anew by one of the threads.
func (b *builder) private(x access.Value, threads ...int) bool {
	if x.Path.Root.Kind != access.Fresh {
		return false
	}
	o := b.objects[x.Path.Root.N]
	if o.Kind == effect.Moved && o.at == nil {
		return true
	}
	for _, t := range threads {
		if o.Thread != 0 && b.within(t, o.Thread) {
			return true
		}
	}
	return false
}

// within reports whether thread t is, or is started by, thread of.
func (b *builder) within(t, of int) bool {
	for t != 0 {
		if t == of {
			return true
		}
		t = b.threads[t-1].Parent
	}
	return false
}

// contractOf is the row that counts for a value used in two places: the
// object's own, else the declared one.
func (b *builder) contractOf(x access.Value, u, v use) *catalog.Type {
	if u.Type == v.Type && strings.Contains(u.Type, "#") {
		return b.eng.cat.Type(u.Type) // both calls use it by the rules of one role
	}
	if o := b.object(x); o != nil && (o.Kind == effect.Acquire || o.Kind == effect.Result) {
		if row := b.eng.cat.Type(o.Type); row != nil && (o.Kind == effect.Acquire || !b.eng.variants(o.Type)) {
			return row
		}
	}
	if u.Type == "" {
		u = v
	}
	return b.eng.cat.Type(u.Type)
}
