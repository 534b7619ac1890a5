package summary

import (
	"go/token"

	"golang.org/x/tools/go/ssa"

	"github.com/connvet/connvet/passes/internal/catalog"
)

// Pooled is a connection that is put into a sync.Pool, which forgets what it
// holds at any time and releases nothing.
type Pooled struct {
	Pos  token.Pos
	Name string
	Row  *catalog.Type
}

// pooledRoles are the roles of values that somebody must release by hand, and
// that people pool.
var pooledRoles = map[string]bool{"conn": true, "lease": true, "tx": true, "channel": true, "session": true, "stmt": true}

// pooled lists the connections that the package puts into a sync.Pool.
func (e *engine) pooled() []Pooled {
	var out []Pooled
	finalized := map[string]bool{}
	for _, fn := range e.pkg.Funcs {
		b := e.done[fn]
		if b == nil {
			continue
		}
		for _, blk := range fn.Blocks {
			for _, i := range blk.Instrs {
				c, ok := i.(ssa.CallInstruction)
				if !ok {
					continue
				}
				key, args := b.calleeKey(c.Common())
				switch {
				case (key == "runtime.SetFinalizer" || key == "runtime.AddCleanup") && len(args) > 0:
					finalized[catalog.TypeKey(unboxed(args[0]).Type())] = true
				case key == "(*sync.Pool).Put" && len(args) == 2 && !e.test(c.Pos()):
					out = append(out, b.pooledArg(c, args[1])...)
				}
			}
		}
	}
	kept := out[:0]
	for _, p := range out {
		if !finalized[p.Row.Key] {
			kept = append(kept, p)
		}
	}
	return kept
}

// pooledArg is what a call puts into a sync.Pool, if it is a connection.
func (b *builder) pooledArg(c ssa.CallInstruction, arg ssa.Value) []Pooled {
	arg = unboxed(arg)
	row := b.eng.cat.TypeOf(arg.Type())
	if row == nil || !row.Must || !pooledRoles[row.Role] {
		return nil
	}
	name := b.written(arg, 4)
	if name == "" {
		name = "the connection"
	}
	return []Pooled{{Pos: c.Pos(), Name: name, Row: row}}
}
