package obligation

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/ssa"
)

// compileBody builds a function f with the body.
func compileBody(t *testing.T, body string) (*ssa.Function, Source) {
	t.Helper()
	fn := compile(t, "func f() {\n"+body+"\n}\n").Func("f")
	return fn, source(fn)
}

// TestOpen names the calls that run while the value is owed; those on some
// paths only have a question mark.
func TestOpen(t *testing.T) {
	for _, tt := range []struct{ want, body string }{
		{"cond", `c := get(); cond(); c.Close()`},
		{"", `c := get(); c.Close(); cond()`},
		{"cond", `c := get(); defer c.Close(); cond()`},
		{"cond cond?", `c := get(); if cond() { c.Close() }; cond()`},
		{"cond Next", `c := get(); for c.Next() { cond() }; fatal()`},
		{"", `c := get(); keep(c); cond()`},
		{"", `cond(); c := get(); c.Close()`},
		{"get?", `for range 3 { c := get(); defer c.Close() }`},
		{"cond", `c, err := open(); if err != nil { cond(); return }; cond(); c.Close()`},
	} {
		fn, src := compileBody(t, tt.body)
		var got []string
		never := func(ssa.CallInstruction) bool { return false }
		for _, m := range Open(fn, src, fakeOracle{}, func(ssa.Instruction) bool { return false }, never) {
			name := callee(m.Call)
			if !m.Always {
				name += "?"
			}
			got = append(got, name)
		}
		if s := strings.Join(got, " "); s != tt.want {
			t.Errorf("%s: got %q, want %q", tt.body, s, tt.want)
		}
	}
}

// TestEnded names the calls that only run after the release.
func TestEnded(t *testing.T) {
	closes := func(c ssa.CallInstruction, operand int) bool { return callee(c) == "Close" && operand == 0 }
	for _, tt := range []struct{ want, body string }{
		{"Use", `c := get(); c.Close(); c.Use()`},
		{"", `c := get(); c.Use(); c.Close()`},
		{"", `c := get(); if cond() { c.Close() }; c.Use()`},
		{"Use", `c := get(); if cond() { c.Close() } else { c.Close() }; c.Use()`},
		{"", `c := get(); defer c.Close(); c.Use()`},
		{"", `c := get(); give(c); c.Use()`},
		{"", `c := get(); keep(c); c.Use()`},
		{"", `for range 3 { c := get(); c.Use(); c.Close() }`},
		{"Use", `c, err := open(); if err != nil { return }; c.Close(); c.Use()`},
	} {
		fn, src := compileBody(t, tt.body)
		var got []string
		for _, a := range Ended(fn, src, fakeOracle{}, closes) {
			if a.By == nil || callee(a.By) != "Close" {
				t.Errorf("%s: %s follows %v, not a Close", tt.body, callee(a.Call), fmt.Sprint(a.By))
			}
			got = append(got, callee(a.Call))
		}
		slices.Sort(got)
		if s := strings.Join(got, " "); s != tt.want {
			t.Errorf("%s: got %q, want %q", tt.body, s, tt.want)
		}
	}
}
