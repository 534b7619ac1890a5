package summary

import (
	"cmp"
	"go/types"
	"maps"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/connvet/connvet/passes/internal/access"
	"github.com/connvet/connvet/passes/internal/catalog"
	"github.com/connvet/connvet/passes/internal/effect"
)

// catalogued applies what the catalog says of a function or method.
func (b *builder) catalogued(s *site, key string, method bool) ([][]access.Value, bool) {
	cf := b.eng.cat.Func(key)
	recv := ""
	if method && len(s.vals) > 0 {
		recv = catalog.TypeKey(s.vals[0].Type())
	}
	typ, name := splitMethod(key)
	if cf == nil {
		if name == "" || b.eng.cat.Type(typ) == nil {
			return nil, false
		}
		return b.rowCall(s, typ, name)
	}
	if name != "" {
		if b.eng.cat.Type(typ) == nil {
			typ = recv
		}
		b.useRow(s, typ, name)
	}
	b.catalogArgs(s, cf, method)
	b.lend(s, cf, method)
	if cf.Ends() && len(cf.Lends) == 0 {
		b.runCallbacks(s) // for each row of what it ends
	}
	return b.catalogResults(s, b.inRole(s, cf, name), method), true
}

// inRole gives what is known of a method of the receiver's role of its Go type;
// cf, if that is the same or not known here.
func (b *builder) inRole(s *site, cf *catalog.Func, name string) *catalog.Func {
	if name == "" || len(s.args) == 0 {
		return cf
	}
	var out *catalog.Func
	for _, v := range s.args[0] {
		o := b.object(v)
		if o == nil || o.Kind != effect.Acquire || !strings.Contains(o.Type, "#") {
			return cf
		}
		row := b.eng.cat.Type(o.Type)
		if row == nil || out != nil && b.eng.cat.MethodOn(row, name) != out {
			return cf
		}
		out = b.eng.cat.MethodOn(row, name)
	}
	return cmp.Or(out, cf)
}

// splitMethod splits "(T).M" into its type key and method name.
func splitMethod(key string) (typ, name string) {
	if len(key) == 0 || key[0] != '(' {
		return "", ""
	}
	for i := len(key) - 1; i > 0; i-- {
		if key[i] == ')' {
			return key[1:i], key[i+2:]
		}
	}
	return "", ""
}

// useRoles records the uses of receivers that are catalogued in a role of
// their Go type only: the message that a websocket writes is no io.Writer like others.
func (b *builder) useRoles(s *site, name string) bool {
	found := false
	for _, v := range s.args[0] {
		if row := b.roleRow(v); row != nil {
			b.use(s.ctx, v, row, row.Key, name, row.MethodRole(name), s.receiver())
			found = true
		}
	}
	return found
}

// receiver is the operand a method is called on, if it is known.
func (s *site) receiver() ssa.Value {
	if len(s.vals) == 0 {
		return nil
	}
	return s.vals[0]
}

// roleRow is the row of an object in a role of its Go type that has no row of its own.
func (b *builder) roleRow(v access.Value) *catalog.Type {
	o := b.object(v)
	if o == nil || o.Kind != effect.Acquire || !strings.Contains(o.Type, "#") {
		return nil
	}
	typ, _, _ := strings.Cut(o.Type, "#")
	if b.eng.cat.Type(typ) != nil {
		return nil
	}
	return b.eng.cat.Type(o.Type)
}

// rowCall is a call of a method of a catalogued type that the catalog says no more of.
func (b *builder) rowCall(s *site, typ, name string) ([][]access.Value, bool) {
	if b.eng.cat.Type(typ) == nil {
		return nil, false
	}
	b.useRow(s, typ, name)
	b.runCallbacks(s)
	return b.chained(s), true
}

