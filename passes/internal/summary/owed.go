package summary

import (
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/connvet/connvet/passes/internal/access"
	"github.com/connvet/connvet/passes/internal/catalog"
	"github.com/connvet/connvet/passes/internal/config"
	"github.com/connvet/connvet/passes/internal/effect"
	"github.com/connvet/connvet/passes/internal/flow"
	"github.com/connvet/connvet/passes/internal/obligation"
)

// Acquisition is a value that a function acquires, and what becomes of it.
type Acquisition struct {
	Call    *ssa.Call
	Result  int // index of the value in the call's results
	Error   int // index of the error that is nil when the value is valid, -1 if none
	Undo    int // index of the result that is a function which releases the value, -1 if none
	Row     *catalog.Type
	Name    string // the user's variable
	Outcome *obligation.Outcome
	Via     effect.Place // where the function that is called acquires it
	Each    string       // what each has its own: request, worker; "" if nothing says so
	Exempt  bool         // lives as long as the process: main, init, TestMain
	Beside  bool         // other goroutines use it too
}

// followOwned runs the obligation analysis for everything the function acquires.
func (b *builder) followOwned() {
	for _, blk := range b.fn.Blocks {
		for _, i := range blk.Instrs {
			c, ok := i.(*ssa.Call)
			if !ok {
				continue
			}
			for _, own := range b.acquired(c) {
				b.followAcquired(c, own)
			}
		}
	}
}

// acquired lists the owned results of a call.
func (b *builder) acquired(c *ssa.Call) []effect.Owned {
	key, args := b.calleeKey(&c.Call)
	if key == "" {
		return nil
	}
	if cf := b.eng.cat.Func(key); cf != nil {
		return b.cataloguedOwned(c, cf, args)
	}
	if sum, _ := b.eng.lookup(key); sum != nil {
		return sum.Owned
	}
	return b.shapedOwned(c)
}

// shapedOwned lists what a method of a user's interface acquires that has the
// name and the results of a library's: it begins a transaction.
func (b *builder) shapedOwned(c *ssa.Call) []effect.Owned {
	if !c.Call.IsInvoke() || errorResult(&c.Call) != 1 {
		return nil
	}
	row := b.eng.cat.Begins(c.Call.Method.Name(), catalog.TypeKey(c.Call.Signature().Results().At(0).Type()))
	if row == nil {
		return nil
	}
	return []effect.Owned{{Result: 0, Error: 1, Type: row.Key}}
}

func (b *builder) cataloguedOwned(c *ssa.Call, cf *catalog.Func, _ []ssa.Value) []effect.Owned {
	var out []effect.Owned
	for _, r := range cf.Results {
		if !r.Owned || !r.Type.Must || r.Type.Pool() {
			continue
		}
		out = append(out, effect.Owned{Result: r.Index, Error: errorResult(&c.Call), Type: r.Type.Key})
	}
	return out
}

func errorResult(c *ssa.CallCommon) int {
	res := c.Signature().Results()
	if n := res.Len(); n > 1 && isError(res.At(n-1).Type()) {
		return n - 1
	}
	return -1
}

// ofLentTx reports whether a value lives on a transaction that the caller owns:
// when the function fails the caller ends it, and with it what lives on it.
func (b *builder) ofLentTx(on []access.Value) bool {
	return slices.ContainsFunc(b.resolveAll(on), func(v access.Value) bool {
		row := b.rowOf(v, b.typeOf(v))
		return row != nil && row.Role == "tx" && (v.Path.Root.Kind == access.Param || v.Path.Root.Kind == access.Free)
	})
}

func (b *builder) followAcquired(c *ssa.Call, own effect.Owned) {
	row := b.eng.cat.Type(own.Type)
	if row == nil || !row.Must || row.Pool() {
		return
	}
	o := &oracle{b: b, row: row, typ: c.Call.Signature().Results().At(own.Result).Type(), owner: own.Owner != ""}
	if o.owner {
		row = ownerRow(row, own)
		o.row = row
	} else {
		o.on = b.parents(c, own.Result)
	}
	src := obligation.Source{
		Call: c, Result: own.Result, Error: own.Error, Undo: own.Undo - 1, Follow: config.Current().Strict(),
	}
	out := obligation.Follow(b.fn, src, o)
	a := Acquisition{
		Call: c, Result: own.Result, Error: own.Error, Undo: own.Undo - 1, Row: row, Outcome: out,
		Name: b.eng.nameAt(c.Pos(), own.Result), Via: own.Where, Each: b.eng.each(b.fn, maxDepth),
		Exempt: !b.loops.In(c.Block()) && b.eng.runsOnce(b.fn, maxDepth) || b.ofLentTx(o.on),
		Beside: (out.Again || len(out.Leaks) > 0) && (b.usedBeside(b.resultAt(c, own.Result)) || b.spawned(c)),
	}
	if o.owner && !slices.ContainsFunc(own.Ends, closeLike) {
		b.ownResults(c, own, out) // a part of something else, which may have a method to be done with it
		return
	}
	b.acquisitions = append(b.acquisitions, a)
	b.followBusy(&a, src, o)
	b.followEnded(row, b.resultAt(c, own.Result), src, o)
	b.ownResults(c, own, out)
}

// parents lists what the result of a call lives on.
func (b *builder) parents(c *ssa.Call, result int) []access.Value {
	var on []access.Value
	for _, v := range b.resultAt(c, result) {
		if obj := b.object(v); obj != nil {
			on = append(on, obj.On...)
		}
	}
	return on
}

