package summary

import (
	"go/constant"
	"go/types"
	"reflect"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/connvet/connvet/passes/internal/access"
	"github.com/connvet/connvet/passes/internal/entrypoint"
)

// A container has one place for each type and name, and one for each type and
// group, whose elements are what the members of the group give.

// constantTags gives the strings that a call of a container's API is made
// with, from parameter at on; ok is false if only the run knows them.
func constantTags(s *site, at int) (tags []string, ok bool) {
	if at >= len(s.vals) {
		return nil, len(s.vals) > 0
	}
	v := s.vals[at]
	if t, ok := constantString(v); ok {
		return []string{t}, true
	}
	if c, ok := v.(*ssa.Const); ok && c.IsNil() {
		return nil, true
	}
	slice, ok := v.(*ssa.Slice)
	if !ok {
		return nil, false
	}
	array, ok := slice.X.(*ssa.Alloc)
	if !ok {
		return nil, false
	}
	t, ok := array.Type().Underlying().(*types.Pointer).Elem().Underlying().(*types.Array)
	if !ok || t.Len() > maxTags {
		return nil, false
	}
	return elementStrings(array, int(t.Len()))
}

// maxTags is more than any function has parameters.
const maxTags = 64

// elementStrings gives the n constant strings that are stored into an array.
func elementStrings(array *ssa.Alloc, n int) (out []string, ok bool) {
	out = make([]string, n)
	for _, r := range *array.Referrers() {
		ia, isElement := r.(*ssa.IndexAddr)
		if !isElement {
			continue
		}
		i, isConst := ia.Index.(*ssa.Const)
		for _, w := range *ia.Referrers() {
			st, isStore := w.(*ssa.Store)
			if !isStore {
				continue
			}
			text, known := constantString(st.Val)
			if !known || !isConst || int(i.Int64()) >= n {
				return nil, false
			}
			out[i.Int64()] = text
		}
	}
	return out, true
}

func constantString(v ssa.Value) (string, bool) {
	if c, ok := v.(*ssa.Const); ok && c.Value != nil && c.Value.Kind() == constant.String {
		return constant.StringVal(c.Value), true
	}
	return "", false
}

// tag says which of several values of a type is meant.
type tag struct {
	name, group string
	flatten     bool
}

// readTag reads what a container takes from the tag of a field, parameter or result.
func readTag(text string) tag {
	st := reflect.StructTag(text)
	group, options, _ := strings.Cut(st.Get("group"), ",")
	return tag{name: st.Get("name"), group: group, flatten: slices.Contains(strings.Split(options, ","), "flatten")}
}

// step is the step of a container to the values of a type that a tag means:
// for a group, to the container of its members.
func (t tag) step(typ string) string {
	switch {
	case t.group != "":
		return typ + "@" + t.group
	case t.name != "":
		return typ + "#" + t.name
	}
	return typ
}

// annotation is what the annotations of a function or value say.
type annotation struct {
	params, results []tag      // by position; those missing have no tag
	as              [][]string // for each annotation the types that the results are offered by
	unclear         bool       // something that only the run knows
}

func tagAt(tags []tag, i int) tag {
	if i < len(tags) {
		return tags[i]
	}
	return tag{}
}

// result is the tag of result i, and the types that it is offered by instead
// of its own. A function with one result may list several.
func (a *annotation) result(i, n int) (tag, []string) {
	var as []string
	for _, list := range a.as {
		switch {
		case n == 1:
			as = append(as, list...)
		case i < len(list):
			as = append(as, list[i])
		}
	}
	return tagAt(a.results, i), as
}

// annotated takes the annotations off a function or value.
func (b *builder) annotated(v access.Value, notes []access.Value) (access.Value, *annotation) {
	a := &annotation{}
	if r, _, ok := readOption(b.object(v)); ok && r == entrypoint.Annotate {
		all := b.listed([]access.Value{v}, true)
		if len(all) == 0 {
			a.unclear = true
			return v, a
		}
		v, notes = all[0], slices.Concat(notes, all[1:])
	}
	for _, n := range notes {
		b.annotate(a, n)
	}
	if b.eng.entries.Annotated(strings.TrimPrefix(b.dynamicType(v), "*")) {
		return b.annotatedStruct(v, a), a
	}
	return v, a
}

// annotatedStruct takes the annotations off a function that a struct holds
// beside its name and group.
func (b *builder) annotatedStruct(v access.Value, a *annotation) access.Value {
	o := b.object(v)
	if o == nil {
		a.unclear = true
		return v
	}
	alloc, ok := o.at.(*ssa.Alloc)
	targets := b.resolve(access.Value{Path: v.Path.Step("Target")})
	if !ok || len(targets) != 1 {
		a.unclear = true
		return v
	}
	for field, text := range constantFields(alloc) {
		a.eachResult(func(t *tag) {
			switch field {
			case "Name":
				t.name = text
			case "Group":
				*t = readTag(`group:"` + text + `"`)
			}
		})
	}
	return targets[0]
}

// constantFields gives the constant strings that are stored into the fields of a struct.
func constantFields(alloc *ssa.Alloc) map[string]string {
	out := map[string]string{}
	for _, r := range *alloc.Referrers() {
		fa, ok := r.(*ssa.FieldAddr)
		if !ok {
			continue
		}
		for _, w := range *fa.Referrers() {
			if st, ok := w.(*ssa.Store); ok {
				if text, ok := constantString(st.Val); ok {
					out[fieldOf(alloc.Type(), fa.Field).Name()] = text
				}
			}
		}
	}
	return out
}

// annotate adds what one annotation says.
func (b *builder) annotate(a *annotation, note access.Value) {
	role, texts, _ := readOption(b.object(note))
	var tags []tag
	for _, t := range texts {
		tags = append(tags, readTag(t))
	}
	switch role {
	case entrypoint.Tag:
		a.unclear = true
	case entrypoint.Params:
		a.params = tags
	case entrypoint.Results:
		a.results = tags
	case entrypoint.Name:
		a.eachResult(func(t *tag) { t.name = strings.Join(texts, "") })
	case entrypoint.Member:
		a.eachResult(func(t *tag) { *t = readTag(`group:"` + strings.Join(texts, "") + `"`) })
	case entrypoint.As:
		var as []string
		for _, t := range b.listed([]access.Value{note}, true) {
			as = append(as, "{"+strings.TrimPrefix(b.dynamicType(t), "*")+"}")
		}
		a.as = append(a.as, as)
	}
}

// eachResult tags all results alike.
func (a *annotation) eachResult(set func(*tag)) {
	for len(a.results) < maxResults {
		a.results = append(a.results, tag{})
	}
	for i := range a.results {
		set(&a.results[i])
	}
}

// maxResults is more results than providers have.
const maxResults = 8
