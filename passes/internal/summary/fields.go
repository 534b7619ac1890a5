package summary

import (
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/connvet/connvet/passes/internal/catalog"
	"github.com/connvet/connvet/passes/internal/obligation"
)

// FieldKind is what is wrong with a place that owns a connection.
type FieldKind uint8

// The kinds of field findings.
const (
	Overwritten FieldKind = iota // a store drops the connection that is in use
	Skipped                      // the closer leaves when an earlier step fails
	Unclosable                   // no method of the type releases it
)

// FieldLeak is a connection that a field, or package variable, owns and loses.
type FieldLeak struct {
	Kind   FieldKind
	Pos    token.Pos
	Name   string // the place as the user writes it: c.conn
	Type   string // the type that owns it, as the user writes it
	Method string // Skipped: the closer
	Failed token.Pos
	Row    *catalog.Type
	Each   string
}

// slot is what the package does with one field or package variable.
type slot struct {
	row      *catalog.Type
	owner    *types.Named // nil for package variables
	acquired []*ssa.Call  // acquisitions that are stored there
	lent     bool         // filled with what somebody else may own, too
	enders   []*ssa.Function
	fillers  map[*ssa.Function]bool
	escapes  bool // read in a way that is not followed
}

// slots indexes the fields and package variables of the package that hold
// connections; all functions have their summaries by then.
func (e *engine) slots() map[*types.Var]*slot {
	out := map[*types.Var]*slot{}
	for _, fn := range e.pkg.Funcs {
		b := e.done[fn]
		if b == nil {
			continue
		}
		for _, blk := range fn.Blocks {
			for _, i := range blk.Instrs {
				b.noteSlot(out, i)
			}
		}
	}
	return out
}

// noteSlot notes what an instruction does with the slots that it names.
func (b *builder) noteSlot(all map[*types.Var]*slot, i ssa.Instruction) {
	switch i := i.(type) {
	case *ssa.Store:
		if s := b.slotAt(all, i.Addr); s != nil && !b.eng.test(i.Pos()) {
			s.fillers[b.fn] = true
			b.filled(s, i.Val, 4)
		}
	case *ssa.FieldAddr:
		if s := b.slotAt(all, i); s != nil {
			b.read(s, i)
		}
	case *ssa.Field:
		if s := b.slotOf(all, fieldOf(i.X.Type(), i.Field), i.X.Type()); s != nil {
			b.followRead(s, i, 4)
		}
	case *ssa.UnOp:
		if g, ok := i.X.(*ssa.Global); ok && i.Op == token.MUL {
			if s := b.slotAt(all, g); s != nil {
				b.followRead(s, i, 4)
			}
		}
	}
}

// slotAt finds the slot of an address.
func (b *builder) slotAt(all map[*types.Var]*slot, addr ssa.Value) *slot {
	switch a := addr.(type) {
	case *ssa.FieldAddr:
		return b.slotOf(all, fieldOf(a.X.Type(), a.Field), a.X.Type())
	case *ssa.Global:
		if v, ok := a.Object().(*types.Var); ok && a.Pkg == b.fn.Pkg {
			return b.slotOf(all, v, nil)
		}
	}
	return nil
}

func (b *builder) slotOf(all map[*types.Var]*slot, v *types.Var, owner types.Type) *slot {
	if v == nil || v.Pkg() != b.eng.pass.Pkg {
		return nil
	}
	v = v.Origin()
	if s := all[v]; s != nil {
		return s
	}
	row := b.eng.cat.TypeOf(v.Type())
	if row == nil || !row.Must {
		return nil
	}
	s := &slot{row: row, fillers: map[*ssa.Function]bool{}}
	if owner != nil {
		if p, ok := owner.Underlying().(*types.Pointer); ok {
			owner = p.Elem()
		}
		n, ok := types.Unalias(owner).(*types.Named)
		if !ok {
			return nil
		}
		s.owner = n.Origin()
	}
	all[v] = s
	return s
}

