// Package sharing finds what entries reach together: pairs of uses of one
// connection by threads that overlap, with no lock in common. Order does not
// matter here; only what may run beside what.
package sharing

import (
	"cmp"
	"slices"

	"github.com/connvet/connvet/passes/internal/access"
	"github.com/connvet/connvet/passes/internal/effect"
	"github.com/connvet/connvet/passes/internal/entrypoint"
)

// Use is one use of one connection by a thread.
type Use struct {
	Index  int // the caller's number
	Thread int
	Place  access.Path
	Locks  []effect.Lock
	Pos    int
}

// Thread is what is known of one thread: 0 is the code that starts the others.
type Thread struct {
	Parent int
	Kind   entrypoint.Kind
	Many   bool
}

// Pair is two uses that may overlap; Use is the one to report.
type Pair struct {
	Use, Other Use
	Self       bool // both by invocations of one entry
}

// Problem is a set of uses and the threads that make them.
type Problem struct {
	Uses    []Use
	Threads []Thread // thread i+1
	// Conflict reports whether the two uses must not overlap by contract.
	Conflict func(a, b Use) bool
}

// entry is the outermost server entry that runs the thread, 0 if none does.
func (p *Problem) entry(t int) int {
	e := 0
	for t != 0 {
		th := p.Threads[t-1]
		if th.Kind == entrypoint.Serve {
			e = t
		}
		t = th.Parent
	}
	return e
}

// Pairs lists, for each connection and entry, the first pair of uses that may
// overlap, sorted by position.
func (p *Problem) Pairs() []Pair {
	uses := slices.Clone(p.Uses)
	slices.SortStableFunc(uses, func(a, b Use) int {
		return cmp.Or(access.Compare(a.Place, b.Place), cmp.Compare(len(a.Locks), len(b.Locks)), cmp.Compare(a.Pos, b.Pos))
	})
	var out []Pair
	seen := map[key]bool{}
	for i, u := range uses {
		k := key{u.Place, p.entry(u.Thread)}
		if k.entry == 0 || seen[k] {
			continue
		}
		if pair, ok := p.partner(uses, i); ok {
			seen[k] = true
			out = append(out, pair)
		}
	}
	slices.SortStableFunc(out, func(a, b Pair) int { return cmp.Compare(a.Use.Pos, b.Use.Pos) })
	return out
}

type key struct {
	place access.Path
	entry int
}

// partner finds a use that may overlap use i: by another call of the same
// entry first, then by other threads.
func (p *Problem) partner(uses []Use, i int) (Pair, bool) {
	u := uses[i]
	entry := p.entry(u.Thread)
	var other *Pair
	for _, v := range uses {
		if v.Place != u.Place || p.Protected(u, v) || !p.Conflict(u, v) {
			continue
		}
		switch e := p.entry(v.Thread); {
		case e == entry && p.Threads[entry-1].Many:
			return Pair{Use: u, Other: v, Self: true}, true
		case e == entry:
		case e == 0 && v.Thread == 0: // straight-line code around the registration
		case other == nil:
			other = &Pair{Use: u, Other: v}
		}
	}
	if other == nil {
		return Pair{}, false
	}
	return *other, true
}

// Protected reports whether both uses hold one lock, one of them exclusively.
func (p *Problem) Protected(a, b Use) bool { return Protected(a.Locks, b.Locks) }

// Protected reports whether two sets of held locks share one lock that one of them holds exclusively.
func Protected(a, b []effect.Lock) bool {
	for _, l := range a {
		for _, m := range b {
			if l.Path == m.Path && (!l.Shared || !m.Shared) {
				return true
			}
		}
	}
	return false
}
