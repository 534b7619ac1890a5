package summary

import (
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/connvet/connvet/passes/internal/access"
	"github.com/connvet/connvet/passes/internal/catalog"
	"github.com/connvet/connvet/passes/internal/flow"
	"github.com/connvet/connvet/passes/internal/threads"
)

// receives adds the waits that are plain receives, and wakes the threads that
// wait for what is sent.
func (b *builder) receives(p *threads.Problem) {
	for _, blk := range b.fn.Blocks {
		for _, i := range blk.Instrs {
			switch i := i.(type) {
			case *ssa.UnOp:
				if i.Op == token.ARROW {
					ev := b.event(p, i)
					ev.Joins = append(ev.Joins, b.received(i.X, blk)...)
				}
			case *ssa.Send:
				if ts := b.waiting(b.eval(i.Chan), i); len(ts) > 0 {
					ev := b.event(p, i)
					ev.Wakes = append(ev.Wakes, ts...)
				}
			}
		}
	}
}

// waiting lists the threads, started before a send, that wait for what comes.
func (b *builder) waiting(ch []access.Value, send ssa.Instruction) []int {
	var out []int
	for t, th := range b.threads {
		if flow.Before(th.at, send) && b.waitsFor(t+1, ch) {
			out = append(out, t+1)
		}
	}
	return out
}

// received lists the threads that have ended when a block receives one value
// from a channel: none if more of them send on it than values were received,
// and not those that may have more to send.
func (b *builder) received(ch ssa.Value, at *ssa.BasicBlock) []int {
	hs := b.eval(ch)
	senders := b.joined(hs)
	n := b.takenBefore(ch, at) + 1
	if b.spawnedBefore(senders, at) > n {
		return nil
	}
	return slices.DeleteFunc(b.joinedDeep(hs), func(t int) bool { return n == 1 && b.streams(t, hs) })
}

// streams reports whether a thread goes on after it has sent something on a channel.
func (b *builder) streams(t int, ch []access.Value) bool {
	hs := b.resolveAll(ch)
	return slices.ContainsFunc(b.resolveAll(b.threads[t-1].streams.early), func(e access.Value) bool { return slices.Contains(hs, e) })
}

// sends reports whether a signal is a value on a channel.
func sends(at ssa.Instruction) bool {
	switch at.(type) {
	case *ssa.Send, *ssa.Select:
		return true
	}
	return false
}

// streamsTo reports whether a thread sends one value after the other to another,
// and both use connections between them.
func (b *builder) streamsTo(from, to int) bool {
	return b.streams(from, b.threads[to-1].streams.takes)
}

// usedInLoop reports whether the loop around a block uses a connection.
func (b *builder) usedInLoop(blk *ssa.BasicBlock) bool {
	return b.loops.In(blk) && slices.ContainsFunc(b.uses, func(u use) bool {
		return u.Thread == 0 && u.at != nil && b.loops.Same(blk, u.at.Block())
	})
}

// takenBefore counts the receives from a channel that surely come before a block.
func (b *builder) takenBefore(ch ssa.Value, at *ssa.BasicBlock) int {
	n := 0
	for _, blk := range b.fn.Blocks {
		if blk == at || !blk.Dominates(at) {
			continue
		}
		for _, x := range receivedIn(blk) {
			if slices.Equal(b.eval(x), b.eval(ch)) {
				n++
			}
		}
	}
	return n + b.takenInside(ch, at)
}

// takenInside counts those in the block itself, all but one.
func (b *builder) takenInside(ch ssa.Value, at *ssa.BasicBlock) int {
	n := 0
	for _, x := range receivedIn(at) {
		if slices.Equal(b.eval(x), b.eval(ch)) {
			n++
		}
	}
	return max(n-1, 0)
}

// receivedIn lists the channels that a block receives a value from.
func receivedIn(blk *ssa.BasicBlock) []ssa.Value {
	var out []ssa.Value
	for _, i := range blk.Instrs {
		if u, ok := i.(*ssa.UnOp); ok && u.Op == token.ARROW {
			out = append(out, u.X)
		}
	}
	if len(blk.Preds) == 1 {
		if st := selected(blk.Preds[0], blk); st != nil && st.Dir == types.RecvOnly {
			out = append(out, st.Chan)
		}
	}
	return out
}

