package diag

import (
	"go/token"
	"slices"

	"github.com/connvet/connvet/passes/internal/effect"
)

// Hops lists the calls that lead from one on the way to the use, and the use,
// without positions that the finding shows already.
func Hops(u effect.Use, from effect.Hop, what string, known ...int) []Related {
	var out []Related
	add := func(pos int, message string) {
		if pos != 0 && !slices.Contains(known, pos) {
			known = append(known, pos)
			out = append(out, Related{Pos: token.Pos(pos), Message: message})
		}
	}
	known = append(known, from.Pos)
	for _, h := range after(u.Via, from) {
		switch {
		case h.Pos == 0 && h.Where != u.Where:
			out = append(out, Related{Pos: token.Pos(u.Pos), Message: "called in " + string(h.Where)})
		case h.Pos != u.Pos:
			add(h.Pos, "called here")
		}
	}
	if u.Foreign {
		return append(out, Related{Pos: token.Pos(u.Pos), Message: what + " in " + string(u.Where)})
	}
	add(u.Pos, what+" here")
	return out
}

// after is the part of a way that lies behind a call; none if the call is not on it.
func after(via []effect.Hop, call effect.Hop) []effect.Hop {
	start := slices.IndexFunc(via, func(h effect.Hop) bool { return h.Pos == call.Pos })
	for i, h := range via {
		if call.Where != "" && h.Where == call.Where {
			start = i
		}
	}
	if start < 0 {
		return nil
	}
	return via[start+1:]
}

// In says where something is whose position leads to its place: here, or in
// the file of another package.
func In(fset *token.FileSet, pos token.Pos, where effect.Place) string {
	if where == "" || where == effect.PlaceOf(fset, pos) {
		return "here"
	}
	return "in " + string(where)
}
