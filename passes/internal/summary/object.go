package summary

import (
	"go/types"
	"slices"

	"github.com/connvet/connvet/passes/internal/access"
	"github.com/connvet/connvet/passes/internal/catalog"
	"github.com/connvet/connvet/passes/internal/effect"
)

// Unguarded is a use of a connection by an exported method of a type that
// itself shows that its connection is used by several goroutines: it locks
// other uses, or leaves a goroutine running that uses it.
type Unguarded struct {
	Use, Other effect.Use
	Row        *catalog.Type
	Method     string // the method that has the use
	Starter    string // the method that leaves the goroutine running; "" if it is about a lock
	Start      int    // position where that goroutine starts
	Guard      Guard
}

// judgeObjects applies the object rule to libraries: programs have entries.
func (e *engine) judgeObjects(all map[member][]memberUse) []Unguarded {
	if e.pass.Pkg.Name() == "main" {
		return nil
	}
	var out []Unguarded
	for _, m := range sortedMembers(all) {
		if e.reported(all[m]) {
			continue
		}
		seen := map[string]bool{}
		for _, u := range all[m] {
			if e.bare[u.use.Pos] {
				continue // found inside a function
			}
			f, ok := e.judgeMember(m, all[m], u)
			if ok && !seen[f.Method] {
				seen[f.Method] = true
				out = append(out, f)
			}
		}
	}
	return out
}

// reported reports whether the sharing of a member has been found already.
func (e *engine) reported(uses []memberUse) bool {
	return slices.ContainsFunc(e.shared, func(s Shared) bool {
		return slices.ContainsFunc(uses, func(u memberUse) bool { return u.use.Where == s.Use.Where || u.use.Where == s.Other.Where })
	})
}

// judgeMember judges one use of a member against the others.
func (e *engine) judgeMember(m member, all []memberUse, u memberUse) (Unguarded, bool) {
	obj, ok := u.fn.Object().(*types.Func)
	if !ok || !obj.Exported() || !u.direct || u.thread != 0 || u.use.Role == catalog.End || e.phase(m, u.fn.Name(), all) {
		return Unguarded{}, false
	}
	f := Unguarded{Use: u.use.Use, Row: u.row, Method: shortFunc(e.done[u.fn].sum.Key)}
	if g, ok := e.besideThread(all, u); ok {
		f.Other, f.Starter = g.use.Use, shortFunc(e.done[g.fn].sum.Key)
		f.Start = e.done[g.fn].threads[g.thread-1].Pos
		return f, true
	}
	if g, ok := besideLocked(all, u); ok {
		lock, locked, n := guardsOf(all, u.use.Role)
		f.Other, f.Guard = g.use.Use, Guard{Held: true, Lock: e.done[u.fn].lockName(lock, u.use), Locked: locked, Uses: n}
		return f, locked > 0 && locked < n
	}
	return f, false
}

// phase reports whether a method belongs to the beginning or the end of the
// connection's life: it fills the field, or ends the connection.
func (e *engine) phase(m member, method string, all []memberUse) bool {
	for _, u := range all {
		if u.fn.Name() != method {
			continue
		}
		if u.use.Role == catalog.End && u.thread == 0 {
			return true
		}
		if slices.ContainsFunc(e.done[u.fn].stores, func(s effect.Store) bool { return s.Place == m.path }) {
			return true
		}
	}
	return false
}

// besideThread finds a use by a goroutine that another method, or a constructor,
// leaves running. A method that the package calls itself may be part of that.
func (e *engine) besideThread(all []memberUse, u memberUse) (memberUse, bool) {
	for _, g := range all {
		if g.thread == 0 || g.fn == u.fn || !u.row.Contract.Conflicts(u.use.Role, g.use.Role) || common(u.locks, g.locks) ||
			g.use.Role == catalog.End || e.sees(u, g) || g.fn.Signature.Recv() == nil && e.called[e.done[u.fn].sum.Key] {
			continue
		}
		return g, true
	}
	return memberUse{}, false
}

