package summary

import (
	"go/types"

	"golang.org/x/tools/go/ssa"

	"github.com/connvet/connvet/passes/internal/catalog"
	"github.com/connvet/connvet/passes/internal/effect"
	"github.com/connvet/connvet/passes/internal/obligation"
)

// ownerDepth is how deep a type is searched for the connections it may own.
const ownerDepth = 5

// owner reports whether a value of the type may own a connection in one of its
// fields or elements, so that what functions do with it matters.
func (e *engine) owner(t types.Type) bool { return e.owns(t, ownerDepth) }

func (e *engine) owns(t types.Type, depth int) bool {
	if depth == 0 {
		return false
	}
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		return e.part(u.Elem(), depth-1)
	case *types.Slice:
		return e.part(u.Elem(), depth-1)
	case *types.Array:
		return e.part(u.Elem(), depth-1)
	case *types.Map:
		return e.part(u.Elem(), depth-1)
	case *types.Struct:
		for i := range u.NumFields() {
			if e.part(u.Field(i).Type(), depth-1) {
				return true
			}
		}
	}
	return false
}

// part reports whether a field or element of the type is, or owns, a connection.
func (e *engine) part(t types.Type, depth int) bool {
	if row := e.cat.TypeOf(t); row != nil {
		return row.Must || row.Lasting()
	}
	if _, ok := t.Underlying().(*types.Interface); ok {
		return releasable(types.NewMethodSet(t))
	}
	return e.owns(t, depth)
}

// endable reports whether who has a value of the type, and no other way to what
// it holds, can end something: by a method, or through fields that this
// package can see.
func (e *engine) endable(t types.Type) bool {
	key := types.TypeString(t, nil)
	v, ok := e.endables[key]
	if !ok {
		v = e.leadsToEnd(t, map[string]bool{})
		e.endables[key] = v
	}
	return v
}

// leadsToEnd searches a type and those of its parts.
func (e *engine) leadsToEnd(t types.Type, seen map[string]bool) bool {
	key := types.TypeString(t, nil)
	if seen[key] {
		return false
	}
	seen[key] = true
	if row := e.cat.TypeOf(t); row != nil {
		return row.Must || row.Lasting()
	}
	if e.endsByName(t) {
		return true
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return false
	case *types.Struct:
		for i := range u.NumFields() {
			if f := u.Field(i); (f.Exported() || f.Pkg() == e.pass.Pkg) && e.leadsToEnd(f.Type(), seen) {
				return true
			}
		}
		return false
	case *types.Interface:
		return !isError(t) && (u.NumMethods() == 0 || releasable(types.NewMethodSet(t)))
	case *types.Pointer:
		return e.leadsToEnd(u.Elem(), seen)
	case *types.Slice:
		return e.leadsToEnd(u.Elem(), seen)
	case *types.Array:
		return e.leadsToEnd(u.Elem(), seen)
	case *types.Map:
		return e.leadsToEnd(u.Elem(), seen)
	}
	return true
}

// endsByName reports whether a type, or a pointer to it, has a method that by
// its name ends something. What the method really does is not asked: that may
// be what is being found out.
func (e *engine) endsByName(t types.Type) bool {
	if types.IsInterface(t) {
		return false
	}
	set := e.sets.MethodSet(types.NewPointer(t))
	for i := range set.Len() {
		m := set.At(i).Obj()
		if (m.Exported() || m.Pkg() == e.pass.Pkg) && closeLike(m.Name()) {
			return true
		}
	}
	return false
}

func deref(t types.Type) types.Type {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		return p.Elem()
	}
	return t
}

// ownership follows a structure through a function: what is loaded from it,
// and where it goes.
type ownership struct {
	b    *builder
	seen map[ssa.Value]bool
	made map[ssa.Value]bool // made here around what the structure owns
	work []ssa.Value
	out  effect.Param
}

// ownerEffect says whether a function releases something that the structure v
// owns, or lets the structure go where it cannot be followed. One release is
// trusted to stand for all.
func (b *builder) ownerEffect(v ssa.Value) effect.Param {
	o := &ownership{b: b, seen: map[ssa.Value]bool{}, made: map[ssa.Value]bool{}}
	o.add(v)
	for len(o.work) > 0 {
		v := o.work[len(o.work)-1]
		o.work = o.work[:len(o.work)-1]
		if v.Referrers() == nil {
			continue
		}
		for _, r := range *v.Referrers() {
			o.refer(v, r)
		}
	}
	return o.out
}

// add follows a value, unless it cannot lead to a connection.
func (o *ownership) add(v ssa.Value) {
	if !o.seen[v] && carrier(v.Type()) && !plain(v.Type(), ownerDepth) && o.b.eng.endable(v.Type()) {
		o.seen[v] = true
		o.work = append(o.work, v)
	}
}

// plain reports whether a value of the type is data through and through: a
// counter, a name, a time, or a pointer to one.
func plain(t types.Type, depth int) bool {
	if depth == 0 {
		return false
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return u.Kind() != types.UnsafePointer
	case *types.Pointer:
		return plain(u.Elem(), depth-1)
	case *types.Slice:
		return plain(u.Elem(), depth-1)
	case *types.Array:
		return plain(u.Elem(), depth-1)
	case *types.Map:
		return plain(u.Key(), depth-1) && plain(u.Elem(), depth-1)
	case *types.Struct:
		for i := range u.NumFields() {
			if !plain(u.Field(i).Type(), depth-1) {
				return false
			}
		}
		return true
	}
	return false
}

