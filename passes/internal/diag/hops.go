package diag

import (
	"go/token"
	"slices"

	"github.com/connvet/connvet/passes/internal/effect"
)

// Hops lists the way from a position, a registration or a call, to a use in a
// callee: the calls between them and the use itself, which in another package
// is known by name only. The positions in known are shown already.
func Hops(u effect.Use, from int, what string, known ...int) []Related {
	var out []Related
	add := func(pos int, message string) {
		if pos != 0 && !slices.Contains(known, pos) {
			known = append(known, pos)
			out = append(out, Related{Pos: token.Pos(pos), Message: message})
		}
	}
	known = append(known, from)
	start := slices.IndexFunc(u.Via, func(h effect.Hop) bool { return h.Pos == from })
	for i, h := range u.Via {
		if start >= 0 && i > start && h.Pos != u.Pos {
			add(h.Pos, "called here")
		}
	}
	if u.Foreign {
		return append(out, Related{Pos: token.Pos(u.Pos), Message: what + " in " + string(u.Where)})
	}
	add(u.Pos, what+" here")
	return out
}
