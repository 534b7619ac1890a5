package summary

import (
	"go/types"

	"golang.org/x/tools/go/ssa"

	"github.com/connvet/connvet/passes/internal/catalog"
	"github.com/connvet/connvet/passes/internal/effect"
	"github.com/connvet/connvet/passes/internal/obligation"
)

// lasting reports whether a value of the type is a pool or client that is
// meant to be made once and kept.
func lasting(e *engine, t types.Type) bool {
	row := e.cat.TypeOf(t)
	return row != nil && row.Lasting()
}

// follows reports whether summaries say what functions do with a parameter of
// the type. What they say of pools holds for pools only: one Go type may also
// be a transaction.
func (o *oracle) follows(t types.Type) bool {
	return followed(o.b.eng, t) || o.pool && lasting(o.b.eng, t)
}

// samePool reports whether the result of a method of the pool is the pool
// again, or the pool inside it.
func (o *oracle) samePool(c *ssa.Call, cf *catalog.Func, result int) bool {
	t := c.Call.Signature().Results().At(result).Type()
	if o.typ != nil && types.Identical(t, o.typ) {
		return !makesAnother(cf, result)
	}
	return lasting(o.b.eng, t) && cf != nil && !makesAnother(cf, result)
}

// makesAnother reports whether the catalog says that the result is a new value.
func makesAnother(cf *catalog.Func, result int) bool {
	if cf != nil {
		for _, r := range cf.Results {
			if r.Index == result {
				return r.Owned && r.Type.Lasting()
			}
		}
	}
	return false
}

// poolContainer is what a call does to a pool that its operand holds: a
// repository, or a client with its transport.
func (o *oracle) poolContainer(c ssa.CallInstruction, key string, i int, t types.Type) obligation.Answer {
	e := o.b.eng
	if row := e.cat.TypeOf(t); row != nil && row.Lasting() {
		return o.Operand(c, i)
	}
	if printers[packageOf(key)] {
		return does(obligation.Borrow)
	}
	if !e.looks(key, t) {
		return does(obligation.Escape)
	}
	if i == 0 && methodCall(c) && !types.IsInterface(t) {
		return does(obligation.Borrow) // a query
	}
	call, ok := c.(*ssa.Call)
	if !ok || types.IsInterface(t) && methodCall(c) && i == 0 {
		return does(obligation.Escape)
	}
	res := call.Call.Signature().Results()
	for n := range res.Len() {
		if o.holdable(res.At(n).Type(), holdDepth) {
			return does(obligation.Borrow) // a constructor: its result is followed
		}
	}
	return does(obligation.Escape)
}

// followPools finds the pools that the function makes, and those of them that
// die with the call.
func (b *builder) followPools() {
	for _, blk := range b.fn.Blocks {
		for _, i := range blk.Instrs {
			switch i := i.(type) {
			case *ssa.Call:
				for _, own := range b.pools(i) {
					b.followPool(i, own, obligation.Source{Call: i, Result: own.Result, Error: own.Error, Undo: own.Undo - 1})
				}
			case *ssa.Alloc:
				if row := b.literal(i); row != nil {
					b.followPool(i, effect.Owned{Type: row.Key}, obligation.Source{Made: i, Error: -1, Undo: -1})
				}
			}
		}
	}
}

// pools lists the results of a call that are new pools.
func (b *builder) pools(c *ssa.Call) []effect.Owned {
	key, _ := b.calleeKey(&c.Call)
	if key == "" {
		return nil
	}
	var out []effect.Owned
	if cf := b.eng.cat.Func(key); cf != nil {
		for _, r := range cf.Results {
			if r.Owned && r.Type.Lasting() {
				out = append(out, effect.Owned{Result: r.Index, Error: errorResult(&c.Call), Type: r.Type.Key})
			}
		}
		return out
	}
	if sum, _ := b.eng.lookup(key); sum != nil {
		for _, own := range sum.Owned {
			if row := b.eng.cat.Type(own.Type); row != nil && row.Lasting() {
				out = append(out, own)
			}
		}
	}
	return out
}

// literal gives the row of a variable or composite literal that is a pool.
func (b *builder) literal(a *ssa.Alloc) *catalog.Type {
	row := b.eng.cat.TypeOf(a.Type())
	if row == nil || !row.Literal {
		return nil
	}
	return row
}

