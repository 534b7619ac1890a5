package summary

import (
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/connvet/connvet/passes/internal/access"
	"github.com/connvet/connvet/passes/internal/catalog"
	"github.com/connvet/connvet/passes/internal/effect"
)

// maxPlaces is how many places are looked into for one value; what is held in
// more of them, each in the others, is not known.
const maxPlaces = 2000

// resolve follows a value through the stores to the values it may be. A place
// that outlives the function is kept beside what is stored in it.
func (b *builder) resolve(v access.Value) []access.Value {
	if vs, ok := b.resolved[v]; ok {
		return vs
	}
	vs := slices.Clip(b.follow(v, maxDepth, nil, nil)) // shared: appending must copy
	if b.followed > maxPlaces {
		vs = nil
	}
	b.resolved[v] = vs
	return vs
}

// follow resolves a value; stop, if there is one, says which places are not
// followed further.
func (b *builder) follow(v access.Value, depth int, seen []access.Path, stop func(access.Path) bool) []access.Value {
	if len(seen) == 0 {
		b.followed = 0
	}
	b.followed++
	if depth == 0 || !v.Path.Known() || len(seen) > maxFollowed || b.followed > maxPlaces {
		return nil
	}
	for _, s := range seen {
		if s == v.Path {
			return nil
		}
	}
	seen = append(seen, v.Path)
	if stop != nil && stop(v.Path) {
		return []access.Value{v}
	}
	for k := v.Path.Len(); k >= 0; k-- {
		prefix, rest := v.Path.Prefix(k)
		alts := b.contents(prefix)
		if len(alts) == 0 {
			continue
		}
		next := depth - 1
		if b.standsFor(prefix) {
			next = depth
		}
		var out []access.Value
		if v.Path.Root.Kind != access.Fresh {
			out = append(out, v)
		} else if k == v.Path.Len() && k > 1 {
			alts = append(slices.Clone(alts), b.captured(v.Path)...)
		}
		for _, a := range alts {
			nv := access.Value{Path: a.Path.Join(rest), Type: v.Type}
			if len(rest) == 0 && nv.Type == "" {
				nv.Type = a.Type
			}
			out = merge(out, b.follow(nv, next, seen, stop))
		}
		return out
	}
	return []access.Value{v}
}

// maxFollowed bounds the names that one value may have one after the other.
const maxFollowed = 4 * maxDepth

// standsFor reports whether a place only stands for what is stored in it: the
// result of a call that was resolved, or what a container gives.
func (b *builder) standsFor(p access.Path) bool {
	o := b.object(access.Value{Path: access.Of(p.Root)})
	return o != nil && (o.Kind == effect.Result || o.Type == containerType)
}

// captured gives the other names of a place inside a captured value: what the
// function literal stores there does not hide what its maker has there.
func (b *builder) captured(p access.Path) []access.Value {
	binding, rest := p.Prefix(1)
	if binding.Steps[0][0] != '#' {
		return nil
	}
	var out []access.Value
	for _, c := range b.heap[binding] {
		out = append(out, access.Value{Path: c.Path.Join(rest)})
	}
	return out
}

// contents lists what is stored in a place; elements found by a variable
// index are not told apart, so they keep their own name.
func (b *builder) contents(p access.Path) []access.Value {
	if n := p.Len(); n > 0 && p.Steps[n-1] == access.Elem {
		return nil
	}
	if vs := b.lasting[p]; len(vs) > 0 && p.Root.Kind == access.Fresh {
		return slices.Concat(b.heap[p], vs) // a copy made by ranging over the other
	}
	if in := b.heap[p]; len(in) > 0 {
		return in
	}
	return b.inheritedValue(p)
}

// resolveAll resolves alternatives.
func (b *builder) resolveAll(vs []access.Value) []access.Value {
	var out []access.Value
	for _, v := range vs {
		out = merge(out, b.resolve(v))
	}
	return out
}

// resolveCalls replaces pending calls by what they call as soon as their
// target is known, until nothing more resolves.
func (b *builder) resolveCalls() {
	for again := true; again; {
		again = false
		for i := 0; i < len(b.calls); i++ {
			if b.resolveCall(b.calls[i]) {
				again = true
			}
		}
		n := len(b.stores)
		b.spreadStores()
		again = again || len(b.stores) > n
	}
}

// spreadStores records a store into a field of a value also under the other
// names of that value.
func (b *builder) spreadStores() {
	for i := 0; i < len(b.stores); i++ {
		s := b.stores[i]
		n := s.Place.Len()
		if n == 0 {
			continue
		}
		base, last := s.Place.Prefix(n - 1)
		if n == 1 && len(b.heap[base]) == 0 {
			continue // the object itself, which has no other name
		}
		for _, v := range b.otherNames(base) {
			if v.Path != base {
				b.store(v.Path.Step(last[0]), s.Value, s.Test)
			}
		}
	}
}

