package sharing

import (
	"fmt"
	"slices"
	"testing"

	"github.com/connvet/connvet/passes/internal/access"
	"github.com/connvet/connvet/passes/internal/effect"
	"github.com/connvet/connvet/passes/internal/entrypoint"
)

func place(name string) access.Path {
	return access.Of(access.Root{Kind: access.Global, Key: name})
}

func locks(names ...string) []effect.Lock {
	var out []effect.Lock
	for _, n := range names {
		l := effect.Lock{Shared: n[0] == '~'}
		if l.Shared {
			n = n[1:]
		}
		l.Path = place(n)
		out = append(out, l)
	}
	return out
}

// use makes a use whose position is its number.
func use(pos, thread int, conn string, held ...string) Use {
	return Use{Index: pos, Pos: pos, Thread: thread, Place: place(conn), Locks: locks(held...)}
}

// The threads of the tests, by number.
var (
	many  = Thread{Kind: entrypoint.Serve, Many: true}
	once  = Thread{Kind: entrypoint.Serve}
	task  = Thread{Kind: entrypoint.Go}
	child = func(parent int) Thread { return Thread{Kind: entrypoint.Go, Parent: parent, Many: true} }
)

func pairText(p Pair) string {
	if p.Self {
		return fmt.Sprintf("self %d/%d", p.Use.Pos, p.Other.Pos)
	}
	return fmt.Sprintf("%d/%d", p.Use.Pos, p.Other.Pos)
}

func TestPairs(t *testing.T) {
	for name, test := range map[string]struct {
		threads []Thread
		uses    []Use
		tasks   bool
		want    []string
	}{
		"handler beside itself":    {threads: []Thread{many}, uses: []Use{use(1, 1, "c")}, want: []string{"self 1/1"}},
		"once for each entry":      {threads: []Thread{many}, uses: []Use{use(1, 1, "c"), use(2, 1, "c")}, want: []string{"self 1/1"}},
		"once for each connection": {threads: []Thread{many}, uses: []Use{use(2, 1, "d"), use(1, 1, "c")}, want: []string{"self 1/1", "self 2/2"}},
		"handler that runs once":   {threads: []Thread{once}, uses: []Use{use(1, 1, "c"), use(2, 1, "c")}},
		"locked":                   {threads: []Thread{many}, uses: []Use{use(1, 1, "c", "mu")}},
		"read lock on both sides":  {threads: []Thread{many}, uses: []Use{use(1, 1, "c", "~mu")}, want: []string{"self 1/1"}},
		"one use without lock":     {threads: []Thread{many}, uses: []Use{use(1, 1, "c", "mu"), use(2, 1, "c")}, want: []string{"self 2/2"}},
		"different locks":          {threads: []Thread{many}, uses: []Use{use(1, 1, "c", "mu"), use(2, 1, "c", "nu")}, want: []string{"self 1/2"}},
		"two handlers":             {threads: []Thread{once, once}, uses: []Use{use(1, 1, "c"), use(2, 2, "c")}, want: []string{"1/2"}},
		"two handlers, one lock":   {threads: []Thread{once, once}, uses: []Use{use(1, 1, "c", "mu"), use(2, 2, "c", "mu")}},
		"two connections":          {threads: []Thread{once, once}, uses: []Use{use(1, 1, "c"), use(2, 2, "d")}},
		"each handler by itself":   {threads: []Thread{many, many}, uses: []Use{use(1, 1, "c"), use(2, 2, "c")}, want: []string{"self 1/1", "self 2/2"}},
		"starter is left alone":    {threads: []Thread{once}, uses: []Use{use(1, 0, "c"), use(2, 1, "c")}},
		"tasks only":               {threads: []Thread{task, task}, uses: []Use{use(1, 1, "c"), use(2, 2, "c")}},
		"tasks, when asked":        {threads: []Thread{task, task}, uses: []Use{use(1, 1, "c"), use(2, 2, "c")}, tasks: true, want: []string{"1/2"}},
		"task and handler":         {threads: []Thread{task, once}, uses: []Use{use(1, 1, "c"), use(2, 2, "c")}, want: []string{"1/2"}},
		"goroutine of a handler":   {threads: []Thread{many, child(1)}, uses: []Use{use(1, 2, "c")}, want: []string{"self 1/1"}},
		"handler and its goroutine": {
			threads: []Thread{once, child(1)}, uses: []Use{use(1, 1, "c"), use(2, 2, "c")}, // judged inside the function
		},
		"handler behind a task":      {threads: []Thread{task, {Kind: entrypoint.Serve, Parent: 1, Many: true}}, uses: []Use{use(1, 2, "c")}, want: []string{"self 1/1"}},
		"task's own and its handler": {threads: []Thread{task, {Kind: entrypoint.Serve, Parent: 1}}, uses: []Use{use(1, 1, "c"), use(2, 2, "c")}, want: []string{"1/2"}},
		"two tasks of one task":      {threads: []Thread{task, child(1), child(1)}, uses: []Use{use(1, 2, "c"), use(2, 3, "c")}, tasks: true},
		"by position":                {threads: []Thread{many}, uses: []Use{use(3, 1, "a"), use(1, 1, "b"), use(2, 1, "c")}, want: []string{"self 1/1", "self 2/2", "self 3/3"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := &Problem{Uses: test.uses, Threads: test.threads, Tasks: test.tasks, Conflict: func(Use, Use) bool { return true }}
			before := slices.Clone(test.uses)
			var got []string
			for _, pair := range p.Pairs() {
				got = append(got, pairText(pair))
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("pairs %q, want %q", got, test.want)
			}
			if !slices.EqualFunc(before, test.uses, func(a, b Use) bool { return a.Index == b.Index }) {
				t.Error("the uses were reordered")
			}
		})
	}
}

// TestContract keeps apart what the contract allows side by side.
func TestContract(t *testing.T) {
	p := &Problem{
		Threads:  []Thread{many},
		Uses:     []Use{use(1, 1, "c"), use(2, 1, "c")},
		Conflict: func(a, b Use) bool { return a.Index != b.Index },
	}
	if got := p.Pairs(); len(got) != 1 || pairText(got[0]) != "self 1/2" {
		t.Errorf("uses that conflict only with each other: %v", got)
	}
	p.Conflict = func(a, b Use) bool { return false }
	if got := p.Pairs(); len(got) != 0 {
		t.Errorf("uses that never conflict: %v", got)
	}
}

func TestProtected(t *testing.T) {
	for _, test := range []struct {
		a, b []effect.Lock
		want bool
	}{
		{locks("mu"), locks("mu"), true},
		{locks("mu"), locks("~mu"), true},
		{locks("~mu"), locks("~mu"), false},
		{locks("mu"), locks("nu"), false},
		{locks("mu", "nu"), locks("nu"), true},
		{locks("mu"), nil, false},
		{nil, nil, false},
	} {
		if got := Protected(test.a, test.b); got != test.want || got != Protected(test.b, test.a) {
			t.Errorf("Protected(%v, %v) = %v", test.a, test.b, got)
		}
	}
}
