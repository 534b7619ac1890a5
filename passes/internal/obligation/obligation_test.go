package obligation

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/ssa"
	"golang.org/x/tools/go/ssa/ssautil"
)

// prelude declares a connection and the functions that the oracle knows.
const prelude = `package p

type conn struct{ broken error }

func (c *conn) Close()     {}
func (c *conn) Use() error { return nil }
func (c *conn) Next() bool { return false }
func (c *conn) Self() *conn { return c }

type box struct{ c *conn }

func open() (*conn, error)    { return nil, nil }
func get() *conn              { return nil }
func lease() (*conn, func())  { return nil, nil }
func keep(c *conn)            {}
func look(c *conn) int        { return 0 }
func give(c *conn) error      { return nil } // closes it if it returns no error
func wrap(c *conn) *box       { return nil }
func closeBox(b *box)         {}
func fatal()                  {}
func maybeFatal()             {}
func stream() (*conn, chan int) { return nil, nil }
func cond() bool              { return false }

var sink *conn
`

// compile builds the functions of a test source.
func compile(t testing.TB, src string) *ssa.Package {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "p.go", prelude+src, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	cfg := &types.Config{Importer: importer.Default()}
	pkg, _, err := ssautil.BuildPackage(cfg, fset, types.NewPackage("p", ""), []*ast.File{f}, ssa.BuilderMode(0))
	if err != nil {
		t.Fatal(err)
	}
	return pkg
}

// fakeOracle answers by the names of the prelude.
type fakeOracle struct{}

func callee(c ssa.CallInstruction) string {
	if f := c.Common().StaticCallee(); f != nil {
		return f.Name()
	}
	return ""
}

func (fakeOracle) Operand(c ssa.CallInstruction, _ int) Answer {
	switch callee(c) {
	case "Close":
		return Answer{Effect: Release}
	case "keep":
		return Answer{Effect: Move}
	case "give":
		return Answer{Effect: Release, If: Condition{On: Result, Nil: true}}
	case "Use", "Next", "Self", "look", "wrap":
		return Answer{}
	}
	return Answer{Effect: Escape}
}

func (fakeOracle) Container(c ssa.CallInstruction, _ int) Answer {
	if callee(c) == "closeBox" {
		return Answer{Effect: Release}
	}
	return Answer{Effect: Escape}
}

// Closure trusts a closure that calls Close, under the condition that one of
// its captured variables is nil if it compares one.
func (o fakeOracle) Closure(_ ssa.CallInstruction, m *ssa.MakeClosure, i int) Answer {
	out := Follow(m.Fn.(*ssa.Function), Source{Given: m.Fn.(*ssa.Function).FreeVars[i], Cell: true, Error: -1, Undo: -1}, o)
	switch {
	case out.Released && !out.Unowed:
		return Answer{Effect: Release}
	case out.Released && out.When().On == Binding:
		return Answer{Effect: Release, If: out.When()}
	case out.Released:
		return Answer{Effect: DeferGuard}
	}
	return Answer{}
}

func (o fakeOracle) Undoes(m *ssa.MakeClosure, i int) bool {
	return o.Closure(nil, m, i).Effect == Release
}
func (fakeOracle) EndsParent(ssa.CallInstruction) bool { return false }
func (fakeOracle) NoReturn(c ssa.CallInstruction) bool { return callee(c) == "fatal" }
func (fakeOracle) Fatal(c ssa.CallInstruction) bool    { return callee(c) == "maybeFatal" }
func (fakeOracle) Always(*ssa.TypeAssert) bool         { return false }
func (fakeOracle) Inner(ssa.Value, int) bool           { return false }
func (fakeOracle) Asks(c *ssa.Call) bool               { return callee(c) == "closed" }
func (fakeOracle) Part(ssa.Value, int) bool            { return false }
func (fakeOracle) Failure(ssa.Value, int) bool         { return false }
func (fakeOracle) Wraps(c *ssa.Call, _, _ int) bool    { return callee(c) == "wrap" }
func (fakeOracle) Holds(ssa.Value) bool                { return true }
func (fakeOracle) Drains(c *ssa.Call) bool             { return callee(c) == "Next" }
func (fakeOracle) Alias(c *ssa.Call, _ int) int {
	if callee(c) == "Self" {
		return 0
	}
	return -1
}

// source finds the first acquisition in a function.
func source(fn *ssa.Function) Source {
	for _, b := range fn.Blocks {
		for _, i := range b.Instrs {
			c, ok := i.(*ssa.Call)
			if !ok {
				continue
			}
			switch callee(c) {
			case "open":
				return Source{Call: c, Error: 1, Undo: -1}
			case "get", "stream":
				return Source{Call: c, Error: -1, Undo: -1}
			case "lease":
				return Source{Call: c, Error: -1, Undo: 1}
			}
		}
	}
	return Source{}
}

