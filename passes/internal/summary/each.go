package summary

import (
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/connvet/connvet/passes/internal/entrypoint"
	"github.com/connvet/connvet/passes/internal/flow"
)

// What a leak happens once more with.
const (
	eachConnection = "connection"
	eachWorker     = "worker"
	eachIteration  = "iteration"
)

// each says what runs the function again and again, for messages: the
// requests of a server, the workers that a loop starts, the turns of a loop
// around its calls. "" if nothing in the package says so.
func (e *engine) each(fn *ssa.Function, depth int) string {
	if depth == 0 {
		return ""
	}
	if ent := e.entrySignature(fn.Signature); ent != nil && ent.Kind == entrypoint.Serve {
		return unit(ent.Why)
	}
	for _, r := range e.references(fn) {
		if w := e.runAgain(fn, r, depth-1); w != "" {
			return w
		}
	}
	return ""
}

// unit reads what an entry runs its callback for in the reason that the table
// gives: "fiber serves each request on its own goroutine".
func unit(why string) string {
	_, after, ok := strings.Cut(why, " each ")
	word, _, _ := strings.Cut(after, " ")
	if !ok || strings.ContainsAny(word, "',") || word == "function" {
		return ""
	}
	return word
}

// references lists the instructions of the package that use the function.
func (e *engine) references(fn *ssa.Function) []ssa.Instruction {
	if e.refs == nil {
		e.refs = map[*ssa.Function][]ssa.Instruction{}
		for _, f := range e.pkg.Funcs {
			for _, blk := range f.Blocks {
				for _, i := range blk.Instrs {
					e.noteReference(i)
				}
			}
		}
	}
	return e.refs[fn]
}

func (e *engine) noteReference(i ssa.Instruction) {
	var ops [8]*ssa.Value
	for _, o := range i.Operands(ops[:0]) {
		if f, ok := (*o).(*ssa.Function); ok {
			e.refs[f] = append(e.refs[f], i)
		}
	}
}

// runAgain says what an instruction that uses the function repeats it with.
func (e *engine) runAgain(fn *ssa.Function, i ssa.Instruction, depth int) string {
	switch i := i.(type) {
	case *ssa.MakeClosure:
		for _, r := range *i.Referrers() {
			if w := e.runAgain(fn, r, depth); w != "" {
				return w
			}
		}
	case *ssa.Go:
		return e.spawned(i, depth)
	case ssa.CallInstruction:
		return e.calledAgain(fn, i, depth)
	}
	return ""
}

// spawned says what a go statement, or a call that stands for one, repeats.
func (e *engine) spawned(i ssa.Instruction, depth int) string {
	fn := i.Parent()
	loops := flow.FindLoops(fn)
	if !loops.In(i.Block()) {
		return e.each(fn, depth)
	}
	for _, blk := range fn.Blocks {
		for _, j := range blk.Instrs {
			if c, ok := j.(*ssa.Call); ok && loops.Same(blk, i.Block()) && accepts(c) {
				return eachConnection
			}
		}
	}
	return eachWorker
}

func accepts(c *ssa.Call) bool {
	if c.Call.IsInvoke() {
		return c.Call.Method.Name() == "Accept"
	}
	f := c.Call.StaticCallee()
	return f != nil && f.Name() == "Accept"
}

// calledAgain says what repeats a call of the function, or a call that gets it
// as a callback.
func (e *engine) calledAgain(fn *ssa.Function, c ssa.CallInstruction, depth int) string {
	if callee := c.Common().StaticCallee(); callee != nil && callee != fn {
		ent := e.entries.Call(e.key(callee))
		switch {
		case ent == nil:
			return ""
		case ent.Kind == entrypoint.Serve && ent.Level == entrypoint.Many:
			return unit(ent.Why)
		case ent.Kind == entrypoint.Go || ent.Kind == entrypoint.Spawn:
			return e.spawned(c, depth)
		}
		return ""
	}
	if flow.FindLoops(c.Parent()).In(c.Block()) {
		return eachIteration
	}
	return e.each(c.Parent(), depth)
}