// filled notes where a stored value comes from.
func (b *builder) filled(s *slot, v ssa.Value, depth int) {
	if depth == 0 {
		s.lent = true
		return
	}
	switch v := v.(type) {
	case *ssa.Const:
	case *ssa.Phi:
		for _, e := range v.Edges {
			if e != ssa.Value(v) {
				b.filled(s, e, depth-1)
			}
		}
	case *ssa.Call:
		b.filledBy(s, v, 0)
	case *ssa.Extract:
		if c, ok := v.Tuple.(*ssa.Call); ok {
			b.filledBy(s, c, v.Index)
			return
		}
		s.lent = true
	case *ssa.MakeInterface:
		b.filled(s, v.X, depth-1)
	case *ssa.ChangeInterface:
		b.filled(s, v.X, depth-1)
	default:
		s.lent = true
	}
}

func (b *builder) filledBy(s *slot, c *ssa.Call, result int) {
	if slices.ContainsFunc(b.acquired(c), ownsResult(result)) {
		s.acquired = append(s.acquired, c)
		return
	}
	s.lent = true
}

// read follows what happens to the address of a slot.
func (b *builder) read(s *slot, addr *ssa.FieldAddr) {
	for _, r := range *addr.Referrers() {
		switch r := r.(type) {
		case *ssa.Store:
			s.escapes = s.escapes || r.Addr != ssa.Value(addr)
		case *ssa.UnOp:
			b.followRead(s, r, 4)
		case *ssa.FieldAddr, *ssa.DebugRef:
		default:
			s.escapes = true
		}
	}
}

// followRead follows what happens to what a slot holds.
func (b *builder) followRead(s *slot, v ssa.Value, depth int) {
	if depth == 0 {
		s.escapes = true
		return
	}
	for _, r := range *v.Referrers() {
		switch r := r.(type) {
		case ssa.CallInstruction:
			b.slotCall(s, v, r)
		case *ssa.Phi, *ssa.MakeInterface, *ssa.ChangeInterface:
			b.followRead(s, r.(ssa.Value), depth-1)
		case *ssa.FieldAddr:
			if f := fieldOf(r.X.Type(), r.Field); f != nil && f.Embedded() {
				b.followRead(s, r, depth-1) // a promoted method
			}
		case *ssa.BinOp, *ssa.DebugRef:
		default:
			s.escapes = true
		}
	}
}

func (b *builder) slotCall(s *slot, v ssa.Value, c ssa.CallInstruction) {
	o := &oracle{b: b, row: b.eng.cat.TypeOf(v.Type()), typ: v.Type()}
	if o.row == nil {
		o.row = s.row
	}
	for i, x := range obligation.Operands(c.Common()) {
		if x != v {
			continue
		}
		switch o.Operand(c, i).Effect {
		case obligation.Borrow:
		case obligation.Escape, obligation.Move:
			s.escapes = true
		case obligation.Release, obligation.HalfMove, obligation.DeferGuard:
			s.enders = append(s.enders, b.fn)
		}
	}
}

// judgeFields finds the connections that fields and package variables lose.
func (e *engine) judgeFields() []FieldLeak {
	all := e.slots()
	var out []FieldLeak
	for _, fn := range e.pkg.Funcs {
		b := e.done[fn]
		if b == nil || e.test(fn.Pos()) {
			continue
		}
		out = append(out, b.overwrites(all)...)
		out = append(out, b.skipped(all)...)
	}
	return append(out, e.unclosable(all)...)
}

// overwrites finds the stores of a function that drop what a slot held.
func (b *builder) overwrites(all map[*types.Var]*slot) []FieldLeak {
	var over []*ssa.Store
	for _, a := range b.acquisitions {
		over = append(over, a.Outcome.Over...)
	}
	for _, st := range b.reassigned(all) {
		fa, ok := st.Addr.(*ssa.FieldAddr)
		if !ok || b.param(fa.X) == nil {
			continue
		}
		o := &oracle{b: b, row: b.slotAt(all, fa).row, typ: fa.Type().Underlying().(*types.Pointer).Elem()}
		src := obligation.Source{Given: b.param(fa.X), Field: fa.Field + 1, Error: -1, Undo: -1}
		over = append(over, obligation.Follow(b.fn, src, o).Over...)
	}
	var out []FieldLeak
	seen := map[*ssa.Store]bool{}
	for _, st := range over {
		s := b.slotAt(all, st.Addr)
		if s == nil || seen[st] || !b.loses(s) {
			continue
		}
		seen[st] = true
		out = append(out, FieldLeak{
			Kind: Overwritten, Pos: st.Pos(), Name: b.written(st.Addr, 4), Row: s.row, Each: b.eachTurn(st),
		})
	}
	return out
}

