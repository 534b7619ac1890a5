package obligation

import "golang.org/x/tools/go/ssa"

// exec runs one instruction; no state comes out when the path ends here.
func (t *tracker) exec(i ssa.Instruction, s state) []state {
	if t.renewed != nil && s.status == owed && t.renewed(i) {
		s = s.settle(moved)
	}
	switch i := i.(type) {
	case *ssa.Call:
		return t.call(i, s)
	case *ssa.Panic:
		return nil
	case *ssa.Defer:
		s = t.deferCall(i, s)
	case *ssa.UnOp:
		s = t.load(i, s)
	case *ssa.Go:
		if s.kept && t.reachable(i, s) {
			return []state{s.settle(moved)} // lives on in a goroutine of its own
		}
		if s.status == owed {
			s = t.apply(s, t.effect(i, s).Effect)
		}
	case *ssa.RunDefers:
		s = t.atExit(s)
	case *ssa.Alloc:
		if bit := t.conds[cellKey(i)]; bit != 0 {
			s = s.set(bit, true) // a new variable is zero
		}
		if i == t.src.Made {
			s = s.acquired()
		}
	case *ssa.Store:
		s = t.store(i, s)
	case *ssa.MapUpdate:
		s = t.give(t.give(s, i.Value), i.Key)
	case *ssa.Send:
		s = t.give(s, i.X)
	}
	return []state{s}
}

// give moves the value when v is, or holds, it.
func (t *tracker) give(s state, v ssa.Value) state {
	if s.status == owed && t.contains(v, s, containDepth) {
		return s.settle(moved)
	}
	return s
}

func (t *tracker) call(c *ssa.Call, s state) []state {
	if t.oracle.NoReturn(c) {
		return nil
	}
	if s.status == owed && t.oracle.Fatal(c) {
		s = s.settle(moved)
	}
	out := []state{s}
	if t.ends != nil && s.status == owed {
		out[0] = t.end(c, s)
	} else if s.status == owed || s.status == half {
		a := t.effect(c, s)
		s.seen = s.seen || s.kept && a.Effect == Borrow && t.used(c, s)
		out[0] = s
		if a.Effect == Release && a.If.On == Result {
			out = t.fork(c, s, a.If)
		} else {
			out[0] = t.apply(s, a.Effect)
		}
	}
	if c == t.src.Call {
		return []state{s.acquired()}
	}
	return out
}

// fork splits the state over a call that releases the value only with a nil,
// or only with a non-nil, error.
func (t *tracker) fork(c *ssa.Call, s state, cond Condition) []state {
	done := s.settle(released)
	if e := result(c, cond.Index); e != nil {
		bit := t.condition(nilKey(e, false))
		if bit == 0 {
			return []state{s.settle(moved)}
		}
		done, s = done.set(bit, cond.Nil), s.set(bit, !cond.Nil)
	}
	return []state{done, s}
}

// result is the value of a call's result; nil if nothing refers to it.
func result(c *ssa.Call, n int) ssa.Value {
	if c.Call.Signature().Results().Len() == 1 {
		return c
	}
	for _, r := range *c.Referrers() {
		if x, ok := r.(*ssa.Extract); ok && x.Index == n {
			return x
		}
	}
	return nil
}

func (t *tracker) deferCall(d *ssa.Defer, s state) state {
	if bit := t.defers[d]; bit != 0 {
		s.defers |= bit
		return s
	}
	if s.status != owed && s.status != half {
		return s
	}
	switch t.effect(d, s).Effect {
	case Release, DeferGuard, HalfMove:
		s.deferred = true
	case Move, Escape:
		return s.settle(moved)
	case Borrow:
	}
	return s
}

// atExit runs the deferred calls.
func (t *tracker) atExit(s state) state {
	if s.status != owed && s.status != half {
		return s
	}
	if s.deferred {
		return s.settle(released)
	}
	for n := len(t.list) - 1; n >= 0; n-- {
		if s.defers&(1<<n) == 0 {
			continue
		}
		switch a := t.effect(t.list[n], s); a.Effect {
		case Release:
			if t.happens(t.list[n], a.If, s) {
				return s.settle(released)
			}
		case DeferGuard, HalfMove:
			return s.settle(released)
		case Move, Escape:
			return s.settle(moved)
		case Borrow:
		}
	}
	return s
}

// happens reports whether a conditional release of a deferred closure may happen.
func (t *tracker) happens(d *ssa.Defer, cond Condition, s state) bool {
	m := closure(d.Call.Value)
	if cond.On != Binding || m == nil || cond.Index >= len(m.Bindings) {
		return true
	}
	isNil, known := t.cellNil(m.Bindings[cond.Index], s)
	return !known || isNil == cond.Nil
}

func (t *tracker) apply(s state, e Effect) state {
	switch e {
	case Release:
		return s.settle(released)
	case Move, Escape, DeferGuard:
		return s.settle(moved)
	case HalfMove:
		s.status = half
	case Borrow:
	}
	return s
}

// effect is the strongest effect of a call on the value, through any operand.
func (t *tracker) effect(c ssa.CallInstruction, s state) Answer {
	a := t.byOperand(c, s)
	if t.oracle.EndsParent(c) {
		a = stronger(Answer{Effect: Release}, a)
	}
	return a
}

// byOperand is the strongest effect through the operands of the call.
func (t *tracker) byOperand(c ssa.CallInstruction, s state) Answer {
	var a Answer
	if t.isUndo(c.Common().Value) {
		return Answer{Effect: Release}
	}
	for i, v := range Operands(c.Common()) {
		if t.alias(v, s) {
			a = stronger(a, t.oracle.Operand(c, i))
			continue
		}
		a = stronger(a, t.held(c, i, v, s))
	}
	return a
}

// held is the effect of a call on a value that one of its operands holds: a
// closure that captured it, or a structure it is part of.
func (t *tracker) held(c ssa.CallInstruction, i int, v ssa.Value, s state) Answer {
	m := closure(v)
	if m == nil {
		if t.contains(v, s, containDepth) {
			return t.oracle.Container(c, i)
		}
		return Answer{}
	}
	var a Answer
	for n, b := range m.Bindings {
		if t.alias(b, s) || t.holds(b, s) {
			a = stronger(a, t.oracle.Closure(c, m, n))
		} else if t.contains(b, s, containDepth-2) {
			a = stronger(a, Answer{Effect: Escape})
		}
	}
	return a
}

func stronger(a, b Answer) Answer {
	rank := [...]int{Borrow: 0, HalfMove: 1, DeferGuard: 2, Escape: 3, Move: 4, Release: 5}
	if rank[b.Effect] > rank[a.Effect] || a.Effect == Release && b.Effect == Release && b.If.On == Always {
		return b
	}
	return a
}
