package obligation

import (
	"go/token"
	"slices"

	"golang.org/x/tools/go/ssa"
)

// keptPlace names an address that outlives the function and that the function
// itself can name again: a field of a structure that it is given, or a package
// variable.
func keptPlace(addr ssa.Value) (place, bool) {
	switch a := addr.(type) {
	case *ssa.Global:
		return place{a, whole}, true
	case *ssa.FieldAddr:
		switch root := Only(a.X).(type) {
		case *ssa.Parameter, *ssa.FreeVar:
			return place{root, a.Field}, true
		}
	}
	return place{}, false
}

// Only is the parameter that a variable holds all the time, or what a captured
// variable is; other values are themselves.
func Only(v ssa.Value) ssa.Value {
	if load, ok := v.(*ssa.UnOp); ok && load.Op == token.MUL {
		v = load.X
	}
	switch x := v.(type) {
	case *ssa.Alloc:
		var st *ssa.Store
		for _, r := range *x.Referrers() {
			s, ok := r.(*ssa.Store)
			if !ok {
				continue
			}
			if s.Addr != v || st != nil {
				return v
			}
			st = s
		}
		if st != nil {
			return st.Val
		}
	case *ssa.FreeVar:
		for _, r := range *x.Referrers() {
			if s, ok := r.(*ssa.Store); ok && s.Addr == v {
				return nil // another structure later on
			}
		}
	}
	return v
}

// keeping reports whether the places that keep the value are followed: for
// acquisitions, and for what a field held before.
func (t *tracker) keeping() bool { return t.src.Call != nil || t.src.Field > 0 }

// keep stores the value where it outlives the function: nothing is owed any
// more, but for the place not to be overwritten.
func (t *tracker) keep(p place, s state) state {
	bit := t.bit(p)
	elsewhere := t.src.Call == nil && (p.root != t.src.Given || p.field != t.src.Field-1)
	if bit == 0 || elsewhere || s.deferred || s.defers != 0 {
		return s.settle(moved)
	}
	s.holders |= bit
	if !s.kept && t.src.Call != nil {
		s.kept, s.seen = true, true
	}
	return s
}

// replace stores something else where the value may be kept.
func (t *tracker) replace(i *ssa.Store, p place, s state) state {
	bit := t.places[p]
	if bit == 0 || s.holders&bit == 0 {
		return s
	}
	s.holders &^= bit
	if s.kept && !t.keptSomewhere(s) {
		s.kept, s.seen = false, false
		if t.src.Call == nil || !t.heldAfter(i, s) {
			return s.settle(moved)
		}
	}
	return s
}

// keptSomewhere reports whether a place that outlives the function holds the value.
func (t *tracker) keptSomewhere(s state) bool {
	for n, of := range t.order {
		if p, ok := of.(place); ok && s.holders&(1<<n) != 0 && outlives(p) {
			return true
		}
	}
	return false
}

func outlives(p place) bool {
	switch p.root.(type) {
	case *ssa.Parameter, *ssa.Global:
		return true
	case *ssa.FreeVar:
		return p.field != whole
	}
	return false
}

// load remembers what a field held when it was loaded.
func (t *tracker) load(i *ssa.UnOp, s state) state {
	if i.Op != token.MUL || s.status != owed {
		return s
	}
	p, ok := keptPlace(i.X)
	if !ok || t.places[p] == 0 {
		return s
	}
	if t.loads[i] == 0 {
		t.loads[i] = t.newBit(i)
	}
	s.holders &^= t.loads[i]
	if s.holders&t.places[p] == 0 {
		return s
	}
	if t.loads[i] == 0 {
		return s.settle(moved)
	}
	s.holders |= t.loads[i]
	return s
}

// loses reports whether a store overwrites the last place that keeps the value
// while it may still be used.
func (t *tracker) loses(i *ssa.Store, s state) bool {
	if s.status != owed || !s.kept || !s.seen || s.deferred || s.defers != 0 {
		return false
	}
	p, ok := keptPlace(i.Addr)
	if !ok || s.holders&t.places[p] == 0 || t.contains(i.Val, s, containDepth) {
		return false
	}
	s.holders &^= t.places[p]
	return !t.heldAfter(i, s)
}

// heldAfter reports whether anything that is used later holds the value.
func (t *tracker) heldAfter(i ssa.Instruction, s state) bool {
	for n, of := range t.order {
		if s.holders&(1<<n) == 0 {
			continue
		}
		switch of := of.(type) {
		case *ssa.Phi:
			if liveAfter(of, of.Block(), i) {
				return true
			}
		case *ssa.UnOp:
			if liveAfter(of, of.Block(), i) {
				return true
			}
		case place:
			return true
		}
	}
	return t.src.Call != nil && t.resultLive(i)
}

// resultLive reports whether the result of the acquisition itself is used later.
func (t *tracker) resultLive(i ssa.Instruction) bool {
	v := result(t.src.Call, t.src.Result)
	return v != nil && liveAfter(v, t.src.Call.Block(), i)
}

// keptAgain judges an acquisition that runs while a field keeps the value of
// the earlier turn: the store that follows overwrites it.
func (t *tracker) keptAgain(s state, out *Outcome) {
	if s.deferred || s.defers != 0 {
		return
	}
	var over *ssa.Store
	for n, of := range t.order {
		if s.holders&(1<<n) == 0 {
			continue
		}
		switch of := of.(type) {
		case place:
			st := t.storeOfAcquired(of)
			if st == nil || !outlives(of) || over != nil {
				return // held elsewhere
			}
			over = st
		case *ssa.Phi:
			if liveAfter(of, of.Block(), t.src.Call) {
				return
			}
		case *ssa.UnOp:
			if liveAfter(of, of.Block(), t.src.Call) {
				return
			}
		}
	}
	if over != nil && !slices.Contains(out.Over, over) {
		out.Over = append(out.Over, over)
	}
}

// storeOfAcquired finds the store of the acquired value into a place that
// outlives the function.
func (t *tracker) storeOfAcquired(p place) *ssa.Store {
	for _, b := range t.fn.Blocks {
		for _, i := range b.Instrs {
			st, ok := i.(*ssa.Store)
			if !ok {
				continue
			}
			if q, ok := keptPlace(st.Addr); ok && q == p && t.alias(st.Val, state{status: owed}) {
				return st
			}
		}
	}
	return nil
}

// reachable reports whether an operand is, or holds, the value.
func (t *tracker) reachable(c ssa.CallInstruction, s state) bool {
	return slices.ContainsFunc(Operands(c.Common()), func(v ssa.Value) bool { return t.contains(v, s, containDepth) })
}

// used reports whether a call is made on the value, or gets it as an argument.
func (t *tracker) used(c ssa.CallInstruction, s state) bool {
	return slices.ContainsFunc(Operands(c.Common()), func(v ssa.Value) bool { return t.alias(v, s) })
}
