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
	module    string         // the module that says so: "" for the container itself, "~1~3" for one inside another
	private   bool           // for that module only
	ctx       context
}

// optionType marks the objects that stand for options and annotations; their
// type is followed by the role and by the tags that the option gives.
const optionType, optionTag = "+", "\t"

func optionOf(r entrypoint.Role, tags ...string) string {
	return optionType + strconv.Itoa(int(r)) + optionTag + strings.Join(tags, optionTag)
}

// containerType marks containers that are built from options.
var containerType = optionOf(entrypoint.Build)

// readOption gives the role and the tags of an option; ok is false if the
// object is none.
func readOption(o *object) (r entrypoint.Role, tags []string, ok bool) {
	if o == nil || !strings.HasPrefix(o.Type, optionType) {
		return 0, nil, false
	}
	all := strings.Split(o.Type[len(optionType):], optionTag)
	n, err := strconv.Atoi(all[0])
	return entrypoint.Role(n), all[1:], err == nil
}

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
		n := b.newObject(effect.Object{Kind: effect.Alloc, Type: containerType}, s.ctx.at, s.ctx.pos)
		if n >= 0 {
			b.builds = append(b.builds, injection{container: fresh(n)[0].Path, args: args, ctx: s.ctx})
		}
	case method && len(s.args) > 0 && len(args) > 0:
		for _, c := range s.args[0] {
			b.injections = append(b.injections, injection{container: c.Path, role: in.Role, args: args[:1], notes: args[1:], ctx: s.ctx})
		}
	case len(out) > 0:
		out[0] = b.option(s, in, args)
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
func (b *builder) option(s *site, in *entrypoint.Injector, args []access.Value) []access.Value {
	t := optionOf(in.Role)
	if in.Role.Tags() {
		if tags, ok := constantTags(s, in.Arg); ok {
			t = optionOf(in.Role, tags...)
		} else {
			t = optionOf(entrypoint.Tag)
		}
	}
	n := b.newObject(effect.Object{Kind: effect.Alloc, Type: t}, s.ctx.at, s.ctx.pos)
	for i, a := range args {
		for _, v := range fresh(n) {
			b.store(v.Path.Step("["+strconv.Itoa(i)+"]"), a, b.eng.test(s.ctx.pos))
		}
	}
	return fresh(n)
}

// unfold turns the options that a container is built from into injections.
func (b *builder) unfold(build injection, options []access.Value, depth int) {
	for _, opt := range options {
		for _, v := range b.resolvedOption(opt, build.ctx) {
			o := b.object(v)
			role, _, ok := readOption(o)
			if !ok || depth == 0 {
				continue
			}
			args := b.listed([]access.Value{v}, true)
			switch role {
			case entrypoint.Group:
				b.unfold(build, args, depth-1)
			case entrypoint.Module:
				inner := build
				inner.module += "~" + strconv.Itoa(v.Path.Root.N)
				b.unfold(inner, args, depth-1)
			default:
				in := build
				in.role, in.args = role, slices.DeleteFunc(args, b.marksPrivate)
				in.private = len(in.args) < len(args)
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

// marksPrivate reports whether a value is what marks providers as private.
func (b *builder) marksPrivate(v access.Value) bool {
	return v.Path.Len() == 0 && v.Path.Root.Kind == access.Global && b.eng.entries.Private(v.Path.Root.Key)
}

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
