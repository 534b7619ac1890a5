package flow

import (
	"slices"

	"golang.org/x/tools/go/ssa"
)

// Reaches reports whether control can get from behind one instruction to
// another without passing one at which stop is true.
func Reaches(from, to ssa.Instruction, stop func(ssa.Instruction) bool) bool {
	start := from.Block()
	seen := map[*ssa.BasicBlock]bool{}
	work := []*ssa.BasicBlock{}
	walk := func(instrs []ssa.Instruction, b *ssa.BasicBlock) bool {
		for _, i := range instrs {
			if i == to {
				return true
			}
			if stop != nil && stop(i) {
				return false
			}
		}
		work = append(work, b.Succs...)
		return false
	}
	if walk(start.Instrs[slices.Index(start.Instrs, from)+1:], start) {
		return true
	}
	for len(work) > 0 {
		b := work[len(work)-1]
		work = work[:len(work)-1]
		if !seen[b] {
			seen[b] = true
			if walk(b.Instrs, b) {
				return true
			}
		}
	}
	return false
}

// Leads reports whether control can get from the start of one block to the
// start of another.
func Leads(from, to *ssa.BasicBlock) bool {
	seen := map[*ssa.BasicBlock]bool{}
	work := []*ssa.BasicBlock{from}
	for len(work) > 0 {
		b := work[len(work)-1]
		work = work[:len(work)-1]
		if b == to {
			return true
		}
		if !seen[b] {
			seen[b] = true
			work = append(work, b.Succs...)
		}
	}
	return false
}
