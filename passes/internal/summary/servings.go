package summary

import (
	"golang.org/x/tools/go/ssa"

	"github.com/connvet/connvet/passes/internal/entrypoint"
	"github.com/connvet/connvet/passes/internal/flow"
)

// servings lists the instructions from which on handlers run: those that start
// a server, or if there are none that register a handler.
func (b *builder) servings() []ssa.Instruction {
	if len(b.proc.serves) > 0 {
		return b.proc.serves
	}
	var out []ssa.Instruction
	for _, t := range b.threads {
		if t.Kind == entrypoint.Serve && t.at != nil {
			out = append(out, t.at)
		}
	}
	return out
}

// singleTurn lists what a loop that turns once starts, on the edge into its
// body: there is no earlier turn whose threads live.
func (b *builder) singleTurn(from, to *ssa.BasicBlock) []int {
	if !flow.Single(from, to) {
		return nil
	}
	var out []int
	for i, t := range b.threads {
		if t.at != nil && t.at.Block() != nil && to.Dominates(t.at.Block()) {
			out = append(out, i+1)
		}
	}
	return out
}