// spawnedBefore counts the threads that surely run when a block does, beside
// which it is not repeated. Those of a loop before it count as many.
func (b *builder) spawnedBefore(ts []int, at *ssa.BasicBlock) int {
	n := 0
	for _, t := range ts {
		th := b.threads[t-1]
		switch {
		case th.at == nil || b.loops.In(at) && !b.loops.Same(at, th.at.Block()):
		case th.at.Block().Dominates(at):
			n++
		case !b.loops.In(at) && b.afterLoop(th.at.Block(), at):
			n += maxThreads
		}
	}
	return n
}

// afterLoop reports whether a block surely comes after the loop that another is
// part of, if it has any turns.
func (b *builder) afterLoop(in, at *ssa.BasicBlock) bool {
	return b.loops.In(in) && slices.ContainsFunc(b.fn.Blocks, func(blk *ssa.BasicBlock) bool {
		return blk.Dominates(at) && (b.loops.Same(in, blk) || slices.ContainsFunc(blk.Succs, func(s *ssa.BasicBlock) bool { return b.loops.Same(in, s) }))
	})
}

// loopJoins lists the threads that a loop waits for when an edge leaves it:
// one wait for each of them, whose number the code knows.
func (b *builder) loopJoins(from, to *ssa.BasicBlock) []int {
	loop := b.leaves(from, to)
	if loop == nil {
		return nil
	}
	var out []int
	for _, blk := range b.fn.Blocks {
		if !b.loops.Same(loop, blk) {
			continue
		}
		for _, i := range blk.Instrs {
			if u, ok := i.(*ssa.UnOp); ok && u.Op == token.ARROW {
				out = append(out, b.drained(u.X)...)
			}
		}
	}
	return slices.DeleteFunc(out, func(t int) bool {
		at := b.threads[t-1].at
		return at != nil && b.loops.Same(loop, at.Block())
	})
}

// drained lists the threads that have ended when nothing more comes from a channel.
func (b *builder) drained(ch ssa.Value) []int {
	hs := b.eval(ch)
	out := b.joinedDeep(hs)
	for t := range b.threads {
		if b.streams(t+1, hs) {
			out = append(out, t+1)
		}
	}
	return out
}

// leaves gives a block of the loop that an edge leaves, or goes round when
// the loop has no turn at all; nil for other edges.
func (b *builder) leaves(from, to *ssa.BasicBlock) *ssa.BasicBlock {
	if b.loops.In(from) && !b.loops.Same(from, to) {
		return from
	}
	for _, s := range from.Succs {
		if s == to || !b.loops.In(s) || b.loops.Same(from, s) {
			continue
		}
		for _, p := range to.Preds {
			if b.loops.Same(s, p) {
				return s
			}
		}
	}
	return nil
}

// selectJoins lists the threads waited for by the select case that an edge takes.
func (b *builder) selectJoins(from, to *ssa.BasicBlock) []int {
	st := selected(from, to)
	if st == nil || st.Dir != types.RecvOnly {
		return nil
	}
	return b.received(st.Chan, to)
}

// closedJoins lists the threads waited for by a receive that found its channel
// closed, if that is what an edge says.
func (b *builder) closedJoins(from, to *ssa.BasicBlock) []int {
	iff, ok := from.Instrs[len(from.Instrs)-1].(*ssa.If)
	if !ok {
		return nil
	}
	cond, closed := iff.Cond, to == from.Succs[1]
	if not, ok := cond.(*ssa.UnOp); ok && not.Op == token.NOT {
		cond, closed = not.X, !closed
	}
	x, ok := cond.(*ssa.Extract)
	if !ok || !closed {
		return nil
	}
	switch t := x.Tuple.(type) {
	case *ssa.UnOp:
		if t.Op == token.ARROW && x.Index == 1 {
			return b.drained(t.X)
		}
	case *ssa.Select:
		if x.Index == 1 {
			var out []int
			for _, st := range t.States {
				if st.Dir == types.RecvOnly {
					out = append(out, b.drained(st.Chan)...)
				}
			}
			return out
		}
	}
	return nil
}