// verdict says in a word what became of the acquisition.
func verdict(o *Outcome) string {
	switch {
	case o.Again && !o.Forgotten:
		return "deferred"
	case o.Again:
		return "again"
	case len(o.Leaks) > 0 && !o.Gone():
		return "never"
	case len(o.Leaks) > 0:
		return "partly"
	case len(o.ReturnsAt) > 0:
		return "returned"
	case o.Held != 0:
		return "held"
	case o.Moved && !o.Released:
		return "moved"
	}
	return "fine"
}

func TestFollow(t *testing.T) {
	tests := []struct{ want, body string }{
		{"never", `c := get(); c.Use()`},
		{"never", `c, err := open(); if err != nil { return }; c.Use()`},
		{"fine", `c, err := open(); if err != nil { return }; c.Close()`},
		{"fine", `c, err := open(); if err == nil { c.Close() }`},
		{"fine", `c := get(); if c != nil { c.Close() }`},
		{"partly", `c := get(); if cond() { c.Close() }`},
		{"fine", `c := get(); if cond() { fatal() }; c.Close()`},
		{"fine", `c := get(); if cond() { panic(1) }; c.Close()`},
		{"moved", `c := get(); maybeFatal(); c.Use()`},
		{"fine", `c, ch := stream(); for range ch { c.Use() }`},
		{"partly", `c, ch := stream(); c.Use(); for range ch { if cond() { return } }`},
		{"never", `c, _ := stream(); for range make(chan int) { c.Use() }`},
		{"fine", `c := get(); defer c.Close(); c.Use()`},
		{"partly", `c := get(); if cond() { return }; defer c.Close()`},
		{"fine", `c := get(); c.Self().Close()`},
		{"moved", `c := get(); keep(c)`},
		{"moved", `c := get(); sink = c`},
		{"never", `c := get(); _ = look(c)`},
		{"again", `for { c := get(); c.Use() }`},
		{"fine", `for { c := get(); c.Close() }`},
		{"deferred", `for { c := get(); defer c.Close() }`},
		{"deferred", `for { c := get(); defer func() { c.Close() }() }`},
		{"fine", `var c *conn; defer func() { if c != nil { c.Close() } }(); c = get(); c.Use()`},
		{"never", `var c *conn; defer func() { c.Use() }(); c = get(); c.Use()`},
		{"fine", `c := get(); for c.Next() { c.Use() }`},
		{"partly", `c := get(); for c.Next() { if cond() { return } }`},
		{"partly", `c := get(); give(c)`},
		{"fine", `c := get(); if give(c) != nil { c.Close() }`},
		{"partly", `c := get(); if give(c) == nil { return }`},
		{"partly", `c := get(); var err error; if cond() { err = give(c) } else { c.Close() }; if err == nil { return }`},
		{"fine", `c := get(); var err error; if cond() { err = give(c) } else { c.Close() }; if err != nil { c.Close() }`},
		{"fine", `var first error; c, err := open(); if err != nil { first = err }; if first != nil { return }; c.Close()`},
		{"never", `var first error; c, err := open(); if err == nil { first = c.Use() }; if first == nil { return }`},
		{"moved", `m := map[*conn]bool{}; m[get()] = true`},
		{"fine", `c := get(); b := box{c}; b.c.Close()`},
		{"fine", `c := get(); var b box; b = box{c}; b.c.Close()`},
		{"fine", `c := get(); b := wrap(c); closeBox(b)`},
		{"partly", `c := get(); b := wrap(c); if cond() { return }; closeBox(b)`},
		{"fine", `_, undo := lease(); defer undo()`},
		{"never", `c, undo := lease(); _ = undo; c.Use()`},
		{"partly", `c, undo := lease(); if cond() { c.Use(); return }; undo()`},
		{"moved", `ch := make(chan *conn); c := get(); ch <- c`},
		{"partly", `ch, done := make(chan *conn), make(chan int); c := get(); select { case ch <- c: case <-done: }`},
		{"fine", `ch, done := make(chan *conn), make(chan int); c := get(); select { case ch <- c: case <-done: c.Close() }`},
		{"fine", `x := cond(); var c *conn; if x { c = get() }; look(nil); if x { c.Close() }`},
		{"partly", `c := get(); if cond() { c = nil }; c.Close()`},
		{"fine", `c := get(); var err error; defer func() { if err != nil { c.Close() } }(); err = c.Use()`},
		{"never", `c := get(); var err error; defer func() { if err != nil { c.Use() } }(); err = nil`},
		{"never", `c := get(); var err error; err = nil; defer func() { if err != nil { c.Close() } }()`},
	}
	for _, tt := range tests {
		fn := compile(t, "func f() { "+tt.body+" }").Func("f")
		if got := verdict(Follow(fn, source(fn), fakeOracle{})); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.body, got, tt.want)
		}
	}
}

