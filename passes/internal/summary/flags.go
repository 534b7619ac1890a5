package summary

import (
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/connvet/connvet/passes/internal/access"
	"github.com/connvet/connvet/passes/internal/effect"
)

// The atomic numbers and booleans of std, and those that wrap them.
var (
	atomicTypes = []string{"*sync/atomic.", "*go.uber.org/atomic."}
	atomicKinds = []string{"Int32", "Int64", "Uint32", "Uint64", "Uintptr"}
)

// flagCall gives the operation that a function or method does on an atomic
// number or boolean: "CompareAndSwap", "Store" and so on; "" for others.
func flagCall(key string) string {
	if name, ok := strings.CutPrefix(key, "sync/atomic."); ok {
		for _, k := range atomicKinds {
			if op, ok := strings.CutSuffix(name, k); ok {
				return op
			}
		}
		return ""
	}
	typ, name := splitMethod(key)
	for _, p := range atomicTypes {
		if kind, ok := strings.CutPrefix(typ, p); ok && (kind == "Bool" || slices.Contains(atomicKinds, kind)) {
			return name
		}
	}
	return ""
}

// flagOp tells what an operation on an atomic flag does, if the flag is a
// lock: who sets it first has it until it is cleared.
func flagOp(key string, args []ssa.Value) (lockOp, bool) {
	switch flagCall(key) {
	case "CompareAndSwap", "CAS":
		if len(args) == 3 {
			if set, ok := flagValue(args[2]); ok {
				return lockOp{unlock: !set, on: ifTrue, flag: true}, true
			}
		}
	case "Swap":
		if len(args) == 2 && isBool(args[1].Type()) {
			if set, ok := flagValue(args[1]); ok {
				return lockOp{unlock: !set, on: ifFalse, flag: true}, true
			}
		}
	case "Store":
		if len(args) == 2 {
			if set, ok := flagValue(args[1]); ok && !set {
				return lockOp{unlock: true, flag: true}, true
			}
		}
	}
	return lockOp{}, false
}

// flagValue reads a constant as a flag: false and 0 are clear.
func flagValue(v ssa.Value) (set, ok bool) {
	c, ok := v.(*ssa.Const)
	if !ok || c.Value == nil {
		return false, false
	}
	switch c.Value.Kind() {
	case constant.Bool:
		return constant.BoolVal(c.Value), true
	case constant.Int:
		return constant.Sign(c.Value) != 0, true
	}
	return false, false
}

// callFlag notes what a change of a flag tells those who look at it.
func (b *builder) callFlag(s *site, key string) [][]access.Value {
	op := flagCall(key)
	if op == "" || op == "Load" || len(s.args) == 0 {
		return nothing(b, s)
	}
	state := flagChanged
	if len(s.vals) == 2 && op == "Store" && isBool(s.vals[1].Type()) {
		if set, ok := flagValue(s.vals[1]); ok {
			state = flagState(set)
		}
	}
	b.signal(b.step(s.args[0], state), s.ctx)
	return nothing(b, s)
}

// flagChanged is the step from a number to the event that it changes.
const flagChanged = "(changed)"

// flagState is the step from a flag to the event that it becomes set, or clear.
func flagState(set bool) string {
	if set {
		return "(set)"
	}
	return "(clear)"
}

// flagJoins lists the threads that told of their end by a flag that an edge
// tests: set or clear, or a number of any value.
func (b *builder) flagJoins(from, to *ssa.BasicBlock) []int {
	iff, ok := from.Instrs[len(from.Instrs)-1].(*ssa.If)
	if !ok {
		return nil
	}
	if a, ok := answered(from, to); ok && !a.isNil {
		key, args := b.calleeKey(a.call.Common())
		if flagCall(key) == "Load" && isBool(a.call.Type()) {
			return b.joinedDeep(b.step(b.eval(args[0]), flagState(a.value)))
		}
		return nil
	}
	cond, ok := iff.Cond.(*ssa.BinOp)
	if !ok {
		return nil
	}
	var out []int
	for _, v := range []ssa.Value{cond.X, cond.Y} {
		if c, ok := v.(*ssa.Call); ok {
			if key, args := b.calleeKey(c.Common()); flagCall(key) == "Load" {
				out = append(out, b.joinedDeep(b.step(b.eval(args[0]), flagChanged))...)
			}
		}
	}
	return out
}

// handOver gives the threads the locks that they have from the start beside the
// mutexes that they unlock: flags and tokens that the code which starts them
// holds and leaves to them, and whatever lets them be started but once.
func (b *builder) handOver() {
	for i := range b.threads {
		t := &b.threads[i]
		if t.at == nil || t.site != 0 {
			continue
		}
		var locks []effect.Lock
		for _, l := range b.locks.At(t.at) {
			if b.handed(l, i+1) {
				locks = append(locks, l)
			}
		}
		if once := b.startedOnce(t.at.Block()); once != nil {
			locks = append(locks, *once)
		}
		if len(locks) > 0 {
			b.lockThread(i+1, locks)
		}
	}
}

// handed reports whether a held lock is left to a thread: a token that it gives
// back, or a flag that the code which starts it does not clear.
func (b *builder) handed(l effect.Lock, thread int) bool {
	if !l.Path.Known() || b.locks.Unlocks(b.threads[thread-1].at, l.Path) {
		return false
	}
	return l.Flag || slices.ContainsFunc(b.resolveAll(b.gives[thread]), func(v access.Value) bool { return v.Path == l.Path })
}

// lockThread adds locks to all that a thread, and those it starts, do.
func (b *builder) lockThread(thread int, locks []effect.Lock) {
	for i := range b.uses {
		if u := &b.uses[i]; u.Thread == thread {
			u.Locks = append(slices.Clone(u.Locks), locks...)
		}
	}
	for _, c := range b.calls {
		if c.Thread == thread {
			c.Locks = append(slices.Clone(c.Locks), locks...)
		}
	}
}

// startedOnce gives a lock that stands for the state which lets a block run
// once: a field or variable that is tested before, and set on the way; nil if
// there is none.
func (b *builder) startedOnce(blk *ssa.BasicBlock) *effect.Lock {
	for ; blk.Idom() != nil; blk = blk.Idom() {
		d := blk.Idom()
		iff, ok := d.Instrs[len(d.Instrs)-1].(*ssa.If)
		if !ok || len(blk.Preds) != 1 || blk.Preds[0] != d {
			continue
		}
		state := onceState(iff.Cond)
		if state == nil || !b.sets(state) {
			continue
		}
		if vs := b.eval(state); len(vs) == 1 && outlives(vs[0].Path) {
			return &effect.Lock{Path: vs[0].Path.Step("(once)"), Once: true}
		}
	}
	return nil
}

// onceState gives the address of the boolean, pointer or function that a
// condition asks whether it is set; nil if it asks something else.
func onceState(cond ssa.Value) ssa.Value {
	for {
		v, ok := cond.(*ssa.UnOp)
		if !ok || v.Op != token.NOT {
			break
		}
		cond = v.X
	}
	if bin, ok := cond.(*ssa.BinOp); ok {
		cond = nilTested(bin)
	}
	load, ok := cond.(*ssa.UnOp)
	if !ok || load.Op != token.MUL {
		return nil
	}
	return load.X
}

func isBool(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsBoolean != 0
}
