package summary

import (
	"go/constant"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/connvet/connvet/passes/internal/access"
	"github.com/connvet/connvet/passes/internal/catalog"
	"github.com/connvet/connvet/passes/internal/effect"
	"github.com/connvet/connvet/passes/internal/lockset"
)

// lockOp is what a known method does to the lock it is called on.
type lockOp struct {
	unlock, shared bool
	flag           bool      // the lock is an atomic flag
	on             effect.On // a result that tells whether the lock was taken
	weight         int       // 1 + the operand that says how many slots it takes; 0 if all
}

var (
	ifTrue  = effect.On{Result: 1, True: true}
	ifFalse = effect.On{Result: 1}
	ifNil   = effect.On{Result: 1, Nil: true}
)

var lockOps = map[string]lockOp{
	"(*golang.org/x/sync/semaphore.Weighted).Acquire":    {on: ifNil, weight: 3},
	"(*golang.org/x/sync/semaphore.Weighted).TryAcquire": {on: ifTrue, weight: 2},
	"(*golang.org/x/sync/semaphore.Weighted).Release":    {unlock: true, weight: 2},
}

// lockNames are the methods of locks of any make: those of sync, those that
// replace them, and those behind an interface.
var lockNames = map[string]lockOp{
	"Lock":        {},
	"LockContext": {on: ifNil},
	"TryLock":     {on: ifTrue},
	"Unlock":      {unlock: true},
	"RLock":       {shared: true},
	"TryRLock":    {shared: true, on: ifTrue},
	"RUnlock":     {unlock: true, shared: true},
}

// solveLocks finds the locks held in the function, and adds them to the
// effects of its own thread.
func (b *builder) solveLocks() {
	b.locks = lockset.Solve(b.fn, lockset.Ops{At: b.lockOpsOf, Edge: b.edgeLockOps, Net: tellsReturns})
	b.sum.Locks = b.locks.Net
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
}

