package summary

import (
	"slices"
	"strings"

	"github.com/connvet/connvet/passes/internal/access"
	"github.com/connvet/connvet/passes/internal/effect"
)

// tabled gives the functions that a call by a key out of a package variable
// may call: any of those which the initialisation of the package puts there.
func (b *builder) tabled(c *call, v access.Value) []access.Value {
	if c.Method != "" || v.Path.Root.Kind != access.Global || !v.Path.HasVariableElem() {
		return nil
	}
	b.initialised(v, context{thread: 0, at: c.at, depth: c.depth})
	all := b.elements(v.Path)
	all = slices.DeleteFunc(all, func(e access.Value) bool { return !b.function(e) })
	if len(all) > maxAlternatives {
		return nil
	}
	return all
}

// initialised brings in what the initialisation of its package puts into a
// package variable.
func (b *builder) initialised(v access.Value, ctx context) {
	if v.Path.Root.Kind != access.Global {
		return
	}
	key := v.Path.Root.Key[:strings.LastIndexByte(v.Path.Root.Key, '.')] + ".init"
	if b.inits[key] || key == b.sum.Key {
		return
	}
	sum, _ := b.eng.lookup(key)
	if sum == nil {
		return
	}
	b.inits[key] = true
	only := &effect.Func{Key: key, Objects: slices.Clone(sum.Objects), Stores: sum.Stores}
	for i := range only.Objects {
		only.Objects[i].Thread = 0
	}
	b.instantiate(&site{sig: emptySignature, ctx: ctx}, only, nil)
}