// keepsNothing reports whether the function sets one of the fields that make
// a value of the row keep no connections.
func (b *builder) keepsNothing(row *catalog.Type) bool {
	if len(row.Unless) == 0 {
		return false
	}
	for _, blk := range b.fn.Blocks {
		for _, i := range blk.Instrs {
			fa, ok := i.(*ssa.FieldAddr)
			if !ok || b.eng.cat.TypeOf(fa.X.Type()) != row {
				continue
			}
			if f := fieldOf(fa.X.Type(), fa.Field); f != nil && row.Unless[f.Name()] {
				return true
			}
		}
	}
	return false
}

// followPool follows one new pool to its end.
func (b *builder) followPool(at ssa.Instruction, own effect.Owned, src obligation.Source) {
	row := b.eng.cat.Type(own.Type)
	if b.eng.test(b.fn.Pos()) || b.helpsTests() || b.keepsNothing(row) {
		return
	}
	o := &oracle{b: b, row: row, typ: sourceType(src), pool: own.Owner == "", owner: own.Owner != ""}
	if o.owner {
		o.row = ownerRow(row, own)
	}
	out := obligation.Follow(b.fn, src, o)
	if out.Moved || out.Half || out.Kept {
		return
	}
	m := effect.Make{
		Type: own.Type, Where: own.Where, Dies: b.eng.place(at.Pos()), Pos: int(at.Pos()), Origin: own.Pos, Name: b.eng.nameAt(at.Pos(), own.Result),
	}
	if o.owner {
		m.Name = ""
	}
	if src.Made != nil && m.Name == "" {
		m.Name = userName(src.Made.Comment)
	}
	if m.Where == "" {
		m.Where, m.Origin = b.eng.place(at.Pos()), int(at.Pos())
	}
	if len(out.ReturnsAt) > 0 || out.Held != 0 {
		if !row.Must || row.Pool() { // a connection is given on as such
			b.givePool(m, out)
		}
		return
	}
	if len(out.Leaks) == 0 && !out.Again && !out.Released || b.guarded(at.Block()) {
		return
	}
	turn := b.worker(at.Block()) && !b.outlivesTurn(src)
	m.Closed = closedOn(out, turn)
	b.makes = append(b.makes, made{Make: m, at: at, turn: turn})
}

func sourceType(src obligation.Source) types.Type {
	if src.Made != nil {
		return src.Made.Type()
	}
	return src.Call.Call.Signature().Results().At(src.Result).Type()
}

// closedOn tells on which paths the pool is closed. A deferred call closes it
// when the function ends, which is too late in a loop that does not end.
func closedOn(out *obligation.Outcome, turn bool) effect.Outcome {
	late := out.Again && !out.Forgotten
	switch {
	case !out.Released && !late:
		return effect.None
	case len(out.Leaks) > 0 || out.Forgotten || late && turn:
		return effect.Some
	}
	return effect.All
}

// givePool notes that the caller gets the pool: itself, inside a client, or
// inside a value of a user's type.
func (b *builder) givePool(m effect.Make, out *obligation.Outcome) {
	b.ownHolders(m.Type, m.Where, out)
	res := b.fn.Signature.Results()
	for i := range res.Len() {
		own := effect.Owned{Result: i, Error: lastError(b.fn.Signature), Undo: out.Undo + 1, Type: m.Type, Where: m.Where, Pos: m.Origin}
		if !out.ReturnsAt[i] {
			row := b.eng.cat.TypeOf(res.At(i).Type())
			if i >= 16 || out.Held&(1<<i) == 0 || row == nil || !row.Lasting() {
				continue
			}
			own.Type, own.Undo = row.Key, 0
		}
		b.addOwned(own)
	}
}

// helpsTests reports whether the function, or the one around it, is a helper of
// tests by its parameters.
func (b *builder) helpsTests() bool {
	for fn := b.fn; fn != nil; fn = fn.Parent() {
		for _, p := range fn.Params {
			switch catalog.TypeKey(p.Type()) {
			case "testing.TB", "*testing.T", "*testing.B", "*testing.F", "*testing.M":
				return true
			}
		}
	}
	return false
}
