package sharedconn

import (
	_ "embed"
	"fmt"
	"go/token"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/connvet/connvet/passes/internal/catalog"
	"github.com/connvet/connvet/passes/internal/diag"
	"github.com/connvet/connvet/passes/internal/effect"
	"github.com/connvet/connvet/passes/internal/entrypoint"
	"github.com/connvet/connvet/passes/internal/rule"
	"github.com/connvet/connvet/passes/internal/summary"
)

//go:embed doc.go
var doc string

// Analyzer is the rule.
var Analyzer = rule.New("sharedconn", doc, find)

func find(pass *analysis.Pass, res *summary.Result) []diag.Finding {
	var findings []diag.Finding
	for _, group := range grouped(res.Shared) {
		findings = append(findings, findingsOf(pass, group)...)
	}
	for _, u := range res.Unguarded {
		findings = append(findings, unguarded(u))
	}
	return findings
}

// site is one connection at one position.
type site struct {
	pos  int
	name string
	row  *catalog.Type
}

// grouped brings together what is said of one connection at one position: a
// call that registers many handlers.
func grouped(all []summary.Shared) [][]summary.Shared {
	var order []site
	groups := map[site][]summary.Shared{}
	for _, s := range all {
		k := site{s.Use.Pos, s.Use.Name, s.Evidence.Row}
		if groups[k] == nil {
			order = append(order, k)
		}
		groups[k] = append(groups[k], s)
	}
	out := make([][]summary.Shared, 0, len(order))
	for _, k := range order {
		out = append(out, groups[k])
	}
	return out
}

// fewHandlers is how many handlers get a finding each at one position.
const fewHandlers = 2

func findingsOf(pass *analysis.Pass, group []summary.Shared) []diag.Finding {
	if len(group) > fewHandlers {
		f := finding(pass, group[0])
		row := group[0].Evidence.Row
		f.Message = fmt.Sprintf("%s is shared by every call of %d handlers without a lock, %s among them (%s %s)",
			group[0].Use.Name, len(group), diag.The(group[0].Entry.Name), row.Name(), row.Says)
		return []diag.Finding{f}
	}
	var out []diag.Finding
	for _, s := range group {
		out = append(out, finding(pass, s))
	}
	return out
}

// started says how a thread comes to run.
func started(fset *token.FileSet, t effect.Thread) string {
	where := diag.In(fset, token.Pos(t.Pos), t.Where)
	switch {
	case t.Kind != entrypoint.Serve:
		return "goroutine started " + where
	case t.Declared:
		return "handler declared " + where
	}
	return "registered as a handler " + where
}

// otherStarted says how the second of two threads comes to run.
func otherStarted(fset *token.FileSet, first, t effect.Thread) string {
	switch {
	case t.Kind != first.Kind:
		return started(fset, t)
	case t.Kind == entrypoint.Serve && !t.Declared:
		return "other handler registered " + diag.In(fset, token.Pos(t.Pos), t.Where)
	}
	return "other " + started(fset, t)
}

// sharers names the code that runs at the same time.
func sharers(s summary.Shared) string {
	if s.Self {
		return "every call of " + diag.The(s.Entry.Name)
	}
	return diag.Both(s.Entry.Name, s.With.Name)
}

// unlocked says which lock is missing: the one that other uses hold, if there is one.
func unlocked(s summary.Shared) string {
	switch {
	case s.Guard.Held:
		return guarded(s.Guard)
	case s.Self && !slices.ContainsFunc(s.Use.Locks, exclusive):
		return "without a lock"
	}
	return "without a common lock"
}

func exclusive(l effect.Lock) bool { return !l.Shared && !l.Slot }

// clause ends a relative clause with its comma.
func clause(s string) string {
	if strings.Contains(s, ", which") {
		return s + ", "
	}
	return s + " "
}

func guarded(g summary.Guard) string {
	lock := g.Lock
	if lock == "" {
		lock = "the lock"
	}
	if g.Uses == 0 {
		return fmt.Sprintf("without %s, which other uses hold", lock)
	}
	return fmt.Sprintf("without %s, which is locked in %d of %d uses", lock, g.Locked, g.Uses)
}

