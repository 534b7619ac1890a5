// Package flow glues SSA control-flow graphs to the dataflow solver and holds
// the small set types that its lattices use. It knows nothing of go/analysis.
package flow

import (
	"iter"
	"slices"

	"golang.org/x/tools/go/ssa"
)

// Graph is the control-flow graph of a function as the solver wants it.
type Graph struct{ Fn *ssa.Function }

// Nodes lists the blocks.
func (g Graph) Nodes() iter.Seq[*ssa.BasicBlock] { return slices.Values(g.Fn.Blocks) }

// NumNodes counts the blocks.
func (g Graph) NumNodes() int { return len(g.Fn.Blocks) }

// Out lists the successors of a block.
func (g Graph) Out(b *ssa.BasicBlock) iter.Seq[*ssa.BasicBlock] { return slices.Values(b.Succs) }

// Before reports whether instruction j can run after another instruction i.
func Before(i, j ssa.Instruction) bool {
	return i != nil && j != nil && i != j && Reaches(i, j, nil)
}

// Loops tells which blocks can reach themselves.
type Loops struct{ component []int }

// FindLoops finds the strongly connected components of a function's blocks.
func FindLoops(fn *ssa.Function) *Loops {
	t := &tarjan{
		low:   make([]int, len(fn.Blocks)),
		num:   make([]int, len(fn.Blocks)),
		on:    make([]bool, len(fn.Blocks)),
		comp:  make([]int, len(fn.Blocks)),
		comps: 0,
	}
	for _, b := range fn.Blocks {
		if t.num[b.Index] == 0 {
			t.visit(b)
		}
	}
	return &Loops{component: t.comp}
}

// In reports whether the block may run more than once per call.
func (l *Loops) In(b *ssa.BasicBlock) bool { return l.component[b.Index] != 0 }

// Same reports whether both blocks belong to one loop.
func (l *Loops) Same(a, b *ssa.BasicBlock) bool {
	return l.In(a) && l.component[a.Index] == l.component[b.Index]
}

type tarjan struct {
	low, num, comp []int
	on             []bool
	stack          []*ssa.BasicBlock
	next, comps    int
}

func (t *tarjan) visit(b *ssa.BasicBlock) {
	t.next++
	t.num[b.Index], t.low[b.Index] = t.next, t.next
	t.stack = append(t.stack, b)
	t.on[b.Index] = true
	for _, s := range b.Succs {
		if Single(b, s) {
			continue
		}
		if t.num[s.Index] == 0 {
			t.visit(s)
			t.low[b.Index] = min(t.low[b.Index], t.low[s.Index])
		} else if t.on[s.Index] {
			t.low[b.Index] = min(t.low[b.Index], t.num[s.Index])
		}
	}
	if t.low[b.Index] == t.num[b.Index] {
		t.pop(b)
	}
}

func (t *tarjan) pop(b *ssa.BasicBlock) {
	i := slices.Index(t.stack, b)
	members := t.stack[i:]
	t.stack = t.stack[:i]
	loop := len(members) > 1 || slices.Contains(b.Succs, b) && !Single(b, b)
	if loop {
		t.comps++
	}
	for _, m := range members {
		t.on[m.Index] = false
		if loop {
			t.comp[m.Index] = t.comps
		}
	}
}

// Set is a sorted set; the zero value is empty. Its methods never change the receiver's elements.
type Set[T any] struct {
	elems []T
	cmp   func(a, b T) int
}

// NewSet makes a set with an order.
func NewSet[T any](cmp func(a, b T) int, elems ...T) Set[T] {
	s := Set[T]{cmp: cmp}
	for _, e := range elems {
		s = s.With(e)
	}
	return s
}

// Len counts the elements.
func (s Set[T]) Len() int { return len(s.elems) }

// All lists the elements in order; it must not be changed.
func (s Set[T]) All() []T { return s.elems }

// With is the set and e.
func (s Set[T]) With(e T) Set[T] {
	i, found := slices.BinarySearchFunc(s.elems, e, s.cmp)
	if found {
		return s
	}
	out := make([]T, 0, len(s.elems)+1)
	out = append(append(append(out, s.elems[:i]...), e), s.elems[i:]...)
	return Set[T]{elems: out, cmp: s.cmp}
}

// Without is the set of the elements for which drop is false.
func (s Set[T]) Without(drop func(T) bool) Set[T] {
	if !slices.ContainsFunc(s.elems, drop) {
		return s
	}
	var out []T
	for _, e := range s.elems {
		if !drop(e) {
			out = append(out, e)
		}
	}
	return Set[T]{elems: out, cmp: s.cmp}
}

// Union is the set of the elements of both.
func (s Set[T]) Union(o Set[T]) Set[T] {
	if len(s.elems) == 0 {
		return o
	}
	for _, e := range o.elems {
		s = s.With(e)
	}
	return s
}

// Equal reports whether both have the same elements.
func (s Set[T]) Equal(o Set[T]) bool {
	return slices.EqualFunc(s.elems, o.elems, func(a, b T) bool { return s.cmp(a, b) == 0 })
}
