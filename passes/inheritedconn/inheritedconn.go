package inheritedconn

import (
	_ "embed"
	"fmt"

	"golang.org/x/tools/go/analysis"

	"github.com/connvet/connvet/passes/internal/diag"
	"github.com/connvet/connvet/passes/internal/rule"
	"github.com/connvet/connvet/passes/internal/summary"
)

//go:embed doc.go
var doc string

// Analyzer is the rule.
var Analyzer = rule.New("inheritedconn", doc, find)

func find(pass *analysis.Pass, res *summary.Result) []diag.Finding {
	var findings []diag.Finding
	for _, fn := range res.Functions {
		for _, in := range fn.Inherited {
			findings = append(findings, finding(pass, in))
		}
	}
	return findings
}

func finding(pass *analysis.Pass, in summary.Inherited) diag.Finding {
	f := diag.Finding{Pos: in.At, Message: message(pass, in)}
	add := func(r diag.Related) {
		if r.Pos.IsValid() && r.Pos != f.Pos {
			f.Related = append(f.Related, r)
		}
	}
	if in.Where != "" {
		f.Related = append(f.Related, diag.Related{Pos: f.Pos, Message: "opened in " + string(in.Where)})
	}
	add(diag.Related{Pos: in.Used, Message: "used here"})
	add(diag.Related{Pos: in.Bounds, Message: "limit set here"})
	add(diag.Related{Pos: in.Taken, Message: "its file is taken here"})
	add(diag.Related{Pos: in.Starts, Message: "child process started here"})
	return f
}

// message is the flat choice between the kinds of findings.
func message(pass *analysis.Pass, in summary.Inherited) string {
	line := diag.Line(pass.Fset, in.At, in.Starts)
	switch in.Kind {
	case summary.UsedAfter:
		if in.Shared {
			return fmt.Sprintf("%s may speak on %s, whose file went to a child process %s (replies of the two processes mix)", in.Call, in.Name, line)
		}
		return fmt.Sprintf("%s speaks on a socket that went to a child process %s (replies of the two processes mix)", in.Call, line)
	case summary.GivenTwice:
		return fmt.Sprintf("the file of %s goes to more than one child process (replies of the processes mix)", in.Name)
	case summary.KeptOpen:
		return fmt.Sprintf("%s, a copy of %s for a child process, is never closed (the peer sees no end while the parent keeps it)", name(in.Name, "the file"), in.Call)
	case summary.OpenBefore:
		return fmt.Sprintf("%s is opened and used before %s starts child processes (the parent keeps its connections, each child opens %s)",
			name(in.Name, "a pool"), in.Start, own(in.Limit))
	case summary.Multiplied:
	}
	return fmt.Sprintf("%s may open %d connections in each child process of %s (the database sees as many for every child)",
		name(in.Name, "a pool"), in.Limit, in.Start)
}

func name(n, otherwise string) string {
	if n == "" {
		return otherwise
	}
	return n
}

// own says how many connections a child opens.
func own(limit int64) string {
	if limit > 0 {
		return fmt.Sprintf("up to %d", limit)
	}
	return "its own"
}
