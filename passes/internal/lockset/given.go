package lockset

import (
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/connvet/connvet/passes/internal/access"
	"github.com/connvet/connvet/passes/internal/effect"
)

// given lists the locks that the function gives back without having taken
// them, on some path: whoever called or started it held them. Giving back a
// lock that nobody holds is a fatal error, so they are held when it starts;
// clearing a flag is none.
// What is deferred may not be on that path; it counts only for a lock that the
// function never takes.
func (s *solver) given(in func(*ssa.BasicBlock) held) []effect.Lock {
	var out []effect.Lock
	taken := s.taken()
	s.visit(in, func(o Op, locks []effect.Lock) {
		if !o.Unlock || o.Token || o.Flag || !o.Path.Known() || o.Deferred && taken[o.Path] {
			return
		}
		if find(locks, o.Path) < 0 && find(out, o.Path) < 0 {
			out = append(out, o.Lock)
		}
	})
	slices.SortFunc(out, func(a, b effect.Lock) int { return access.Compare(a.Path, b.Path) })
	return out
}

// possible leaves out the locks that the function, if it had been given them,
// would wait for: two ifs on one condition take and give back its own.
func (s *solver) possible(given []effect.Lock, solve func([]effect.Lock) func(*ssa.BasicBlock) held) []effect.Lock {
	if len(given) == 0 {
		return nil
	}
	waits := map[access.Path]bool{}
	s.visit(solve(given), func(o Op, locks []effect.Lock) {
		if !o.Unlock && o.On == (effect.On{}) && find(locks, o.Path) >= 0 {
			waits[o.Path] = true
		}
	})
	return slices.DeleteFunc(given, func(l effect.Lock) bool { return waits[l.Path] })
}

// visit shows each operation with what is held before it.
func (s *solver) visit(in func(*ssa.BasicBlock) held, show func(Op, []effect.Lock)) {
	for _, b := range s.fn.Blocks {
		st := in(b)
		if st.top {
			continue
		}
		s.run(b, st.locks, func(i ssa.Instruction, locks []effect.Lock) {
			for _, o := range s.at[i] {
				show(o, locks)
			}
		})
	}
}

// refill notes anew what is held where, with what the function was given.
func (s *solver) refill(in func(*ssa.BasicBlock) held) {
	ends := map[ssa.Instruction][]effect.Lock{}
	for _, b := range s.fn.Blocks {
		st := in(b)
		if st.top {
			continue
		}
		s.run(b, st.locks, func(i ssa.Instruction, locks []effect.Lock) {
			if len(locks) > 0 {
				s.result.at[i] = locks
			}
			if _, ok := i.(*ssa.RunDefers); ok {
				ends[i] = locks
			}
		})
	}
	s.atEnd(ends)
}