// reassigned lists one store per slot that the function fills.
func (b *builder) reassigned(all map[*types.Var]*slot) []*ssa.Store {
	var out []*ssa.Store
	seen := map[*slot]bool{}
	for _, blk := range b.fn.Blocks {
		for _, i := range blk.Instrs {
			st, ok := i.(*ssa.Store)
			if !ok {
				continue
			}
			if s := b.slotAt(all, st.Addr); s != nil && !seen[s] {
				seen[s] = true
				out = append(out, st)
			}
		}
	}
	return out
}

// param is the parameter behind the base of a field address.
func (b *builder) param(x ssa.Value) ssa.Value {
	if p, ok := obligation.Only(x).(*ssa.Parameter); ok {
		return p
	}
	return nil
}

// loses reports whether dropping what the slot held certainly leaks it: the
// package fills it with acquisitions only, lets nothing escape from it, and
// nothing but closers, and functions that put something else there, releases
// it: others could have done so on another goroutine.
func (b *builder) loses(s *slot) bool {
	if len(s.acquired) == 0 || s.lent || s.escapes {
		return false
	}
	return !slices.ContainsFunc(s.enders, func(fn *ssa.Function) bool {
		return fn != b.fn && !s.fillers[fn] && (fn.Parent() != nil || s.owner == nil || !closeLike(fn.Name()))
	})
}

func (b *builder) eachTurn(i ssa.Instruction) string {
	if b.loops.In(i.Block()) {
		return eachIteration
	}
	return b.eng.each(b.fn, maxDepth)
}

// skipped finds the slots that a closer does not release when an earlier step
// of it fails.
func (b *builder) skipped(all map[*types.Var]*slot) []FieldLeak {
	recv := b.fn.Signature.Recv()
	if recv == nil || !closeLike(b.fn.Name()) || len(b.fn.Params) == 0 {
		return nil
	}
	ptr, ok := recv.Type().Underlying().(*types.Pointer)
	if !ok {
		return nil
	}
	st, ok := ptr.Elem().Underlying().(*types.Struct)
	if !ok {
		return nil
	}
	var out []FieldLeak
	for n := range st.NumFields() {
		s := all[st.Field(n).Origin()]
		if s == nil || len(s.acquired) == 0 || b.endsParentOf(s, st, all) {
			continue
		}
		o := &oracle{b: b, row: s.row, typ: st.Field(n).Type()}
		res := obligation.Follow(b.fn, obligation.Source{Given: b.fn.Params[0], Field: n + 1, Due: true, Error: -1, Undo: -1}, o)
		if !res.Released || res.Moved {
			continue
		}
		for _, leak := range res.Leaks {
			failed := b.failedStep(leak.Return, s)
			if failed == nil {
				continue
			}
			out = append(out, FieldLeak{
				Kind: Skipped, Pos: leak.Return.Pos(), Name: b.fn.Params[0].Name() + "." + st.Field(n).Name(), Row: s.row,
				Method: methodName(catalog.TypeKey(recv.Type()), b.fn.Name()), Failed: failed.Pos(),
			})
		}
	}
	return out
}

// endsParentOf reports whether the function releases another field that the
// connection in the slot may live on.
func (b *builder) endsParentOf(s *slot, st *types.Struct, all map[*types.Var]*slot) bool {
	for i := range st.NumFields() {
		p := all[st.Field(i).Origin()]
		if p != nil && p != s && slices.Contains(p.enders, b.fn) && b.eng.livesOnType(s.row, p.row) {
			return true
		}
	}
	return false
}

