package flow

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"math/rand/v2"
	"slices"
	"testing"

	"golang.org/x/tools/go/ssa"
	"golang.org/x/tools/go/ssa/ssautil"
)

// compile builds a function f with the body, in which calls of mark stand out.
func compile(t *testing.T, body string) *ssa.Function {
	t.Helper()
	src := "package p\nfunc cond() bool\nfunc mark(n int)\nfunc f(xs []int) {\n" + body + "\n}\n"
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", src, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	pkg, _, err := ssautil.BuildPackage(&types.Config{}, fset, types.NewPackage("p", ""), []*ast.File{file}, 0)
	if err != nil {
		t.Fatal(err)
	}
	return pkg.Func("f")
}

// marks finds the blocks of the calls mark(1), mark(2), ….
func marks(fn *ssa.Function) map[int64]*ssa.BasicBlock {
	out := map[int64]*ssa.BasicBlock{}
	for _, b := range fn.Blocks {
		for _, i := range b.Instrs {
			call, ok := i.(*ssa.Call)
			if !ok {
				continue
			}
			if callee := call.Call.StaticCallee(); callee != nil && callee.Name() == "mark" {
				out[call.Call.Args[0].(*ssa.Const).Int64()] = b
			}
		}
	}
	return out
}

func TestLoops(t *testing.T) {
	for name, test := range map[string]struct {
		body string
		in   []int64   // marks in loops
		same [][]int64 // marks in one loop
	}{
		"straight":   {body: "mark(1); if cond() { mark(2) }; mark(3)"},
		"for":        {body: "mark(1); for cond() { mark(2) }; mark(3)", in: []int64{2}},
		"range":      {body: "for range xs { mark(1) }; mark(2)", in: []int64{1}},
		"once":       {body: "for i := 0; i < 1; i++ { mark(1) }; for range 1 { mark(2) }; for i := 1; i <= 1; i++ { mark(3) }"},
		"twice":      {body: "for i := 0; i < 2; i++ { mark(1) }; for range 2 { mark(2) }; for i := 0; i <= 1; i++ { mark(3) }", in: []int64{1, 2, 3}},
		"once often": {body: "for cond() { for range 1 { mark(1) } }", in: []int64{1}},
		"endless":    {body: "for { mark(1) }", in: []int64{1}},
		"goto":       {body: "again: mark(1); if cond() { goto again }; mark(2)", in: []int64{1}},
		"break":      {body: "for cond() { mark(1); if cond() { mark(2); break } }; mark(3)", in: []int64{1}},
		"return":     {body: "for cond() { if cond() { mark(1); return }; mark(2) }", in: []int64{2}},
		"neighbours": {body: "for cond() { mark(1) }; for cond() { mark(2) }", in: []int64{1, 2}},
		"nested":     {body: "for cond() { mark(1); for cond() { mark(2) } }", in: []int64{1, 2}, same: [][]int64{{1, 2}}},
		"branches":   {body: "for cond() { if cond() { mark(1) } else { mark(2) } }", in: []int64{1, 2}, same: [][]int64{{1, 2}}},
	} {
		t.Run(name, func(t *testing.T) {
			fn := compile(t, test.body)
			loops, at := FindLoops(fn), marks(fn)
			for n, b := range at {
				if got, want := loops.In(b), slices.Contains(test.in, n); got != want {
					t.Errorf("mark %d in a loop: %v, want %v", n, got, want)
				}
				for m, c := range at {
					want := n == m && loops.In(b) || slices.ContainsFunc(test.same, func(s []int64) bool {
						return slices.Contains(s, n) && slices.Contains(s, m)
					})
					if got := loops.Same(b, c); got != want {
						t.Errorf("marks %d and %d in one loop: %v, want %v", n, m, got, want)
					}
				}
			}
		})
	}
}

func TestGraph(t *testing.T) {
	fn := compile(t, "for cond() { mark(1) }")
	g := Graph{Fn: fn}
	if n := len(slices.Collect(g.Nodes())); n != g.NumNodes() || n != len(fn.Blocks) {
		t.Errorf("%d nodes, NumNodes %d, blocks %d", n, g.NumNodes(), len(fn.Blocks))
	}
	for b := range g.Nodes() {
		if got := slices.Collect(g.Out(b)); !slices.Equal(got, b.Succs) {
			t.Errorf("block %d: successors %v, want %v", b.Index, got, b.Succs)
		}
	}
}

func randomSet(r *rand.Rand) Set[int] {
	s := NewSet(cmp.Compare[int])
	for range r.IntN(6) {
		s = s.With(r.IntN(8))
	}
	return s
}

func TestSetLaws(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		a, b, c, e := randomSet(r), randomSet(r), randomSet(r), r.IntN(8)
		before := slices.Clone(a.All())
		if !a.Union(b).Equal(b.Union(a)) || !a.Union(b).Union(c).Equal(a.Union(b.Union(c))) || !a.Union(a).Equal(a) {
			t.Fatalf("the union of %v, %v, %v breaks a law", a.All(), b.All(), c.All())
		}
		if w := a.With(e); !slices.Contains(w.All(), e) || !w.With(e).Equal(w) || !slices.IsSorted(w.All()) {
			t.Fatalf("%v with %d is %v", a.All(), e, w.All())
		}
		drop := func(x int) bool { return x == e }
		if w := a.Without(drop); slices.Contains(w.All(), e) || !w.With(e).Equal(a.With(e)) {
			t.Fatalf("%v without %d is %v", a.All(), e, w.All())
		}
		if u := a.Union(b); u.Len() < max(a.Len(), b.Len()) || u.Len() > a.Len()+b.Len() || len(slices.Compact(slices.Clone(u.All()))) != u.Len() {
			t.Fatalf("the union of %v and %v is %v", a.All(), b.All(), u.All())
		}
		if !slices.Equal(before, a.All()) {
			t.Fatalf("%v became %v", before, a.All())
		}
	}
	var zero Set[int]
	one := NewSet(cmp.Compare[int], 1)
	if zero.Len() != 0 || !zero.Union(one).Equal(one) || !one.Union(zero).Equal(one) {
		t.Error("the zero value is not the empty set")
	}
}
