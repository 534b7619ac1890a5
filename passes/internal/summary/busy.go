package summary

import (
	"cmp"
	"go/token"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/connvet/connvet/passes/internal/access"
	"github.com/connvet/connvet/passes/internal/catalog"
	"github.com/connvet/connvet/passes/internal/effect"
	"github.com/connvet/connvet/passes/internal/obligation"
)

// Busy is a call on a connection that is still busy with an open result.
type Busy struct {
	Use    effect.Use
	Helper string // the function that makes the call, if it is not made here
	Open   *ssa.Call
	Row    *catalog.Type // of the open result
	Name   string        // of the open result, as the user writes it
	Origin token.Pos     // where the connection comes from
	Reads  token.Pos     // the call that reads the result, if the use is in the loop around it
	Always bool          // on every path
	Answer string        // what the library or driver says
	Unsure bool          // it depends on a driver of which nothing is known here
}

// maxOwners is how many steps lead from a result to what it lives on:
// rows, statement, savepoint, transaction, lease.
const maxOwners = 5

// followBusy finds the calls on what an open result lives on.
func (b *builder) followBusy(a *Acquisition, src obligation.Source, o *oracle) {
	if !a.Row.Holds() || len(o.on) == 0 {
		return
	}
	var self access.Value
	if vs := b.resultAt(src.Call, src.Result); len(vs) == 1 {
		self = vs[0]
	}
	holders := b.conversation(o.on)
	uses := b.busyUses(holders, self)
	if len(uses) == 0 {
		return
	}
	renewed := b.renewing(holders)
	for _, m := range obligation.Open(b.fn, src, o, renewed, b.endsLast) {
		for _, u := range uses[m.Call] {
			b.busy = append(b.busy, b.busyCall(a, m, u, o, holders))
			break
		}
	}
}

// conversation lists what a value lives on, step by step, as long as each step
// is known for certain.
func (b *builder) conversation(on []access.Value) []access.Value {
	var out []access.Value
	for range maxOwners {
		on = dedupe(b.resolveAll(on))
		if len(on) != 1 || !on[0].Path.Known() || on[0].Path.HasVariableElem() || on[0].Path.HasEach() {
			break
		}
		out = append(out, on[0])
		obj := b.object(on[0])
		if obj == nil {
			break
		}
		on = obj.On
	}
	return out
}

// busyUses lists the calls of this function's own thread that have to wait for
// a result which lives on one of the holders, by instruction.
func (b *builder) busyUses(holders []access.Value, self access.Value) map[*ssa.Call][]use {
	out := map[*ssa.Call][]use{}
	for _, u := range b.uses {
		c, ok := u.at.(*ssa.Call)
		if !ok || !u.own || u.deferred || u.Thread != 0 || u.Several || u.Maybe || !b.waits(u) {
			continue
		}
		chain := b.conversation([]access.Value{u.Value})
		within := slices.ContainsFunc(chain, func(v access.Value) bool { return v.Path == self.Path })
		if !within && b.meet(holders, chain) {
			out[c] = append(out[c], u)
		}
	}
	return out
}

// waits reports whether a use is a call that a busy connection refuses.
func (b *builder) waits(u use) bool {
	row := b.eng.cat.Type(u.Type)
	if row == nil || row.Busy == nil {
		return false
	}
	if strings.Contains(u.Method, ".") {
		return u.Role == catalog.Use // a function that is given the connection to use it
	}
	return slices.Contains(row.Busy.Calls, u.Method)
}

// meet reports whether two conversations are on one connection that can be busy.
func (b *builder) meet(xs, ys []access.Value) bool {
	return slices.ContainsFunc(xs, func(x access.Value) bool {
		row := b.rowOf(x, b.typeOf(x))
		return row != nil && row.Busy != nil && row.Role != "chain" &&
			slices.ContainsFunc(ys, func(y access.Value) bool { return x.Path == y.Path })
	})
}

// renewing reports which instructions make one of the holders anew.
func (b *builder) renewing(holders []access.Value) func(ssa.Instruction) bool {
	made := map[ssa.Instruction]bool{}
	for _, h := range holders {
		if obj := b.object(h); obj != nil && obj.at != nil {
			made[obj.at] = true
		}
	}
	return func(i ssa.Instruction) bool { return made[i] }
}

// endsLast reports whether a library function ends the result that it is given
// only after it has run its callbacks.
func (b *builder) endsLast(c ssa.CallInstruction) bool {
	key, _ := b.calleeKey(c.Common())
	cf := b.eng.cat.Func(key)
	return cf != nil && !methodCall(c) && cf.Ends()
}

func (b *builder) busyCall(a *Acquisition, m obligation.Moment, u use, o *oracle, holders []access.Value) Busy {
	out := Busy{Use: u.Use, Open: a.Call, Row: a.Row, Name: a.Name, Always: m.Always}
	out.Use.Own = u.own
	out.Helper = helper(m.Call, u)
	if out.Use.Name == "" {
		out.Use.Name = b.pathName(u.Value.Path)
	}
	for _, h := range holders {
		if obj := b.object(h); obj != nil && !out.Origin.IsValid() {
			out.Origin = obj.pos
		}
	}
	out.Reads = b.readLoop(m.Call, o)
	out.Answer, out.Unsure = b.eng.refusal(b.eng.cat.Type(u.Type).Busy)
	return out
}

func calleeName(c *ssa.CallCommon) string {
	if f := c.StaticCallee(); f != nil {
		return f.Name()
	}
	if c.IsInvoke() {
		return c.Method.Name()
	}
	return ""
}

// readLoop finds the call that reads the result in a loop around c.
func (b *builder) readLoop(c *ssa.Call, o *oracle) token.Pos {
	for _, blk := range b.fn.Blocks {
		if !b.loops.Same(blk, c.Block()) {
			continue
		}
		for _, i := range blk.Instrs {
			if r, ok := i.(*ssa.Call); ok && o.Drains(r) {
				return r.Pos()
			}
		}
	}
	return token.NoPos
}

// refusal is what a busy connection answers. Behind database/sql it is the
// answer of the driver: for certain only if all drivers that the package can
// see refuse.
func (e *engine) refusal(busy *catalog.Busy) (answer string, unsure bool) {
	if busy.Error != "" {
		return busy.Error, false
	}
	unsure = len(e.drivers) == 0
	for _, path := range e.drivers {
		d := e.cat.Driver(path)
		switch {
		case d == nil:
		case d.Busy == "":
			unsure = true
		case answer == "":
			answer = d.Busy
		}
	}
	return answer, unsure || answer == ""
}

// firstBusy keeps one finding for each position: that on the result opened last.
func firstBusy(all []Busy) []Busy {
	at := map[int]Busy{}
	for _, x := range all {
		if have, ok := at[x.Use.Here]; !ok || x.Open.Pos() > have.Open.Pos() {
			at[x.Use.Here] = x
		}
	}
	out := make([]Busy, 0, len(at))
	for _, x := range at {
		out = append(out, x)
	}
	slices.SortFunc(out, func(a, b Busy) int { return cmp.Compare(a.Use.Here, b.Use.Here) })
	return out
}
