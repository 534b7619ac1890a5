package summary

import (
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/connvet/connvet/passes/internal/access"
	"github.com/connvet/connvet/passes/internal/catalog"
	"github.com/connvet/connvet/passes/internal/effect"
	"github.com/connvet/connvet/passes/internal/obligation"
)

// ownerRow is the row of a type of the user's that owns what its constructor
// acquired: it costs what the connection inside costs, and the methods that
// release that one release it.
func ownerRow(inner *catalog.Type, own effect.Owned) *catalog.Type {
	row := &catalog.Type{Key: own.Owner, Library: inner.Library, Role: inner.Role, Must: true, Release: map[string]bool{}}
	for _, m := range own.Ends {
		row.Release[m] = true
	}
	return row
}

// ownHolders adds the results whose own methods release what they hold: the
// constructor of a user's type acquires it as a driver's function acquires a
// connection. A result that on some path is another's is the business of nobody.
func (b *builder) ownHolders(typ string, where effect.Place, out *obligation.Outcome) {
	res := b.fn.Signature.Results()
	for i := range min(res.Len(), 16) {
		if _, ok := res.At(i).Type().Underlying().(*types.Signature); ok && out.Held&(1<<i) != 0 {
			return // comes with a cleanup function
		}
	}
	for i := range min(res.Len(), 16) {
		if out.Held&(1<<i) == 0 {
			continue
		}
		t := b.concrete(i)
		if t == nil || b.eng.cat.TypeOf(t) != nil {
			continue
		}
		ends := b.eng.endings(t, res.At(i).Type())
		if b.lentResult(i) || !slices.ContainsFunc(ends, closeLike) && !b.eng.cat.Type(typ).Lasting() && !hidden(t) {
			continue
		}
		b.addOwned(effect.Owned{
			Result: i, Error: lastError(b.fn.Signature), Type: typ, Where: where,
			Owner: catalog.TypeKey(t), Ends: ends,
		})
	}
}

// hidden reports whether a type is no business of other packages: it may be a
// part of one that has a method to be done with it.
func hidden(t types.Type) bool {
	named, ok := types.Unalias(deref(t)).(*types.Named)
	return ok && !named.Obj().Exported()
}

// ownsResult matches what owns the result with this index.
func ownsResult(i int) func(effect.Owned) bool {
	return func(o effect.Owned) bool { return o.Result == i }
}

// addOwned adds a result to release, once.
func (b *builder) addOwned(o effect.Owned) {
	if !slices.ContainsFunc(b.sum.Owned, func(p effect.Owned) bool { return p.Result == o.Result && p.Owner == o.Owner && o.Owner != "" }) {
		b.sum.Owned = append(b.sum.Owned, o)
	}
}

// concrete is the one named type that the function gives back as result i; nil
// if there are several, or one that has no name.
func (b *builder) concrete(i int) types.Type {
	var out types.Type
	for _, v := range b.returned(i) {
		t := v.Type()
		if m, ok := v.(*ssa.MakeInterface); ok {
			t = m.X.Type()
		}
		if c, ok := v.(*ssa.Const); ok && c.IsNil() {
			continue
		}
		if types.IsInterface(t) || catalog.TypeKey(t) == "" || out != nil && !types.Identical(out, t) {
			return nil
		}
		out = t
	}
	return out
}

// returned lists the values that come out as result i, through the variables
// that branches merge into.
func (b *builder) returned(i int) []ssa.Value {
	var out []ssa.Value
	seen := map[ssa.Value]bool{}
	var add func(ssa.Value)
	add = func(v ssa.Value) {
		if seen[v] {
			return
		}
		seen[v] = true
		if phi, ok := v.(*ssa.Phi); ok {
			for _, e := range phi.Edges {
				add(e)
			}
			return
		}
		out = append(out, v)
	}
	for _, blk := range b.fn.Blocks {
		if len(blk.Instrs) == 0 {
			continue
		}
		if r, ok := blk.Instrs[len(blk.Instrs)-1].(*ssa.Return); ok && i < len(r.Results) {
			add(r.Results[i])
		}
	}
	return out
}

