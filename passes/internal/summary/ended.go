package summary

import (
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/connvet/connvet/passes/internal/access"
	"github.com/connvet/connvet/passes/internal/catalog"
	"github.com/connvet/connvet/passes/internal/effect"
	"github.com/connvet/connvet/passes/internal/obligation"
)

// Ended is a call on a connection that was released before, on every path.
type Ended struct {
	Use     effect.Use
	Helper  string // the function that makes the call, if it is not made here
	Release *ssa.Call
	Row     *catalog.Type
}

// followEndedGiven does so for the parameters of the function.
func (b *builder) followEndedGiven() {
	for i, p := range b.fn.Params {
		if row := b.eng.cat.TypeOf(p.Type()); row != nil && row.Must {
			self := access.Value{Path: access.Of(access.Root{Kind: access.Param, N: i})}
			src := obligation.Source{Given: p, Error: -1, Undo: -1}
			b.followEnded(row, []access.Value{self}, src, &oracle{b: b, row: row, typ: p.Type()})
		}
	}
}

// followEnded finds the calls on a value after its release.
func (b *builder) followEnded(row *catalog.Type, self []access.Value, src obligation.Source, o *oracle) {
	if row.Ended == nil || len(self) != 1 || !b.endedHere(self[0]) {
		return
	}
	uses := b.endedUses(row, self[0])
	if len(uses) == 0 {
		return
	}
	for _, after := range obligation.Ended(b.fn, src, o, o.endsForCertain) {
		if u, ok := uses[after.Call]; ok && after.By != nil && after.By != after.Call {
			b.afterwards = append(b.afterwards, Ended{Use: u.Use, Helper: helper(after.Call, u), Release: after.By, Row: row})
		}
	}
}

// endedHere reports whether the function itself releases the value before it returns.
func (b *builder) endedHere(self access.Value) bool {
	return slices.ContainsFunc(b.uses, func(u use) bool {
		return u.Role == catalog.End && u.own && !u.deferred && u.Value.Path == self.Path
	})
}

// endedUses lists the calls of this function's own thread on the value that
// must not follow its release.
func (b *builder) endedUses(row *catalog.Type, self access.Value) map[*ssa.Call]use {
	out := map[*ssa.Call]use{}
	for _, u := range b.uses {
		c, ok := u.at.(*ssa.Call)
		if !ok || !u.own || u.deferred || u.Thread != 0 || u.Several || u.Maybe {
			continue
		}
		name := u.Method[strings.LastIndexByte(u.Method, '.')+1:]
		vs := b.resolve(u.Value)
		if len(vs) != 1 || vs[0].Path != self.Path || !slices.Contains(row.Ended.Calls, name) {
			continue
		}
		if _, have := out[c]; !have {
			out[c] = u
		}
	}
	return out
}

// endsForCertain reports whether a call is itself a release of its operand.
func (o *oracle) endsForCertain(c ssa.CallInstruction, operand int) bool {
	key, _ := o.b.calleeKey(c.Common())
	if key == "" {
		return false
	}
	typ, name := splitMethod(key)
	if methodCall(c) && operand == 0 {
		return o.row.Release[name] && o.b.eng.cat.Type(typ) != nil
	}
	cf := o.b.eng.cat.Func(key)
	if methodCall(c) {
		operand--
	}
	return cf != nil && cf.Args[operand] == catalog.ArgRelease
}

// helper names the function that makes a call for its caller; "" if the call
// is made where it stands.
func helper(c *ssa.Call, u use) string {
	name := calleeName(&c.Call)
	if u.Here == int(c.Pos()) && name != u.Method[strings.LastIndexByte(u.Method, '.')+1:] {
		return name
	}
	return ""
}
