package obligation

import (
	"go/types"
	"slices"

	"github.com/connvet/connvet/passes/internal/flow"
	"golang.org/x/tools/go/ssa"
)

// whole and element are the fields of places that are no struct fields.
const (
	whole   = -1 // the variable itself
	element = -2 // some element of it
)

// place is a local variable, or a part of one, that can hold the value.
type place struct {
	root  ssa.Value // *ssa.Alloc or captured variable
	field int
}

// containDepth is how deep structures are looked into.
const containDepth = 6

// tracker knows the places and conditions of one function that matter for one
// source. Places get their bits when the value first reaches them.
type tracker struct {
	fn     *ssa.Function
	src    Source
	oracle Oracle
	phis   map[*ssa.Phi]uint64
	loads  map[*ssa.UnOp]uint64 // what is loaded from fields that keep the value
	places map[place]uint64
	order  []any // phi, load or place of each bit
	conds  map[string]uint64
	defers map[*ssa.Defer]uint32
	list   []*ssa.Defer // defer of each bit

	ends    func(ssa.CallInstruction, int) bool // releases its operand for certain; nil if that is not asked
	endedBy []*ssa.Call
	turns   *flow.Loops                // set if a counter decides on the acquisition
	renewed func(ssa.Instruction) bool // makes what the value lives on anew; nil if nothing does
}

func newTracker(fn *ssa.Function, src Source, o Oracle) *tracker {
	t := &tracker{
		fn: fn, src: src, oracle: o,
		phis: map[*ssa.Phi]uint64{}, loads: map[*ssa.UnOp]uint64{}, places: map[place]uint64{},
		conds: map[string]uint64{}, defers: map[*ssa.Defer]uint32{},
	}
	t.findDefers()
	t.findConditions()
	t.findCounter()
	return t
}

// findDefers gives a bit to each deferred call whose effect is only known when
// it runs: it ends what the value lives on, or captures a variable.
func (t *tracker) findDefers() {
	for _, b := range t.fn.Blocks {
		for _, i := range b.Instrs {
			d, ok := i.(*ssa.Defer)
			if ok && len(t.list) < 32 && (capturesVariable(d) || t.oracle.EndsParent(d)) {
				t.defers[d] = 1 << len(t.list)
				t.list = append(t.list, d)
			}
		}
	}
}

func capturesVariable(d *ssa.Defer) bool {
	m := closure(d.Call.Value)
	return m != nil && slices.ContainsFunc(m.Bindings, func(b ssa.Value) bool {
		_, ok := localPlace(b)
		return ok
	})
}

// bit gives the bit of a place; 0 when there are too many.
func (t *tracker) bit(p place) uint64 {
	if t.places[p] == 0 {
		t.places[p] = t.newBit(p)
	}
	return t.places[p]
}

func (t *tracker) phiBit(p *ssa.Phi) uint64 {
	if t.phis[p] == 0 {
		t.phis[p] = t.newBit(p)
	}
	return t.phis[p]
}

func (t *tracker) newBit(of any) uint64 {
	if len(t.order) >= 64 {
		return 0
	}
	t.order = append(t.order, of)
	return 1 << (len(t.order) - 1)
}

// localPlace names an address inside a variable of this function.
func localPlace(addr ssa.Value) (place, bool) {
	switch a := addr.(type) {
	case *ssa.Alloc:
		return place{a, whole}, true
	case *ssa.FreeVar:
		return place{a, whole}, true
	case *ssa.FieldAddr:
		if root, ok := a.X.(*ssa.Alloc); ok {
			return place{root, a.Field}, true
		}
	case *ssa.IndexAddr:
		if root, ok := a.X.(*ssa.Alloc); ok {
			return place{root, element}, true
		}
	}
	return place{}, false
}

// store moves the value out of the function's hands, or into a local place.
func (t *tracker) store(i *ssa.Store, s state) state {
	p, local := localPlace(i.Addr)
	k, keeps := keptPlace(i.Addr)
	if s.status == owed && t.contains(i.Val, s, containDepth) {
		if keeps && t.keeping() && t.alias(i.Val, s) {
			return t.keep(k, s)
		}
		return t.put(i, p, local, s)
	}
	if keeps {
		return t.replace(i, k, s)
	}
	if !local || p.field == element {
		return s
	}
	return t.overwrite(i, p, s)
}

