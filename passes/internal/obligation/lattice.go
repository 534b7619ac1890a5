package obligation

import "slices"

type status uint8

const (
	absent status = iota
	owed
	released
	moved
	half
	ended // released for certain; only where that is asked
)

// state is one disjunct.
type state struct {
	status   status
	deferred bool   // a deferred call of the value's own release
	kept     bool   // a field or package variable keeps the value beyond the function
	seen     bool   // it was used, or seen not to be nil, since it is kept
	defers   uint32 // deferred calls that are judged when they run
	holders  uint64 // phis and local places that hold the value
	errs     uint64 // phis and local places that hold its error
	known    uint64 // conditions known to hold
	denied   uint64 // conditions known not to hold
}

// settle ends the obligation on this path: nothing more is asked of the value.
func (s state) settle(to status) state {
	return state{status: to, known: s.known, denied: s.denied, defers: s.defers}
}

// acquired starts the obligation on this path.
func (s state) acquired() state {
	return state{status: owed, known: s.known, denied: s.denied, defers: s.defers}
}

// maxDisjuncts is where the analysis gives up on a value, silently.
const maxDisjuncts = 32

// states is a sorted set of disjuncts; top when there are too many.
type states struct {
	top bool
	set []state
}

func (s states) with(n state) states {
	if s.top {
		return s
	}
	i, found := slices.BinarySearchFunc(s.set, n, compare)
	if found {
		return s
	}
	if len(s.set) >= maxDisjuncts {
		return states{top: true}
	}
	return states{set: slices.Insert(slices.Clone(s.set), i, n)}
}

func compare(a, b state) int {
	for _, d := range [...]int{
		int(a.status) - int(b.status), flag(a.deferred) - flag(b.deferred),
		flag(a.kept) - flag(b.kept), flag(a.seen) - flag(b.seen), order(uint64(a.defers), uint64(b.defers)),
		order(a.holders, b.holders), order(a.errs, b.errs), order(a.known, b.known), order(a.denied, b.denied),
	} {
		if d != 0 {
			return d
		}
	}
	return 0
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

func order(a, b uint64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// lattice is the powerset of disjuncts, cut off at the top.
type lattice struct{}

func (lattice) Ident() states           { return states{} }
func (lattice) Equals(a, b states) bool { return a.top == b.top && slices.Equal(a.set, b.set) }
func (lattice) Merge(a, b states) states {
	if a.top || b.top {
		return states{top: true}
	}
	for _, s := range b.set {
		a = a.with(s)
	}
	return a
}
