package summary

import (
	"go/types"

	"golang.org/x/tools/go/ssa"

	"github.com/connvet/connvet/passes/internal/catalog"
	"github.com/connvet/connvet/passes/internal/effect"
	"github.com/connvet/connvet/passes/internal/obligation"
)

// ownerDepth is how deep a type is searched for the connections it may own.
const ownerDepth = 4

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

// ownership follows a structure through a function: what is loaded from it,
// and where it goes.
type ownership struct {
	b    *builder
	seen map[ssa.Value]bool
	work []ssa.Value
	out  effect.Param
}

// ownerEffect says whether a function releases something that the structure v
// owns, or lets the structure go where it cannot be followed. One release is
// trusted to stand for all.
func (b *builder) ownerEffect(v ssa.Value) effect.Param {
	o := &ownership{b: b, seen: map[ssa.Value]bool{}}
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
	if !o.seen[v] && carrier(v.Type()) && !plain(v.Type(), ownerDepth) {
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
	case *ssa.Select, *ssa.Return:
		o.out.Escapes = true
	case *ssa.BinOp, *ssa.If, *ssa.DebugRef, *ssa.Panic:
	case *ssa.FieldAddr:
		if !lasting(o.b.eng, r.X.Type()) { // a method that the pool has by embedding uses it
			o.add(r)
		}
	case ssa.Value:
		o.add(r)
	}
}

// store follows a copy into a local variable.
func (o *ownership) store(v ssa.Value, s *ssa.Store) {
	if s.Val != v {
		return
	}
	if a, ok := s.Addr.(*ssa.Alloc); ok {
		o.add(a)
		return
	}
	if f, ok := s.Addr.(*ssa.FieldAddr); !ok || !o.seen[f.X] {
		o.out.Escapes = true // a field of itself is no way out
	}
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
			o.merge(o.operand(c, key, i, x))
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
