package summary

import (
	"slices"

	"github.com/connvet/connvet/passes/internal/access"
	"github.com/connvet/connvet/passes/internal/entrypoint"
)

// elements lists what non-test code stores where a path leads that passes an
// element of a container, taking every element for it.
func (b *builder) elements(p access.Path) []access.Value {
	k := slices.IndexFunc(p.Steps[:p.Len()], isElement)
	if k < 0 {
		return nil
	}
	base, rest := p.Prefix(k)
	var out []access.Value
	for _, c := range b.resolve(access.Value{Path: base}) {
		for _, s := range b.stores {
			if v, ok := storedBelow(c.Path, s.Place, s.Value, rest[1:]); ok && !s.Test {
				for _, r := range b.resolve(v) {
					if !slices.Contains(out, r) {
						out = append(out, r)
					}
				}
			}
		}
	}
	return out
}

func isElement(step string) bool { return step[0] == '[' }

// storedBelow gives the value that a store puts at the steps rest of an element
// of a container, or the part of the stored value that they lead to.
func storedBelow(container, place access.Path, v access.Value, rest []string) (access.Value, bool) {
	n := container.Len()
	if place.Len() <= n || !isElement(place.Steps[n]) || !place.HasPrefix(container) {
		return v, false
	}
	_, tail := place.Prefix(n + 1)
	if len(tail) > len(rest) || !slices.Equal(tail, rest[:len(tail)]) {
		return v, false
	}
	if rest = rest[len(tail):]; len(rest) > 0 {
		v = access.Value{Path: v.Path.Join(rest)}
	}
	return v, v.Path.Known()
}

// callTargets lists what a call may call. Of elements that the code ranges
// over, all are called one after the other, or registered; an element with a
// constant key is known if the container has one only.
func (b *builder) callTargets(c *call) []access.Value {
	var out []access.Value
	for _, v := range b.resolve(c.Target) {
		out = append(out, v)
		switch all := b.elements(v.Path); {
		case v.Path.HasEach() && (c.Each || c.Thread == 0 || b.registers(c)):
			out = append(out, all...)
		case len(all) == 1 && !v.Path.HasEach() && !v.Path.HasVariableElem():
			out = append(out, all...)
		default:
			out = append(out, b.tabled(c, v)...)
		}
	}
	return out
}

// registers reports whether a call is that of a registered callback, and not
// one that the callback makes. A goroutine for each element of a container is
// neither: every one has its own element.
func (b *builder) registers(c *call) bool {
	return !c.Each && c.Thread != 0 && b.threads[c.Thread-1].Kind == entrypoint.Serve
}

// entryFor gives each of several handlers that one call registers a thread of
// its own, by its name.
func (b *builder) entryFor(c *call, target access.Value) *call {
	if !b.registers(c) || target == c.Target || len(b.threads) >= b.budget(maxThreads) {
		return c
	}
	if !b.several(c) || !b.function(target) && b.dynamicType(target) == "" {
		return c
	}
	t := b.threads[c.Thread-1]
	t.Name = b.entryName(t.Kind, []access.Value{target}, []string{c.Method})
	b.threads = append(b.threads, t)
	own := *c
	own.Thread = len(b.threads)
	return &own
}

// several reports whether a call has every element of a container as its target.
func (b *builder) several(c *call) bool {
	return slices.ContainsFunc(b.resolve(c.Target), func(v access.Value) bool { return v.Path.HasEach() })
}

// inAllElements replaces what is found in an element of a container made here
// by the one value that all elements have there: workers that share a connection.
func (b *builder) inAllElements(vs []access.Value) []access.Value {
	out := vs
	for i, v := range vs {
		if one, ok := b.sameInAll(v); ok {
			out = slices.Clone(out)
			out[i] = one
		}
	}
	return out
}

func (b *builder) sameInAll(v access.Value) (one access.Value, ok bool) {
	k := slices.IndexFunc(v.Path.Steps[:v.Path.Len()], isElement)
	if k < 0 || k+1 == v.Path.Len() {
		return v, false
	}
	base, _ := v.Path.Prefix(k)
	if slices.ContainsFunc(b.resolve(access.Value{Path: base}), func(c access.Value) bool { return b.object(c) == nil }) {
		return v, false // others may have put elements into it
	}
	all := b.elements(v.Path)
	if len(all) != 1 || all[0].Path.HasEach() || all[0].Path.HasVariableElem() {
		return v, false
	}
	if o := b.object(all[0]); o != nil && o.Multi {
		return v, false
	}
	return all[0], true
}