// chained gives the receiver for results of its own type: builder-style methods.
func (b *builder) chained(s *site) [][]access.Value {
	n := s.sig.Results().Len()
	out := make([][]access.Value, n)
	if len(s.vals) == 0 {
		return out
	}
	for i := range n {
		if types.Identical(s.sig.Results().At(i).Type(), s.vals[0].Type()) {
			out[i] = s.args[0]
		}
	}
	return out
}

// useRow records the use of a receiver by one of its methods.
func (b *builder) useRow(s *site, typ, method string) {
	if len(s.args) == 0 {
		return
	}
	var recv ssa.Value
	if len(s.vals) > 0 {
		recv = s.vals[0]
	}
	n := len(b.uses)
	for _, v := range s.args[0] {
		row := b.rowOf(v, typ)
		if row == nil {
			continue
		}
		b.touchRow(s, v, row, method)
		b.use(s.ctx, v, row, typ, method, row.MethodRole(method), recv)
		b.runHooks(s, row, method, v)
	}
	b.markSeveral(n)
}

// markSeveral marks the uses from n on as alternatives of each other, if they are.
func (b *builder) markSeveral(n int) {
	if len(b.uses)-n < 2 {
		return
	}
	for i := n; i < len(b.uses); i++ {
		b.uses[i].Several = true
	}
}

// rowOf gives the row of a value: that of the object it is, else that of its type.
func (b *builder) rowOf(v access.Value, typ string) *catalog.Type {
	if o := b.object(v); o != nil && (o.Kind == effect.Acquire || o.Kind == effect.Moved) {
		if row := b.eng.cat.Type(o.Type); row != nil && catalog.ShortName(o.Type) == catalog.ShortName(typ) {
			return row
		}
	}
	if v.Type != "" {
		if row := b.eng.cat.Type(v.Type); row != nil {
			return row
		}
	}
	return b.eng.cat.Type(typ)
}

// roleOf is rowOf, with an empty row for a value that is a connection only in a
// role of its Go type, which may not be known here.
func (b *builder) roleOf(v access.Value, typ string) *catalog.Type {
	if row := b.rowOf(v, typ); row != nil || !b.eng.variants(typ) {
		return row
	}
	return &catalog.Type{Key: typ}
}

// use records one use.
func (b *builder) use(ctx context, v access.Value, row *catalog.Type, static, method string, role catalog.Role, recv ssa.Value) {
	if role == catalog.Free || len(b.uses) >= b.budget(maxUses) {
		return
	}
	if row.Contract > catalog.Shareable || b.eng.variants(static) {
		b.uses = append(b.uses, use{
			Use: effect.Use{
				Value: v, Type: row.Key, Method: method, Role: role,
				Static: declared(recv), Thread: ctx.thread, Locks: ctx.locks,
				Where: ctx.place(b.eng), Foreign: ctx.where != "", Via: ctx.via, Test: b.eng.test(ctx.pos),
				Guard: b.overridden(recv), Pos: int(ctx.pos), Here: int(ctx.here), Name: b.useNameAt(ctx, v, recv, strings.Contains(method, ".")), Maybe: b.dependsOnCapture(ctx.at),
				Field: b.eng.fieldDeclared(recv),
			},
			at: ctx.at, deferred: ctx.deferred, own: true,
		})
	}
}

// useParents counts the use of a result set, batch or inner connection as a
// use of the connection it lives on.
func (b *builder) useParents() {
	for i := 0; i < len(b.uses) && len(b.uses) < b.budget(maxUses); i++ {
		u := b.uses[i]
		for _, x := range b.resolve(u.Value) {
			if o := b.object(x); o != nil {
				b.useParent(u, o, "")
			}
		}
	}
}

