package summary

import (
	"go/token"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/connvet/connvet/passes/internal/effect"
)

// endIf is a thread of a callee that a result of the call says has ended.
type endIf struct {
	thread int
	on     effect.On
}

// bindEnd notes which result of the call says that a thread of the callee has
// ended. What it says is of this call only: it is found anew for the caller.
func (in *instance) bindEnd(n int) {
	t := &in.b.threads[n-1]
	if at, on := in.told(t.Ends); at != nil {
		in.b.ends[at] = append(in.b.ends[at], endIf{n, on})
	}
	t.Ends = effect.On{}
}

// told finds the call of this function whose result says what a result of the
// callee does. For a callback that is the error of what runs it, which is nil
// only if the callback's was: who swallows it, only silences.
func (in *instance) told(on effect.On) (*ssa.Call, effect.On) {
	at, ok := in.s.ctx.at.(*ssa.Call)
	if !ok || on.Result == 0 || in.s.ctx.thread != 0 {
		return nil, on
	}
	if in.s.instr != nil || in.s.own {
		return at, on
	}
	rs := at.Call.Signature().Results()
	if !on.Nil || rs.Len() == 0 || !isError(rs.At(rs.Len()-1).Type()) {
		return nil, on
	}
	return at, effect.On{Result: rs.Len(), Nil: true}
}

// endOf finds the result that says whether a thread has ended, among those
// that may outlive the function.
func (b *builder) endOf(t int) effect.On {
	var ended []*ssa.Return
	for _, blk := range b.fn.Blocks {
		r, ok := blk.Instrs[len(blk.Instrs)-1].(*ssa.Return)
		if ok && blk != b.fn.Recover && !slices.Contains(b.live[t], r) {
			ended = append(ended, r)
		}
	}
	return b.tells(ended, b.live[t], func(v ssa.Value) bool { return b.saysEnded(v, t) })
}

// saysEnded reports whether a value is the result of a call that is nil only if
// the thread has ended.
func (b *builder) saysEnded(v ssa.Value, t int) bool {
	a, ok := resultOf(v)
	return ok && slices.ContainsFunc(b.ends[a.call], func(e endIf) bool {
		return e.thread == t && e.on.Nil && e.on.Result == a.result+1
	})
}

// tells finds the result that tells the returns after something happened from
// those before it: an error that is never nil without it, or a boolean. said,
// if there is one, reports whether a nil value says that it happened anyway.
func (b *builder) tells(with, without []*ssa.Return, said func(ssa.Value) bool) effect.On {
	n := b.fn.Signature.Results().Len()
	if n == 0 || len(without) == 0 {
		return effect.On{}
	}
	if isError(b.fn.Signature.Results().At(n - 1).Type()) {
		f := &failure{said: said}
		for _, r := range without {
			if !f.sure(r.Results[n-1], r.Block(), 6) {
				return effect.On{}
			}
		}
		return effect.On{Result: n, Nil: true}
	}
	if len(with) == 0 {
		return effect.On{}
	}
	return tellsReturns(with, without)
}

// resultOf reads a value that is a result of a call.
func resultOf(v ssa.Value) (answer, bool) {
	switch v := v.(type) {
	case *ssa.Call:
		return answer{call: v}, true
	case *ssa.Extract:
		c, ok := v.Tuple.(*ssa.Call)
		return answer{call: c, result: v.Index}, ok
	}
	return answer{}, false
}

// answers lists what an edge shows of the results of calls. A nil error may
// have come from several, on the paths that meet before the test.
func (b *builder) answers(from, to *ssa.BasicBlock) []answer {
	if a, ok := answered(from, to); ok {
		return []answer{a}
	}
	iff, ok := from.Instrs[len(from.Instrs)-1].(*ssa.If)
	if !ok {
		return nil
	}
	cond, ok := iff.Cond.(*ssa.BinOp)
	if !ok || !isNil(cond.Y) || (cond.Op == token.EQL) != (to == from.Succs[0]) || cond.Op != token.EQL && cond.Op != token.NEQ {
		return nil
	}
	return nilResults(cond.X, 4)
}

// nilResults lists the calls whose result is nil if the value is.
func nilResults(v ssa.Value, depth int) []answer {
	if depth == 0 {
		return nil
	}
	if a, ok := resultOf(v); ok {
		a.isNil, a.value = true, true
		return []answer{a}
	}
	switch v := v.(type) {
	case *ssa.Phi:
		var out []answer
		for _, e := range v.Edges {
			out = append(out, nilResults(e, depth-1)...)
		}
		return out
	case *ssa.UnOp:
		if s := lastStored(v); s != nil {
			return nilResults(s, depth-1)
		}
	}
	return nil
}

// lastStored finds what a variable in memory was given shortly before it is
// read; nil if that cannot be told.
func lastStored(load *ssa.UnOp) ssa.Value {
	if _, ok := load.X.(*ssa.Alloc); load.Op != token.MUL || !ok {
		return nil
	}
	blk, at := load.Block(), slices.Index(load.Block().Instrs, ssa.Instruction(load))
	for range 4 {
		for i := at - 1; i >= 0; i-- {
			if st, ok := blk.Instrs[i].(*ssa.Store); ok && st.Addr == load.X {
				return st.Val
			}
		}
		if len(blk.Preds) != 1 {
			return nil
		}
		blk = blk.Preds[0]
		at = len(blk.Instrs)
	}
	return nil
}
