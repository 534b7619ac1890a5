package summary

import (
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/connvet/connvet/passes/internal/access"
)

// spawned reports whether a goroutine that this function, or one it calls,
// starts may use the value: then the end of the function is not the end of its
// use. In doubt it is so: that only silences, and keeps a fix from being suggested.
func (b *builder) spawned(v ssa.Value) bool {
	w := &spawning{b: b, seen: map[ssa.Value]bool{}}
	w.add(v)
	for len(w.work) > 0 && !w.found {
		v := w.work[len(w.work)-1]
		w.work = w.work[:len(w.work)-1]
		for _, r := range *v.Referrers() {
			w.refer(v, r)
		}
	}
	return w.found
}

// spawning follows a value and what holds it through a function.
type spawning struct {
	b     *builder
	seen  map[ssa.Value]bool
	work  []ssa.Value
	found bool
}

func (w *spawning) add(v ssa.Value) {
	if v.Referrers() != nil && !w.seen[v] && carrier(v.Type()) {
		w.seen[v] = true
		w.work = append(w.work, v)
	}
}

// refer is the flat dispatch over what an instruction does with v.
func (w *spawning) refer(v ssa.Value, r ssa.Instruction) {
	switch r := r.(type) {
	case *ssa.Go:
		w.found = true
	case *ssa.Defer:
		w.call(v, r)
	case *ssa.Call:
		w.call(v, r)
		w.add(r) // what it returns may hold v
	case *ssa.Store:
		if a, ok := r.Addr.(*ssa.Alloc); ok && r.Val == v {
			w.add(a)
		}
	case *ssa.MakeClosure:
		w.add(r)
		for i, x := range r.Bindings {
			if x == v {
				w.effect(w.b.besideOf(w.b.eng.key(r.Fn.(*ssa.Function)), i, true))
			}
		}
	case ssa.Value:
		w.add(r)
	}
}

func (w *spawning) effect(beside bool) { w.found = w.found || beside }

func (w *spawning) call(v ssa.Value, c ssa.CallInstruction) {
	key, args := w.b.calleeKey(c.Common())
	for i, x := range args {
		if x == v {
			w.effect(w.b.besideOf(key, i, false))
		}
	}
}

// besideOf reports whether a function lets a goroutine use its parameter, or
// captured variable, i.
func (b *builder) besideOf(key string, i int, free bool) bool {
	sum, _ := b.eng.lookup(key)
	if sum == nil {
		return false
	}
	params := sum.Params
	if free {
		params = sum.Frees
	}
	return i < len(params) && params[i].Beside
}

// usedBeside reports whether a thread that the function starts uses one of the
// values, or what lives on it.
func (b *builder) usedBeside(vs []access.Value) bool {
	mine := func(v access.Value) bool {
		return slices.ContainsFunc(vs, func(x access.Value) bool { return v.Path.Root == x.Path.Root })
	}
	return slices.ContainsFunc(b.uses, func(u use) bool { return u.Thread != 0 && slices.ContainsFunc(b.resolve(u.Value), mine) }) ||
		slices.ContainsFunc(b.calls, func(c *call) bool { return c.Thread != 0 && slices.ContainsFunc(b.resolve(c.Target), mine) })
}
