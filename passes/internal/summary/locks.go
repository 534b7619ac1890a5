package summary

import (
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"

	"github.com/connvet/connvet/passes/internal/access"
	"github.com/connvet/connvet/passes/internal/catalog"
	"github.com/connvet/connvet/passes/internal/effect"
	"github.com/connvet/connvet/passes/internal/lockset"
)

// lockOp is what a known method does to the lock it is called on.
type lockOp struct{ unlock, shared bool }

var lockOps = map[string]lockOp{
	"(*sync.Mutex).Lock":                                 {},
	"(*sync.Mutex).TryLock":                              {},
	"(*sync.Mutex).Unlock":                               {unlock: true},
	"(*sync.RWMutex).Lock":                               {},
	"(*sync.RWMutex).TryLock":                            {},
	"(*sync.RWMutex).Unlock":                             {unlock: true},
	"(*sync.RWMutex).RLock":                              {shared: true},
	"(*sync.RWMutex).TryRLock":                           {shared: true},
	"(*sync.RWMutex).RUnlock":                            {unlock: true, shared: true},
	"(sync.Locker).Lock":                                 {},
	"(sync.Locker).Unlock":                               {unlock: true},
	"(*golang.org/x/sync/semaphore.Weighted).Acquire":    {},
	"(*golang.org/x/sync/semaphore.Weighted).TryAcquire": {},
	"(*golang.org/x/sync/semaphore.Weighted).Release":    {unlock: true},
}

// solveLocks finds the locks held in the function, and adds them to the
// effects of its own thread.
func (b *builder) solveLocks() {
	b.locks = lockset.Solve(b.fn, b.lockOpsOf)
	if !b.locks.Any {
		return
	}
	for i := range b.uses {
		if u := &b.uses[i]; u.Thread == 0 {
			u.Locks = append(u.Locks, b.locks.At(u.at)...)
		}
	}
	for _, c := range b.calls {
		if c.Thread == 0 {
			c.Locks = append(c.Locks, b.locks.At(c.at)...)
		}
	}
	b.sum.Locks = b.locks.Net
}

// lockOpsOf tells what an instruction does to locks.
func (b *builder) lockOpsOf(i ssa.Instruction) []lockset.Op {
	switch i := i.(type) {
	case *ssa.Call:
		return b.callLockOps(i.Common(), false)
	case *ssa.Defer:
		return b.callLockOps(i.Common(), true)
	case *ssa.Send:
		return b.tokenOps(i.Chan, false)
	case *ssa.UnOp:
		if i.Op == token.ARROW {
			return b.tokenOps(i.X, true)
		}
	}
	return nil
}

func (b *builder) callLockOps(c *ssa.CallCommon, deferred bool) []lockset.Op {
	key, args := b.calleeKey(c)
	if key == "" {
		return b.closureLockOps(c, deferred)
	}
	if op, ok := lockOps[key]; ok && len(args) > 0 {
		return b.lockOn(b.eval(args[0]), op, deferred)
	}
	if sum, _ := b.eng.lookup(key); sum != nil && len(sum.Locks) > 0 {
		return b.netOps(sum, args, deferred)
	}
	return nil
}

// calleeKey is the key of the called function and its operands, receiver first.
func (b *builder) calleeKey(c *ssa.CallCommon) (string, []ssa.Value) {
	if c.IsInvoke() {
		return catalog.FuncKey(c.Method), append([]ssa.Value{c.Value}, c.Args...)
	}
	if fn, ok := c.Value.(*ssa.Function); ok {
		return b.eng.key(fn), c.Args
	}
	return "", nil
}

// closureLockOps follows a deferred or called function literal that unlocks.
func (b *builder) closureLockOps(c *ssa.CallCommon, deferred bool) []lockset.Op {
	var out []lockset.Op
	for _, v := range b.eval(c.Value) {
		o := b.object(v)
		if o == nil || o.Kind != effect.Closure {
			continue
		}
		if op, ok := lockOps[o.Func]; ok && o.Bound {
			out = append(out, b.lockOn(b.resolve(access.Value{Path: v.Path.Step(binding(0))}), op, deferred)...)
			continue
		}
		sum, _ := b.eng.lookup(o.Func)
		if sum == nil {
			continue
		}
		in := &instance{b: b, s: &site{}, sum: sum, closure: &v}
		for _, l := range sum.Locks {
			out = append(out, b.lockOn(in.value(access.Value{Path: l.Path}), lockOp{l.Unlock, l.Shared}, deferred)...)
		}
	}
	return out
}

func (b *builder) netOps(sum *effect.Func, args []ssa.Value, deferred bool) []lockset.Op {
	in := &instance{b: b, s: &site{args: b.evalAll(args)}, sum: sum}
	var out []lockset.Op
	for _, l := range sum.Locks {
		out = append(out, b.lockOn(in.value(access.Value{Path: l.Path}), lockOp{l.Unlock, l.Shared}, deferred)...)
	}
	return out
}

// lockOn names the lock: a place with one name only.
func (b *builder) lockOn(places []access.Value, op lockOp, deferred bool) []lockset.Op {
	var named []access.Value
	for _, p := range places {
		named = merge(named, b.resolve(p))
	}
	if len(named) > 1 {
		named = places
	}
	if len(named) != 1 {
		return nil
	}
	l := effect.Lock{Path: named[0].Path, Shared: op.shared}
	return []lockset.Op{{Lock: l, Unlock: op.unlock, Deferred: deferred}}
}

// tokenOps treats a channel of empty values as a lock: one token sent before
// and received after the use.
func (b *builder) tokenOps(ch ssa.Value, receive bool) []lockset.Op {
	c, ok := ch.Type().Underlying().(*types.Chan)
	if !ok {
		return nil
	}
	if st, ok := c.Elem().Underlying().(*types.Struct); !ok || st.NumFields() > 0 {
		return nil
	}
	return b.lockOn(b.eval(ch), lockOp{unlock: receive}, false)
}
