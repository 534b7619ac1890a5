package summary

import (
	"go/constant"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/connvet/connvet/passes/internal/access"
	"github.com/connvet/connvet/passes/internal/catalog"
	"github.com/connvet/connvet/passes/internal/effect"
)

// eval names the values that v may be. Unknown values have no name.
func (b *builder) eval(v ssa.Value) []access.Value {
	if v == nil {
		return nil
	}
	if vs, ok := b.vals[v]; ok {
		return vs
	}
	if b.pending[v] {
		return nil
	}
	b.pending[v] = true
	vs := b.evalNew(v)
	delete(b.pending, v)
	b.vals[v] = vs
	return vs
}

// evalNew is the flat dispatch over the kinds of values.
func (b *builder) evalNew(v ssa.Value) []access.Value {
	switch v := v.(type) {
	case *ssa.Parameter:
		return b.evalParam(v)
	case *ssa.FreeVar:
		return b.evalFree(v)
	case *ssa.Global:
		return root(access.Root{Kind: access.Global, Key: globalKey(v)})
	case *ssa.Function:
		return root(access.Root{Kind: access.Func, Key: b.eng.key(v)})
	case *ssa.Alloc:
		return b.evalMade(v, effect.Alloc, v.Comment)
	case *ssa.MakeMap, *ssa.MakeChan, *ssa.MakeSlice:
		return b.evalMade(v, effect.Alloc, "")
	case *ssa.MakeClosure:
		return b.evalClosure(v)
	case *ssa.MakeInterface:
		return b.evalBoxed(v)
	case *ssa.ChangeType:
		return b.eval(v.X)
	case *ssa.ChangeInterface:
		return b.eval(v.X)
	case *ssa.Convert:
		return b.eval(v.X)
	case *ssa.SliceToArrayPointer:
		return b.eval(v.X)
	case *ssa.MultiConvert:
		return b.eval(v.X)
	case *ssa.TypeAssert:
		return b.evalAssert(v)
	case *ssa.Slice:
		return b.eval(v.X)
	case *ssa.UnOp:
		return b.evalUnOp(v)
	case *ssa.FieldAddr:
		return b.evalField(v.X, v.Field)
	case *ssa.Field:
		return b.evalField(v.X, v.Field)
	case *ssa.IndexAddr:
		return b.step(b.eval(v.X), index(v.Index))
	case *ssa.Index:
		return b.step(b.eval(v.X), index(v.Index))
	case *ssa.Lookup:
		return b.step(b.eval(v.X), lookupStep(v.Index))
	case *ssa.Phi:
		return b.evalPhi(v)
	case *ssa.Call:
		return first(b.apply(v))
	case *ssa.Extract:
		return b.evalExtract(v)
	}
	return nil
}

func root(r access.Root) []access.Value { return []access.Value{{Path: access.Of(r)}} }

func globalKey(g *ssa.Global) string {
	return catalog.StripVendor(g.Pkg.Pkg.Path()) + "." + g.Name()
}

func first(rs [][]access.Value) []access.Value {
	if len(rs) == 0 {
		return nil
	}
	return rs[0]
}

func (b *builder) evalParam(v *ssa.Parameter) []access.Value {
	for i, p := range b.fn.Params {
		if p == v {
			return root(access.Root{Kind: access.Param, N: i})
		}
	}
	return nil
}

func (b *builder) evalFree(v *ssa.FreeVar) []access.Value {
	for i, f := range b.fn.FreeVars {
		if f == v {
			return root(access.Root{Kind: access.Free, N: i})
		}
	}
	return nil
}

// evalMade names an allocation.
func (b *builder) evalMade(v ssa.Value, kind effect.ObjectKind, name string) []access.Value {
	if n, ok := b.objOf[v]; ok {
		return fresh(n)
	}
	t := v.Type()
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	at, _ := v.(ssa.Instruction)
	n := b.newObject(effect.Object{Kind: kind, Type: catalog.TypeKey(t), Name: userName(name), Slots: capacity(v)}, at, v.Pos())
	b.objOf[v] = n
	return fresh(n)
}

// capacity is the constant size of a channel, 0 if it has none.
func capacity(v ssa.Value) int {
	ch, ok := v.(*ssa.MakeChan)
	if !ok {
		return 0
	}
	return constInt(ch.Size)
}

// constInt is the value of an integer constant, 0 if it is none.
func constInt(v ssa.Value) int {
	c, ok := v.(*ssa.Const)
	if !ok || c.Value == nil || c.Value.Kind() != constant.Int {
		return 0
	}
	return int(c.Int64())
}

// userName drops the names that the SSA builder invents.
func userName(comment string) string {
	switch comment {
	case "complit", "new", "varargs", "slicelit", "makeslice", "init", "":
		return ""
	}
	if strings.ContainsAny(comment, " .$") {
		return ""
	}
	return comment
}

// evalClosure names a function value with what it captures.
func (b *builder) evalClosure(v *ssa.MakeClosure) []access.Value {
	if n, ok := b.objOf[v]; ok {
		return fresh(n)
	}
	fn := v.Fn.(*ssa.Function)
	o := effect.Object{Kind: effect.Closure, Func: b.eng.key(fn)}
	if method, ok := boundMethod(fn); ok {
		o.Bound = true
		o.Func = catalog.FuncKey(method)
		if types.IsInterface(recvType(method)) {
			o.Iface, o.Func = true, method.Name()
			o.Type = catalog.TypeKey(recvType(method))
		}
	}
	n := b.newObject(o, v, v.Pos())
	b.objOf[v] = n
	if n < 0 {
		return nil
	}
	b.objects[n].sig = fn.Signature
	self := access.Of(access.Root{Kind: access.Fresh, N: n})
	for i, x := range v.Bindings {
		for _, val := range b.eval(x) {
			b.store(self.Step(binding(i)), val, b.eng.test(v.Pos()))
		}
	}
	return fresh(n)
}

