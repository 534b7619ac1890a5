package summary

import (
	"go/types"
	"strings"

	"github.com/connvet/connvet/passes/internal/access"
	"github.com/connvet/connvet/passes/internal/catalog"
	"github.com/connvet/connvet/passes/internal/effect"
	"github.com/connvet/connvet/passes/internal/entrypoint"
)

// wiring is what must be known of all injections before one is carried out:
// which places a module has of its own, and which are decorated in which module.
type wiring struct {
	b         *builder
	private   map[access.Path]bool
	decorated map[access.Path]bool
}

// carryOut does what the function's containers are told.
func (b *builder) carryOut() {
	for _, build := range b.builds {
		b.unfold(build, build.args, maxDepth)
	}
	w := &wiring{b: b, private: map[access.Path]bool{}, decorated: map[access.Path]bool{}}
	for _, in := range b.injections {
		for _, f := range in.args {
			w.plan(in, f)
		}
	}
	for _, in := range b.injections {
		for _, f := range in.args {
			w.carry(in, f)
		}
	}
}

// plan notes which places a private provider or a decorator fills.
func (w *wiring) plan(in injection, v access.Value) {
	decorates := in.role == entrypoint.Decorate || in.role == entrypoint.Replace
	if !in.private && !decorates {
		return
	}
	fn, a := w.b.annotated(v, in.notes)
	for _, step := range w.offered(in, fn, a) {
		switch p := in.container.Step(step + in.module); {
		case decorates:
			w.decorated[p] = true
		default:
			w.private[p] = true
		}
	}
}

// offered lists the steps to what a function or value gives.
func (w *wiring) offered(in injection, v access.Value, a *annotation) []string {
	var out []string
	add := func(step string, t tag, as []string) {
		if len(as) == 0 {
			as = []string{step}
		}
		for _, s := range as {
			out = append(out, t.step(s))
		}
	}
	stepOf := func(t types.Type, by tag) string {
		if in.role == entrypoint.Decorate {
			return strings.TrimSuffix(askedStep(t, by), by.step(""))
		}
		return typeStep(t)
	}
	sig := w.b.signatureOf(v)
	if t := w.b.dynamicType(v); sig == nil && t != "" {
		tag, as := a.result(0, 1)
		add("{"+t+"}", tag, as)
	}
	if sig == nil || in.role == entrypoint.Supply || in.role == entrypoint.Replace {
		return out
	}
	for i := range sig.Results().Len() {
		t := sig.Results().At(i).Type()
		if st := w.b.eng.scope(t); st != nil {
			for f, tag := range fieldTags(st) {
				add(stepOf(f.Type(), tag), tag, nil)
			}
			continue
		}
		tag, as := a.result(i, providedResults(sig))
		add(stepOf(t, tag), tag, as)
	}
	return out
}

// providedResults is the number of results that are no error.
func providedResults(sig *types.Signature) int {
	n := sig.Results().Len()
	if n > 0 && isError(sig.Results().At(n-1).Type()) {
		n--
	}
	return n
}

// fieldTags ranges over the fields that a container fills or takes one by one.
func fieldTags(st *types.Struct) func(yield func(*types.Var, tag) bool) {
	return func(yield func(*types.Var, tag) bool) {
		for i := range st.NumFields() {
			if f := st.Field(i); !f.Embedded() && !yield(f, readTag(st.Tag(i))) {
				return
			}
		}
	}
}

// carry does one injection for one function or value.
func (w *wiring) carry(in injection, v access.Value) {
	b := w.b
	fn, a := b.annotated(v, in.notes)
	if a.unclear {
		return
	}
	sig := b.signatureOf(fn)
	if in.role == entrypoint.Supply || in.role == entrypoint.Replace {
		if t := b.dynamicType(fn); t != "" {
			tag, as := a.result(0, 1)
			w.offer(in, "{"+t+"}", tag, as, []access.Value{fn})
		}
		return
	}
	if sig == nil || sig.Variadic() && len(a.params) < sig.Params().Len() {
		return
	}
	args := make([][]access.Value, sig.Params().Len())
	for i := range args {
		args[i] = w.asked(in, sig.Params().At(i).Type(), tagAt(a.params, i))
	}
	s := &site{sig: sig, args: args, ctx: in.ctx}
	s.ctx.thread, s.ctx.locks, s.ctx.repeat = 0, nil, false
	results := b.pend(s, []access.Value{fn}, "", args)
	if in.role == entrypoint.Invoke {
		return
	}
	for i, rs := range results {
		w.offerResult(in, sig.Results().At(i).Type(), rs, a, i, providedResults(sig))
	}
}

