package lockset

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/ssa"
	"golang.org/x/tools/go/ssa/ssautil"

	"github.com/connvet/connvet/passes/internal/access"
	"github.com/connvet/connvet/passes/internal/effect"
)

const prelude = `package p

func cond() bool
func lock(name string)
func rlock(name string)
func unlock(name string)
func runlock(name string)
func use()
func flag(name string)
func clear(name string)
`

// compile builds a function f with the body.
func compile(t *testing.T, body string) *ssa.Function {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", prelude+"func f() {\n"+body+"\n}\n", parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	pkg, _, err := ssautil.BuildPackage(&types.Config{}, fset, types.NewPackage("p", ""), []*ast.File{file}, 0)
	if err != nil {
		t.Fatal(err)
	}
	return pkg.Func("f")
}

func callee(i ssa.Instruction) (name, arg string) {
	call, ok := i.(ssa.CallInstruction)
	if !ok || call.Common().StaticCallee() == nil {
		return "", ""
	}
	if args := call.Common().Args; len(args) == 1 {
		arg = strings.Trim(args[0].(*ssa.Const).Value.ExactString(), `"`)
	}
	return call.Common().StaticCallee().Name(), arg
}

func place(name string) access.Path {
	if name == "?" {
		return access.Path{}
	}
	return access.Of(access.Root{Kind: access.Global, Key: name})
}

// ops reads what the calls of the prelude do.
func ops(i ssa.Instruction) []Op {
	name, arg := callee(i)
	_, deferred := i.(*ssa.Defer)
	switch name {
	case "lock", "rlock":
		return []Op{{Lock: effect.Lock{Path: place(arg), Shared: name == "rlock"}, Deferred: deferred}}
	case "flag":
		return []Op{{Lock: effect.Lock{Path: place(arg), Flag: true}}}
	case "clear":
		return []Op{{Lock: effect.Lock{Path: place(arg), Flag: true}, Unlock: true, Deferred: deferred}}
	case "unlock", "runlock":
		return []Op{{Lock: effect.Lock{Path: place(arg), Shared: name == "runlock"}, Unlock: true, Deferred: deferred}}
	}
	return nil
}

func lockText(path access.Path, shared bool) string {
	if !path.Known() {
		return "?"
	}
	if shared {
		return "r:" + path.Root.Key
	}
	return path.Root.Key
}

// heldAtUses lists the locks held at each call of use, in source order.
func heldAtUses(fn *ssa.Function, r *Result) []string {
	var uses []ssa.Instruction
	for _, b := range fn.Blocks {
		for _, i := range b.Instrs {
			if name, _ := callee(i); name == "use" {
				uses = append(uses, i)
			}
		}
	}
	slices.SortFunc(uses, func(a, b ssa.Instruction) int { return int(a.Pos() - b.Pos()) })
	var out []string
	for _, i := range uses {
		var names []string
		for _, l := range r.At(i) {
			names = append(names, lockText(l.Path, l.Shared))
		}
		out = append(out, strings.Join(names, "+"))
	}
	return out
}

func netText(r *Result) string {
	var out []string
	for _, n := range r.Net {
		sign := "+"
		if n.Unlock {
			sign = "-"
		}
		out = append(out, sign+lockText(n.Path, n.Shared))
	}
	return strings.Join(out, " ")
}

