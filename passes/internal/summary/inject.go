package summary

import (
	"go/types"
	"slices"
	"strconv"
	"strings"

	"github.com/connvet/connvet/passes/internal/access"
	"github.com/connvet/connvet/passes/internal/catalog"
	"github.com/connvet/connvet/passes/internal/effect"
	"github.com/connvet/connvet/passes/internal/entrypoint"
)

// A dependency injection container calls functions with what other functions
// give. It is an object with one place for each type: the results of providers
// are stored there, and parameters are read from there.

// injection is something that a container is told: by one of its methods, or
// by an option that it is built from.
type injection struct {
	container access.Path
	role      entrypoint.Role
	args      []access.Value // functions or values
	notes     []access.Value // annotations of all of them
	ctx       context
}

// optionType marks the objects that stand for options and annotations.
const optionType = "+"

func optionOf(r entrypoint.Role) string { return optionType + strconv.Itoa(int(r)) }

// inject applies a call of a container's API.
func (b *builder) inject(s *site, in *entrypoint.Injector, method bool) [][]access.Value {
	out := make([][]access.Value, s.sig.Results().Len())
	var args []access.Value
	at := in.Arg
	if method {
		at++
	}
	for i := at; i < len(s.args); i++ {
		args = append(args, b.listed(s.args[i], s.sig.Variadic() && i == len(s.args)-1)...)
	}
	switch {
	case in.Role == entrypoint.Build:
		n := b.newObject(effect.Object{Kind: effect.Alloc, Type: optionOf(in.Role)}, s.ctx.at, s.ctx.pos)
		if n >= 0 {
			b.builds = append(b.builds, injection{container: fresh(n)[0].Path, args: args, ctx: s.ctx})
		}
	case method && len(s.args) > 0 && len(args) > 0:
		for _, c := range s.args[0] {
			b.injections = append(b.injections, injection{c.Path, in.Role, args[:1], args[1:], s.ctx})
		}
	case len(out) > 0:
		out[0] = b.option(s, in.Role, args)
	}
	return out
}

// listed gives the elements of a variadic argument in order, or the argument itself.
func (b *builder) listed(vs []access.Value, variadic bool) []access.Value {
	if !variadic {
		return vs
	}
	var out []access.Value
	for _, v := range vs {
		for _, s := range b.stores {
			if s.Place.Len() == 1 && isElement(s.Place.Steps[0]) && s.Place.Root == v.Path.Root && v.Path.Len() == 0 {
				out = append(out, s.Value)
			}
		}
	}
	return out
}

// option is an object that remembers what a container will be told.
func (b *builder) option(s *site, r entrypoint.Role, args []access.Value) []access.Value {
	n := b.newObject(effect.Object{Kind: effect.Alloc, Type: optionOf(r)}, s.ctx.at, s.ctx.pos)
	for i, a := range args {
		for _, v := range fresh(n) {
			b.store(v.Path.Step("["+strconv.Itoa(i)+"]"), a, b.eng.test(s.ctx.pos))
		}
	}
	return fresh(n)
}

// carryOut does what the function's containers are told: decorators first,
// because they stand between the others.
func (b *builder) carryOut() {
	for _, build := range b.builds {
		b.unfold(build, build.args, maxDepth)
	}
	decorated := map[access.Path]bool{}
	for _, in := range b.injections {
		if in.role == entrypoint.Decorate {
			for _, f := range in.args {
				b.decorates(in.container, f, decorated)
			}
		}
	}
	for _, in := range b.injections {
		for _, f := range in.args {
			b.carry(in, f, decorated)
		}
	}
}

// unfold turns the options that a container is built from into injections.
func (b *builder) unfold(build injection, options []access.Value, depth int) {
	for _, opt := range options {
		for _, v := range b.resolvedOption(opt, build.ctx) {
			o := b.object(v)
			if o == nil || !strings.HasPrefix(o.Type, optionType) || depth == 0 {
				continue
			}
			args := b.listed([]access.Value{v}, true)
			role, _ := strconv.Atoi(o.Type[len(optionType):])
			if r := entrypoint.Role(role); r == entrypoint.Group {
				b.unfold(build, args, depth-1)
			} else {
				in := injection{container: build.container, role: r, args: args, ctx: build.ctx}
				if !o.Foreign && o.pos.IsValid() {
					in.ctx.pos, in.ctx.here = o.pos, o.pos
				}
				b.injections = append(b.injections, in)
			}
		}
	}
}

// resolvedOption follows an option to where it is made, also if that is the
// initialisation of a package variable.
func (b *builder) resolvedOption(v access.Value, ctx context) []access.Value {
	b.initialised(v, ctx)
	return b.resolve(v)
}

// annotated takes the annotations off a function; plain says that its types
// alone decide who gets what.
func (b *builder) annotated(v access.Value, notes []access.Value) (fn access.Value, as []string, plain bool) {
	plain = true
	if o := b.object(v); o != nil && o.Type == optionOf(entrypoint.Annotate) {
		all := b.listed([]access.Value{v}, true)
		if len(all) == 0 {
			return v, nil, false
		}
		v, notes = all[0], slices.Concat(notes, all[1:])
	}
	for _, n := range notes {
		o := b.object(n)
		if o == nil {
			continue
		}
		plain = plain && o.Type != optionOf(entrypoint.Tag)
		if o.Type == optionOf(entrypoint.As) {
			for _, t := range b.listed([]access.Value{n}, true) {
				as = append(as, "{"+strings.TrimPrefix(b.dynamicType(t), "*")+"}")
			}
		}
	}
	return v, as, plain
}