// unguarded is the finding on a type that shows by itself that several
// goroutines use its connection.
func unguarded(u summary.Unguarded) diag.Finding {
	contract := fmt.Sprintf("(%s %s)", u.Row.Name(), u.Row.Says)
	f := diag.Finding{Pos: token.Pos(u.Use.Pos)}
	if u.Starter != "" {
		f.Message = fmt.Sprintf("%s is used by %s beside the goroutine that %s leaves running, without a common lock %s", u.Use.Name, u.Method, u.Starter, contract)
		f.Related = []diag.Related{
			{Pos: token.Pos(u.Use.Field), Message: "declared here"},
			{Pos: token.Pos(u.Start), Message: "goroutine started here"},
			{Pos: token.Pos(u.Other.Pos), Message: "the goroutine's use here"},
		}
		return f
	}
	f.Message = fmt.Sprintf("%s is used by %s %s %s", u.Use.Name, u.Method, guarded(u.Guard), contract)
	f.Related = []diag.Related{
		{Pos: token.Pos(u.Use.Field), Message: "declared here"},
		{Pos: token.Pos(u.Other.Pos), Message: "locked use here"},
	}
	return f
}

// message says what is shared by what, and what is done to the handle itself.
func message(s summary.Shared, name, contract string) string {
	switch {
	case s.Use.Swap != effect.NoSwap || s.Other.Swap != effect.NoSwap:
		return replacing(s, name, contract)
	case s.Swap == nil:
		return fmt.Sprintf("%s is shared by %s %s %s", name, sharers(s), unlocked(s), contract)
	case s.Swap.Swap == effect.SwapLost:
		return fmt.Sprintf("%s is shared by %s %s, and replaced without closing the old one %s", name, sharers(s), unlocked(s), contract)
	}
	return fmt.Sprintf("%s is shared by %s %s, and replaced meanwhile %s", name, sharers(s), unlocked(s), contract)
}

// replacing is about a handle that one thread replaces while another uses it.
func replacing(s summary.Shared, name, contract string) string {
	by, user, swap := s.Entry, s.With, s.Use
	if s.Use.Swap == effect.NoSwap {
		by, user, swap = s.With, s.Entry, s.Other
	}
	lost := ""
	if swap.Swap == effect.SwapLost {
		lost = ", and the old one is not closed"
	}
	if s.Self {
		return fmt.Sprintf("%s is replaced %sby every call of %s%s %s", name, clause(unlocked(s)), diag.The(by.Name), lost, contract)
	}
	return fmt.Sprintf("%s is replaced %sby %s while %s may use it%s %s", name, clause(unlocked(s)), diag.The(by.Name), diag.The(user.Name), lost, contract)
}

func finding(pass *analysis.Pass, s summary.Shared) diag.Finding {
	f := diag.Finding{Pos: token.Pos(s.Use.Pos)}
	row := s.Evidence.Row
	contract := fmt.Sprintf("(%s %s)", row.Name(), row.Says)
	name := s.Use.Name
	if name == "" {
		name = "the connection"
	}
	f.Message = message(s, name, contract)
	f.Related = append(f.Related,
		diag.Related{Pos: token.Pos(s.Evidence.Declared), Message: "declared here"},
		diag.Related{Pos: token.Pos(s.Evidence.Acquired), Message: diag.Connected(row.Role, string(s.Evidence.Where))},
		diag.Related{Pos: token.Pos(s.Entry.Pos), Message: started(pass.Fset, s.Entry)},
	)
	f.Related = append(f.Related, diag.Hops(s.Use, effect.Hop{Where: s.Entry.Where, Pos: s.Entry.Pos}, "used", s.Use.Pos, s.Evidence.Acquired, s.Evidence.Declared)...)
	f.Related = append(f.Related, other(pass.Fset, s)...)
	if s.Swap != nil && s.Swap.Pos != s.Use.Pos {
		f.Related = append(f.Related, diag.Related{Pos: token.Pos(s.Swap.Pos), Message: "replaced here"})
	}
	return f
}

// other shows the other one of two threads: how it comes to run, and its use.
func other(fset *token.FileSet, s summary.Shared) []diag.Related {
	var out []diag.Related
	if s.Self {
		return nil
	}
	if s.With.Pos != s.Entry.Pos {
		out = append(out, diag.Related{Pos: token.Pos(s.With.Pos), Message: otherStarted(fset, s.Entry, s.With)})
	}
	if s.Other.Pos != s.Use.Pos {
		out = append(out, diag.Related{Pos: token.Pos(s.Other.Pos), Message: "other use here"})
	}
	return out
}