func TestSolve(t *testing.T) {
	for name, test := range map[string]struct {
		body string
		held []string // at each use
		net  string
	}{
		"held between":       {body: `use(); lock("a"); use(); unlock("a"); use()`, held: []string{"", "a", ""}},
		"deferred unlock":    {body: `lock("a"); defer unlock("a"); use()`, held: []string{"a"}},
		"on one path":        {body: `if cond() { lock("a") }; use()`, held: []string{""}},
		"on both paths":      {body: `if cond() { lock("a") } else { lock("a") }; use(); unlock("a")`, held: []string{"a"}},
		"released on one":    {body: `lock("a"); if cond() { unlock("a"); return }; use(); unlock("a")`, held: []string{"a"}},
		"lost on one":        {body: `lock("a"); if cond() { unlock("a") }; use()`, held: []string{""}},
		"each turn":          {body: `for cond() { lock("a"); use(); unlock("a") }; use()`, held: []string{"a", ""}},
		"lost in a turn":     {body: `lock("a"); for cond() { use(); unlock("a") }`, held: []string{""}},
		"around a loop":      {body: `lock("a"); for cond() { use() }; unlock("a")`, held: []string{"a"}},
		"shared":             {body: `rlock("a"); use(); runlock("a"); use()`, held: []string{"r:a", ""}},
		"shared and not":     {body: `if cond() { rlock("a") } else { lock("a") }; use()`, held: []string{"r:a"}, net: "+r:a"},
		"two, sorted":        {body: `lock("b"); lock("a"); use(); unlock("a"); use(); unlock("b")`, held: []string{"a+b", "b"}},
		"no name":            {body: `lock("?"); use()`, held: []string{"?"}},
		"takes":              {body: `lock("a"); use()`, held: []string{"a"}, net: "+a"},
		"takes to read":      {body: `rlock("a")`, net: "+r:a"},
		"gives back":         {body: `use(); unlock("a"); use()`, held: []string{"a", ""}, net: "-a"},
		"gives back at end":  {body: `defer unlock("a"); use()`, held: []string{"a"}},
		"locks at end only":  {body: `defer lock("a"); use()`, held: []string{""}},
		"flag":               {body: `flag("a"); use(); clear("a"); use()`, held: []string{"a", ""}},
		"clears a flag":      {body: `defer clear("a"); use(); clear("b")`, held: []string{""}, net: "-b"},
		"handed, each turn":  {body: `for { use(); unlock("a"); use(); if cond() { return }; lock("a") }`, held: []string{"a", ""}},
		"on one condition":   {body: `c := cond(); if c { lock("a") }; use(); if c { unlock("a") }`, held: []string{""}},
		"deferred on one":    {body: `if cond() { lock("a"); defer unlock("a") }; use()`, held: []string{""}},
		"takes sometimes":    {body: `if cond() { lock("a") }`},
		"takes at all exits": {body: `lock("a"); if cond() { return }; use()`, held: []string{"a"}, net: "+a"},
		"gives back twice":   {body: `if cond() { unlock("a") } else { unlock("a") }`, net: "-a"},
		"endless":            {body: `lock("a"); for { use() }`, held: []string{"a"}},
	} {
		t.Run(name, func(t *testing.T) {
			fn := compile(t, test.body)
			r := Solve(fn, Ops{At: ops})
			if got := heldAtUses(fn, r); !slices.Equal(got, test.held) {
				t.Errorf("held at uses: %q, want %q", got, test.held)
			}
			if got := netText(r); got != test.net {
				t.Errorf("net locks: %q, want %q", got, test.net)
			}
			if !r.Any {
				t.Error("Any is false")
			}
		})
	}
}

func TestSolveNothing(t *testing.T) {
	fn := compile(t, "use()")
	if r := Solve(fn, Ops{At: ops}); r.Any || len(r.Net) > 0 || heldAtUses(fn, r)[0] != "" {
		t.Errorf("locks in a function without any: %+v", r)
	}
	var none *Result
	if got := none.At(fn.Blocks[0].Instrs[0]); got != nil {
		t.Errorf("no result, but locks: %v", got)
	}
}

func TestLatticeLaws(t *testing.T) {
	a, b := effect.Lock{Path: place("a")}, effect.Lock{Path: place("b"), Shared: true}
	all := []held{lattice{}.Ident(), {}, {locks: []effect.Lock{a}}, {locks: []effect.Lock{b}}, {locks: []effect.Lock{a, b}}}
	var l lattice
	for _, x := range all {
		if !l.Equals(l.Merge(x, x), x) || !l.Equals(l.Merge(l.Ident(), x), x) || !l.Equals(l.Merge(x, l.Ident()), x) {
			t.Errorf("%v: merge is not idempotent or the identity changes it", x)
		}
		for _, y := range all {
			if !l.Equals(l.Merge(x, y), l.Merge(y, x)) {
				t.Errorf("merging %v and %v depends on their order", x, y)
			}
			for _, z := range all {
				if !l.Equals(l.Merge(l.Merge(x, y), z), l.Merge(x, l.Merge(y, z))) {
					t.Errorf("merging %v, %v, %v depends on their grouping", x, y, z)
				}
			}
		}
	}
	if l.Equals(all[0], all[1]) {
		t.Error("not reached equals no locks")
	}
}

// TestUnlocks is about what the code after an instruction gives back.
func TestUnlocks(t *testing.T) {
	for body, want := range map[string]bool{
		`lock("a"); use(); unlock("a")`:                     true,
		`lock("a"); defer unlock("a"); use()`:               true,
		`lock("a"); use()`:                                  false,
		`lock("b"); unlock("b"); lock("a"); use()`:          false,
		`lock("a"); unlock("a"); lock("a"); use()`:          false,
		`for cond() { lock("a"); use(); unlock("a") }`:      true,
		`lock("a"); use(); lock("b"); unlock("b")`:          false,
		`lock("a"); if cond() { unlock("a") } else {use()}`: false,
	} {
		fn := compile(t, body)
		r := Solve(fn, Ops{At: ops})
		for _, b := range fn.Blocks {
			for _, i := range b.Instrs {
				if name, _ := callee(i); name == "use" && r.Unlocks(i, place("a")) != want {
					t.Errorf("%s: gives a back: %v", body, !want)
				}
			}
		}
	}
	if (*Result)(nil).Unlocks(nil, place("a")) {
		t.Error("nothing gives a lock back")
	}
}
