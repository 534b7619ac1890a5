package summary

import (
	"cmp"
	"go/token"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/connvet/connvet/passes/internal/effect"
	"github.com/connvet/connvet/passes/internal/entrypoint"
)

// Transient is a pool that is made again and again.
type Transient struct {
	effect.Make
	Entries []effect.Thread // the handlers and goroutines that make one for each run; none for a loop
	Loop    int             // position of the loop's work, if each turn makes one
}

// made is an effect.Make with when it happens in this function.
type made struct {
	effect.Make
	at     ssa.Instruction
	thread int
	turn   bool // dies with a turn of an endless loop
	judged bool
}

// Budgets of what is made and dropped.
const (
	maxMakes         = 64
	maxExportedMakes = 8
	maxHops          = 4
)

// bindMakes takes over what a callee makes and drops.
func (in *instance) bindMakes() {
	ctx := in.s.ctx
	if len(in.sum.Makes) == 0 || ctx.once || in.b.eng.test(ctx.pos) || in.b.helpsTests() {
		return
	}
	var blk *ssa.BasicBlock
	if ctx.at != nil {
		blk = ctx.at.Block()
	}
	if blk != nil && in.b.guarded(blk) {
		return
	}
	for _, m := range in.sum.Makes {
		if len(in.b.makes) >= in.b.budget(maxMakes) || len(m.Via) >= maxHops {
			return
		}
		nm := made{Make: m, at: ctx.at, thread: ctx.thread, turn: blk != nil && in.b.worker(blk)}
		nm.Via = append([]effect.Place{in.b.eng.place(ctx.pos)}, m.Via...)
		if nm.Pos == 0 {
			nm.Pos, nm.Name = int(ctx.pos), ""
		}
		in.b.makes = append(in.b.makes, nm)
	}
}

// judgeMakes finds the pools that are made for each run of an entry, for each
// of many goroutines, or in each turn of an endless loop.
func (b *builder) judgeMakes() {
	for i := range b.makes {
		m := &b.makes[i]
		if b.testThread(m.thread) {
			continue
		}
		t := Transient{Make: m.Make}
		if entry := b.repeats(m.thread); entry != nil {
			t.Entries = []effect.Thread{*entry}
		} else if m.turn && m.thread == 0 {
			t.Loop = int(m.at.Pos())
		} else {
			continue
		}
		m.judged = true
		b.eng.transient = append(b.eng.transient, t)
	}
}

// repeats gives the entry that runs a thread again and again, or the goroutine
// that is one of many; nil if there is none.
func (b *builder) repeats(t int) *effect.Thread {
	var found *effect.Thread
	for t != 0 {
		th := &b.threads[t-1].Thread
		switch {
		case th.Kind == entrypoint.Serve:
			return th
		case th.Level == entrypoint.Many:
			found = th
		}
		t = th.Parent
	}
	return found
}

// exportMakes leaves what this function cannot judge to its callers.
func (b *builder) exportMakes() {
	for _, m := range b.makes {
		if m.judged || b.testThread(m.thread) || len(b.sum.Makes) >= maxExportedMakes {
			continue
		}
		if !slices.ContainsFunc(b.sum.Makes, func(have effect.Make) bool { return have.Dies == m.Dies && have.Type == m.Type }) {
			b.sum.Makes = append(b.sum.Makes, m.Make)
		}
	}
}

// transients gives each pool that is made again and again once, with all that make it.
func (e *engine) transients() []Transient {
	slices.SortStableFunc(e.transient, func(x, y Transient) int {
		return cmp.Or(cmp.Compare(x.Dies, y.Dies), cmp.Compare(x.Type, y.Type), cmp.Compare(x.Closed, y.Closed),
			cmp.Compare(len(y.Entries), len(x.Entries)), cmp.Compare(x.Pos, y.Pos))
	})
	var out []Transient
	for _, t := range e.transient {
		n := len(out) - 1
		if n < 0 || out[n].Dies != t.Dies || out[n].Type != t.Type {
			out = append(out, t)
			continue
		}
		for _, entry := range t.Entries {
			if !slices.ContainsFunc(out[n].Entries, func(have effect.Thread) bool { return have.Name == entry.Name }) {
				out[n].Entries = append(out[n].Entries, entry)
			}
		}
	}
	slices.SortStableFunc(out, func(x, y Transient) int { return cmp.Compare(x.Pos, y.Pos) })
	return out
}

// withoutReported drops what has a finding here, so that importers do not
// report it again.
func (e *engine) withoutReported(f effect.Func) effect.Func {
	f.Makes = slices.DeleteFunc(f.Makes, func(m effect.Make) bool {
		return slices.ContainsFunc(e.transient, func(t Transient) bool { return t.Dies == m.Dies && t.Type == m.Type })
	})
	return f
}

// worker reports whether a block belongs to a loop whose number of turns nothing bounds.
func (b *builder) worker(blk *ssa.BasicBlock) bool {
	if !b.loops.In(blk) {
		return false
	}
	for _, x := range b.fn.Blocks {
		if b.loops.Same(x, blk) && b.counts(x) {
			return false
		}
	}
	return true
}

// counts reports whether a block leaves its loop when a count or a collection
// is at its end.
func (b *builder) counts(x *ssa.BasicBlock) bool {
	iff, ok := x.Instrs[len(x.Instrs)-1].(*ssa.If)
	if !ok || b.loops.Same(x, x.Succs[0]) && b.loops.Same(x, x.Succs[1]) {
		return false
	}
	switch c := iff.Cond.(type) {
	case *ssa.Extract:
		_, next := c.Tuple.(*ssa.Next)
		return next
	case *ssa.BinOp:
		switch c.Op {
		case token.LSS, token.LEQ, token.GTR, token.GEQ:
			return counter(c.X) || counter(c.Y)
		case token.EQL, token.NEQ:
			return counter(c.X)
		}
	}
	return false
}

// counter reports whether a value is counted up or down in a loop.
func counter(v ssa.Value) bool {
	if bin, ok := v.(*ssa.BinOp); ok && (bin.Op == token.ADD || bin.Op == token.SUB) {
		v = bin.X
	}
	phi, ok := v.(*ssa.Phi)
	if !ok {
		return false
	}
	return slices.ContainsFunc(phi.Edges, func(e ssa.Value) bool {
		bin, ok := e.(*ssa.BinOp)
		return ok && (bin.X == ssa.Value(phi) || bin.Y == ssa.Value(phi))
	})
}
