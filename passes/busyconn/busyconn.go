package busyconn

import (
	_ "embed"
	"fmt"
	"go/token"

	"golang.org/x/tools/go/analysis"

	"github.com/connvet/connvet/passes/internal/config"
	"github.com/connvet/connvet/passes/internal/diag"
	"github.com/connvet/connvet/passes/internal/rule"
	"github.com/connvet/connvet/passes/internal/summary"
)

//go:embed doc.go
var doc string

// Analyzer is the rule.
var Analyzer = rule.New("busyconn", doc, find)

func find(_ *analysis.Pass, res *summary.Result) []diag.Finding {
	var findings []diag.Finding
	for _, fn := range res.Functions {
		for _, b := range fn.Busy {
			if !b.Unsure || config.Current().Strict() {
				findings = append(findings, finding(b))
			}
		}
	}
	return findings
}

func finding(b summary.Busy) diag.Finding {
	f := diag.Finding{Pos: token.Pos(b.Use.Here)}
	f.Message = fmt.Sprintf("%s while %s is open (%s); %s", call(b), open(b), answer(b), cure(b))
	f.Related = append(f.Related, diag.Related{Pos: b.Open.Pos(), Message: "opened here"})
	if b.Helper != "" && !b.Use.Foreign {
		f.Related = append(f.Related, diag.Related{Pos: token.Pos(b.Use.Pos), Message: "called here"})
	}
	f.Related = append(f.Related,
		diag.Related{Pos: b.Reads, Message: "read in this loop"},
		diag.Related{Pos: b.Origin, Message: "the connection comes from here"},
	)
	return f
}

// call says who calls what.
func call(b summary.Busy) string {
	conn := b.Use.Name
	if conn == "" {
		conn = "its connection"
	}
	switch {
	case b.Helper != "" && b.Always:
		return fmt.Sprintf("%s uses %s", b.Helper, conn)
	case b.Helper != "":
		return fmt.Sprintf("%s may use %s", b.Helper, conn)
	case b.Always:
		return diag.Call(conn, b.Use.Method) + " is called"
	}
	return diag.Call(conn, b.Use.Method) + " may be called"
}

// open names what is open.
func open(b summary.Busy) string {
	if b.Name != "" {
		return b.Name
	}
	return "the " + kind(b)
}

func kind(b summary.Busy) string {
	switch b.Row.Role {
	case "row", "batch":
		return b.Row.Role
	case "body":
		return "transfer"
	}
	return "result"
}

// answer is what the driver says to the call.
func answer(b summary.Busy) string {
	if b.Answer != "" && !b.Unsure {
		return b.Answer
	}
	return "some drivers refuse it"
}

// cure says what to do first.
func cure(b summary.Busy) string {
	switch {
	case b.Row.Role == "row":
		return "scan it first"
	case b.Reads.IsValid() && b.Row.Role == "rows":
		return "read it into a slice first"
	}
	return "close it first"
}
