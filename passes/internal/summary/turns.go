package summary

import (
	"go/token"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/connvet/connvet/passes/internal/obligation"
)

// outlivesTurn reports whether a pool made in a loop may be used after the
// turn that makes it: a retry, or a slot that is filled.
func (b *builder) outlivesTurn(src obligation.Source) bool {
	w := &turn{b: b, seen: map[ssa.Value]bool{}}
	switch {
	case src.Made != nil:
		w.home = src.Made.Block()
		w.work = []ssa.Value{src.Made}
	case src.Call.Call.Signature().Results().Len() == 1:
		w.home = src.Call.Block()
		w.work = []ssa.Value{src.Call}
	default:
		w.home = src.Call.Block()
		for _, r := range *src.Call.Referrers() {
			if x, ok := r.(*ssa.Extract); ok && x.Index == src.Result {
				w.work = append(w.work, x)
			}
		}
	}
	return w.leaves()
}

// turn follows a value through a loop.
type turn struct {
	b    *builder
	home *ssa.BasicBlock
	seen map[ssa.Value]bool
	work []ssa.Value
}

func (w *turn) leaves() bool {
	for len(w.work) > 0 {
		v := w.work[len(w.work)-1]
		w.work = w.work[:len(w.work)-1]
		if w.seen[v] || v.Referrers() == nil {
			continue
		}
		w.seen[v] = true
		if slices.ContainsFunc(*v.Referrers(), func(r ssa.Instruction) bool { return w.leavesBy(v, r) }) {
			return true
		}
	}
	return false
}

func (w *turn) leavesBy(v ssa.Value, r ssa.Instruction) bool {
	if !w.b.loops.Same(r.Block(), w.home) {
		return true
	}
	switch r := r.(type) {
	case *ssa.Store:
		a, ok := r.Addr.(*ssa.Alloc)
		if r.Val == v && ok {
			w.work = append(w.work, a)
			return !w.b.loops.Same(a.Block(), w.home)
		}
	case *ssa.Phi:
		w.work = append(w.work, r)
	case *ssa.MakeInterface:
		w.work = append(w.work, r)
	case *ssa.ChangeInterface:
		w.work = append(w.work, r)
	}
	return false
}

// guarded reports whether a block runs only where a test of state that the
// function itself changes allows it: a singleton, or work done once.
func (b *builder) guarded(blk *ssa.BasicBlock) bool {
	for ; blk.Idom() != nil; blk = blk.Idom() {
		d := blk.Idom()
		iff, ok := d.Instrs[len(d.Instrs)-1].(*ssa.If)
		if ok && len(blk.Preds) == 1 && blk.Preds[0] == d && b.lastingState(iff.Cond) {
			return true
		}
	}
	return false
}

// claims are methods that take a place for good and tell whether they did.
var claims = map[string]bool{"CompareAndSwap": true, "Swap": true, "LoadOrStore": true, "TryLock": true, "LoadAndDelete": true}

// lastingState reports whether a condition asks for something that outlives
// the call and that the function sets.
func (b *builder) lastingState(cond ssa.Value) bool {
	switch c := cond.(type) {
	case *ssa.UnOp:
		if c.Op == token.NOT {
			return b.lastingState(c.X)
		}
		return c.Op == token.MUL && b.sets(c.X)
	case *ssa.BinOp:
		return b.lastingState(c.X) || b.lastingState(c.Y)
	case *ssa.Extract:
		return b.lastingState(c.Tuple)
	case *ssa.Lookup:
		return b.lastingState(c.X)
	case *ssa.Call:
		fn := c.Call.StaticCallee()
		if fn == nil || len(c.Call.Args) == 0 {
			return false
		}
		return claims[fn.Name()] || fn.Name() == "Load" && b.sets(c.Call.Args[0])
	}
	return false
}

// sets reports whether the function changes the package variable or field at
// an address, or something in it.
func (b *builder) sets(addr ssa.Value) bool {
	for _, blk := range b.fn.Blocks {
		for _, i := range blk.Instrs {
			switch i := i.(type) {
			case *ssa.Store:
				if samePlace(i.Addr, addr) {
					return true
				}
			case *ssa.MapUpdate:
				if load, ok := i.Map.(*ssa.UnOp); ok && samePlace(load.X, addr) {
					return true
				}
			case *ssa.Call:
				if fn := i.Call.StaticCallee(); fn != nil && fn.Name() == "Store" && len(i.Call.Args) > 0 && samePlace(i.Call.Args[0], addr) {
					return true
				}
			}
		}
	}
	return false
}

// samePlace reports whether two addresses name one package variable, or one
// field of one type: the receiver's.
func samePlace(x, y ssa.Value) bool {
	switch x := x.(type) {
	case *ssa.Global:
		return x == y
	case *ssa.FreeVar:
		return x == y
	case *ssa.FieldAddr:
		fy, ok := y.(*ssa.FieldAddr)
		return ok && x.Field == fy.Field && fieldOf(x.X.Type(), x.Field) == fieldOf(fy.X.Type(), fy.Field)
	}
	return false
}