// runsOnce reports whether what the function acquires lives as long as the
// process: it is main, init or TestMain, or only they call it, outside of
// loops and goroutines.
func (e *engine) runsOnce(fn *ssa.Function, depth int) bool {
	if fn.Parent() != nil || fn.Pkg == nil || depth == 0 {
		return false
	}
	program := fn.Pkg.Pkg.Name() == "main"
	if fn.Signature.Recv() == nil {
		switch name := fn.Name(); {
		case name == "main" && program, name == "init", strings.HasPrefix(name, "init#"), name == "TestMain":
			return true
		}
	}
	callers, plain := e.callersOf(fn)
	if len(callers) == 0 || !plain || !program && token.IsExported(fn.Name()) {
		return false
	}
	for _, c := range callers {
		if flow.FindLoops(c.Parent()).In(c.Block()) || !e.runsOnce(c.Parent(), depth-1) {
			return false
		}
	}
	return true
}

// callersOf lists the calls of a function in its package; plain is false if it
// is also deferred, started as a goroutine or used as a value.
func (e *engine) callersOf(fn *ssa.Function) (calls []*ssa.Call, plain bool) {
	for _, f := range e.pkg.Funcs {
		for _, blk := range f.Blocks {
			for _, i := range blk.Instrs {
				var ops [8]*ssa.Value
				for _, o := range i.Operands(ops[:0]) {
					if *o != ssa.Value(fn) {
						continue
					}
					c, ok := i.(*ssa.Call)
					if !ok || o != &c.Call.Value {
						return nil, false
					}
					calls = append(calls, c)
				}
			}
		}
	}
	return calls, true
}

func (b *builder) resultAt(c *ssa.Call, i int) []access.Value {
	if rs := b.applied[c]; i < len(rs) {
		return rs[i]
	}
	return nil
}

// ownResults adds the results through which the caller gets the obligation.
func (b *builder) ownResults(c *ssa.Call, own effect.Owned, out *obligation.Outcome) {
	if out.Kept {
		return
	}
	undo := out.Undo + 1
	for i := range b.fn.Signature.Results().Len() {
		if !out.ReturnsAt[i] {
			continue
		}
		b.addOwned(effect.Owned{
			Result: i, Error: lastError(b.fn.Signature), Undo: undo, Type: own.Type, Where: b.acquiredAt(c, own),
			Owner: own.Owner, Ends: own.Ends,
		})
	}
	b.ownHolders(own.Type, b.acquiredAt(c, own), out)
}

// acquiredAt is where the connection comes from in the end.
func (b *builder) acquiredAt(c *ssa.Call, own effect.Owned) effect.Place {
	if own.Where != "" {
		return own.Where
	}
	return b.eng.place(c.Pos())
}

func lastError(sig *types.Signature) int {
	if n := sig.Results().Len(); n > 1 && isError(sig.Results().At(n-1).Type()) {
		return n - 1
	}
	return -1
}

// followGiven finds what the function does with the obligations of its
// parameters and captured variables.
func (b *builder) followGiven() {
	b.sum.Params = make([]effect.Param, len(b.fn.Params))
	for i, p := range b.fn.Params {
		switch {
		case followed(b.eng, p.Type()), lasting(b.eng, p.Type()):
			b.sum.Params[i] = b.given(p, p.Type(), false)
		case b.eng.owner(p.Type()):
			b.sum.Params[i] = b.ownerEffect(p)
			b.sum.Params[i].Beside = b.spawned(p)
		default:
			b.sum.Params[i].Escapes = asserted(p)
		}
	}
	b.sum.Frees = make([]effect.Param, len(b.fn.FreeVars))
	for i, f := range b.fn.FreeVars {
		t := f.Type()
		ptr, cell := t.Underlying().(*types.Pointer)
		if cell && b.eng.cat.TypeOf(t) == nil {
			t = ptr.Elem()
		} else {
			cell = false
		}
		switch {
		case followed(b.eng, t), lasting(b.eng, t):
			b.sum.Frees[i] = b.given(f, t, cell)
		case b.eng.owner(t):
			b.sum.Frees[i] = b.ownerEffect(f)
		}
	}
}

// asserted reports whether a function looks for a release behind an interface
// that has none: what it then does is not followed.
func asserted(p *ssa.Parameter) bool {
	return slices.ContainsFunc(*p.Referrers(), func(i ssa.Instruction) bool {
		a, ok := i.(*ssa.TypeAssert)
		return ok && releasable(types.NewMethodSet(a.AssertedType))
	})
}

func (b *builder) given(v ssa.Value, t types.Type, cell bool) effect.Param {
	o := &oracle{b: b, row: b.eng.cat.TypeOf(t), typ: t, pool: lasting(b.eng, t) && !followed(b.eng, t)}
	out := obligation.Follow(b.fn, obligation.Source{Given: v, Cell: cell, Error: -1, Undo: -1}, o)
	p := effect.Param{Escapes: out.Moved || len(out.ReturnsAt) > 0, Held: out.Held, Beside: b.spawned(v)}
	if !out.Released {
		return p
	}
	p.Released = effect.All
	if out.Unowed || p.Escapes || p.Held != 0 {
		p.Released = effect.Some
	}
	if c := out.When(); p.Released == effect.Some && c.On != obligation.Always {
		p.When, p.Of = effect.IfNotNil, c.Index
		if c.Nil {
			p.When = effect.IfNil
		}
	}
	if len(out.Leaks) > 0 && p.Released == effect.Some {
		p.Leak = b.eng.place(out.Leaks[0].Return.Pos())
	}
	return p
}