// goesOn reports whether a use may follow a signal before the function waits
// for somebody: what comes after it has been woken is another matter.
func (b *builder) goesOn(s signal, u use) bool {
	if s.at == nil || u.at == nil {
		return false // of the package as a whole, where nothing has an order
	}
	if s.at == u.at {
		return b.loops.In(s.at.Block()) && flow.Before(s.at, u.at)
	}
	seen := map[*ssa.BasicBlock]bool{}
	work := []*ssa.BasicBlock{}
	scan := func(blk *ssa.BasicBlock, first int) (found bool) {
		for _, i := range blk.Instrs[first:] {
			if i == u.at {
				return true
			}
			if r, ok := i.(*ssa.UnOp); ok && r.Op == token.ARROW && wakes(r.X) {
				return false
			}
		}
		for _, to := range blk.Succs {
			if st := selected(blk, to); st == nil || st.Dir != types.RecvOnly || !wakes(st.Chan) {
				work = append(work, to)
			}
		}
		return false
	}
	blk := s.at.Block()
	if scan(blk, slices.Index(blk.Instrs, s.at)+1) {
		return true
	}
	for len(work) > 0 {
		blk = work[len(work)-1]
		work = work[:len(work)-1]
		if seen[blk] {
			continue
		}
		seen[blk] = true
		if scan(blk, 0) {
			return true
		}
	}
	return false
}

// wakes reports whether a channel is one that other code sends on: no timer,
// and not the end of a context.
func wakes(ch ssa.Value) bool {
	if c, ok := ch.(*ssa.Call); ok {
		return c.Call.IsInvoke() && c.Call.Method.Name() != "Done"
	}
	t, ok := ch.Type().Underlying().(*types.Chan)
	return ok && catalog.TypeKey(t.Elem()) != "time.Time"
}

// toldJoins lists the threads that one of many received values may have told of
// the end of: a branch asks for something in it, and nobody knows what it says.
func (b *builder) toldJoins(from *ssa.BasicBlock) []int {
	iff, ok := from.Instrs[len(from.Instrs)-1].(*ssa.If)
	if !ok || !b.loops.In(from) {
		return nil
	}
	var out []int
	for _, ch := range receivedFor(iff.Cond) {
		out = append(out, b.drained(ch)...)
	}
	return out
}

// maxSources is how many values are looked at behind a condition.
const maxSources = 64

// receivedFor lists the channels that the values come from which decide v. That
// a channel is closed is no such value.
func receivedFor(v ssa.Value) []ssa.Value {
	var out []ssa.Value
	seen := map[ssa.Value]bool{}
	work := []ssa.Value{v}
	for len(work) > 0 && len(seen) < maxSources {
		v, work = work[len(work)-1], work[:len(work)-1]
		if seen[v] {
			continue
		}
		seen[v] = true
		if chans, received := channelOf(v); received {
			out = append(out, chans...)
			continue
		}
		work = append(work, sources(v)...)
	}
	return out
}

// channelOf gives the channel of a received value; received is true also for
// values that come with one and say nothing.
func channelOf(v ssa.Value) (chans []ssa.Value, received bool) {
	switch v := v.(type) {
	case *ssa.UnOp:
		if v.Op == token.ARROW {
			return []ssa.Value{v.X}, true
		}
	case *ssa.Extract:
		switch t := v.Tuple.(type) {
		case *ssa.UnOp:
			if t.Op == token.ARROW && v.Index == 0 {
				return []ssa.Value{t.X}, true
			}
			return nil, true
		case *ssa.Select:
			return selectedFor(t, v.Index), true
		}
	}
	return nil, false
}

// sources lists what a value is computed from, or what is stored in a variable.
func sources(v ssa.Value) []ssa.Value {
	var out []ssa.Value
	if a, ok := v.(*ssa.Alloc); ok {
		for _, r := range *a.Referrers() {
			if st, ok := r.(*ssa.Store); ok && st.Addr == a {
				out = append(out, st.Val)
			}
		}
		return out
	}
	in, ok := v.(ssa.Instruction)
	if !ok {
		return nil
	}
	var ops [8]*ssa.Value
	for _, o := range in.Operands(ops[:0]) {
		if *o != nil {
			out = append(out, *o)
		}
	}
	return out
}

// selectedFor gives the channel that a result of a select statement came from.
func selectedFor(s *ssa.Select, index int) []ssa.Value {
	n := 2
	for _, st := range s.States {
		if st.Dir == types.RecvOnly {
			if n == index {
				return []ssa.Value{st.Chan}
			}
			n++
		}
	}
	return nil
}
