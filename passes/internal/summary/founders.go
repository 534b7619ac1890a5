package summary

import (
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/connvet/connvet/passes/internal/access"
	"github.com/connvet/connvet/passes/internal/catalog"
	"github.com/connvet/connvet/passes/internal/effect"
)

// founder is a function that gives a new object: a constructor.
type founder struct {
	b      *builder
	object int
	typ    string
}

// founder finds the object of a type of the package that a function gives.
func (b *builder) founder() (founder, bool) {
	if b.fn.Signature.Recv() != nil || b.fn.Parent() != nil || b.fn.Signature.Results().Len() == 0 {
		return founder{}, false
	}
	typ := strings.TrimPrefix(catalog.TypeKey(b.fn.Signature.Results().At(0).Type()), "*")
	for _, blk := range b.fn.Blocks {
		r, ok := blk.Instrs[len(blk.Instrs)-1].(*ssa.Return)
		if !ok || len(r.Results) == 0 {
			continue
		}
		for _, v := range b.resolveAll(b.eval(r.Results[0])) {
			if o := b.object(v); o != nil && o.Kind == effect.Alloc && o.Type == typ && packageOf(typ) == b.eng.pkg.SSA.Pkg.Path() {
				return founder{b, v.Path.Root.N, typ}, true
			}
		}
	}
	return founder{}, false
}

// fromReceiver names a place in the new object as the methods of its type do.
func (f founder) fromReceiver(p access.Path) (access.Path, bool) {
	if p.Root.Kind != access.Fresh {
		return p, false
	}
	if p.Root.N != f.object && p.Len() > 0 { // captured by the goroutine
		prefix, rest := p.Prefix(1)
		for _, v := range f.b.heap[prefix] {
			for _, o := range f.b.resolve(v) {
				if o.Path.Root.Kind == access.Fresh && o.Path.Root.N == f.object {
					return f.fromReceiver(o.Path.Join(rest))
				}
			}
		}
	}
	if p.Root.N != f.object {
		return p, false
	}
	p.Root = access.Root{Kind: access.Param}
	return p, true
}

// uses gives the members that the goroutines use which a constructor leaves running.
func (f founder) uses(yield func(access.Path, memberUse)) {
	for _, u := range f.b.uses {
		row := f.b.eng.cat.Type(u.Type)
		if u.Thread == 0 || !f.b.leftRunning(u.Thread) || !u.own || u.Test || !u.Static || u.Guard || u.Swap != effect.NoSwap ||
			row == nil || f.b.eng.variants(u.Type) || row.Contract != catalog.Exclusive && row.Contract != catalog.Duplex ||
			slices.ContainsFunc(u.Locks, unclear) {
			continue
		}
		p, ok := f.fromReceiver(u.Value.Path)
		if !ok || p.Len() == 0 || p.HasVariableElem() || p.HasEach() || f.b.eng.seam(p) {
			continue
		}
		mu := memberUse{fn: f.b.fn, use: u, row: row, thread: u.Thread}
		for _, l := range u.Locks {
			if q, ok := f.fromReceiver(l.Path); ok && !l.Shared {
				mu.locks = append(mu.locks, q)
			}
		}
		yield(p, mu)
	}
}

// handles names what a goroutine of the constructor is waited on with, as the
// methods of the type do.
func (f founder) handles(t thread) []access.Path {
	var out []access.Path
	for _, h := range t.Handle {
		if p, ok := f.fromReceiver(h.Path); ok {
			out = append(out, p)
		}
	}
	hs := f.b.resolveAll(t.Handle)
	for _, s := range f.b.stores {
		p, ok := f.fromReceiver(s.Place)
		if ok && slices.ContainsFunc(f.b.resolve(s.Value), func(v access.Value) bool { return slices.Contains(hs, v) }) {
			out = append(out, p)
		}
	}
	return out
}