// failedStep finds the call on another part of the receiver whose error leads
// to the return; nil if the return has other reasons.
func (b *builder) failedStep(r *ssa.Return, s *slot) *ssa.Call {
	n := len(r.Results)
	if n == 0 || !isError(r.Results[n-1].Type()) {
		return nil
	}
	for blk := r.Block(); blk.Idom() != nil; blk = blk.Idom() {
		x, isNil, ok := obligation.Tested(blk.Idom(), blk)
		if !ok {
			continue
		}
		if e, ok := x.(*ssa.Extract); ok {
			x = e.Tuple
		}
		if c, ok := x.(*ssa.Call); ok && !isNil && isError(lastOf(c)) {
			if b.stepOf(c, s) {
				return c
			}
			return nil
		}
	}
	return nil
}

func lastOf(c *ssa.Call) types.Type {
	res := c.Call.Signature().Results()
	if res.Len() == 0 {
		return types.Typ[types.Invalid]
	}
	return res.At(res.Len() - 1).Type()
}

// stepOf reports whether a call is made on something that the receiver keeps:
// another connection, a writer around one; not on a parent whose end would
// cover the slot.
func (b *builder) stepOf(c *ssa.Call, s *slot) bool {
	_, args := b.calleeKey(&c.Call)
	if len(args) == 0 || !methodCall(c) {
		return false
	}
	load, ok := args[0].(*ssa.UnOp)
	if !ok {
		return false
	}
	fa, ok := load.X.(*ssa.FieldAddr)
	if !ok || b.param(fa.X) != b.fn.Params[0] {
		return false
	}
	t := load.Type()
	if row := b.eng.cat.TypeOf(t); row != nil {
		return row == s.row || !b.eng.livesOnType(s.row, row)
	}
	return b.eng.owner(t) || readers[packageOf(catalog.TypeKey(t))]
}

// livesOnType reports whether values of one row can live on values of another,
// whose release would end them.
func (e *engine) livesOnType(child, parent *catalog.Type) bool {
	for _, f := range e.cat.Funcs() {
		typ, _ := splitMethod(f.Key)
		if typ != catalogType(parent.Key) {
			continue
		}
		for _, r := range f.Results {
			if r.Parent == catalog.Receiver && catalogType(r.Type.Key) == catalogType(child.Key) {
				return true
			}
		}
	}
	return false
}

// unclosable finds the slots of types that have a closer, none of whose
// methods releases what the package acquires into the slot.
func (e *engine) unclosable(all map[*types.Var]*slot) []FieldLeak {
	var out []FieldLeak
	for v, s := range all {
		if s.owner == nil || len(s.acquired) == 0 || s.lent || s.escapes || len(s.enders) > 0 || v.Exported() || v.Embedded() {
			continue
		}
		closer := e.closerOf(s.owner)
		if closer == "" || e.covered(v, s) {
			continue
		}
		for _, c := range s.acquired {
			if e.test(c.Pos()) || e.runsOnce(c.Parent(), maxDepth) {
				continue
			}
			out = append(out, FieldLeak{
				Kind: Unclosable, Pos: c.Pos(), Name: s.owner.Obj().Name() + "." + v.Name(), Type: s.owner.Obj().Name(),
				Method: s.owner.Obj().Name() + "." + closer, Row: s.row, Each: e.each(c.Parent(), maxDepth),
			})
		}
	}
	return out
}

// closerOf names the method of a type that users call to be done with it.
func (e *engine) closerOf(n *types.Named) string {
	for i := range n.NumMethods() {
		if m := n.Method(i); releaseNames[m.Name()] {
			return m.Name()
		}
	}
	return ""
}

// covered reports whether something else of the same owner may end what the
// slot holds: what it lives on, or the context it was made with.
func (e *engine) covered(v *types.Var, s *slot) bool {
	st, ok := s.owner.Underlying().(*types.Struct)
	if !ok {
		return true
	}
	for i := range st.NumFields() {
		f := st.Field(i)
		if f == v {
			continue
		}
		if catalog.TypeKey(f.Type()) == "context.CancelFunc" {
			return true
		}
		if _, ok := f.Type().Underlying().(*types.Signature); ok {
			return true
		}
		if row := e.cat.TypeOf(f.Type()); row != nil && e.livesOnType(s.row, row) {
			return true
		}
		if types.IsInterface(f.Type()) || f.Embedded() {
			return true
		}
	}
	return false
}

// catalogType is a type key without its second role.
func catalogType(key string) string {
	typ, _ := splitMethod(catalog.MethodKey(key, "x"))
	return typ
}
