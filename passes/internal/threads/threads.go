// Package threads finds what may run at the same time inside one function: a
// forward may-analysis whose state is the set of uses that live threads may
// still make.
//
// A spawn adds the uses of its thread, a join removes them, and running the
// instruction that makes an object removes the uses of the object's earlier
// incarnation.
package threads

import (
	"slices"

	"golang.org/x/tools/go/ssa"
	"honnef.co/go/tools/analysis/dfa/dense"

	"github.com/connvet/connvet/passes/internal/flow"
)

// Use is a use as far as time matters.
type Use struct {
	Thread  int   // 0: the function's own thread
	Objects []int // objects whose definition makes it a use of something else
}

// Events are what happens at one instruction, in this order.
type Events struct {
	Defines []int // objects
	Own     []int // uses by the function's own thread
	Alone   []int // threads that have ended before the spawns
	Spawns  []int // threads
	Ended   []int // threads that end with the instruction that starts them
	After   []int // uses by the function's own thread that follow the spawns
	Joins   []int // threads waited for, before and after all else
	Wakes   []int // threads that go on with what they did before
	Serves  bool  // a server starts, after all else
}

// Problem is one function.
type Problem struct {
	Fn       *ssa.Function
	Uses     []Use
	Threads  int // highest thread number
	At       map[ssa.Instruction]*Events
	Deferred map[*ssa.Defer]*Events // happen when the function ends
	EdgeJoin func(from, to *ssa.BasicBlock) []int
	// Self reports whether a thread runs beside itself from the moment it starts.
	Self func(thread int) bool
	// Meet reports whether two uses must not overlap.
	Meet func(a, b int) bool
	// MeetSelf does so for two incarnations of a thread that runs beside itself by nature.
	MeetSelf func(a, b int) bool
}

// Conflict is a pair of uses that may overlap and must not.
type Conflict struct {
	Use   int  // the use that comes later, or the one whose thread starts later
	Other int  // a use by a live thread
	Self  bool // both belong to incarnations of one thread
}

// Result is what may overlap.
type Result struct {
	Conflicts []Conflict
	Live      map[int][]*ssa.Return // threads that may still run when the function returns, and where
	Beside    map[int]bool          // threads that may still run when a server starts, or that start later
}

const (
	maxUses    = 256
	maxThreads = 64
)

// live is a set of uses and threads.
type live struct {
	uses    [maxUses / 64]uint64
	threads uint64 // bit 0: a server has started
}

func (l live) has(u int) bool { return l.uses[u/64]&(1<<(u%64)) != 0 }

func (l *live) add(u int) { l.uses[u/64] |= 1 << (u % 64) }

func (l *live) drop(u int) { l.uses[u/64] &^= 1 << (u % 64) }

type lattice struct{}

func (lattice) Ident() live           { return live{} }
func (lattice) Equals(a, b live) bool { return a == b }
func (lattice) Merge(a, b live) live {
	for i := range a.uses {
		a.uses[i] |= b.uses[i]
	}
	a.threads |= b.threads
	return a
}

type solver struct {
	p        *Problem
	byThread [][]int
	byObject map[int][]int
	exits    map[*ssa.RunDefers][]*Events
	found    map[Conflict]bool
	result   *Result
}

// Solve finds the conflicts of a function.
func Solve(p *Problem) *Result {
	s := &solver{p: p, byObject: map[int][]int{}, found: map[Conflict]bool{}, result: &Result{Live: map[int][]*ssa.Return{}, Beside: map[int]bool{}}}
	if p.Threads >= maxThreads || len(p.Uses) > maxUses {
		return s.result
	}
	s.index()
	transfer := func(from, to *ssa.BasicBlock, in live) live {
		out := s.run(from, in, false)
		for _, t := range p.EdgeJoin(from, to) {
			s.join(&out, t)
		}
		return out
	}
	sol := dense.Forward[lattice](flow.Graph{Fn: p.Fn}, nil, transfer)
	for _, b := range p.Fn.Blocks {
		out := s.run(b, sol.In(b), true)
		r, ok := b.Instrs[len(b.Instrs)-1].(*ssa.Return)
		for t := 1; ok && t <= p.Threads; t++ {
			if out.threads&(1<<t) != 0 {
				s.result.Live[t] = append(s.result.Live[t], r)
			}
		}
	}
	return s.result
}

