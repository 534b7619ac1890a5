package summary

import (
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/connvet/connvet/passes/internal/access"
	"github.com/connvet/connvet/passes/internal/catalog"
	"github.com/connvet/connvet/passes/internal/effect"
	"github.com/connvet/connvet/passes/internal/flow"
)

// takenOut names what is read from a field or package variable, or from a
// slice in one, under a lock that is not given back before something else, or
// the rest of the slice, is stored there: nobody else finds it there any more,
// so it belongs to who took it out.
func (b *builder) takenOut(v *ssa.UnOp) []access.Value {
	if n, ok := b.objOf[v]; ok {
		return fresh(n)
	}
	row := b.eng.cat.TypeOf(v.Type())
	if row == nil || row.Contract <= catalog.Shareable {
		return nil
	}
	st := replacing(v)
	if st == nil || !b.lockedAt(v) || b.leavesBefore(v, st) {
		return nil
	}
	n := b.newObject(effect.Object{Kind: effect.Moved, Type: catalog.TypeKey(v.Type())}, v, v.Pos())
	b.objOf[v] = n
	if n >= 0 {
		b.outOf[n] = b.eval(v.X)
	}
	return fresh(n)
}

// replacing finds the store of something else into the place that v is read
// from, before which v is at most compared with nil.
func replacing(v *ssa.UnOp) *ssa.Store {
	from, element := v.X, false
	if slice := sliceOf(v.X); slice != nil {
		from, element = slice, true
	}
	for _, blk := range v.Parent().Blocks {
		for _, i := range blk.Instrs {
			st, ok := i.(*ssa.Store)
			if !ok || st.Val == v || element && !isPart(st.Val, from) || !sameAddress(st.Addr, from) || !flow.Before(v, st) {
				continue
			}
			if !slices.ContainsFunc(*v.Referrers(), func(r ssa.Instruction) bool { return nilTested(r) != ssa.Value(v) && flow.Before(r, st) }) {
				return st
			}
		}
	}
	return nil
}

// sliceOf gives the address of the slice whose element an address is of.
func sliceOf(addr ssa.Value) ssa.Value {
	if ia, ok := addr.(*ssa.IndexAddr); ok {
		if load, ok := ia.X.(*ssa.UnOp); ok {
			return load.X
		}
	}
	return nil
}

// isPart reports whether a value is a part of the slice at an address.
func isPart(v, addr ssa.Value) bool {
	part, ok := v.(*ssa.Slice)
	if !ok {
		return false
	}
	load, ok := part.X.(*ssa.UnOp)
	return ok && sameAddress(load.X, addr)
}

// sameAddress reports whether two addresses are of one package variable, or of
// one field of one value.
func sameAddress(x, y ssa.Value) bool {
	fx, ok := x.(*ssa.FieldAddr)
	if !ok {
		_, global := x.(*ssa.Global)
		return global && x == y
	}
	fy, ok := y.(*ssa.FieldAddr)
	return ok && fx.Field == fy.Field && (fx.X == fy.X || sameAddress(fx.X, fy.X) || sameLoad(fx.X, fy.X))
}

// sameLoad reports whether two values are read from one variable.
func sameLoad(x, y ssa.Value) bool {
	lx, ok := x.(*ssa.UnOp)
	ly, both := y.(*ssa.UnOp)
	return ok && both && (lx.X == ly.X || sameAddress(lx.X, ly.X))
}

// lockedAt reports whether an exclusive lock was taken before an instruction
// and not given back.
func (b *builder) lockedAt(at ssa.Instruction) bool {
	found := false
	b.eachLockCall(func(c *ssa.Call, unlock bool) {
		found = found || !unlock && c.Block().Dominates(at.Block()) && flow.Before(c, at) && !b.unlockedBetween(c, at)
	})
	return found
}

func (b *builder) unlockedBetween(from, to ssa.Instruction) bool {
	found := false
	b.eachLockCall(func(c *ssa.Call, unlock bool) {
		found = found || unlock && flow.Before(from, c) && flow.Reaches(c, to, func(i ssa.Instruction) bool { return i == from })
	})
	return found
}

// leavesBefore reports whether the lock may be given back, or the function
// end, between two instructions.
func (b *builder) leavesBefore(from, to ssa.Instruction) bool {
	stop := func(i ssa.Instruction) bool { return i == to }
	found := false
	b.eachLockCall(func(c *ssa.Call, unlock bool) { found = found || unlock && flow.Reaches(from, c, stop) })
	return found || slices.ContainsFunc(b.fn.Blocks, func(blk *ssa.BasicBlock) bool {
		r, ok := blk.Instrs[len(blk.Instrs)-1].(*ssa.Return)
		return ok && flow.Reaches(from, r, stop)
	})
}

// eachLockCall visits the calls that take, or give back, an exclusive lock.
func (b *builder) eachLockCall(visit func(c *ssa.Call, unlock bool)) {
	for _, blk := range b.fn.Blocks {
		for _, i := range blk.Instrs {
			c, ok := i.(*ssa.Call)
			if !ok {
				continue
			}
			for _, o := range b.callLockOps(c.Common(), false) {
				if !o.Shared {
					visit(c, o.Unlock)
				}
			}
		}
	}
}
