package summary

import (
	"slices"
	"strings"

	"github.com/connvet/connvet/passes/internal/access"
	"github.com/connvet/connvet/passes/internal/effect"
	"github.com/connvet/connvet/passes/internal/sharing"
)

// Guard is the lock that other uses of a connection hold, and the reported one
// does not.
type Guard struct {
	Held   bool   // there is one
	Lock   string // as the user writes it, "" if it has no name
	Locked int    // uses in the methods of the type that hold it
	Uses   int    // uses in the methods of the type; 0 if another package has them
}

// guardOf finds the lock that guards a connection elsewhere than at the
// reported use, which holds none; the zero Guard if no lock does.
func (b *builder) guardOf(uses []sharing.Use, reported sharing.Use) Guard {
	exclusive := func(l effect.Lock) bool { return !l.Shared && !l.Once }
	if slices.ContainsFunc(reported.Locks, exclusive) {
		return Guard{} // it holds one: there is no common lock
	}
	for _, u := range uses {
		if u.Place != reported.Place {
			continue
		}
		if i := slices.IndexFunc(u.Locks, exclusive); i >= 0 {
			return Guard{Held: true, Lock: b.lockName(u.Locks[i].Path, b.uses[reported.Index])}
		}
	}
	return Guard{}
}

// lockName is a lock as the user would write it beside a connection: the
// connection s.conn of an object has the lock s.mu.
func (b *builder) lockName(lock access.Path, u use) string {
	if base, ok := nameOfBase(u.Name, u.Value.Path); ok && lock.Root == u.Value.Path.Root {
		return base + lock.Text("")
	}
	return b.pathName(lock)
}

// nameOfBase cuts the steps of a path off the name that the user has for it.
func nameOfBase(name string, p access.Path) (base string, ok bool) {
	steps := p.Text("")
	base, ok = strings.CutSuffix(name, steps)
	return base, ok && steps != ""
}
