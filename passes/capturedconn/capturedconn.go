package capturedconn

import (
	_ "embed"
	"fmt"
	"go/token"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/connvet/connvet/passes/internal/catalog"
	"github.com/connvet/connvet/passes/internal/diag"
	"github.com/connvet/connvet/passes/internal/effect"
	"github.com/connvet/connvet/passes/internal/rule"
	"github.com/connvet/connvet/passes/internal/summary"
)

//go:embed doc.go
var doc string

// Analyzer is the rule.
var Analyzer = rule.New("capturedconn", doc, find)

func find(pass *analysis.Pass, res *summary.Result) []diag.Finding {
	var findings []diag.Finding
	for _, o := range distinct(res.Functions) {
		findings = append(findings, finding(pass, o))
	}
	return findings
}

// spawn is a goroutine's use of a connection, for the function that starts it.
type spawn struct {
	outermost  *ssa.Function
	start, use int
}

// distinct lists the overlaps of all functions, one for each use by a
// goroutine that the code which started it goes on beside: a function literal
// and the function around it may both see that.
func distinct(fns []summary.Function) []summary.Overlap {
	var out []summary.Overlap
	at, bare := map[spawn]int{}, map[int]bool{}
	for _, fn := range fns {
		for _, o := range fn.Overlaps {
			if o.Guard.Held && bare[o.Bare.Pos] {
				continue
			}
			bare[o.Bare.Pos] = o.Guard.Held
			k := spawn{outermost(fn.SSA), o.Thread.Pos, o.Other.Here}
			i, ok := at[k]
			switch {
			case o.Beside:
				out = append(out, o)
			case !ok:
				at[k] = len(out)
				out = append(out, o)
			case clearer(o, out[i]):
				out[i] = o
			}
		}
	}
	return out
}

// clearer reports whether a is a call that the user wrote and b is not, or the earlier one.
func clearer(a, b summary.Overlap) bool {
	if (a.Use.Method == "") != (b.Use.Method == "") {
		return b.Use.Method == ""
	}
	return a.Use.Here < b.Use.Here
}

func outermost(fn *ssa.Function) *ssa.Function {
	for fn.Parent() != nil {
		fn = fn.Parent()
	}
	return fn
}

func finding(pass *analysis.Pass, o summary.Overlap) diag.Finding {
	if o.Guard.Held {
		return unlocked(pass, o)
	}
	f := diag.Finding{Pos: token.Pos(o.Use.Here)}
	what := "the " + verb(o.Use.Role) + " of " + o.Name
	if o.Use.Method != "" {
		what = diag.Call(o.Name, o.Use.Method)
	}
	f.Related = append(f.Related, connected(o)...)
	contract := fmt.Sprintf("(%s %s)", o.Row.Name(), o.Row.Says)
	if itself(o) {
		f.Message = fmt.Sprintf("%s may run at the same time as itself in another goroutine started %s %s", what, startedAt(pass.Fset, o), contract)
	} else {
		f.Message = fmt.Sprintf("%s may run at the same time as the %s %s %s", what, verb(o.Other.Role), diag.Line(pass.Fset, f.Pos, token.Pos(o.Other.Here)), contract)
		f.Related = append(f.Related, diag.Related{Pos: token.Pos(o.Other.Here), Message: "other use here"})
	}
	f.Related = append(f.Related, diag.Related{Pos: token.Pos(o.Thread.Pos), Message: "goroutine started " + diag.In(pass.Fset, token.Pos(o.Thread.Pos), o.Thread.Where)})
	f.Related = append(f.Related, diag.Hops(o.Use, effect.Hop{Pos: o.Use.Here}, "used", o.Thread.Pos)...)
	f.Related = append(f.Related, diag.Hops(o.Other, effect.Hop{Pos: o.Other.Here}, "other use", o.Thread.Pos)...)
	return f
}

// unlocked is the finding on the one use that does not hold the lock that the
// others hold, at that use.
func unlocked(pass *analysis.Pass, o summary.Overlap) diag.Finding {
	f := diag.Finding{Pos: token.Pos(o.Bare.Pos)}
	locked := o.Use
	if locked.Pos == o.Bare.Pos {
		locked = o.Other
	}
	f.Message = fmt.Sprintf("%s may run at the same time as the %s %s, without %s, which is locked in %d of %d uses (%s %s)",
		diag.Call(o.Bare.Name, o.Bare.Method), verb(locked.Role), diag.Line(pass.Fset, f.Pos, token.Pos(locked.Pos)),
		o.Guard.Lock, o.Guard.Locked, o.Guard.Uses, o.Row.Name(), o.Row.Says)
	f.Related = append(connected(o), diag.Related{Pos: token.Pos(locked.Pos), Message: "locked use here"})
	f.Related = append(f.Related, diag.Related{Pos: token.Pos(o.Thread.Pos), Message: "goroutine started " + diag.In(pass.Fset, token.Pos(o.Thread.Pos), o.Thread.Where)})
	for _, here := range []int{o.Use.Here, o.Other.Here} {
		if here != o.Bare.Pos && here != locked.Pos && here != o.Thread.Pos {
			f.Related = append(f.Related, diag.Related{Pos: token.Pos(here), Message: "called here"})
		}
	}
	return f
}

// connected shows where the connection comes from, if the code around the
// goroutines makes it.
func connected(o summary.Overlap) []diag.Related {
	if o.Acquired == 0 || o.Acquired == o.Use.Here {
		return nil
	}
	return []diag.Related{{Pos: token.Pos(o.Acquired), Message: diag.Connected(o.Row.Role, string(o.Where))}}
}

// startedAt says where the goroutines of a use start, seen from the use.
func startedAt(fset *token.FileSet, o summary.Overlap) string {
	use, start := fset.Position(token.Pos(o.Use.Here)), fset.Position(token.Pos(o.Thread.Pos))
	if use.Filename == start.Filename && use.Line == start.Line {
		return "here"
	}
	return diag.Line(fset, token.Pos(o.Use.Here), token.Pos(o.Thread.Pos))
}

// itself reports whether both uses are one, made by several goroutines.
func itself(o summary.Overlap) bool {
	return o.Use.Here == o.Other.Here && (o.Self || o.Use.Where == o.Other.Where && o.Use.Method == o.Other.Method)
}

// verb names a use by its direction.
func verb(role catalog.Role) string {
	switch role {
	case catalog.Read:
		return "read"
	case catalog.Write:
		return "write"
	case catalog.End:
		return "release"
	case catalog.Use, catalog.Open, catalog.Free:
	}
	return "use"
}
