package summary

import (
	"go/token"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/connvet/connvet/passes/internal/access"
	"github.com/connvet/connvet/passes/internal/catalog"
	"github.com/connvet/connvet/passes/internal/effect"
	"github.com/connvet/connvet/passes/internal/sharing"
)

// swapped records that a store puts another connection into a place that
// outlives the function: a reconnect. Filling an empty place is none.
func (b *builder) swapped(i *ssa.Store) {
	row := b.eng.cat.TypeOf(i.Val.Type())
	if row == nil || row.Contract <= catalog.Shareable || isNil(i.Val) || b.fillsEmpty(i) {
		return
	}
	ctx := b.context(i)
	for _, p := range b.eval(i.Addr) {
		if !outlives(p.Path) || p.Path.Root.Kind != access.Global && p.Path.Len() == 0 || len(b.uses) >= b.budget(maxUses) {
			continue
		}
		b.uses = append(b.uses, use{
			Use: effect.Use{
				Value: p, Type: row.Key, Static: true, Role: catalog.Use, Swap: effect.SwapLost, Where: b.eng.place(i.Pos()),
				Test: b.eng.test(i.Pos()), Pos: int(i.Pos()), Here: int(i.Pos()), Name: b.name(p, i.Addr), Maybe: b.dependsOnCapture(i),
			},
			at: ctx.at, own: true,
		})
	}
}

// fillsEmpty reports whether a store runs only when the place was nil.
func (b *builder) fillsEmpty(i *ssa.Store) bool {
	places := b.eval(i.Addr)
	for blk := i.Block().Idom(); blk != nil; blk = blk.Idom() {
		iff, ok := blk.Instrs[len(blk.Instrs)-1].(*ssa.If)
		if !ok {
			continue
		}
		cond, ok := iff.Cond.(*ssa.BinOp)
		if !ok {
			continue
		}
		x := nilTested(cond)
		if x == nil || !slices.ContainsFunc(b.eval(x), func(v access.Value) bool { return slices.Contains(places, v) }) {
			continue
		}
		empty := blk.Succs[0]
		if cond.Op == token.NEQ {
			empty = blk.Succs[1]
		}
		if len(empty.Preds) == 1 && empty.Dominates(i.Block()) {
			return true
		}
	}
	return false
}

// closedStates are the methods of connections that tell whether they are
// closed already.
var closedStates = map[string]bool{"IsClosed": true, "Closed": true}

// endSwapped finds out which of the function's swaps close the old connection,
// or look whether it is closed, before or after they replace it.
func (b *builder) endSwapped() {
	for i := range b.uses {
		u := &b.uses[i]
		if u.Swap == effect.NoSwap || u.site != 0 {
			continue
		}
		if slices.ContainsFunc(b.uses, func(v use) bool {
			return v.Role == catalog.End && v.Swap == effect.NoSwap && slices.ContainsFunc(b.resolve(v.Value), func(x access.Value) bool { return x.Path == u.Value.Path || b.cameFrom(x, u.Value.Path) })
		}) || b.asksClosed(u.Value.Path) {
			u.Swap = effect.SwapClosed
		}
	}
}

// cameFrom reports whether a value was taken out of a place.
func (b *builder) cameFrom(v access.Value, place access.Path) bool {
	r := v.Path.Root
	return r.Kind == access.Fresh && slices.ContainsFunc(b.outOf[r.N], func(o access.Value) bool { return o.Path == place })
}

// asksClosed reports whether the function asks the connection in a place
// whether it is closed.
func (b *builder) asksClosed(p access.Path) bool {
	for _, blk := range b.fn.Blocks {
		for _, i := range blk.Instrs {
			c, ok := i.(*ssa.Call)
			if !ok {
				continue
			}
			if recv, name := receiverCall(c.Common()); closedStates[name] && slices.ContainsFunc(b.eval(recv), func(v access.Value) bool { return v.Path == p }) {
				return true
			}
		}
	}
	return false
}

// receiverCall gives the receiver and the name of a method call.
func receiverCall(c *ssa.CallCommon) (ssa.Value, string) {
	if c.IsInvoke() {
		return c.Value, c.Method.Name()
	}
	if f := c.StaticCallee(); f != nil && f.Signature.Recv() != nil && len(c.Args) > 0 {
		return c.Args[0], f.Name()
	}
	return nil, ""
}

// locksAnything reports whether a use holds an exclusive lock. A swap under
// any lock is left alone: what reads the place under that lock may use the
// connection without it.
func locksAnything(ls []effect.Lock) bool {
	return slices.ContainsFunc(ls, func(l effect.Lock) bool { return !l.Shared })
}

// swapConflict reports whether a swap meets another use of its place.
func (b *builder) swapConflict(v, w sharing.Use) bool {
	for _, s := range []sharing.Use{v, w} {
		if b.uses[s.Index].Swap != effect.NoSwap && locksAnything(s.Locks) {
			return false
		}
	}
	return true
}

// swapOf finds a swap of a shared connection that holds no lock.
func (b *builder) swapOf(uses []sharing.Use, place access.Path) *effect.Use {
	for _, s := range uses {
		if u := b.uses[s.Index].Use; s.Place == place && u.Swap != effect.NoSwap && !locksAnything(s.Locks) {
			return &u
		}
	}
	return nil
}

// replacedAt reports whether a finding on a shared connection already says
// that the store at a position loses the old one.
func replacedAt(all []Shared, pos token.Pos) bool {
	lost := func(u effect.Use) bool { return u.Swap == effect.SwapLost && token.Pos(u.Pos) == pos }
	return slices.ContainsFunc(all, func(s Shared) bool {
		return lost(s.Use) || lost(s.Other) || s.Swap != nil && lost(*s.Swap)
	})
}
