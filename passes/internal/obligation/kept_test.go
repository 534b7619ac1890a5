package obligation

import "testing"

// TestOver follows what a field of the parameter holds, and what is put there.
func TestOver(t *testing.T) {
	tests := []struct {
		want int
		body string
	}{
		{1, `b.c.Use(); b.c = get()`},
		{0, `b.c = get()`},
		{0, `b.c.Use(); b.c.Close(); b.c = get()`},
		{0, `if b.c == nil { b.c = get() }`},
		{1, `if b.c != nil { b.c = get() }`},
		{0, `b.c.Use(); old := b.c; b.c = get(); old.Close()`},
		{0, `b.c.Use(); keep(b.c); b.c = get()`},
		{0, `b.c.Use(); closeBox(b); b.c = get()`},
		{1, `b.c.Use(); b.c = nil`},
		{0, `defer closeBox(b); b.c.Use(); b.c = get()`},
	}
	for _, tt := range tests {
		fn := compile(t, "func f(b *box) { "+tt.body+" }").Func("f")
		src := Source{Given: fn.Params[0], Field: 1, Error: -1, Undo: -1}
		if got := len(Follow(fn, src, fakeOracle{}).Over); got != tt.want {
			t.Errorf("%s: %d stores overwrite it, want %d", tt.body, got, tt.want)
		}
	}
}

// TestOverInLoop follows an acquisition that a field keeps from turn to turn.
func TestOverInLoop(t *testing.T) {
	tests := []struct {
		want int
		body string
	}{
		{1, `for { b.c = get(); b.c.Use() }`},
		{0, `for { b.c = get(); b.c.Close() }`},
		{0, `for { b.c = get(); closeBox(b) }`},
		{0, `for { b.c = get(); go closeBox(b) }`},
		{0, `b.c = get(); b.c.Use()`},
	}
	for _, tt := range tests {
		fn := compile(t, "func f(b *box) { "+tt.body+" }").Func("f")
		out := Follow(fn, source(fn), fakeOracle{})
		if got := len(out.Over); got != tt.want || len(out.Leaks) > 0 {
			t.Errorf("%s: %d stores overwrite it, %d leaks, want %d and none", tt.body, got, len(out.Leaks), tt.want)
		}
	}
}

// TestDue asks whether a closer releases what a field of its receiver holds.
func TestDue(t *testing.T) {
	tests := []struct{ want, body string }{
		{"fine", `b.c.Close()`},
		{"partly", `if cond() { return }; b.c.Close()`},
		{"fine", `if b.c == nil { return }; b.c.Close()`},
		{"fine", `c := b.c; b.c = nil; if c != nil { c.Close() }`},
		{"never", `b.c.Use()`},
		{"moved", `keep(b.c)`},
	}
	for _, tt := range tests {
		fn := compile(t, "func f(b *box) { "+tt.body+" }").Func("f")
		src := Source{Given: fn.Params[0], Field: 1, Due: true, Error: -1, Undo: -1}
		if got := verdict(Follow(fn, src, fakeOracle{})); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.body, got, tt.want)
		}
	}
}