// lockOpsOf tells what an instruction does to locks.
func (b *builder) lockOpsOf(i ssa.Instruction) []lockset.Op {
	switch i := i.(type) {
	case *ssa.Call:
		return slices.DeleteFunc(b.callLockOps(i.Common(), false), func(o lockset.Op) bool { return unasked(i, o) })
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

// unasked reports whether nobody looks at the boolean that says whether an
// operation took the lock. An error may be known to be nil without a look.
func unasked(c *ssa.Call, o lockset.Op) bool {
	if o.Unlock || o.On.Result == 0 || o.On.Nil {
		return false
	}
	return !slices.ContainsFunc(*c.Referrers(), func(r ssa.Instruction) bool {
		x, ok := r.(*ssa.Extract)
		return !ok || x.Index == o.On.Result-1
	})
}

func (b *builder) callLockOps(c *ssa.CallCommon, deferred bool) []lockset.Op {
	key, args := b.calleeKey(c)
	if key == "" {
		return b.closureLockOps(c, deferred)
	}
	if op, ok := lockOps[key]; ok && len(args) > 0 {
		return b.lockOn(b.eval(args[0]), op, deferred, takesOne(op, args))
	}
	if op, ok := flagOp(key, args); ok {
		return b.lockOn(b.eval(args[0]), op, deferred, false)
	}
	if sum, _ := b.eng.lookup(key); sum != nil && len(sum.Locks) > 0 {
		return b.netOps(&instance{b: b, s: &site{args: b.evalAll(args)}, sum: sum}, deferred)
	}
	if op, ok := lockNamed(key, c); ok {
		return b.lockOn(b.eval(args[0]), op, deferred, false)
	}
	return nil
}

// takesOne reports whether an operation takes one slot of a semaphore.
func takesOne(op lockOp, args []ssa.Value) bool {
	if op.weight == 0 || op.weight > len(args) {
		return false
	}
	c, ok := args[op.weight-1].(*ssa.Const)
	return ok && c.Value != nil && c.Int64() == 1
}

// lockNamed tells what a method with the name and shape of a lock's does.
func lockNamed(key string, c *ssa.CallCommon) (lockOp, bool) {
	typ, name := splitMethod(key)
	op, ok := lockNames[name]
	if !ok || typ == "" {
		return op, false
	}
	sig := c.Signature()
	params, results := sig.Params().Len(), sig.Results()
	switch {
	case results.Len() > 1 || params > 1, params == 1 && catalog.TypeKey(sig.Params().At(0).Type()) != "context.Context":
		return op, false
	case results.Len() == 1 && isError(results.At(0).Type()):
		op.on = ifNil
	case results.Len() == 1:
		op.on = ifTrue
	}
	return op, true
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
		_, name := splitMethod(o.Func)
		if op, ok := lockNames[name]; ok && o.Bound {
			out = append(out, b.lockOn(b.resolve(access.Value{Path: v.Path.Step(binding(0))}), op, deferred, false)...)
			continue
		}
		sum, _ := b.eng.lookup(o.Func)
		if sum == nil {
			continue
		}
		out = append(out, b.netOps(&instance{b: b, s: &site{}, sum: sum, closure: &v}, deferred)...)
	}
	return out
}

// netOps binds what a callee takes for, or gives back for, its caller.
func (b *builder) netOps(in *instance, deferred bool) []lockset.Op {
	var out []lockset.Op
	for _, l := range in.sum.Locks {
		ops := b.lockOn(in.value(access.Value{Path: l.Path}), lockOp{unlock: l.Unlock, shared: l.Shared, on: l.On, flag: l.Flag}, deferred, l.Slot)
		for i := range ops {
			ops[i].Token, ops[i].Weak = l.Token, l.Weak
		}
		if l.Token && len(ops) == 1 && !ops[0].Path.Known() {
			continue // some channel
		}
		out = append(out, ops...)
	}
	return out
}

// lockOn names the lock: a place with one name only. One that has none, or
// several, is held without a name.
func (b *builder) lockOn(places []access.Value, op lockOp, deferred, slot bool) []lockset.Op {
	var named []access.Value
	for _, p := range places {
		named = merge(named, b.resolveLock(p))
	}
	if len(named) > 1 {
		named = places
	}
	l := effect.Lock{Shared: op.shared, Slot: slot, Flag: op.flag}
	if len(named) == 1 {
		l = b.behind(l, named[0])
	}
	return []lockset.Op{{Lock: l, Unlock: op.unlock, Deferred: deferred, On: op.on}}
}

// tokenOps treats a channel of small values as a lock: one token sent before
// and received after the use, or the other way round.
func (b *builder) tokenOps(ch ssa.Value, receive bool) []lockset.Op {
	c, ok := ch.Type().Underlying().(*types.Chan)
	if !ok {
		return nil
	}
	var weak bool
	switch u := c.Elem().Underlying().(type) {
	case *types.Struct:
		if u.NumFields() > 0 {
			return nil
		}
	case *types.Basic:
		if u.Info()&(types.IsBoolean|types.IsInteger) == 0 {
			return nil
		}
		weak = true
	default:
		return nil
	}
	ops := b.lockOn(b.eval(ch), lockOp{unlock: receive}, false, true)
	if !ops[0].Path.Known() {
		return nil
	}
	ops[0].Token, ops[0].Weak = true, weak
	return ops
}

// edgeLockOps tells what taking a branch shows of locks: the select case that
// was taken, and the answer that a lock was not.
func (b *builder) edgeLockOps(from, to *ssa.BasicBlock) []lockset.Op {
	if st := selected(from, to); st != nil {
		return b.tokenOps(st.Chan, st.Dir == types.RecvOnly)
	}
	a, ok := answered(from, to)
	if !ok {
		return nil
	}
	var out []lockset.Op
	for _, o := range b.callLockOps(a.call.Common(), false) {
		if !o.Unlock && o.On.Result == a.result+1 && !a.says(o.On) {
			o.Unlock = true
			out = append(out, o)
		}
	}
	return out
}

// selected gives the case of a select statement that an edge takes; nil if it takes none.
func selected(from, to *ssa.BasicBlock) *ssa.SelectState {
	iff, ok := from.Instrs[len(from.Instrs)-1].(*ssa.If)
	if !ok || to != from.Succs[0] {
		return nil
	}
	cond, ok := iff.Cond.(*ssa.BinOp)
	if !ok || cond.Op != token.EQL {
		return nil
	}
	x, ok := cond.X.(*ssa.Extract)
	if !ok || x.Index != 0 {
		return nil
	}
	sel, ok := x.Tuple.(*ssa.Select)
	k, isConst := cond.Y.(*ssa.Const)
	if !ok || !isConst || int(k.Int64()) >= len(sel.States) || k.Int64() < 0 {
		return nil
	}
	return sel.States[k.Int64()]
}

// answer is what an edge shows of a call's result.
type answer struct {
	call   *ssa.Call
	result int
	isNil  bool // it was compared with nil
	value  bool // what came out
}

// says reports whether the answer is that the lock was taken.
func (a answer) says(on effect.On) bool {
	if on.Nil {
		return !a.isNil || a.value
	}
	return a.isNil || a.value == on.True
}

// answered reads the condition that an edge decides, if it is about a result of a call.
func answered(from, to *ssa.BasicBlock) (answer, bool) {
	iff, ok := from.Instrs[len(from.Instrs)-1].(*ssa.If)
	if !ok {
		return answer{}, false
	}
	a, cond := answer{value: to == from.Succs[0]}, iff.Cond
	for range 3 {
		switch v := cond.(type) {
		case *ssa.UnOp:
			if v.Op != token.NOT {
				return a, false
			}
			a.value, cond = !a.value, v.X
		case *ssa.BinOp:
			x := v.X
			if !isNil(v.Y) || v.Op != token.EQL && v.Op != token.NEQ {
				return a, false
			}
			a.isNil, a.value, cond = true, a.value == (v.Op == token.EQL), x
		case *ssa.Extract:
			a.result, cond = v.Index, v.Tuple
		case *ssa.Call:
			a.call = v
			return a, true
		default:
			return a, false
		}
	}
	a.call, ok = cond.(*ssa.Call)
	return a, ok
}

// tellsReturns finds the result that tells the returns with a lock from those
// without: an error, or a boolean, that is constant on the one side at least.
func tellsReturns(held, free []*ssa.Return) effect.On {
	n := len(held[0].Results) - 1
	if n < 0 {
		return effect.On{}
	}
	all := func(rs []*ssa.Return, want func(*ssa.Const) bool) bool {
		return !slices.ContainsFunc(rs, func(r *ssa.Return) bool {
			c, ok := r.Results[n].(*ssa.Const)
			return !ok || !want(c)
		})
	}
	if isError(held[0].Results[n].Type()) {
		if all(held, (*ssa.Const).IsNil) && !slices.ContainsFunc(free, func(r *ssa.Return) bool { return isNil(r.Results[n]) }) {
			return effect.On{Result: n + 1, Nil: true}
		}
		return effect.On{}
	}
	for _, taken := range []bool{true, false} {
		is := func(want bool) func(*ssa.Const) bool {
			return func(c *ssa.Const) bool {
				return c.Value != nil && c.Value.Kind() == constant.Bool && constant.BoolVal(c.Value) == want
			}
		}
		if all(held, is(taken)) && all(free, is(!taken)) {
			return effect.On{Result: n + 1, True: taken}
		}
	}
	return effect.On{}
}

// readerSide is the step from an RWMutex to the lock of its readers.
const readerSide = "(reader)"

// resolveLock is resolve for a lock: one that was copied with its struct is
// another lock than the original.
func (b *builder) resolveLock(v access.Value) []access.Value {
	return b.follow(v, maxDepth, nil, b.copiedLock)
}

// copiedLock reports whether a place is a lock inside a copy of a struct.
func (b *builder) copiedLock(p access.Path) bool {
	if p.Root.Kind != access.Fresh || p.Root.N >= len(b.objects) || len(b.objects[p.Root.N].Copied) == 0 {
		return false
	}
	return slices.Contains(b.objects[p.Root.N].Copied, p.Text(""))
}

// noteCopy remembers the locks in a struct that a store copies.
func (b *builder) noteCopy(i *ssa.Store) {
	to, ok := i.Addr.(*ssa.Alloc)
	st, isStruct := i.Val.Type().Underlying().(*types.Struct)
	if !ok || !isStruct {
		return
	}
	switch v := i.Val.(type) {
	case *ssa.Parameter, *ssa.Extract, *ssa.Index:
	case *ssa.UnOp:
		if v.Op != token.MUL {
			return
		}
	default:
		return
	}
	locks := locksIn(st, "", 3)
	for _, v := range b.eval(to) {
		if o := b.object(v); o != nil && len(locks) > 0 {
			o.Copied = locks
		}
	}
}

// locksIn lists the mutexes that are part of a struct's own memory.
func locksIn(st *types.Struct, at string, depth int) []string {
	var out []string
	for i := range st.NumFields() {
		f := st.Field(i)
		switch key := catalog.TypeKey(f.Type()); {
		case key == "sync.Mutex" || key == "sync.RWMutex":
			out = append(out, at+f.Name())
		case depth > 0:
			if inner, ok := f.Type().Underlying().(*types.Struct); ok {
				out = append(out, locksIn(inner, at+f.Name()+".", depth-1)...)
			}
		}
	}
	return out
}