// sees reports whether the method of u starts the goroutine of g itself, or
// waits for it.
func (e *engine) sees(u, g memberUse) bool {
	mine, theirs := e.done[u.fn], e.done[g.fn]
	t := theirs.threads[g.thread-1]
	if slices.ContainsFunc(mine.threads, func(o thread) bool { return o.Pos == t.Pos }) {
		return true
	}
	var handles []access.Path
	for _, h := range theirs.resolveAll(t.Handle) {
		handles = append(handles, h.Path)
	}
	if f, ok := theirs.founder(); ok {
		handles = f.handles(t)
	}
	return slices.ContainsFunc(mine.sum.Joins, func(j access.Value) bool { return slices.Contains(handles, j.Path) })
}

// besideLocked finds a use under a lock of the type's own, which u conflicts
// with and does not hold.
func besideLocked(all []memberUse, u memberUse) (memberUse, bool) {
	if len(u.locks) > 0 {
		return memberUse{}, false
	}
	i := slices.IndexFunc(all, func(g memberUse) bool {
		return len(g.locks) > 0 && g.direct && g.use.Role != catalog.End && u.row.Contract.Conflicts(u.use.Role, g.use.Role)
	})
	if i < 0 {
		return memberUse{}, false
	}
	return all[i], true
}

func common(a, b []access.Path) bool {
	return slices.ContainsFunc(a, func(p access.Path) bool { return slices.Contains(b, p) })
}

// countGuards counts the uses under the lock of a finding over the methods of
// the type that holds the connection, where this package declares it.
func (e *engine) countGuards(all map[member][]memberUse) {
	for i := range e.shared {
		s := &e.shared[i]
		if !s.Guard.Held {
			continue
		}
		for _, m := range sortedMembers(all) {
			if !slices.ContainsFunc(all[m], func(u memberUse) bool { return u.direct && u.use.Pos == s.Use.Pos }) {
				continue
			}
			lock, locked, n := guardsOf(all[m], s.Use.Role)
			if base, ok := nameOfBase(s.Use.Name, m.path); ok && locked > 0 && locked < n {
				s.Guard = Guard{Held: true, Lock: base + lock.Text(""), Locked: locked, Uses: n}
			}
		}
	}
}

// guardOverlaps finds, for overlaps of which one use holds a lock of the object
// that has the connection and the other does not, how many uses hold it.
func (e *engine) guardOverlaps(fns []Function, all map[member][]memberUse) {
	members := sortedMembers(all)
	for _, fn := range fns {
		for i := range fn.Overlaps {
			o := &fn.Overlaps[i]
			if held := slices.ContainsFunc(o.Use.Locks, excludes); held == slices.ContainsFunc(o.Other.Locks, excludes) {
				continue
			} else if held {
				o.Bare = o.Other
			} else {
				o.Bare = o.Use
			}
			for _, m := range members {
				e.guardBare(o, m, all[m])
			}
		}
	}
}

// guardBare sets the guard of an overlap whose use without the lock is a use
// of the member.
func (e *engine) guardBare(o *Overlap, m member, uses []memberUse) {
	if o.Guard.Held || o.Bare.Foreign ||
		!slices.ContainsFunc(uses, func(u memberUse) bool { return u.direct && len(u.locks) == 0 && u.use.Pos == o.Bare.Pos }) {
		return
	}
	lock, locked, n := guardsOf(uses, o.Bare.Role)
	if base, ok := nameOfBase(o.Bare.Name, m.path); ok && locked > 0 && locked < n {
		o.Guard = Guard{Held: true, Lock: base + lock.Text(""), Locked: locked, Uses: n}
		e.bare[o.Bare.Pos] = true
	}
}

func excludes(l effect.Lock) bool { return !l.Shared && !l.Slot && !l.Once }
