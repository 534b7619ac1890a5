package summary

import (
	"cmp"
	"slices"
	"strings"

	"github.com/connvet/connvet/passes/internal/access"
	"github.com/connvet/connvet/passes/internal/catalog"
	"github.com/connvet/connvet/passes/internal/effect"
)

// Overlap is two uses of one connection that may run at the same time inside
// one function and the goroutines it starts.
type Overlap struct {
	Use, Other effect.Use
	Thread     effect.Thread // that makes the other use
	Self       bool          // by incarnations of one goroutine
	Beside     bool          // the first use is made by a goroutine too
	Row        *catalog.Type
	Name       string
	Acquired   int          // position of the acquisition, or of the call that leads to it; 0 if it is made elsewhere
	Where      effect.Place // of the acquisition, if another package makes it
	Guard      Guard        // the lock that one of the uses holds, if most others do too
	Bare       effect.Use   // the use that does not hold it
}

// overlapKey keeps one report for each connection and pair of threads.
type overlapKey struct {
	place     access.Path
	use, with int
}

// overlaps turns the conflicts of the function into findings: for each
// connection and pair of threads the first one.
func (b *builder) overlaps() []Overlap {
	best := map[overlapKey]Overlap{}
	for _, c := range b.conflicts {
		u, v := b.uses[c.Use], b.uses[c.Other]
		if b.beside(u) && !b.beside(v) {
			u, v = v, u
		}
		place, row := b.meetingPlace(u, v)
		if row == nil {
			continue
		}
		if u.Here == v.Here && u.Thread == 0 && u.site != v.site && u.at != nil {
			u.Here = int(u.at.Pos()) // one closure, run in two ways
		}
		u.Own = u.own
		o := Overlap{Use: u.Use, Other: v.Use, Self: c.Self, Beside: b.beside(u), Row: row, Name: carried(b.useName(u, v), row)}
		o.Thread = b.threads[v.Thread-1].Thread
		o.Acquired, o.Where = b.acquiredHere(place)
		k := overlapKey{place, u.Thread, v.Thread}
		if have, ok := best[k]; !ok || earlier(o, have) {
			best[k] = o
		}
	}
	return onePerPlace(best)
}

// beside reports whether a use is made by a goroutine.
func (b *builder) beside(u use) bool {
	if u.Thread == 0 {
		return false
	}
	t := b.threads[u.Thread-1]
	return t.pair == 0 || t.beside
}

// onePerPlace keeps one finding for each position: of those, the one on the
// connection that the code there names.
func onePerPlace(best map[overlapKey]Overlap) []Overlap {
	at := map[int]Overlap{}
	for _, o := range best {
		have, ok := at[o.Use.Here]
		if !ok || rank(o, have) < 0 {
			at[o.Use.Here] = o
		}
	}
	out := make([]Overlap, 0, len(at))
	for _, o := range at {
		if w, ok := at[o.Other.Here]; ok && w.Other.Here == o.Use.Here && o.Use.Here < o.Other.Here && w.Name == o.Name {
			continue // the same two uses, seen from the later one
		}
		out = append(out, o)
	}
	slices.SortFunc(out, func(a, b Overlap) int {
		return cmp.Or(cmp.Compare(a.Use.Here, b.Use.Here), cmp.Compare(a.Other.Here, b.Other.Here))
	})
	return out
}

// rank orders the findings of one position, best first.
func rank(a, b Overlap) int {
	own := func(o Overlap) int {
		if o.Use.Own {
			return 0
		}
		return 1
	}
	return cmp.Or(cmp.Compare(own(a), own(b)), cmp.Compare(a.Other.Here, b.Other.Here), cmp.Compare(a.Name, b.Name),
		cmp.Compare(a.Use.Method, b.Use.Method), cmp.Compare(a.Row.Key, b.Row.Key))
}

// earlier orders the findings of one connection and goroutine: what the code
// does with it comes before the end of it, which is often deferred.
func earlier(a, b Overlap) bool {
	end := func(o Overlap) int {
		if o.Use.Role == catalog.End {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(end(a), end(b)), cmp.Compare(a.Use.Here, b.Use.Here), cmp.Compare(a.Other.Here, b.Other.Here)) < 0
}

// carried is the name of what a context carries, for a connection that is one.
func carried(name string, row *catalog.Type) string {
	if typ, _, ok := strings.Cut(row.Key, "#"); !ok || typ != "context.Context" {
		return name
	}
	return name + "'s " + row.Role
}

func (b *builder) meetingPlace(u, v use) (access.Path, *catalog.Type) {
	ys := b.resolve(v.Value)
	for _, x := range b.resolve(u.Value) {
		if slices.ContainsFunc(ys, func(y access.Value) bool { return y.Path == x.Path }) && !b.private(x, u.Thread, v.Thread) {
			return x.Path, b.contractOf(x, u, v)
		}
	}
	return access.Path{}, nil
}

// acquiredHere is where a connection comes from that the function itself makes
// or gets from a call: the position, and the place if another package makes it.
func (b *builder) acquiredHere(place access.Path) (int, effect.Place) {
	o := b.object(access.Value{Path: place})
	if o == nil || o.Kind != effect.Acquire {
		return 0, ""
	}
	if o.Foreign {
		return o.Pos, o.Where
	}
	return o.Pos, ""
}

// nameHere is the connection of a use inside a callee as this function writes it.
func (b *builder) nameHere(u use) string {
	if u.site == 0 || u.Here == u.Pos {
		return ""
	}
	for _, x := range b.resolve(u.Value) {
		if n := b.pathName(x.Path); n != "" && n[0] != '[' && !x.Path.HasVariableElem() {
			return n
		}
	}
	return ""
}

// useName is the connection as the user writes it at one of the two uses.
func (b *builder) useName(u, v use) string {
	for _, n := range []string{b.nameHere(u), u.Name, v.Name} {
		if n != "" {
			return n
		}
	}
	for _, x := range b.resolve(u.Value) {
		if n := b.pathName(x.Path); n != "" {
			return n
		}
	}
	return "the connection"
}