// put stores a value that is, or holds, the tracked one.
func (t *tracker) put(i *ssa.Store, p place, local bool, s state) state {
	_, free := i.Addr.(*ssa.FreeVar)
	switch {
	case !local, free && !(t.src.Cell && p.root == t.src.Given):
		return s.settle(moved)
	case p.field == element && t.elementsEnd(p.root):
		return s.settle(moved)
	case t.alias(i.Val, s) || p.field != whole:
		bit := t.bit(p)
		if bit == 0 {
			return s.settle(moved)
		}
		s.holders |= bit
		return s
	}
	return t.copyStruct(i, p, s)
}

// elementsEnd reports whether the function goes over the elements of an array
// and hands them to what releases, or may release, them: who is in it is
// looked after.
func (t *tracker) elementsEnd(array ssa.Value) bool {
	work := slices.Clone(*array.Referrers())
	for len(work) > 0 {
		i := work[len(work)-1]
		work = work[:len(work)-1]
		switch i := i.(type) {
		case *ssa.Slice:
			work = append(work, *i.Referrers()...)
		case *ssa.IndexAddr:
			if _, fixed := i.Index.(*ssa.Const); !fixed {
				work = append(work, *i.Referrers()...)
			}
		case *ssa.UnOp:
			if t.operandEnds(i) {
				return true
			}
		}
	}
	return false
}

// operandEnds reports whether a call that gets the value may release it.
func (t *tracker) operandEnds(v ssa.Value) bool {
	for _, r := range *v.Referrers() {
		c, ok := r.(ssa.CallInstruction)
		if !ok {
			continue
		}
		for n, x := range Operands(c.Common()) {
			if x == v && t.oracle.Operand(c, n).Effect != Borrow {
				return true
			}
		}
	}
	return false
}

// copyStruct follows the fields of a structure that is copied to another
// variable; other structures inside variables are not followed.
func (t *tracker) copyStruct(i *ssa.Store, p place, s state) state {
	load, ok := i.Val.(*ssa.UnOp)
	if !ok {
		return s.settle(moved)
	}
	from, ok := load.X.(*ssa.Alloc)
	if !ok || from == p.root {
		return s.settle(moved)
	}
	if _, ok := p.root.(*ssa.Alloc); !ok {
		return s.settle(moved)
	}
	for n, of := range slices.Clone(t.order) {
		q, ok := of.(place)
		if !ok || q.root != ssa.Value(from) || s.holders&(1<<n) == 0 {
			continue
		}
		bit := t.bit(place{p.root, q.field})
		if bit == 0 {
			return s.settle(moved)
		}
		s.holders |= bit
	}
	return s
}

// overwrite stores something else into a local place.
func (t *tracker) overwrite(i *ssa.Store, p place, s state) state {
	for q, bit := range t.places {
		if q == p || p.field == whole && q.root == p.root && q.field >= 0 {
			s.holders &^= bit
			s.errs &^= bit
		}
	}
	if t.isError(i.Val, s) {
		s.errs |= t.bit(p)
	}
	if bit := t.conds[nilKey(i.Addr, true)]; bit != 0 && p.field == whole {
		s = t.setNil(s, bit, i.Val)
	}
	return s
}

// enter moves the state over an edge: the phis of the target take the values
// of the edge.
func (t *tracker) enter(from, to *ssa.BasicBlock, s state) state {
	n := slices.Index(to.Preds, from)
	next := s
	for _, i := range to.Instrs {
		phi, ok := i.(*ssa.Phi)
		if !ok {
			break
		}
		next = t.enterPhi(phi, phi.Edges[n], s, next)
	}
	return next
}

