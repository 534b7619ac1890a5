package summary

import (
	"github.com/connvet/connvet/passes/internal/access"
	"github.com/connvet/connvet/passes/internal/catalog"
	"github.com/connvet/connvet/passes/internal/effect"
)

// lockBehind names the lock that an object is when it is used as one: the
// mutex in it that its Lock method takes, or that of the readers of an RWMutex.
func (b *builder) lockBehind(v access.Value) (access.Path, bool) {
	p, shared := withoutReader(v.Path)
	if v.Type == "" || shared {
		return p, shared
	}
	sum, _ := b.eng.lookup(catalog.MethodKey(v.Type, "Lock"))
	if sum == nil {
		return p, false
	}
	for _, l := range sum.Locks {
		if !l.Unlock && l.Path.Root.Kind == access.Param && l.Path.Root.N == 0 && len(sum.Locks) == 1 {
			return l.Path.Rebase(p), l.Shared
		}
	}
	return p, false
}

// withoutReader takes the step to the lock of the readers off a path.
func withoutReader(p access.Path) (access.Path, bool) {
	if n := p.Len(); n > 0 && p.Steps[n-1] == readerSide {
		p, _ = p.Prefix(n - 1)
		return p, true
	}
	return p, false
}

// behind gives a held lock the name of the mutex that it is.
func (b *builder) behind(l effect.Lock, v access.Value) effect.Lock {
	p, shared := b.lockBehind(v)
	l.Path, l.Shared = p, l.Shared || shared
	return l
}