// otherNames lists the names of the value in a place; a copy of a struct has
// none but its own.
func (b *builder) otherNames(p access.Path) []access.Value {
	if len(b.copies) == 0 {
		return b.resolve(access.Value{Path: p})
	}
	return b.follow(access.Value{Path: p}, maxDepth, nil, func(p access.Path) bool { return b.copies[p] })
}

// changedCopy reports whether a place holds a copy of a struct that differs
// from what was copied.
func (b *builder) changedCopy(p access.Path) bool {
	return b.copies[p] && slices.ContainsFunc(b.stores, func(s effect.Store) bool {
		return s.Place != p && s.Place.HasPrefix(p)
	})
}

// resolveCall applies the targets of a call that are known and were not applied yet.
func (b *builder) resolveCall(c *call) bool {
	if c.depth > maxDepth {
		return false
	}
	progress := false
	for _, t := range b.callTargets(c) {
		id := targetID(t)
		if c.resolved[id] {
			continue
		}
		for _, f := range b.targets(t, b.entryFor(c, t)) {
			if c.resolved == nil {
				c.resolved = map[string]bool{}
			}
			c.resolved[id] = true
			progress = true
			b.bindResults(c, f())
		}
	}
	return progress
}

func targetID(v access.Value) string {
	return v.Path.Text(v.Path.Root.Key+"/"+string(rune('0'+v.Path.Root.Kind))+binding(v.Path.Root.N)) + "|" + v.Type
}

// bindResults makes the result objects of a pending call stand for the real results.
func (b *builder) bindResults(c *call, rs [][]access.Value) {
	if c.Result < 0 {
		return
	}
	for i := 0; i < c.NRes && i < len(rs); i++ {
		place := access.Of(access.Root{Kind: access.Fresh, N: c.Result + i})
		for _, v := range rs[i] {
			b.store(place, v, c.Test)
		}
	}
}

// targets gives the applications of a call to one known target; none if it is not known.
func (b *builder) targets(t access.Value, c *call) []func() [][]access.Value {
	s := &site{
		instr: nil,
		sig:   anySignature(c.NRes),
		args:  c.Args,
		own:   c.depth == 0 && c.Result >= 0,
		ctx: context{
			via:    c.via,
			thread: c.Thread, at: c.at, pos: token.Pos(c.Pos), here: token.Pos(c.Here), locks: c.Locks,
			deferred: c.deferred, repeat: c.Repeat && !c.Each && !c.Target.Path.HasEach(), once: c.Once, each: c.each, depth: c.depth + 1, name: c.name,
		},
	}
	if c.Where != b.eng.place(token.Pos(c.Pos)) {
		s.ctx.where = c.Where
	}
	if c.Method != "" {
		return b.methodTargets(t, c.Method, s)
	}
	return b.functionTargets(t, c.NRes, s)
}

// functionTargets calls a function value.
func (b *builder) functionTargets(t access.Value, results int, s *site) []func() [][]access.Value {
	if t.Path.Root.Kind == access.Func && t.Path.Len() == 0 {
		return []func() [][]access.Value{func() [][]access.Value {
			return b.named(s, t.Path.Root.Key, strings.HasPrefix(t.Path.Root.Key, "("))
		}}
	}
	o := b.object(t)
	switch {
	case o == nil:
		return nil
	case o.Kind == effect.Memo:
		return []func() [][]access.Value{func() [][]access.Value { return b.memoized(t, results) }}
	case o.Kind == effect.Closure:
		return b.closureTargets(t, *o, s)
	}
	return nil
}

func (b *builder) memoized(t access.Value, n int) [][]access.Value {
	out := make([][]access.Value, n)
	for i := range out {
		out[i] = []access.Value{{Path: t.Path.Step(memoStep(i))}}
	}
	return out
}

// closureTargets calls a function value made here: a closure or a method value.
func (b *builder) closureTargets(t access.Value, o object, s *site) []func() [][]access.Value {
	if !o.Bound {
		sum, known := b.eng.lookup(o.Func)
		if sum == nil {
			if known {
				return []func() [][]access.Value{func() [][]access.Value { return nil }}
			}
			return nil
		}
		return []func() [][]access.Value{func() [][]access.Value { return b.instantiate(s, sum, &t) }}
	}
	recv := b.resolve(access.Value{Path: t.Path.Step(binding(0))})
	bound := *s
	bound.args = append([][]access.Value{recv}, s.args...)
	if o.Iface {
		return []func() [][]access.Value{func() [][]access.Value {
			if rs, ok := b.rowCall(&bound, o.Type, o.Func); ok {
				return rs
			}
			return b.pend(s, recv, o.Func, s.args)
		}}
	}
	return []func() [][]access.Value{func() [][]access.Value { return b.named(&bound, o.Func, true) }}
}

