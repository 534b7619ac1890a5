package access

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// randomPath is a path out of so few that equal ones and prefixes are common.
func randomPath(r *rand.Rand) Path {
	p := Of(Root{Kind: RootKind(1 + r.IntN(5)), N: r.IntN(2), Key: []string{"", "p.v"}[r.IntN(2)]})
	for range r.IntN(MaxSteps + 1) {
		p = p.Step([]string{"a", "b", Elem, Each, "[1]", Call}[r.IntN(6)])
	}
	return p
}

func randomPaths(n int) []Path {
	r := rand.New(rand.NewPCG(1, 2))
	out := []Path{{}}
	for range n - 1 {
		out = append(out, randomPath(r))
	}
	return out
}

func TestStepBudget(t *testing.T) {
	p := Of(Root{Kind: Param, N: 1})
	for i := range MaxSteps {
		if p.Len() != i || !p.Known() {
			t.Fatalf("after %d steps: %v", i, p)
		}
		p = p.Step("f")
	}
	if got := p.Step("f"); got != (Path{}) || got.Known() {
		t.Errorf("a path over the budget is %v, want an opaque one", got)
	}
	if got := p.Join([]string{"f", "g"}); got.Known() {
		t.Errorf("a join over the budget is %v, want an opaque path", got)
	}
	if got := (Path{}).Step("f"); got != (Path{}) {
		t.Errorf("a step from an opaque path gives %v", got)
	}
}

func TestPrefixAndJoin(t *testing.T) {
	for _, p := range randomPaths(300) {
		for n := range MaxSteps + 1 {
			head, rest := p.Prefix(n)
			if want := min(n, p.Len()); head.Len() != want || head.Root != p.Root {
				t.Errorf("%v.Prefix(%d) = %v", p, n, head)
			}
			if got := head.Join(rest); got != p {
				t.Errorf("%v: prefix %v and rest %q join to %v", p, head, rest, got)
			}
			if p.Known() && !p.HasPrefix(head) {
				t.Errorf("%v does not have its prefix %v", p, head)
			}
		}
	}
}

func TestHasPrefix(t *testing.T) {
	paths := randomPaths(120)
	for _, p := range paths {
		for _, q := range paths {
			head, _ := p.Prefix(q.Len())
			want := p.Known() && head == q
			if got := p.HasPrefix(q); got != want {
				t.Errorf("%v.HasPrefix(%v) = %v", p, q, got)
			}
		}
	}
	if (Path{}).HasPrefix(Path{}) {
		t.Error("an opaque path has a prefix")
	}
}

func TestRebase(t *testing.T) {
	onto := Of(Root{Kind: Global, Key: "p.v"}).Step("x")
	p := Of(Root{Kind: Param}).Step("a").Step(Elem)
	if got, want := p.Rebase(onto), onto.Step("a").Step(Elem); got != want {
		t.Errorf("Rebase = %v, want %v", got, want)
	}
	if got := p.Rebase(Of(p.Root)); got != p {
		t.Errorf("rebased onto its own root: %v", got)
	}
	if got := p.Rebase(Path{}); got.Known() {
		t.Errorf("rebased onto an opaque path: %v", got)
	}
	if got := p.Rebase(onto.Join([]string{"1", "2", "3"})); got.Known() {
		t.Errorf("rebased over the budget: %v", got)
	}
}

func TestCompareIsTotalOrder(t *testing.T) {
	paths := randomPaths(60)
	for _, a := range paths {
		for _, b := range paths {
			ab := Compare(a, b)
			if (ab == 0) != (a == b) || ab != -Compare(b, a) {
				t.Fatalf("Compare(%v, %v) = %d, reversed %d", a, b, ab, Compare(b, a))
			}
			for _, c := range paths {
				if ab <= 0 && Compare(b, c) <= 0 && Compare(a, c) > 0 {
					t.Fatalf("not transitive: %v, %v, %v", a, b, c)
				}
			}
		}
	}
	values := []Value{{Path: paths[1], Type: "b"}, {Path: paths[1], Type: "a"}, {}}
	slices.SortFunc(values, CompareValues)
	if values[0] != (Value{}) || values[1].Type != "a" {
		t.Errorf("sorted values: %v", values)
	}
}

func TestElements(t *testing.T) {
	p := Of(Root{Kind: Param}).Step("m")
	if q := p.Step(Elem).Step("f"); !q.HasVariableElem() || q.HasEach() {
		t.Errorf("%v: wrong kind of element", q)
	}
	if q := p.Step(Each); q.HasVariableElem() || !q.HasEach() {
		t.Errorf("%v: wrong kind of element", q)
	}
	if q := p.Step("[1]"); q.HasVariableElem() || q.HasEach() {
		t.Errorf("%v: a constant element is a variable one", q)
	}
}

func TestText(t *testing.T) {
	for _, test := range []struct{ root, steps, want string }{
		{"s", "", "s"},
		{"s", "conn", "s.conn"},
		{"", "conn", "conn"},
		{"", "s conn", "s.conn"},
		{"s", "conns [*] c", "s.conns[…].c"},
		{"s", "conns [each]", "s.conns[…]"},
		{"s", "conns [3]", "s.conns[3]"},
		{"get", "() c", "get().c"},
		{"f", "#0 c", "f.c"},
	} {
		p := Of(Root{Kind: Param}).Join(strings.Fields(test.steps))
		if got := p.Text(test.root); got != test.want {
			t.Errorf("%q + %q: %q, want %q", test.root, test.steps, got, test.want)
		}
	}
}
