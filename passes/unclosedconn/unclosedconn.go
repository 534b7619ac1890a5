package unclosedconn

import (
	_ "embed"
	"fmt"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/connvet/connvet/passes/internal/catalog"
	"github.com/connvet/connvet/passes/internal/diag"
	"github.com/connvet/connvet/passes/internal/flow"
	"github.com/connvet/connvet/passes/internal/obligation"
	"github.com/connvet/connvet/passes/internal/rule"
	"github.com/connvet/connvet/passes/internal/summary"
)

//go:embed doc.go
var doc string

// Analyzer is the rule.
var Analyzer = rule.New("unclosedconn", doc, find)

func find(pass *analysis.Pass, res *summary.Result) []diag.Finding {
	var findings []diag.Finding
	fix := newFixer(pass)
	for _, fn := range res.Functions {
		for _, a := range fn.Acquisitions {
			if f, ok := finding(fn.SSA, a); ok {
				f.Fixes = fix.fixes(a)
				findings = append(findings, f)
			}
		}
		for _, e := range fn.Ended {
			findings = append(findings, released(pass, e))
		}
	}
	for _, l := range res.Fields {
		findings = append(findings, fieldFinding(l))
	}
	for _, p := range res.Pooled {
		findings = append(findings, pooled(p))
	}
	return findings
}

func pooled(p summary.Pooled) diag.Finding {
	return diag.Finding{
		Pos:     p.Pos,
		Message: fmt.Sprintf("%s is put into a sync.Pool, which drops what it holds without calling %s (%s)", p.Name, p.Row.ReleaseName(), p.Row.Cost()),
	}
}

func finding(fn *ssa.Function, a summary.Acquisition) (diag.Finding, bool) {
	f := diag.Finding{Pos: a.Call.Pos()}
	name := a.Name
	if name == "" {
		name = "the result of " + calleeName(a.Call)
	}
	out := a.Outcome
	switch {
	case out.Again && (out.Forgotten || !savepoint(a) && !few(a)):
		f.Message = again(name, a)
	case a.Exempt:
		return f, false
	case len(out.Leaks) == 0 && len(out.Lost) > 0 && !out.Released: // strict only
		f.Message = fmt.Sprintf("%s is given to code that nobody knows and may never be released (%s)", name, cost(a, a.Each))
		f.Related = append(f.Related, diag.Related{Pos: out.Lost[0].Pos(), Message: "followed no further from here"})
		return f, true
	case len(out.Leaks) == 0:
		return f, false
	case !out.Gone():
		f.Message = fmt.Sprintf("%s is never released (%s)", name, cost(a, a.Each))
	default:
		f.Message = fmt.Sprintf("%s is not released on all paths (%s)", name, cost(a, a.Each))
	}
	if a.Via != "" {
		f.Related = append(f.Related, diag.Related{Pos: a.Call.Pos(), Message: fmt.Sprintf("%s acquires it at %s", calleeName(a.Call), a.Via)})
	}
	if len(out.Leaks) > 0 {
		f.Related = append(f.Related, leak(fn, out.Leaks[0], name+"."+a.Row.ReleaseName()))
	}
	return f, true
}

// fieldFinding is the message for what a field, or package variable, loses.
func fieldFinding(l summary.FieldLeak) diag.Finding {
	f := diag.Finding{Pos: l.Pos}
	switch c := costOf(l.Row, l.Each); l.Kind {
	case summary.Overwritten:
		f.Message = fmt.Sprintf("%s is overwritten before what it held is released (%s)", l.Name, c)
	case summary.Skipped:
		f.Message = fmt.Sprintf("%s leaves %s unreleased when an earlier step fails (%s)", l.Method, l.Name, c)
		f.Related = append(f.Related, diag.Related{Pos: l.Failed, Message: "the error of this call skips " + l.Name + "." + l.Row.ReleaseName()})
	case summary.Unclosable:
		f.Message = fmt.Sprintf("%s is never released, %s does not do it (%s)", l.Name, l.Method, c)
	}
	return f
}

// few reports whether a value that is released when the function returns is
// acquired in a loop whose turns the code counts: it holds a known number.
func few(a summary.Acquisition) bool {
	return a.Outcome.Returns && flow.FindLoops(a.Call.Parent()).Bounded(a.Call.Block())
}

// savepoint reports whether a transaction is begun inside another one, whose
// end is its end: until then it holds nothing of its own.
func savepoint(a summary.Acquisition) bool {
	c := a.Call.Common()
	res := c.Signature().Results()
	return a.Row.Role == "tx" && c.IsInvoke() && a.Result < res.Len() &&
		types.Identical(c.Value.Type(), res.At(a.Result).Type())
}

// again is the message for a value that the next turn of a loop acquires anew.
func again(name string, a summary.Acquisition) string {
	switch c := cost(a, "iteration"); {
	case a.Outcome.Forgotten:
		return fmt.Sprintf("%s is acquired again before it is released (%s)", name, c)
	case a.Outcome.Returns:
		return fmt.Sprintf("%s is released only when the function returns, not when the loop turns (%s)", name, c)
	default:
		return fmt.Sprintf("%s is released by a defer that never runs, because the loop does not end (%s)", name, c)
	}
}

// cost says what the leak costs, and how often.
func cost(a summary.Acquisition, each string) string { return costOf(a.Row, each) }

func costOf(row *catalog.Type, each string) string {
	if each == "" {
		return row.Cost()
	}
	return row.Cost() + ", one more with each " + each
}

func leak(fn *ssa.Function, e obligation.Exit, release string) diag.Related {
	pos := e.Return.Pos()
	if !pos.IsValid() {
		pos = end(fn)
	}
	if e.Half {
		return diag.Related{Pos: pos, Message: "the goroutine may end without " + release}
	}
	return diag.Related{Pos: pos, Message: "this return may be reached without " + release}
}

// end is where a function without a return statement ends.
func end(fn *ssa.Function) token.Pos {
	if s := fn.Syntax(); s != nil {
		return s.End() - 1
	}
	return token.NoPos
}

func calleeName(c *ssa.Call) string {
	if f := c.Call.StaticCallee(); f != nil {
		return f.Name()
	}
	if c.Call.IsInvoke() {
		return c.Call.Method.Name()
	}
	return "this call"
}