func (t *tracker) enterPhi(phi *ssa.Phi, edge ssa.Value, s, next state) state {
	alias, isErr := t.alias(edge, s), t.isError(edge, s)
	if alias || isErr {
		if bit := t.phiBit(phi); bit == 0 && alias && next.status == owed {
			return next.settle(moved)
		}
	}
	bit := t.phis[phi]
	next.holders &^= bit
	next.errs &^= bit
	if alias {
		next.holders |= bit
	}
	if isErr {
		next.errs |= bit
	}
	if errorType(phi.Type()) {
		key := nilKey(phi, false)
		if t.conds[key] == 0 && (s.known|s.denied)&t.conds[nilKey(edge, false)] != 0 {
			t.condition(key)
		}
		if bit := t.conds[key]; bit != 0 {
			next = t.setNilFrom(next, bit, edge, s)
		}
	}
	return next
}

// stillHeld reports whether a variable that is used later holds the value of
// the earlier turn when it is acquired again.
func (t *tracker) stillHeld(s state) bool {
	for n, of := range t.order {
		if s.holders&(1<<n) == 0 {
			continue
		}
		switch of := of.(type) {
		case *ssa.Phi:
			if liveAfter(of, of.Block(), t.src.made()) {
				return true
			}
		case place:
			if !t.overwrites(of) && !t.remade(of) {
				return true
			}
		}
	}
	return false
}

// remade reports whether the variable is a new one on each turn: whoever holds
// the old one cannot be seen from here.
func (t *tracker) remade(p place) bool {
	a, ok := p.root.(*ssa.Alloc)
	made := t.src.made().Block()
	if !ok || !a.Heap && a.Block() != made {
		return false
	}
	return a.Block() != t.fn.Blocks[0] && reaches(made, a.Block())
}

// reaches reports whether control can get from one block to another.
func reaches(from, to *ssa.BasicBlock) bool {
	seen := map[*ssa.BasicBlock]bool{}
	work := slices.Clone(from.Succs)
	for len(work) > 0 {
		b := work[len(work)-1]
		work = work[:len(work)-1]
		if b == to {
			return true
		}
		if !seen[b] {
			seen[b] = true
			work = append(work, b.Succs...)
		}
	}
	return false
}

// overwrites reports whether the acquired value is stored into the place.
func (t *tracker) overwrites(p place) bool {
	for _, b := range t.fn.Blocks {
		for _, i := range b.Instrs {
			st, ok := i.(*ssa.Store)
			if !ok {
				continue
			}
			if q, ok := localPlace(st.Addr); ok && q == p && t.alias(st.Val, state{status: owed}) {
				return true
			}
		}
	}
	return false
}

// liveAfter reports whether a value made in block def can be used after the
// instruction before it is made anew.
func liveAfter(v ssa.Value, def *ssa.BasicBlock, after ssa.Instruction) bool {
	seen := map[*ssa.BasicBlock]bool{}
	work := []*ssa.BasicBlock{after.Block()}
	start := true
	for len(work) > 0 {
		b := work[len(work)-1]
		work = work[:len(work)-1]
		used, anew := usedIn(v, b, after, start)
		if used {
			return true
		}
		start = false
		if anew {
			continue
		}
		for _, succ := range b.Succs {
			if phiUse(v, b, succ) {
				return true
			}
			if !seen[succ] && succ != def {
				seen[succ] = true
				work = append(work, succ)
			}
		}
	}
	return false
}

// usedIn reports whether a block uses the value, or makes it anew first.
func usedIn(v ssa.Value, b *ssa.BasicBlock, after ssa.Instruction, fromAfter bool) (used, anew bool) {
	begin := 0
	if fromAfter {
		begin = slices.Index(b.Instrs, after) + 1
	}
	for _, i := range b.Instrs[begin:] {
		if _, ok := i.(*ssa.Phi); ok {
			continue
		}
		if made, ok := i.(ssa.Value); ok && made == v {
			return false, true
		}
		var ops [8]*ssa.Value
		for _, o := range i.Operands(ops[:0]) {
			if *o == v {
				return true, false
			}
		}
	}
	return false, false
}

func phiUse(v ssa.Value, from, to *ssa.BasicBlock) bool {
	n := slices.Index(to.Preds, from)
	for _, i := range to.Instrs {
		phi, ok := i.(*ssa.Phi)
		if !ok {
			return false
		}
		if phi.Edges[n] == v && phi != v {
			return true
		}
	}
	return false
}

func errorType(t types.Type) bool {
	return types.Identical(t, types.Universe.Lookup("error").Type())
}
