package summary

import (
	"cmp"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/connvet/connvet/passes/internal/access"
	"github.com/connvet/connvet/passes/internal/catalog"
	"github.com/connvet/connvet/passes/internal/effect"
	"github.com/connvet/connvet/passes/internal/entrypoint"
)

// member is a connection that a type of the package holds, named from the
// receiver of its methods.
type member struct {
	typ  string
	path access.Path
}

// memberUse is a use of a member by code of one method.
type memberUse struct {
	fn     *ssa.Function
	use    use
	row    *catalog.Type
	thread int           // of the method's builder; 0 is its own code
	locks  []access.Path // held exclusively, named from the receiver
	direct bool          // written in the method, not in what it calls
}

// members lists what the methods of each type do with the connections that
// the type holds, and what its constructors leave running.
func (e *engine) members() map[member][]memberUse {
	out := map[member][]memberUse{}
	for _, fn := range e.pkg.Funcs {
		b := e.done[fn]
		if b == nil || fn.Parent() != nil || e.test(fn.Pos()) {
			continue
		}
		if f, ok := b.founder(); ok {
			f.uses(func(p access.Path, mu memberUse) {
				m := member{f.typ, p}
				out[m] = append(out[m], mu)
			})
		}
		if fn.Signature.Recv() == nil {
			continue
		}
		typ := strings.TrimPrefix(catalog.TypeKey(fn.Signature.Recv().Type()), "*")
		for _, u := range b.uses {
			b.memberUses(u, func(p access.Path, mu memberUse) {
				m := member{typ, p}
				out[m] = append(out[m], mu)
			})
		}
	}
	return out
}

// memberUses gives the members that one use of a method is a use of.
func (b *builder) memberUses(u use, yield func(access.Path, memberUse)) {
	if !u.own || u.Test || u.Swap != effect.NoSwap || u.Thread != 0 && !b.leftRunning(u.Thread) || slices.ContainsFunc(u.Locks, unclear) {
		return
	}
	if slices.ContainsFunc(u.Locks, b.handedOver) {
		return // whoever took the lock hands it on from call to call
	}
	for _, v := range b.resolve(u.Value) {
		if v.Path.Root.Kind != access.Param || v.Path.Root.N != 0 || v.Path.Len() == 0 || v.Path.HasVariableElem() || v.Path.HasEach() {
			continue
		}
		row := b.eng.cat.Type(u.Type)
		if row == nil || b.eng.variants(u.Type) || row.Contract != catalog.Exclusive && row.Contract != catalog.Duplex ||
			!u.Static && !b.eng.fieldAcquired(v.Path, row) || u.Guard || b.eng.seam(v.Path) {
			continue
		}
		mu := memberUse{fn: b.fn, use: u, row: row, thread: u.Thread, locks: b.receiverLocks(u.Locks), direct: b.writes(u.Pos)}
		if u.Thread == 0 {
			mu.locks = append(mu.locks, b.callerLocks(4)...)
		}
		yield(v.Path, mu)
	}
}

// unclear reports whether a lock has no name, or is a channel that may serve
// another purpose.
func unclear(l effect.Lock) bool { return !l.Path.Known() || l.Slot }

// handedOver reports whether the function was given a lock that it gives back.
func (b *builder) handedOver(l effect.Lock) bool {
	return b.locks != nil && slices.ContainsFunc(b.locks.Given, func(g effect.Lock) bool { return g.Path == l.Path })
}

// writes reports whether a position is in the function's own text.
func (b *builder) writes(pos int) bool {
	s := b.fn.Syntax()
	return s != nil && s.Pos() <= token.Pos(pos) && token.Pos(pos) <= s.End()
}

// leftRunning reports whether a thread is a goroutine that outlives the call.
func (b *builder) leftRunning(t int) bool {
	for t != 0 {
		th := b.threads[t-1]
		if th.Kind != entrypoint.Go || th.Joined || th.Test {
			return false
		}
		t = th.Parent
	}
	return true
}

// receiverLocks keeps the exclusive locks that are part of the receiver.
func (b *builder) receiverLocks(ls []effect.Lock) []access.Path {
	var out []access.Path
	for _, l := range ls {
		if !l.Shared && l.Path.Root.Kind == access.Param && l.Path.Root.N == 0 {
			out = append(out, l.Path)
		}
	}
	return out
}

// callerLocks lists the locks that all callers of a helper method hold on the
// same receiver.
func (b *builder) callerLocks(depth int) []access.Path {
	obj, _ := b.fn.Object().(*types.Func)
	if depth == 0 || obj == nil || obj.Exported() && !b.eng.called[b.sum.Key] {
		return nil
	}
	calls, plain := b.eng.callersOf(b.fn)
	if !plain || len(calls) == 0 {
		return nil
	}
	var out []access.Path
	for i, c := range calls {
		held := b.eng.heldAt(c, depth)
		if i == 0 {
			out = held
		}
		out = slices.DeleteFunc(out, func(p access.Path) bool { return !slices.Contains(held, p) })
	}
	return out
}

// heldAt lists the locks of the receiver that are held at the call of another
// method of the same receiver.
func (e *engine) heldAt(c *ssa.Call, depth int) []access.Path {
	caller := e.done[c.Parent()]
	if caller == nil || len(c.Call.Args) == 0 || len(c.Parent().Params) == 0 || c.Call.Args[0] != ssa.Value(c.Parent().Params[0]) {
		return nil
	}
	return append(caller.receiverLocks(caller.locks.At(c)), caller.callerLocks(depth-1)...)
}

// guardsOf counts, over the code of the methods, the lock that most uses of a
// member hold which must not overlap one in this role. The end of the
// connection is no use that needs it.
func guardsOf(uses []memberUse, role catalog.Role) (lock access.Path, locked, all int) {
	places := map[effect.Place]bool{}
	held := map[access.Path]map[effect.Place]bool{}
	for _, u := range uses {
		if !u.direct || u.use.Role == catalog.End || !u.row.Contract.Conflicts(role, u.use.Role) {
			continue
		}
		places[u.use.Where] = true
		for _, p := range u.locks {
			if held[p] == nil {
				held[p] = map[effect.Place]bool{}
			}
			held[p][u.use.Where] = true
		}
	}
	for _, p := range slices.SortedFunc(maps.Keys(held), access.Compare) {
		if n := len(held[p]); n > locked {
			lock, locked = p, n
		}
	}
	return lock, locked, len(places)
}

// sortedMembers lists the members in a fixed order.
func sortedMembers(all map[member][]memberUse) []member {
	return slices.SortedFunc(maps.Keys(all), func(a, b member) int {
		return cmp.Or(cmp.Compare(a.typ, b.typ), access.Compare(a.path, b.path))
	})
}