// decorates notes the types that a decorator gives.
func (b *builder) decorates(c access.Path, f access.Value, decorated map[access.Path]bool) {
	if sig := b.signatureOf(f); sig != nil {
		for i := range sig.Results().Len() {
			decorated[c.Step(typeStep(sig.Results().At(i).Type()))] = true
		}
	} else if t := b.dynamicType(f); t != "" {
		decorated[c.Step("{"+t+"}")] = true
	}
}

// carry does one injection for one function or value.
func (b *builder) carry(in injection, v access.Value, decorated map[access.Path]bool) {
	fn, as, plain := b.annotated(v, in.notes)
	if !plain {
		return
	}
	if in.role == entrypoint.Supply {
		if t := b.dynamicType(fn); t != "" {
			b.store(in.container.Step("{"+t+"}"), fn, b.eng.test(in.ctx.pos))
		}
		return
	}
	sig := b.signatureOf(fn)
	if sig == nil || sig.Variadic() {
		return
	}
	decorator := in.role == entrypoint.Decorate
	args := make([][]access.Value, sig.Params().Len())
	for i := range args {
		args[i] = b.asked(in, sig.Params().At(i).Type(), decorated, decorator)
	}
	s := &site{sig: sig, args: args, ctx: in.ctx}
	s.ctx.thread, s.ctx.locks, s.ctx.repeat = 0, nil, false
	results := b.pend(s, []access.Value{fn}, "", args)
	if in.role == entrypoint.Invoke {
		return
	}
	for i, rs := range results {
		b.offer(in, sig.Results().At(i).Type(), rs, as, decorator)
	}
}

// typeStep is the place in a container for values of a type.
func typeStep(t types.Type) string {
	return "{" + types.TypeString(t, func(p *types.Package) string { return catalog.StripVendor(p.Path()) }) + "}"
}

// final is the step to what comes out of the decorators of a type.
const final = "'"

// asked gives the argument for a parameter type.
func (b *builder) asked(in injection, t types.Type, decorated map[access.Path]bool, raw bool) []access.Value {
	place := func(t types.Type) access.Path {
		p := in.container.Step(typeStep(t))
		if decorated[p] && !raw {
			p = p.Step(final)
		}
		return p
	}
	st := b.eng.scope(t)
	if st == nil {
		return []access.Value{{Path: place(t)}}
	}
	n := b.newObject(effect.Object{Kind: effect.Alloc, Type: catalog.TypeKey(t)}, in.ctx.at, in.ctx.pos)
	for _, o := range fresh(n) {
		for i := range st.NumFields() {
			if f := st.Field(i); !f.Embedded() && !named(st.Tag(i)) {
				b.store(o.Path.Step(f.Name()), access.Value{Path: place(f.Type())}, false)
			}
		}
	}
	return fresh(n)
}

// offer puts a result into its place.
func (b *builder) offer(in injection, t types.Type, vs []access.Value, as []string, decorator bool) {
	test := b.eng.test(in.ctx.pos)
	put := func(step string, v access.Value) {
		p := in.container.Step(step)
		if decorator {
			p = p.Step(final)
		}
		b.store(p, v, test)
	}
	st := b.eng.scope(t)
	for _, v := range vs {
		switch {
		case st != nil:
			for i := range st.NumFields() {
				if f := st.Field(i); !f.Embedded() && !named(st.Tag(i)) {
					put(typeStep(f.Type()), access.Value{Path: v.Path.Step(f.Name())})
				}
			}
		case len(as) > 0:
			for _, step := range as {
				put(step, v)
			}
		default:
			put(typeStep(t), v)
		}
	}
}

// named reports whether a field's tag says more than its type who gets it.
func named(tag string) bool { return strings.Contains(tag, "name:") || strings.Contains(tag, "group:") }

// scope gives the struct whose fields a container fills or takes one by one.
func (e *engine) scope(t types.Type) *types.Struct {
	st, ok := t.Underlying().(*types.Struct)
	if !ok {
		return nil
	}
	for i := range st.NumFields() {
		if f := st.Field(i); f.Embedded() && e.entries.Scope(catalog.TypeKey(f.Type())) {
			return st
		}
	}
	return nil
}

// signatureOf gives the signature of a value that certainly is a function.
func (b *builder) signatureOf(v access.Value) *types.Signature {
	if o := b.object(v); o != nil && o.sig != nil && o.Kind == effect.Closure {
		return o.sig
	}
	key := b.functionKey(v)
	if key == "" {
		return nil
	}
	if fn := b.eng.byKey[key]; fn != nil {
		return fn.Signature
	}
	return b.eng.signature(key)
}

// signature finds the signature of a declared function of another package.
func (e *engine) signature(key string) *types.Signature {
	if typ, name := splitMethod(key); typ != "" {
		if t := e.named[typ]; t != nil {
			if m, ok := e.method(t, name); ok {
				return m.Signature()
			}
		}
		return nil
	}
	dot := strings.LastIndexByte(key, '.')
	for _, p := range e.pass.Pkg.Imports() {
		if dot > 0 && catalog.StripVendor(p.Path()) == key[:dot] {
			if f, ok := p.Scope().Lookup(key[dot+1:]).(*types.Func); ok {
				return f.Signature()
			}
		}
	}
	return nil
}

func (e *engine) method(t types.Type, name string) (*types.Func, bool) {
	obj, _, _ := types.LookupFieldOrMethod(t, true, e.pass.Pkg, name)
	m, ok := obj.(*types.Func)
	return m, ok
}
