package lockset

import (
	"slices"

	"github.com/connvet/connvet/passes/internal/access"
	"github.com/connvet/connvet/passes/internal/effect"
)

// channel is what a function does with one channel that may be a lock.
type channel struct {
	sends, receives bool
	ordered, flip   bool // flip: the first operation is a receive
}

// orderTokens decides for each channel what takes the lock: a send into an
// empty channel, or a receive of the one token that lies in it. Whatever the
// function does first takes it.
func (s *solver) orderTokens() {
	all := map[access.Path]*channel{}
	s.inOrder(func(ops []Op) {
		for _, o := range ops {
			if !o.Token {
				continue
			}
			c := all[o.Path]
			if c == nil {
				c = &channel{}
				all[o.Path] = c
			}
			if o.Unlock {
				c.receives = true
			} else {
				c.sends = true
			}
			if !c.ordered && !o.Deferred {
				c.ordered, c.flip = true, o.Unlock
			}
		}
	})
	var weak []effect.LockNet
	for i, ops := range s.at {
		s.at[i], weak = orient(ops, all, weak)
	}
	for e, ops := range s.edges {
		s.edges[e], weak = orient(ops, all, weak)
	}
	s.result.Net = append(s.result.Net, weak...)
}

// inOrder visits the operations as the function may run them first.
func (s *solver) inOrder(visit func([]Op)) {
	for _, b := range s.fn.DomPreorder() {
		for _, i := range b.Instrs {
			visit(s.at[i])
		}
		for _, to := range b.Succs {
			visit(s.edges[edge{b, to}])
		}
	}
}

// orient turns the tokens of flipped channels round and takes out the weak
// ones that are no lock here; a caller that sees the other half may know more.
func orient(ops []Op, all map[access.Path]*channel, weak []effect.LockNet) ([]Op, []effect.LockNet) {
	out := slices.Clone(ops)
	out = slices.DeleteFunc(out, func(o Op) bool {
		if !o.Weak || all[o.Path].sends && all[o.Path].receives {
			return false
		}
		if o.Path.Known() {
			weak = append(weak, o.net())
		}
		return true
	})
	for i, o := range out {
		if c := all[o.Path]; o.Token && c.flip && c.sends && c.receives {
			out[i].Unlock, out[i].Slot = !o.Unlock, false
		}
	}
	return out, weak
}