func TestHandedOn(t *testing.T) {
	tests := []struct {
		result, body, want string
		undo               int
	}{
		{"*conn", `return get()`, "returned", -1},
		{"(*conn, error)", `c, err := open(); if err != nil { return nil, err }; return c, nil`, "returned", -1},
		{"(*conn, func())", `c := get(); return c, func() { c.Close() }`, "returned", 1},
		{"(*conn, func())", `c := get(); return c, func() { c.Use() }`, "held", -1},
		{"*box", `c := get(); return &box{c}`, "held", -1},
		{"*box", `return wrap(get())`, "held", -1},
		{"[]*conn", `return []*conn{get()}`, "held", -1},
		{"any", `return get()`, "returned", -1},
		{"func()", `c := get(); return func() { c.Close() }`, "held", -1},
	}
	for _, tt := range tests {
		fn := compile(t, "func f() "+tt.result+" { "+tt.body+" }").Func("f")
		out := Follow(fn, source(fn), fakeOracle{})
		if got := verdict(out); got != tt.want || out.Undo != tt.undo {
			t.Errorf("%s: %s, undo %d, want %s, undo %d", tt.body, got, out.Undo, tt.want, tt.undo)
		}
	}
}

func TestWhen(t *testing.T) {
	tests := []struct {
		body string
		want Condition
	}{
		{`if err := c.Use(); err != nil { return err }; c.Close(); return nil`, Condition{On: Result, Nil: true}},
		{`if err := c.Use(); err != nil { c.Close(); return err }; return nil`, Condition{On: Result}},
		{`c.Close(); return c.Use()`, Condition{}},
		{`if cond() { c.Close() }; return nil`, Condition{}},
		{`if cond() { c.Close() }; return c.Use()`, Condition{}},
	}
	for _, tt := range tests {
		fn := compile(t, "func f(c *conn) error { "+tt.body+" }").Func("f")
		out := Follow(fn, Source{Given: fn.Params[0], Error: -1, Undo: -1}, fakeOracle{})
		if got := out.When(); got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.body, got, tt.want)
		}
	}
}

// TestGivesUp makes more disjuncts than are kept: the analysis must end, silent.
func TestGivesUp(t *testing.T) {
	var b strings.Builder
	b.WriteString("func f(x [8]bool) { c := get(); var v [8]*conn; _ = v\n")
	for i := range 8 {
		fmt.Fprintf(&b, "var v%d *conn\nif x[%d] { v%d = c }\n", i, i, i)
	}
	b.WriteString("look(nil)\n")
	for i := range 8 {
		fmt.Fprintf(&b, "if cond() { look(v%d) }\n", i)
	}
	b.WriteString("}")
	fn := compile(t, b.String()).Func("f")
	out := Follow(fn, source(fn), fakeOracle{})
	if len(out.Leaks) > 0 || out.Again || !out.Moved {
		t.Errorf("%+v, want a silent end", out)
	}
}

func randomStates(r *rand.Rand) states {
	var s states
	for range r.IntN(maxDisjuncts + 4) {
		s = s.with(state{
			status: status(r.IntN(5)), deferred: r.IntN(2) == 0, kept: r.IntN(3) == 0, seen: r.IntN(3) == 0,
			defers: uint32(r.IntN(2)), holders: uint64(r.IntN(4)), errs: uint64(r.IntN(2)), known: uint64(r.IntN(3)),
		})
	}
	return s
}

func TestLatticeLaws(t *testing.T) {
	var l lattice
	r := rand.New(rand.NewPCG(1, 2))
	law := func(name string, x, y states) {
		if !l.Equals(x, y) {
			t.Errorf("%s: %v and %v", name, x, y)
		}
	}
	tops := 0
	for range 500 {
		a, b, c := randomStates(r), randomStates(r), randomStates(r)
		ab := l.Merge(a, b)
		law("neutral", l.Merge(l.Ident(), a), a)
		law("neutral on the right", l.Merge(a, l.Ident()), a)
		law("idempotent", l.Merge(a, a), a)
		law("commutative", ab, l.Merge(b, a))
		law("associative", l.Merge(ab, c), l.Merge(a, l.Merge(b, c)))
		law("absorbing top", l.Merge(a, states{top: true}), states{top: true})
		if !slices.IsSortedFunc(ab.set, compare) {
			t.Errorf("not sorted: %v", ab.set)
		}
		if ab.top {
			tops++
		}
	}
	if tops == 0 || tops == 500 {
		t.Errorf("%d of 500 merges reach the top, want some", tops)
	}
}

func TestLiveAfter(t *testing.T) {
	tests := []struct {
		body string
		want bool
	}{
		{`var last *conn; for cond() { c := get(); c.Use(); last = c }; look(last)`, false},
		{`var last *conn; for cond() { look(last); last = get() }`, false},
		{`var last *conn; for cond() { c := get(); look(last); last = c }`, true},
	}
	for _, tt := range tests {
		fn := compile(t, "func f() { "+tt.body+" }").Func("f")
		call := source(fn).Call
		var phi *ssa.Phi
		for _, b := range fn.Blocks {
			for _, i := range b.Instrs {
				if p, ok := i.(*ssa.Phi); ok && p.Comment == "last" {
					phi = p
				}
			}
		}
		if phi == nil {
			t.Fatalf("%s: no phi", tt.body)
		}
		if got := liveAfter(phi, phi.Block(), call); got != tt.want {
			t.Errorf("%s: live %v, want %v", tt.body, got, tt.want)
		}
	}
}
