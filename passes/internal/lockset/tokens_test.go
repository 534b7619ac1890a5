package lockset

import (
	"go/token"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/ssa"

	"github.com/connvet/connvet/passes/internal/effect"
)

// tokens reads lock("c"), unlock("c") of places in lower case as sends into and
// receives from a channel; a name that ends in "?" is weak.
func tokens(i ssa.Instruction) []Op {
	out := ops(i)
	_, deferred := i.(*ssa.Defer)
	for j := range out {
		out[j].Deferred = deferred
		key := out[j].Path.Root.Key
		out[j].Token, out[j].Weak, out[j].Slot = true, strings.HasSuffix(key, "?") && key != "?", true
	}
	return out
}

func TestTokens(t *testing.T) {
	for name, test := range map[string]struct {
		body string
		held []string
		net  string
	}{
		"sent first":              {body: `lock("c"); use(); unlock("c"); use()`, held: []string{"c", ""}},
		"received first":          {body: `unlock("c"); use(); lock("c"); use()`, held: []string{"c", ""}},
		"received, sent by defer": {body: `unlock("c"); defer lock("c"); use()`, held: []string{"c"}},
		"defer comes first":       {body: `defer lock("c"); unlock("c"); use()`, held: []string{"c"}},
		"only sent":               {body: `lock("c"); use()`, held: []string{"c"}, net: "+c"},
		"only received":           {body: `unlock("c"); use()`, held: []string{""}, net: "-c"},
		"weak, both":              {body: `lock("c?"); use(); unlock("c?")`, held: []string{"c?"}},
		"weak, flipped":           {body: `unlock("c?"); use(); lock("c?")`, held: []string{"c?"}},
		"weak, only sent":         {body: `lock("c?"); use()`, held: []string{""}, net: "+c?"},
		"weak, only received":     {body: `unlock("c?"); use()`, held: []string{""}, net: "-c?"},
		"two channels":            {body: `lock("a"); unlock("b"); use(); lock("b"); unlock("a")`, held: []string{"a+b"}},
	} {
		t.Run(name, func(t *testing.T) {
			fn := compile(t, test.body)
			r := Solve(fn, Ops{At: tokens})
			if got := heldAtUses(fn, r); !slices.Equal(got, test.held) {
				t.Errorf("held at uses: %q, want %q", got, test.held)
			}
			if got := netText(r); got != test.net {
				t.Errorf("net locks: %q, want %q", got, test.net)
			}
		})
	}
}

// TestTokenSlots asks that a flipped channel is no semaphore any more: how many
// tokens lie in it is not known.
func TestTokenSlots(t *testing.T) {
	for body, want := range map[string]bool{
		`lock("c"); use(); unlock("c")`: true,
		`unlock("c"); use(); lock("c")`: false,
	} {
		fn := compile(t, body)
		r := Solve(fn, Ops{At: tokens})
		for _, i := range fn.Blocks[0].Instrs {
			if name, _ := callee(i); name == "use" && r.At(i)[0].Slot != want {
				t.Errorf("%s: Slot is %v, want %v", body, !want, want)
			}
		}
	}
}

// TestEdges takes lock "a" on the edge of a true condition only.
func TestEdges(t *testing.T) {
	edge := func(from, to *ssa.BasicBlock) []Op {
		if iff, ok := from.Instrs[len(from.Instrs)-1].(*ssa.If); ok && to == from.Succs[0] && iff.Cond.Pos() != token.NoPos {
			return []Op{{Lock: effect.Lock{Path: place("a")}}}
		}
		return nil
	}
	for body, want := range map[string][]string{
		`if cond() { use() } else { use() }`:                    {"a", ""},
		`if !cond() { use(); return }; use()`:                   {"", "a"},
		`if cond() { use(); unlock("a") }; use()`:               {"a", ""},
		`for cond() { use(); unlock("a") }; use()`:              {"a", ""},
		`if !cond() { lock("a") }; use(); unlock("a"); use()`:   {"a", ""},
		`if cond() { defer unlock("a"); use(); return }; use()`: {"a", ""},
	} {
		fn := compile(t, body)
		if got := heldAtUses(fn, Solve(fn, Ops{At: ops, Edge: edge})); !slices.Equal(got, want) {
			t.Errorf("%s: held at uses %q, want %q", body, got, want)
		}
	}
}

// TestDeferredUses asks what is held when deferred calls run: last to first.
func TestDeferredUses(t *testing.T) {
	for body, want := range map[string][]string{
		`lock("a"); defer unlock("a"); defer use()`:                         {"a"},
		`lock("a"); defer use(); defer unlock("a")`:                         {""},
		`defer use(); lock("a"); defer unlock("a")`:                         {""},
		`lock("a"); defer use(); unlock("a")`:                               {""},
		`lock("a"); defer use(); if cond() { unlock("a") }`:                 {""},
		`lock("a"); defer use(); if cond() { return }`:                      {"a"},
		`lock("a"); lock("b"); defer unlock("a"); defer use(); unlock("b")`: {"a"},
	} {
		fn := compile(t, body)
		if got := heldAtUses(fn, Solve(fn, Ops{At: ops})); !slices.Equal(got, want) {
			t.Errorf("%s: held at uses %q, want %q", body, got, want)
		}
	}
}

// TestTakenSometimes asks for the result that tells whether a lock was taken.
func TestTakenSometimes(t *testing.T) {
	fn := compile(t, `if cond() { lock("a"); return }; use()`)
	on := effect.On{Result: 1, True: true}
	var with, without int
	r := Solve(fn, Ops{At: ops, Net: func(held, free []*ssa.Return) effect.On {
		with, without = len(held), len(free)
		return on
	}})
	if with != 1 || without != 1 || len(r.Net) != 1 || r.Net[0].On != on {
		t.Errorf("%d returns with the lock, %d without, net %+v", with, without, r.Net)
	}
}