// useParent counts a use as one of what an object lives on. Method made the
// object, or one that the use came by, a copy of what it lives on: "" if none did.
func (b *builder) useParent(u use, o *object, method string) {
	method = cmp.Or(o.Func, method)
	for _, p := range o.On {
		row := b.roleOf(p, b.typeOf(p))
		if row == nil || row.Contract <= catalog.Shareable && !b.eng.variants(row.Key) {
			continue
		}
		if method != "" && row.MethodRole(method) == catalog.Free {
			if on := b.object(p); on != nil {
				b.useParent(u, on, method) // a copy lives on what the original lives on
			}
			continue
		}
		nu := u
		nu.Value, nu.Type, nu.Role, nu.Static, nu.own = p, row.Key, o.role, false, false
		nu.Several = u.Several || len(o.On) > 1
		if method != "" && b.eng.variants(row.Key) {
			nu.Method, nu.own = method, true // the role of p says whether its use is one of p
		}
		if nu.Role == catalog.Use && row.Contract == catalog.Serial {
			nu.Role = catalog.Open
		}
		b.uses = append(b.uses, nu)
	}
}

// typeOf gives the type key of a value's place as far as it is known here.
func (b *builder) typeOf(v access.Value) string {
	if v.Type != "" {
		return v.Type
	}
	if o := b.object(v); o != nil {
		return o.Type
	}
	if t := b.eng.placeType(b.fn, v.Path); t != nil {
		return catalog.TypeKey(t)
	}
	return ""
}

// declared reports whether a receiver is a field, parameter or captured
// variable that has the connection type by its declaration.
func declared(recv ssa.Value) bool {
	switch v := recv.(type) {
	case *ssa.UnOp:
		switch x := v.X.(type) {
		case *ssa.FieldAddr, *ssa.FreeVar:
			return true
		case *ssa.IndexAddr:
			return declared(x.X)
		}
	case *ssa.FieldAddr, *ssa.Field, *ssa.Parameter, *ssa.FreeVar:
		return true
	case *ssa.Index:
		return declared(v.X)
	case *ssa.Lookup:
		return declared(v.X)
	case *ssa.Extract:
		return declaredPart(v)
	}
	return false
}

// declaredPart is declared for what comes out of a map together with something else.
func declaredPart(v *ssa.Extract) bool {
	switch t := v.Tuple.(type) {
	case *ssa.Lookup:
		return v.Index == 0 && declared(t.X)
	case *ssa.Next:
		r, ok := t.Iter.(*ssa.Range)
		return ok && declared(r.X)
	}
	return false
}

// catalogArgs records what a catalogued call does with its arguments.
func (b *builder) catalogArgs(s *site, cf *catalog.Func, method bool) {
	for _, i := range slices.Sorted(maps.Keys(cf.Args)) {
		if cf.Args[i] == catalog.ArgBorrow {
			continue
		}
		role := argRole(cf.Args[i])
		at := i
		if method {
			at++
		}
		if at >= len(s.args) {
			continue
		}
		var val ssa.Value
		if at < len(s.vals) {
			val = unboxed(s.vals[at])
		}
		for _, v := range s.args[at] {
			typ := b.typeOf(v)
			if typ == "" && val != nil {
				typ = catalog.TypeKey(val.Type())
			}
			row := b.roleOf(v, typ)
			if row == nil {
				b.calledOn(s, v, cf.Calls[i])
				continue
			}
			if as := cf.As[i]; as != nil {
				row, typ = as, as.Key
			}
			b.use(s.ctx, v, row, typ, cf.Key, role, val)
		}
	}
}

// calledOn calls the methods by which a library uses what is behind an
// interface it is given.
func (b *builder) calledOn(s *site, v access.Value, methods []string) {
	for _, name := range methods {
		b.addCall(s, effect.Call{Target: v, Method: name, Result: -1})
	}
}

// argRole is the role of a call on a connection that is an argument of it.
func argRole(does catalog.ArgEffect) catalog.Role {
	switch does {
	case catalog.ArgRelease:
		return catalog.End
	case catalog.ArgRead:
		return catalog.Read
	case catalog.ArgWrite:
		return catalog.Write
	case catalog.ArgUse, catalog.ArgOwn, catalog.ArgBorrow:
	}
	return catalog.Use
}