// lentResult reports whether result i may be something that somebody else owns:
// a parameter, or what is kept in a field or package variable.
func (b *builder) lentResult(i int) bool {
	for _, v := range b.returned(i) {
		for _, x := range b.eval(v) {
			switch x.Path.Root.Kind {
			case access.Param, access.Free, access.Global:
				return true
			}
		}
	}
	return false
}

// endings lists the methods of t, as far as values of type seen have them,
// that release something which a value of t owns.
func (e *engine) endings(t, seen types.Type) []string {
	var out []string
	set := e.sets.MethodSet(t)
	visible := e.sets.MethodSet(seen)
	for i := range set.Len() {
		m, ok := set.At(i).Obj().(*types.Func)
		if ok && visible.Lookup(m.Pkg(), m.Name()) != nil && e.endsOwned(m) {
			out = append(out, m.Name())
		}
	}
	return out
}

// endsOwned reports whether a method releases something that its receiver owns, or is.
func (e *engine) endsOwned(m *types.Func) bool {
	key := catalog.FuncKey(m)
	typ, name := splitMethod(key)
	if row := e.cat.Type(typ); row != nil {
		return row.Release[name]
	}
	if types.IsInterface(recvType(m)) {
		return releaseNames[name] // of an embedded closer
	}
	sum, _ := e.lookup(key)
	return sum != nil && len(sum.Params) > 0 && sum.Params[0].Released != effect.None
}

// closeLike reports whether a user would look for a method with this name to
// be done with a value.
func closeLike(name string) bool {
	name = strings.ToUpper(name[:1]) + name[1:]
	for _, p := range [...]string{"Close", "Stop", "Release", "Shutdown", "Disconnect", "Cleanup", "Finish", "Teardown", "Quit", "End", "Rollback", "Free", "Done"} {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return releaseNames[name]
}

// ownerOperand is the effect of a call on a value of a user's type that owns a
// connection: its methods are known by their summaries.
func (o *oracle) ownerOperand(c ssa.CallInstruction, key string, v ssa.Value, i int) obligation.Answer {
	_, name := splitMethod(key)
	if i == 0 && methodCall(c) {
		if o.row.Release[name] {
			return outcomeEffect(effect.Param{Released: effect.All}, how(c))
		}
		if c.Common().IsInvoke() {
			key = catalog.MethodKey(o.row.Key, name)
		}
	}
	e := o.b.eng
	sum, known := e.lookup(key)
	if !known {
		if e.entries.Call(key) == nil && e.looks(key, v.Type()) {
			return does(obligation.Borrow)
		}
		return does(obligation.Escape)
	}
	var p effect.Param
	if sum != nil && i < len(sum.Params) {
		p = sum.Params[i]
	}
	a := outcomeEffect(p, how(c))
	if a.Effect == obligation.Borrow && (how(c) == beside || p.Beside) {
		return does(obligation.Escape) // lives on in a goroutine of its own
	}
	return a
}

// Part reports whether a field of the tracked value is something that it owns.
func (o *oracle) Part(x ssa.Value, field int) bool {
	f := fieldOf(x.Type(), field)
	return o.owner && f != nil && o.b.eng.part(f.Type(), ownerDepth)
}

// partOperand is the effect of a call on something that the tracked value owns.
func (o *oracle) partOperand(c ssa.CallInstruction, i int, t types.Type) (obligation.Answer, bool) {
	row := o.b.eng.cat.TypeOf(t)
	if !o.owner || row == nil && !followed(o.b.eng, t) {
		return obligation.Answer{}, false
	}
	inner := &oracle{b: o.b, row: row, typ: t, pool: row != nil && row.Lasting()}
	a := inner.Operand(c, i)
	if a.Effect == obligation.Release {
		a.If = obligation.Condition{}
	}
	return a, true
}
