package flow

import (
	"testing"

	"golang.org/x/tools/go/ssa"
)

// calls finds the calls mark(1), mark(2), ….
func calls(fn *ssa.Function) map[int64]ssa.Instruction {
	out := map[int64]ssa.Instruction{}
	for n, b := range marks(fn) {
		for _, i := range b.Instrs {
			if c, ok := i.(*ssa.Call); ok && len(c.Call.Args) == 1 && c.Call.Args[0].(*ssa.Const).Int64() == n {
				out[n] = i
			}
		}
	}
	return out
}

// TestReaches asks for ways from mark(1) to mark(2) that do not pass mark(3).
func TestReaches(t *testing.T) {
	for name, test := range map[string]struct {
		body string
		want bool
	}{
		"straight":     {"mark(1); mark(2)", true},
		"backwards":    {"mark(2); mark(1)", false},
		"stopped":      {"mark(1); mark(3); mark(2)", false},
		"one way":      {"mark(1); if cond() { mark(3) }; mark(2)", true},
		"both ways":    {"mark(1); if cond() { mark(3); mark(2) }", false},
		"other branch": {"if cond() { mark(1) } else { mark(2) }", false},
		"next turn":    {"for cond() { mark(2); mark(1) }", true},
		"stopped turn": {"for cond() { mark(3); mark(2); mark(1) }", false},
	} {
		c := calls(compile(t, test.body))
		got := Reaches(c[1], c[2], func(i ssa.Instruction) bool { return i == c[3] })
		if got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

func TestLeads(t *testing.T) {
	m := marks(compile(t, "if cond() { mark(1) } else { mark(2) }; mark(3)"))
	if !Leads(m[1], m[3]) || Leads(m[1], m[2]) || Leads(m[3], m[1]) || !Leads(m[2], m[2]) {
		t.Error("wrong ways between blocks")
	}
}