// boundMethod gives the method that a bound-method wrapper calls.
func boundMethod(fn *ssa.Function) (*types.Func, bool) {
	if !strings.HasPrefix(fn.Synthetic, "bound method wrapper") {
		return nil, false
	}
	m, ok := fn.Object().(*types.Func)
	return m, ok
}

func recvType(m *types.Func) types.Type {
	return m.Type().(*types.Signature).Recv().Type()
}

// evalBoxed remembers the concrete type that goes into an interface.
func (b *builder) evalBoxed(v *ssa.MakeInterface) []access.Value {
	key := catalog.TypeKey(v.X.Type())
	if key == "" {
		return b.eval(v.X)
	}
	var out []access.Value
	for _, x := range b.eval(v.X) {
		x.Type = key
		out = append(out, x)
	}
	return out
}

// evalAssert keeps the alternatives that can have the asserted type.
func (b *builder) evalAssert(v *ssa.TypeAssert) []access.Value {
	vs := b.eval(v.X)
	if types.IsInterface(v.AssertedType) {
		return vs
	}
	key := catalog.TypeKey(v.AssertedType)
	var out []access.Value
	for _, x := range vs {
		if x.Type == "" || x.Type == key {
			x.Type = ""
			out = append(out, x)
		}
	}
	return out
}

func (b *builder) evalUnOp(v *ssa.UnOp) []access.Value {
	switch v.Op {
	case token.MUL:
		if out := b.takenOut(v); out != nil {
			return out
		}
		return b.eval(v.X)
	case token.ARROW:
		return b.taken(v, v.X)
	}
	return nil
}

// taken names what comes out of a channel: it belongs to who took it.
func (b *builder) taken(v ssa.Value, ch ssa.Value) []access.Value {
	if n, ok := b.objOf[v]; ok {
		return fresh(n)
	}
	c, ok := ch.Type().Underlying().(*types.Chan)
	if !ok || !carrier(c.Elem()) {
		return nil
	}
	at, _ := v.(ssa.Instruction)
	n := b.newObject(effect.Object{Kind: effect.Moved, Type: catalog.TypeKey(c.Elem())}, at, v.Pos())
	b.objOf[v] = n
	return fresh(n)
}

// evalField steps into a field. The embedded connection of a catalogued type,
// and the field that carries its release, are the connection itself.
func (b *builder) evalField(x ssa.Value, n int) []access.Value {
	vs := b.eval(x)
	f := fieldOf(x.Type(), n)
	if f == nil {
		return nil
	}
	if row := b.eng.cat.TypeOf(x.Type()); row != nil && (f.Embedded() || row.Inner == f.Name()) {
		return vs
	}
	return b.step(vs, f.Name())
}

func fieldOf(t types.Type, n int) *types.Var {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	st, ok := t.Underlying().(*types.Struct)
	if !ok || n >= st.NumFields() {
		return nil
	}
	return st.Field(n)
}

// index is the step for an element: by number if it is constant, as one of
// all if the code ranges over the container, else unknown.
func index(v ssa.Value) string {
	if c, ok := v.(*ssa.Const); ok && c.Value != nil && c.Value.Kind() == constant.Int {
		return "[" + c.Value.String() + "]"
	}
	if ranged(v) {
		return access.Each
	}
	return access.Elem
}

func ranged(v ssa.Value) bool {
	bin, ok := v.(*ssa.BinOp)
	if !ok {
		return false
	}
	phi, ok := bin.X.(*ssa.Phi)
	return ok && phi.Comment == "rangeindex"
}

func lookupStep(k ssa.Value) string {
	if c, ok := k.(*ssa.Const); ok && c.Value != nil && c.Value.Kind() == constant.String {
		if s := constant.StringVal(c.Value); len(s) < 40 {
			return "[" + s + "]"
		}
	}
	return access.Elem
}

func (b *builder) evalPhi(v *ssa.Phi) []access.Value {
	var out []access.Value
	for _, e := range v.Edges {
		out = merge(out, b.eval(e))
	}
	return out
}

func (b *builder) evalExtract(v *ssa.Extract) []access.Value {
	switch t := v.Tuple.(type) {
	case *ssa.Call:
		if rs := b.apply(t); v.Index < len(rs) {
			return rs[v.Index]
		}
	case *ssa.TypeAssert:
		if v.Index == 0 {
			return b.evalAssert(t)
		}
	case *ssa.Lookup:
		if v.Index == 0 {
			return b.step(b.eval(t.X), lookupStep(t.Index))
		}
	case *ssa.UnOp:
		if v.Index == 0 && t.Op == token.ARROW {
			return b.taken(v, t.X)
		}
	case *ssa.Next:
		return b.evalRanged(t, v.Index)
	case *ssa.Select:
		return b.evalSelected(t, v)
	}
	return nil
}

// evalRanged names the key or the value of one turn of a loop over a map.
func (b *builder) evalRanged(n *ssa.Next, part int) []access.Value {
	r, ok := n.Iter.(*ssa.Range)
	if !ok || n.IsString || part == 0 {
		return nil
	}
	of := b.eval(r.X)
	if part == 1 {
		of = b.step(of, access.Keys)
	}
	return b.step(of, access.Each)
}

// evalSelected names what a select case received.
func (b *builder) evalSelected(s *ssa.Select, v *ssa.Extract) []access.Value {
	n := 2
	for _, st := range s.States {
		if st.Dir != types.RecvOnly {
			continue
		}
		if n == v.Index {
			return b.taken(v, st.Chan)
		}
		n++
	}
	return nil
}