// typeStep is the place in a container for values of a type.
func typeStep(t types.Type) string {
	return "{" + types.TypeString(t, func(p *types.Package) string { return catalog.StripVendor(p.Path()) }) + "}"
}

// final is the step to what comes out of the decorators of a module.
const final = "'"

// modules lists a module and those it is in, innermost first.
func modules(m string) []string {
	out := []string{m}
	for m != "" {
		m = m[:strings.LastIndexByte(m, '~')]
		out = append(out, m)
	}
	return out
}

// home is where what a step leads to is found in a module, before all
// decorators: what the module has of its own comes first.
func (w *wiring) home(in injection, step string) access.Path {
	for _, m := range modules(in.module) {
		if p := in.container.Step(step + m); w.private[p] {
			return p
		}
	}
	return in.container.Step(step)
}

// place is where a module finds what a step leads to.
func (w *wiring) place(in injection, step string) access.Path {
	p, from := w.home(in, step), modules(in.module)
	if in.role == entrypoint.Decorate {
		from = from[1:] // a decorator gets what it decorates
	}
	for _, m := range from {
		if w.decorated[in.container.Step(step+m)] {
			return p.Step(final + m)
		}
	}
	return p
}

// asked gives the argument for a parameter.
func (w *wiring) asked(in injection, t types.Type, by tag) []access.Value {
	st := w.b.eng.scope(t)
	if st == nil {
		return []access.Value{{Path: w.place(in, askedStep(t, by))}}
	}
	n := w.b.newObject(effect.Object{Kind: effect.Alloc, Type: catalog.TypeKey(t)}, in.ctx.at, in.ctx.pos)
	for _, o := range fresh(n) {
		for f, tag := range fieldTags(st) {
			w.b.store(o.Path.Step(f.Name()), access.Value{Path: w.place(in, askedStep(f.Type(), tag))}, false)
		}
	}
	return fresh(n)
}

// askedStep is the step to what a parameter or field asks for: a group is
// asked for as a slice of its members.
func askedStep(t types.Type, by tag) string {
	if s, ok := t.Underlying().(*types.Slice); ok && by.group != "" {
		t = s.Elem()
	}
	return by.step(typeStep(t))
}

// offerResult puts a result into its place, or each field of it.
func (w *wiring) offerResult(in injection, t types.Type, vs []access.Value, a *annotation, i, n int) {
	st := w.b.eng.scope(t)
	if st == nil {
		by, as := a.result(i, n)
		w.offerType(in, t, by, as, vs)
		return
	}
	for f, tag := range fieldTags(st) {
		w.offerType(in, f.Type(), tag, nil, w.b.step(vs, f.Name()))
	}
}

// offerType offers values of a type; the elements of a flattened slice one by one.
func (w *wiring) offerType(in injection, t types.Type, by tag, as []string, vs []access.Value) {
	s, ok := t.Underlying().(*types.Slice)
	if by.group != "" && ok && (by.flatten || in.role == entrypoint.Decorate) {
		if t = s.Elem(); by.flatten {
			vs = w.b.step(vs, access.Each)
		}
	}
	w.offer(in, typeStep(t), by, as, vs)
}

// offer puts values into the places of a type, or of the types they are offered by.
func (w *wiring) offer(in injection, step string, by tag, as []string, vs []access.Value) {
	if len(as) == 0 {
		as = []string{step}
	}
	test := w.b.eng.test(in.ctx.pos)
	for _, s := range as {
		p := w.target(in, by.step(s), by.group != "")
		for _, v := range vs {
			w.b.store(p, v, test)
		}
	}
}

// target is the place that an injection fills.
func (w *wiring) target(in injection, step string, group bool) access.Path {
	switch {
	case in.role == entrypoint.Decorate || in.role == entrypoint.Replace:
		return w.home(in, step).Step(final + in.module)
	case in.private:
		step += in.module
	}
	p := in.container.Step(step)
	if group {
		p = p.Step(access.Elem)
	}
	return p
}