// methodTargets finds the method of a value whose dynamic type is known.
func (b *builder) methodTargets(t access.Value, name string, s *site) []func() [][]access.Value {
	if b.roleRow(t) != nil {
		role := *s
		role.args = append([][]access.Value{{t}}, s.args...)
		return []func() [][]access.Value{func() [][]access.Value {
			b.useRoles(&role, name)
			return nil
		}}
	}
	typ := b.dynamicType(t)
	if typ == "" {
		typ = catalog.TypeKey(b.eng.placeType(b.fn, t.Path))
		if b.eng.cat.Type(typ) == nil {
			return nil
		}
	}
	if name == "*" {
		var out []func() [][]access.Value
		for _, m := range b.eng.exported(typ) {
			each := *s
			each.ctx.thread = b.cloneThread(s.ctx.thread, typ, m)
			out = append(out, b.methodTargets(t, m, &each)...)
		}
		return out
	}
	bound := *s
	bound.args = append([][]access.Value{{t}}, s.args...)
	for _, key := range []string{typ, strings.TrimPrefix(typ, "*")} {
		if b.eng.cat.Type(key) != nil {
			return []func() [][]access.Value{func() [][]access.Value {
				return b.named(&bound, catalog.MethodKey(key, name), true)
			}}
		}
		sum, known := b.eng.lookup(catalog.MethodKey(key, name))
		if sum != nil {
			return []func() [][]access.Value{func() [][]access.Value { return b.instantiate(&bound, sum, nil) }}
		}
		if known && b.eng.declares(key, name) {
			return []func() [][]access.Value{func() [][]access.Value { return nil }}
		}
	}
	if b.function(t) {
		return b.functionTargets(t, s.sig.Results().Len(), s) // http.HandlerFunc and its like call themselves
	}
	return b.promotedTarget(t, typ, name, s)
}

// cloneThread makes a thread of its own for one method of an object whose
// methods all are entries.
func (b *builder) cloneThread(t int, typ, method string) int {
	if t == 0 || len(b.threads) >= b.budget(maxThreads) {
		return t
	}
	c := b.threads[t-1]
	c.Name = "handler " + methodName(typ, method)
	b.threads = append(b.threads, c)
	return len(b.threads)
}

// promotedTarget calls a method that a type has through embedding.
func (b *builder) promotedTarget(t access.Value, typ, name string, s *site) []func() [][]access.Value {
	key, steps := b.eng.promoted(typ, name)
	if key == "" {
		return nil
	}
	inner := access.Value{Path: t.Path.Join(steps)}
	if !inner.Path.Known() {
		return nil
	}
	bound := *s
	bound.args = append([][]access.Value{b.resolve(inner)}, s.args...)
	return []func() [][]access.Value{func() [][]access.Value {
		if owner, _ := splitMethod(key); b.eng.isInterface(owner) && b.eng.cat.Type(owner) == nil {
			return b.pend(s, []access.Value{inner}, name, s.args)
		}
		return b.named(&bound, key, true)
	}}
}

// dynamicType is the concrete type of a value, as far as it is known.
func (b *builder) dynamicType(v access.Value) string {
	if v.Type != "" {
		return v.Type
	}
	o := b.object(v)
	if o == nil {
		return ""
	}
	switch o.Kind {
	case effect.Acquire:
		if i := strings.IndexByte(o.Type, '#'); i >= 0 {
			return o.Type[:i]
		}
		return o.Type
	case effect.Alloc:
		if o.Type != "" && !b.eng.isInterface(o.Type) {
			return "*" + o.Type
		}
	}
	return ""
}

var anySignatures = func() [8]*types.Signature {
	var out [8]*types.Signature
	for n := range out {
		var vars []*types.Var
		for range n {
			vars = append(vars, types.NewParam(0, nil, "", types.NewInterfaceType(nil, nil)))
		}
		out[n] = types.NewSignatureType(nil, nil, nil, nil, types.NewTuple(vars...), false)
	}
	return out
}()

// anySignature is a signature with n results of type any.
func anySignature(n int) *types.Signature {
	return anySignatures[min(n, len(anySignatures)-1)]
}