// refer is the flat dispatch over what an instruction does with v.
func (o *ownership) refer(v ssa.Value, r ssa.Instruction) {
	switch r := r.(type) {
	case ssa.CallInstruction:
		o.call(v, r)
	case *ssa.MakeClosure:
		o.captured(v, r)
	case *ssa.Store:
		o.store(v, r)
	case *ssa.MapUpdate:
		o.out.Escapes = o.out.Escapes || r.Value == v || r.Key == v
	case *ssa.Send:
		o.out.Escapes = o.out.Escapes || r.X == v
	case *ssa.Select:
		o.out.Escapes = true
	case *ssa.Return:
		o.returned(v, r)
	case *ssa.BinOp, *ssa.If, *ssa.DebugRef, *ssa.Panic:
	case *ssa.FieldAddr:
		if !lasting(o.b.eng, r.X.Type()) { // a method that the pool has by embedding uses it
			o.add(r)
		}
	case ssa.Value:
		o.add(r)
	}
}

// returned notes the results by which a structure made here around v leaves;
// v itself, given back as it came, may end up anywhere.
func (o *ownership) returned(v ssa.Value, r *ssa.Return) {
	for i, x := range r.Results {
		if x != v {
			continue
		}
		if !o.made[v] || i >= 16 {
			o.out.Escapes = true
			continue
		}
		o.out.Held |= 1 << i
	}
}

// store follows a copy into a local variable, or into a structure made here.
func (o *ownership) store(v ssa.Value, s *ssa.Store) {
	if s.Val != v {
		return
	}
	switch a := s.Addr.(type) {
	case *ssa.Alloc:
		o.add(a)
	case *ssa.FieldAddr:
		if o.seen[a.X] {
			return // a field of itself is no way out
		}
		made, ok := a.X.(*ssa.Alloc)
		if !ok {
			o.out.Escapes = true
			return
		}
		o.hold(made)
	default:
		o.out.Escapes = true
	}
}

// hold follows a structure made here that holds what is followed.
func (o *ownership) hold(v ssa.Value) {
	o.made[v] = true
	o.add(v)
}

// captured follows a structure into a function literal.
func (o *ownership) captured(v ssa.Value, m *ssa.MakeClosure) {
	fn := m.Fn.(*ssa.Function)
	if method, ok := boundMethod(fn); ok {
		o.merge(o.named(catalog.FuncKey(method), 0, v))
		return
	}
	sum, known := o.b.eng.lookup(o.b.eng.key(fn))
	if !known {
		o.out.Escapes = true
		return
	}
	for i, x := range m.Bindings {
		if x == v && sum != nil && i < len(sum.Frees) {
			o.merge(sum.Frees[i])
		}
	}
}

func (o *ownership) merge(p effect.Param) {
	if p.Released != effect.None {
		o.out.Released = effect.All
	}
	o.out.Escapes = o.out.Escapes || p.Escapes || p.Held != 0
}

// call applies what a call does with the operands that are v.
func (o *ownership) call(v ssa.Value, c ssa.CallInstruction) {
	common := c.Common()
	if bi, ok := common.Value.(*ssa.Builtin); ok {
		o.out.Escapes = o.out.Escapes || bi.Name() == "append"
		return
	}
	if common.Value == v && !common.IsInvoke() {
		return // a function that it holds is called
	}
	key, args := o.b.calleeKey(common)
	if key == "" {
		o.out.Escapes = true
		return
	}
	for i, x := range args {
		if x == v {
			p := o.operand(c, key, i, x)
			if call, ok := c.(*ssa.Call); ok && p.Held != 0 {
				o.holdResults(call, p.Held)
				p.Held = 0
			}
			o.merge(p)
		}
	}
}

// holdResults follows the results of a call that hold its operand.
func (o *ownership) holdResults(c *ssa.Call, held uint16) {
	if c.Call.Signature().Results().Len() == 1 {
		o.hold(c)
		return
	}
	for _, r := range *c.Referrers() {
		if x, ok := r.(*ssa.Extract); ok && x.Index < 16 && held&(1<<x.Index) != 0 {
			o.hold(x)
		}
	}
}

// operand is what a named call does with an operand.
func (o *ownership) operand(c ssa.CallInstruction, key string, i int, v ssa.Value) effect.Param {
	if row := o.b.eng.cat.TypeOf(v.Type()); row != nil || followed(o.b.eng, v.Type()) {
		inner := &oracle{b: o.b, row: row, typ: v.Type(), pool: row != nil && row.Lasting()}
		if call, ok := c.(*ssa.Call); ok && i == 0 && inner.Drains(call) {
			return effect.Param{Released: effect.All} // an iterator around rows: its last step
		}
		switch inner.Operand(c, i).Effect {
		case obligation.Release, obligation.HalfMove, obligation.DeferGuard:
			return effect.Param{Released: effect.All}
		case obligation.Move, obligation.Escape:
			return effect.Param{Escapes: true}
		case obligation.Borrow:
		}
		return effect.Param{}
	}
	return o.named(key, i, v)
}

// named is what a function does with a structure.
func (o *ownership) named(key string, i int, v ssa.Value) effect.Param {
	e := o.b.eng
	if e.entries.Call(key) != nil {
		return effect.Param{Escapes: true}
	}
	if sum, known := e.lookup(key); known && (e.owner(v.Type()) || followed(e, v.Type())) {
		if sum == nil || i >= len(sum.Params) {
			return effect.Param{}
		}
		return sum.Params[i]
	}
	if row, _ := splitMethod(key); row != "" && e.cat.Type(row) != nil || knownCalls[key] != nil {
		return effect.Param{}
	}
	return effect.Param{Escapes: !e.looks(key, v.Type())}
}
