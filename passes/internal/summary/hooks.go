package summary

import (
	"slices"
	"strings"

	"github.com/connvet/connvet/passes/internal/access"
	"github.com/connvet/connvet/passes/internal/catalog"
	"github.com/connvet/connvet/passes/internal/effect"
	"github.com/connvet/connvet/passes/internal/entrypoint"
)

// hookLater keeps the callbacks that a connection calls while somebody reads
// from it: the ping handler of a websocket.
func (b *builder) hookLater(s *site, ent *entrypoint.Entry, vals []access.Value) {
	typ, _ := splitMethod(ent.Func)
	if typ == "" || b.eng.cat.Type(typ) == nil || len(s.args) == 0 {
		return
	}
	test := b.eng.test(s.ctx.pos)
	for _, conn := range s.args[0] {
		if place := conn.Path.Step(access.Hooks); place.Known() {
			for _, v := range vals {
				b.store(place, v, test)
			}
		}
	}
}

// runHooks runs, where a connection is read, the callbacks that it has.
func (b *builder) runHooks(s *site, row *catalog.Type, method string, conn access.Value) {
	if row.Contract != catalog.Duplex || row.MethodRole(method) != catalog.Read || !b.eng.hooked(row.Key) {
		return
	}
	if ent := b.eng.entries.Call(catalog.MethodKey(row.Key, method)); ent != nil {
		return // sets one
	}
	target := access.Value{Path: conn.Path.Step(access.Hooks)}
	if !target.Path.Known() || slices.ContainsFunc(b.calls, func(c *call) bool {
		return c.Target == target && c.Thread == s.ctx.thread && slices.Equal(c.Locks, s.ctx.locks)
	}) {
		return
	}
	b.addCall(s, effect.Call{Target: target, Result: -1})
}

// hooked reports whether connections of a type call back while they are read.
func (e *engine) hooked(typ string) bool {
	is, ok := e.hooks[typ]
	if !ok {
		is = e.entries.Any(func(ent *entrypoint.Entry) bool {
			return ent.Kind == entrypoint.Later && strings.HasPrefix(ent.Func, "("+typ+").")
		})
		e.hooks[typ] = is
	}
	return is
}

// isHook reports whether a value is what a connection calls back.
func isHook(v access.Value) bool { return slices.Contains(v.Path.Steps[:], access.Hooks) }
