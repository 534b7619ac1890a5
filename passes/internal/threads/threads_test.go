package threads

import (
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strconv"
	"testing"

	"golang.org/x/tools/go/ssa"
	"golang.org/x/tools/go/ssa/ssautil"
)

const prelude = `package p

func cond() bool
func own(use int)
func spawn(thread int)
func spawned(thread, use int) // a spawn, then a use
func ended(thread int)        // a spawn that waits
func alone(thread int)        // a spawn once the earlier incarnation has ended
func join(thread int)
func define(object int)
func wake(thread int)
func serve()
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

// events reads what a call of the prelude does; nil if it is none.
func events(i ssa.Instruction) *Events {
	call, ok := i.(ssa.CallInstruction)
	if !ok || call.Common().StaticCallee() == nil {
		return nil
	}
	var args []int
	for _, a := range call.Common().Args {
		n, _ := constant.Int64Val(a.(*ssa.Const).Value)
		args = append(args, int(n))
	}
	switch call.Common().StaticCallee().Name() {
	case "own":
		return &Events{Own: args}
	case "spawn":
		return &Events{Spawns: args}
	case "spawned":
		return &Events{Spawns: args[:1], After: args[1:]}
	case "ended":
		return &Events{Spawns: args, Ended: args}
	case "alone":
		return &Events{Spawns: args, Alone: args}
	case "join":
		return &Events{Joins: args}
	case "wake":
		return &Events{Wakes: args}
	case "define":
		return &Events{Defines: args}
	case "serve":
		return &Events{Serves: true}
	}
	return nil
}

// problem makes every pair of uses conflict. Use 0 is the function's own, use i
// that of thread i; all belong to object 7.
func problem(fn *ssa.Function) *Problem {
	p := &Problem{
		Fn:       fn,
		Uses:     []Use{{Objects: []int{7}}, {Thread: 1, Objects: []int{7}}, {Thread: 2, Objects: []int{7}}},
		Threads:  2,
		At:       map[ssa.Instruction]*Events{},
		Deferred: map[*ssa.Defer]*Events{},
		EdgeJoin: func(_, _ *ssa.BasicBlock) []int { return nil },
		Self:     func(int) bool { return false },
		Meet:     func(_, _ int) bool { return true },
		MeetSelf: func(_, _ int) bool { return true },
	}
	for _, b := range fn.Blocks {
		for _, i := range b.Instrs {
			ev := events(i)
			if d, ok := i.(*ssa.Defer); ok && ev != nil {
				p.Deferred[d] = ev
			} else if ev != nil {
				p.At[i] = ev
			}
		}
	}
	return p
}

// text lists the conflicts, "0-1" for use 0 against use 1, "1*1" for one
// thread against itself, and the threads alive at return.
func text(r *Result) (conflicts []string, live []int) {
	for _, c := range r.Conflicts {
		sep := "-"
		if c.Self {
			sep = "*"
		}
		conflicts = append(conflicts, strconv.Itoa(c.Use)+sep+strconv.Itoa(c.Other))
	}
	slices.Sort(conflicts)
	return conflicts, slices.Sorted(maps.Keys(r.Live))
}

func TestSolve(t *testing.T) {
	for name, test := range map[string]struct {
		body string
		want []string
		live []int
	}{
		"use before":             {body: "own(0); spawn(1)", live: []int{1}},
		"use after":              {body: "spawn(1); own(0)", want: []string{"0-1"}, live: []int{1}},
		"use after join":         {body: "spawn(1); join(1); own(0)"},
		"use between":            {body: "spawn(1); own(0); join(1)", want: []string{"0-1"}},
		"join of another":        {body: "spawn(1); join(2); own(0)", want: []string{"0-1"}, live: []int{1}},
		"join on one path":       {body: "spawn(1); if cond() { join(1) }; own(0)", want: []string{"0-1"}, live: []int{1}},
		"spawn on one path":      {body: "if cond() { spawn(1) }; own(0)", want: []string{"0-1"}, live: []int{1}},
		"paths apart":            {body: "if cond() { spawn(1) } else { own(0) }", live: []int{1}},
		"returned":               {body: "if cond() { spawn(1); return }; own(0)", live: []int{1}},
		"siblings":               {body: "spawn(1); spawn(2)", want: []string{"2-1"}, live: []int{1, 2}},
		"siblings in turn":       {body: "spawn(1); join(1); spawn(2)", live: []int{2}},
		"loop":                   {body: "for cond() { spawn(1) }", want: []string{"1*1"}, live: []int{1}},
		"loop that joins":        {body: "for cond() { spawn(1); join(1) }"},
		"loop limited to one":    {body: "for cond() { alone(1) }; join(1)"},
		"own object each turn":   {body: "for cond() { define(7); spawn(1) }", live: []int{1}},
		"another object":         {body: "for cond() { define(8); spawn(1) }", want: []string{"1*1"}, live: []int{1}},
		"object made before":     {body: "define(7); for cond() { spawn(1) }", want: []string{"1*1"}, live: []int{1}},
		"use in the next turn":   {body: "for cond() { own(0); spawn(1); join(2) }", want: []string{"0-1", "1*1"}, live: []int{1}},
		"waits":                  {body: "ended(1); own(0)"},
		"uses after the spawn":   {body: "spawned(1, 0)", want: []string{"0-1"}, live: []int{1}},
		"deferred use":           {body: "defer own(0); spawn(1)", want: []string{"0-1"}, live: []int{1}},
		"deferred join first":    {body: "defer own(0); defer join(1); spawn(1)"},
		"deferred join too late": {body: "defer join(1); defer own(0); spawn(1)", want: []string{"0-1"}},
		"deferred spawn":         {body: "defer spawn(1); own(0)", live: []int{1}},
		"deferred after return":  {body: "spawn(1); if cond() { join(1); return }; defer join(1)"},
		"not deferred yet":       {body: "spawn(1); if cond() { return }; defer join(1)", live: []int{1}},
		"woken after a join":     {body: "spawn(1); join(1); own(0); wake(1); own(0); join(1)", want: []string{"0-1"}},
		"woken each turn":        {body: "spawn(1); join(1); for cond() { wake(1); join(1); own(0) }"},
		"endless":                {body: "spawn(1); for { own(0) }", want: []string{"0-1"}},
	} {
		t.Run(name, func(t *testing.T) {
			conflicts, live := text(Solve(problem(compile(t, test.body))))
			if !slices.Equal(conflicts, test.want) {
				t.Errorf("conflicts %q, want %q", conflicts, test.want)
			}
			if !slices.Equal(live, test.live) {
				t.Errorf("live at return: %v, want %v", live, test.live)
			}
		})
	}
}

// TestSelf is about threads that run beside themselves whatever starts them.
func TestSelf(t *testing.T) {
	p := problem(compile(t, "spawn(1); join(1)"))
	p.Self = func(thread int) bool { return thread == 1 }
	if got, _ := text(Solve(p)); !slices.Equal(got, []string{"1*1"}) {
		t.Errorf("conflicts %q", got)
	}
	p.MeetSelf = func(_, _ int) bool { return false }
	if got, _ := text(Solve(p)); len(got) != 0 {
		t.Errorf("conflicts of incarnations that never meet: %q", got)
	}
}

// TestEdgeJoin joins on one way out of a block, as a select case does.
func TestEdgeJoin(t *testing.T) {
	fn := compile(t, "spawn(1); if cond() { own(0) } else { own(2) }")
	p := problem(fn)
	p.Uses = []Use{{}, {Thread: 1}, {}}
	p.EdgeJoin = func(from, to *ssa.BasicBlock) []int {
		if len(from.Succs) == 2 && from.Succs[0] == to {
			return []int{1}
		}
		return nil
	}
	got, live := text(Solve(p))
	if !slices.Equal(got, []string{"2-1"}) || !slices.Equal(live, []int{1}) {
		t.Errorf("conflicts %q, live %v", got, live)
	}
}

func TestMeet(t *testing.T) {
	p := problem(compile(t, "spawn(1); spawn(2); own(0)"))
	p.Meet = func(a, b int) bool { return a+b == 2 }
	if got, _ := text(Solve(p)); !slices.Equal(got, []string{"0-2"}) {
		t.Errorf("conflicts %q", got)
	}
}

// TestBudget gives up without a finding.
func TestBudget(t *testing.T) {
	p := problem(compile(t, "spawn(1); own(0)"))
	p.Threads = maxThreads
	if r := Solve(p); len(r.Conflicts) != 0 || len(r.Live) != 0 {
		t.Errorf("too many threads: %+v", r)
	}
	p = problem(compile(t, "spawn(1); own(0)"))
	p.Uses = append(p.Uses, make([]Use, maxUses)...)
	if r := Solve(p); len(r.Conflicts) != 0 {
		t.Errorf("too many uses: %+v", r)
	}
}

func TestLatticeLaws(t *testing.T) {
	var a, b, c live
	a.add(1)
	b.add(70)
	c.add(255)
	b.threads, c.threads = 2, 6
	var l lattice
	all := []live{l.Ident(), a, b, c, l.Merge(a, c)}
	for _, x := range all {
		for _, y := range all {
			xy := l.Merge(x, y)
			if !l.Equals(xy, l.Merge(y, x)) || !l.Equals(l.Merge(xy, x), xy) || !l.Equals(l.Merge(x, l.Ident()), x) {
				t.Errorf("merging %v and %v breaks a law", x, y)
			}
			for _, z := range all {
				if !l.Equals(l.Merge(xy, z), l.Merge(x, l.Merge(y, z))) {
					t.Errorf("merging %v, %v, %v depends on their grouping", x, y, z)
				}
			}
		}
	}
	if c.drop(255); c.has(255) || !b.has(70) || b.has(6) {
		t.Error("wrong bits")
	}
}

// TestBeside tells the threads that run beside a server from those that ended before it.
func TestBeside(t *testing.T) {
	for body, want := range map[string][]int{
		"spawn(1); join(1); serve()":                {},
		"spawn(1); serve(); join(1)":                {1},
		"serve(); spawn(1); join(1)":                {1},
		"spawn(1); if cond() { join(1) }; serve()":  {1},
		"spawn(1); join(1)":                         {},
		"spawn(1); join(1); serve(); spawn(2)":      {2},
		"if cond() { serve() }; spawn(1); join(1)":  {1},
		"for cond() { spawn(1); join(1); serve() }": {1},
	} {
		got := slices.Sorted(maps.Keys(Solve(problem(compile(t, body))).Beside))
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v beside the server, want %v", body, got, want)
		}
	}
}