// unboxed is a value before it was put into the interface of a parameter.
func unboxed(v ssa.Value) ssa.Value {
	for {
		switch x := v.(type) {
		case *ssa.MakeInterface:
			v = x.X
		case *ssa.ChangeInterface:
			v = x.X
		default:
			return v
		}
	}
}

// catalogResults names the connections among the results of a catalogued call.
func (b *builder) catalogResults(s *site, cf *catalog.Func, method bool) [][]access.Value {
	out := b.chained(s)
	for _, r := range cf.Results {
		if r.Index >= len(out) {
			continue
		}
		var on []access.Value
		switch {
		case r.Parent == catalog.Receiver && len(s.args) > 0:
			on = s.args[0]
		case r.Parent >= 0:
			on = s.arg(int(r.Parent), method)
		}
		if r.Alias {
			out[r.Index] = on
			continue
		}
		n := b.newObject(effect.Object{
			Kind: effect.Acquire, Type: r.Type.Key, Thread: s.ctx.thread, On: on, Where: s.ctx.where,
			Name: b.eng.nameAt(s.ctx.pos, r.Index),
		}, s.ctx.at, s.ctx.pos)
		if n >= 0 {
			b.objects[n].role, b.objects[n].Guard = b.creationRole(cf.Key, on), b.guard(s.ctx.at)
			if _, name := splitMethod(cf.Key); r.Parent == catalog.Receiver && r.Type.Pool() && b.eng.variants(r.Type.Key) {
				b.objects[n].Func = name
			}
			if r.Type.Role == "lease" && len(on) == 0 && method {
				b.objects[n].From = s.args[0]
			}
		}
		out[r.Index] = fresh(n)
	}
	return out
}

// creationRole is the role of the method that made a value, on the value it lives on.
func (b *builder) creationRole(key string, on []access.Value) catalog.Role {
	typ, name := splitMethod(key)
	for _, p := range on {
		if row := b.rowOf(p, typ); row != nil {
			return row.MethodRole(name)
		}
	}
	return catalog.Use
}

// lend runs the callbacks that receive a value owned by the library.
func (b *builder) lend(s *site, cf *catalog.Func, method bool) {
	for _, l := range cf.Lends {
		fns := s.arg(l.Callback, method)
		if len(fns) == 0 {
			continue
		}
		var on []access.Value
		switch {
		case l.Parent == catalog.Receiver && len(s.args) > 0:
			on = s.args[0]
		case l.Parent >= 0:
			on = s.arg(int(l.Parent), method)
		}
		n := b.newObject(effect.Object{Kind: effect.Acquire, Type: l.Type.Key, Thread: s.ctx.thread, On: on}, s.ctx.at, s.ctx.pos)
		args := make([][]access.Value, l.Param+1)
		args[l.Param] = fresh(n)
		b.callback(s, fns, args)
		b.endLent(s, l.Type, n)
	}
}

// endLent notes that the library ends what it lent when the callback returns.
func (b *builder) endLent(s *site, row *catalog.Type, n int) {
	if n < 0 || row.Contract <= catalog.Shareable || len(b.uses) >= b.budget(maxUses) {
		return
	}
	b.uses = append(b.uses, use{
		Use: effect.Use{
			Value: fresh(n)[0], Type: row.Key, Role: catalog.End, Thread: s.ctx.thread, Method: "",
			Where: s.ctx.place(b.eng), Pos: int(s.ctx.pos), Here: int(s.ctx.here), Test: b.eng.test(s.ctx.pos),
		},
		at: s.ctx.at, deferred: s.ctx.deferred, after: true,
	})
}

// runCallbacks runs function arguments of a library call before it returns.
func (b *builder) runCallbacks(s *site) {
	for i, v := range s.vals {
		if _, ok := v.Type().Underlying().(*types.Signature); ok {
			b.callback(s, s.args[i], nil)
		}
	}
}
