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
	Early  bool // a goroutine that has ended when a server starts
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
	Tasks   bool     // goroutines that no server runs are judged against each other too
	// Conflict reports whether the two uses must not overlap by contract.
	Conflict func(a, b Use) bool
}

// entry is the outermost server entry that runs a thread, or else the
// outermost goroutine; 0 is the code that starts them.
func (p *Problem) entry(t int) int {
	e, server := 0, false
	for t != 0 {
		th := p.Threads[t-1]
		if th.Kind == entrypoint.Serve || !server {
			e = t
		}
		server = server || th.Kind == entrypoint.Serve
		t = th.Parent
	}
	return e
}

func (p *Problem) server(entry int) bool { return p.Threads[entry-1].Kind == entrypoint.Serve }

// Pairs lists, for each connection and entry, the first pair of uses that may
// overlap, sorted by position. An entry that overlaps itself is reported once
// and not again with others.
func (p *Problem) Pairs() []Pair {
	var out []Pair
	for _, group := range p.byPlace() {
		out = append(out, p.pairsOf(group)...)
	}
	slices.SortStableFunc(out, func(a, b Pair) int { return cmp.Compare(a.Use.Pos, b.Use.Pos) })
	return out
}

// byPlace groups the uses by connection, those with the fewest locks first.
func (p *Problem) byPlace() [][]Use {
	uses := slices.Clone(p.Uses)
	slices.SortStableFunc(uses, func(a, b Use) int {
		return cmp.Or(access.Compare(a.Place, b.Place), cmp.Compare(len(a.Locks), len(b.Locks)), cmp.Compare(a.Pos, b.Pos))
	})
	var out [][]Use
	for i := 0; i < len(uses); {
		j := i
		for j < len(uses) && uses[j].Place == uses[i].Place {
			j++
		}
		out = append(out, uses[i:j])
		i = j
	}
	return out
}

func (p *Problem) pairsOf(uses []Use) []Pair {
	var out []Pair
	done := map[int]bool{0: true}
	for _, u := range uses {
		e := p.entry(u.Thread)
		if done[e] || !p.server(e) || !p.Threads[e-1].Many {
			continue
		}
		if i := slices.IndexFunc(uses, func(v Use) bool { return p.entry(v.Thread) == e && p.overlap(u, v) }); i >= 0 {
			done[e] = true
			out = append(out, Pair{Use: u, Other: uses[i], Self: true})
		}
	}
	for _, u := range uses {
		e := p.entry(u.Thread)
		if done[e] {
			continue
		}
		if i := slices.IndexFunc(uses, func(v Use) bool {
			o := p.entry(v.Thread)
			return o != e && !done[o] && p.beside(e, o) && p.overlap(u, v)
		}); i >= 0 {
			done[e], done[p.entry(uses[i].Thread)] = true, true
			out = append(out, Pair{Use: u, Other: uses[i]})
		}
	}
	return out
}

// beside reports whether two entries are judged against each other.
func (p *Problem) beside(e, o int) bool {
	server := p.server(e) || p.server(o)
	return (p.Tasks || server) && !(server && (p.Threads[e-1].Early || p.Threads[o-1].Early))
}

func (p *Problem) overlap(a, b Use) bool { return !Protected(a.Locks, b.Locks) && p.Conflict(a, b) }

// Protected reports whether two sets of held locks share one lock that one of
// them holds exclusively. A lock without a name may be any.
func Protected(a, b []effect.Lock) bool {
	if unnamed(a) || unnamed(b) {
		return true
	}
	for _, l := range a {
		for _, m := range b {
			if l.Path == m.Path && (!l.Shared || !m.Shared) {
				return true
			}
		}
	}
	return false
}

func unnamed(locks []effect.Lock) bool {
	return slices.ContainsFunc(locks, func(l effect.Lock) bool { return !l.Path.Known() })
}
