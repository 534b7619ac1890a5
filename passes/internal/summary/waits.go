package summary

import (
	"go/types"

	"golang.org/x/tools/go/ssa"

	"github.com/connvet/connvet/passes/internal/access"
	"github.com/connvet/connvet/passes/internal/effect"
)

// joinIf is a wait of a callee that one of the call's results tells of.
type joinIf struct {
	handle []access.Value
	on     effect.On
}

// bindJoinsIf notes the waits of a callee that may have been given up.
func (in *instance) bindJoinsIf() {
	for _, j := range in.sum.JoinsIf {
		hs := in.value(j.Handle)
		if at, on := in.told(j.On); at != nil && len(hs) > 0 {
			in.b.joinsIf[at] = append(in.b.joinsIf[at], joinIf{hs, on})
		}
	}
}

// answerJoins lists the threads waited for by a call whose result an edge tests.
func (b *builder) answerJoins(from, to *ssa.BasicBlock) []int {
	var out []int
	for _, a := range b.answers(from, to) {
		for _, j := range b.joinsIf[a.call] {
			if j.on.Result == a.result+1 && a.says(j.on) {
				out = append(out, b.joinedDeep(j.handle)...)
			}
		}
		for _, e := range b.ends[a.call] {
			if e.on.Result == a.result+1 && a.says(e.on) {
				out = append(out, e.thread)
			}
		}
	}
	return out
}

// exportJoinsIf exports what the function waits for in a case of a select
// statement, if its results tell whether the case was taken.
func (x *exporter) exportJoinsIf() {
	for _, from := range x.b.fn.Blocks {
		for _, to := range from.Succs {
			st := selected(from, to)
			if st == nil || st.Dir != types.RecvOnly || len(to.Preds) != 1 {
				continue
			}
			with, without := returnsVia(x.b.fn, to)
			if len(with) == 0 || len(without) == 0 {
				continue
			}
			on := x.b.tells(with, without, nil)
			if on.Result == 0 {
				continue
			}
			for _, h := range x.known(x.b.awaitedBy(x.b.eval(st.Chan))) {
				x.b.sum.JoinsIf = append(x.b.sum.JoinsIf, effect.JoinIf{Handle: h, On: on})
			}
		}
	}
}

// awaitedBy lists a handle and what the threads that it stands for wait for.
func (b *builder) awaitedBy(handle []access.Value) []access.Value {
	out := handle
	for _, t := range b.joined(handle) {
		for _, j := range b.joins {
			if j.thread == t {
				out = merge(out, j.handle)
			}
		}
	}
	return out
}

// returnsVia splits the returns of a function into those that come after a
// block only, and the others.
func returnsVia(fn *ssa.Function, via *ssa.BasicBlock) (with, without []*ssa.Return) {
	for _, b := range fn.Blocks {
		r, ok := b.Instrs[len(b.Instrs)-1].(*ssa.Return)
		switch {
		case !ok || b == fn.Recover:
		case via.Dominates(b):
			with = append(with, r)
		default:
			without = append(without, r)
		}
	}
	return with, without
}