func (s *solver) index() {
	s.byThread = make([][]int, s.p.Threads+1)
	for i, u := range s.p.Uses {
		s.byThread[u.Thread] = append(s.byThread[u.Thread], i)
		for _, o := range u.Objects {
			s.byObject[o] = append(s.byObject[o], i)
		}
	}
	s.exits = map[*ssa.RunDefers][]*Events{}
	if len(s.p.Deferred) == 0 {
		return
	}
	for _, b := range s.p.Fn.Blocks {
		for _, i := range b.Instrs {
			if rd, ok := i.(*ssa.RunDefers); ok {
				s.exits[rd] = s.deferredBefore(rd)
			}
		}
	}
}

// deferredBefore lists what is deferred when the function ends at rd, last first.
func (s *solver) deferredBefore(rd *ssa.RunDefers) []*Events {
	before := reaching(rd.Block())
	var out []*Events
	for _, b := range s.p.Fn.DomPreorder() {
		if !before[b] {
			continue
		}
		for _, i := range b.Instrs {
			if d, ok := i.(*ssa.Defer); ok {
				if ev := s.p.Deferred[d]; ev != nil {
					out = append(out, ev)
				}
			}
		}
	}
	slices.Reverse(out)
	return out
}

// reaching lists the blocks from which b can be reached, b included.
func reaching(b *ssa.BasicBlock) map[*ssa.BasicBlock]bool {
	out := map[*ssa.BasicBlock]bool{}
	work := []*ssa.BasicBlock{b}
	for len(work) > 0 {
		b := work[len(work)-1]
		work = work[:len(work)-1]
		if !out[b] {
			out[b] = true
			work = append(work, b.Preds...)
		}
	}
	return out
}

// run applies a block; with report it also records the conflicts.
func (s *solver) run(b *ssa.BasicBlock, l live, report bool) live {
	for _, i := range b.Instrs {
		if ev := s.p.At[i]; ev != nil {
			s.apply(&l, ev, report)
		}
		if rd, ok := i.(*ssa.RunDefers); ok {
			for _, ev := range s.exits[rd] {
				s.apply(&l, ev, report)
			}
		}
	}
	return l
}

func (s *solver) apply(l *live, ev *Events, report bool) {
	for _, o := range ev.Defines {
		for _, u := range s.byObject[o] {
			l.drop(u)
		}
	}
	for _, t := range ev.Joins {
		s.join(l, t)
	}
	if report {
		for _, u := range ev.Own {
			s.check(*l, u, false)
		}
	}
	for _, t := range ev.Alone {
		s.join(l, t)
	}
	for _, t := range ev.Spawns {
		s.spawn(l, t, report)
	}
	for _, t := range ev.Ended {
		s.join(l, t)
	}
	if report {
		for _, u := range ev.After {
			s.check(*l, u, false)
		}
	}
	for _, t := range ev.Joins {
		s.join(l, t)
	}
	for _, t := range ev.Wakes {
		for _, u := range s.byThread[t] {
			l.add(u)
		}
		l.threads |= 1 << t
	}
	if ev.Serves {
		s.serve(l)
	}
}

// serve starts a server, beside all threads that live.
func (s *solver) serve(l *live) {
	l.threads |= 1
	for t := 1; t <= s.p.Threads; t++ {
		if l.threads&(1<<t) != 0 {
			s.result.Beside[t] = true
		}
	}
}

// spawn starts a thread: what it uses now meets what live threads use.
func (s *solver) spawn(l *live, t int, report bool) {
	if report {
		for _, u := range s.byThread[t] {
			s.check(*l, u, true)
			if s.p.Self(t) {
				s.checkSelf(t, u)
			}
		}
	}
	for _, u := range s.byThread[t] {
		l.add(u)
	}
	if l.threads&1 != 0 {
		s.result.Beside[t] = true
	}
	l.threads |= 1 << t
}

func (s *solver) join(l *live, t int) {
	for _, u := range s.byThread[t] {
		l.drop(u)
	}
	l.threads &^= 1 << t
}

func (s *solver) check(l live, u int, spawned bool) {
	for v := range s.p.Uses {
		if l.has(v) && s.p.Meet(u, v) {
			s.report(Conflict{Use: u, Other: v, Self: spawned && s.p.Uses[u].Thread == s.p.Uses[v].Thread})
		}
	}
}

func (s *solver) checkSelf(t, u int) {
	for _, v := range s.byThread[t] {
		if s.p.MeetSelf(u, v) {
			s.report(Conflict{Use: u, Other: v, Self: true})
		}
	}
}

func (s *solver) report(c Conflict) {
	if !s.found[c] {
		s.found[c] = true
		s.result.Conflicts = append(s.result.Conflicts, c)
	}
}
