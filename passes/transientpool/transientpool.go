package transientpool

import (
	_ "embed"
	"fmt"
	"go/token"

	"golang.org/x/tools/go/analysis"

	"github.com/connvet/connvet/passes/internal/catalog"
	"github.com/connvet/connvet/passes/internal/config"
	"github.com/connvet/connvet/passes/internal/diag"
	"github.com/connvet/connvet/passes/internal/effect"
	"github.com/connvet/connvet/passes/internal/entrypoint"
	"github.com/connvet/connvet/passes/internal/rule"
	"github.com/connvet/connvet/passes/internal/summary"
)

//go:embed doc.go
var doc string

// Analyzer is the rule.
var Analyzer = rule.New("transientpool", doc, find)

func find(_ *analysis.Pass, res *summary.Result) []diag.Finding {
	var findings []diag.Finding
	for _, t := range res.Transient {
		row := catalog.Default().Type(t.Type)
		if row != nil && reported(t, row) {
			findings = append(findings, finding(t, row))
		}
	}
	return findings
}

// reported reports whether a pool is this rule's business: one that is closed
// costs time only, and a connection that is not closed is the business of
// unclosedconn.
func reported(t summary.Transient, row *catalog.Type) bool {
	if t.Closed == effect.All {
		return config.Current().Strict()
	}
	return !row.Must || row.Pool()
}

func finding(t summary.Transient, row *catalog.Type) diag.Finding {
	f := diag.Finding{Pos: token.Pos(t.Pos)}
	name := t.Name
	switch {
	case name != "":
	case len(t.Via) > 0:
		name = "the " + row.Name() + " inside" // of the call
	default:
		name = "this " + row.Name()
	}
	what := fmt.Sprintf("%s is a new %s %s", name, noun(row), when(t))
	switch t.Closed {
	case effect.All:
		f.Message = fmt.Sprintf("%s (each one connects anew; make it once and keep it)", what)
	case effect.Some:
		f.Message = fmt.Sprintf("%s, not closed on all paths (each one left open leaves %s behind)", what, row.Leaves)
	case effect.None:
		f.Message = fmt.Sprintf("%s, and never closed (each one leaves %s behind)", what, row.Leaves)
	}
	f.Related = related(t)
	return f
}

func noun(row *catalog.Type) string {
	if row.Role == "pool" {
		return "pool"
	}
	return "client"
}

// when says how often one is made.
func when(t summary.Transient) string {
	if len(t.Entries) == 0 {
		return "in each turn of a loop"
	}
	first := t.Entries[0]
	if first.Kind != entrypoint.Serve {
		return "for each of many goroutines"
	}
	if n := len(t.Entries); n > 1 {
		return fmt.Sprintf("for each call of %d handlers, %s among them", n, diag.The(first.Name))
	}
	return "for each call of " + diag.The(first.Name)
}

// related shows where the pool is made, and what runs many times.
func related(t summary.Transient) []diag.Related {
	var out []diag.Related
	switch {
	case t.Origin != 0 && t.Origin != t.Pos:
		out = append(out, diag.Related{Pos: token.Pos(t.Origin), Message: "made here"})
	case t.Origin == 0 && t.Where != "":
		out = append(out, diag.Related{Pos: token.Pos(t.Pos), Message: "made in " + string(t.Where)})
	}
	if n := len(t.Via); n > 1 {
		out = append(out, diag.Related{Pos: token.Pos(t.Pos), Message: "called in " + string(t.Via[n-1])})
	}
	if t.Loop != 0 && t.Loop != t.Pos {
		out = append(out, diag.Related{Pos: token.Pos(t.Loop), Message: "called in a loop here"})
	}
	if len(t.Entries) > 0 {
		out = append(out, diag.Related{Pos: token.Pos(t.Entries[0].Pos), Message: started(t.Entries[0])})
	}
	return out
}

// started says how an entry comes to run.
func started(t effect.Thread) string {
	switch {
	case t.Kind != entrypoint.Serve:
		return "goroutine started here"
	case t.Declared:
		return "handler declared here"
	}
	return "registered as a handler here"
}
