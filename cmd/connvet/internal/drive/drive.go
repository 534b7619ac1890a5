// Package drive runs analysers over a loaded program, package by package, and
// forgets each package as soon as it is analysed.
package drive

import (
	"context"
	"sync"
	"sync/atomic"

	"golang.org/x/tools/go/analysis"

	"github.com/connvet/connvet/cmd/connvet/internal/load"
	"github.com/connvet/connvet/cmd/connvet/internal/report"
)

// Config says what to run on what.
type Config struct {
	Analyzers []*analysis.Analyzer
	Load      load.Config
	Progress  func(done, total int) // may be nil; called from many goroutines
}

// Result is a report, not yet normalised, and the files that fixes may change.
type Result struct {
	report.Report
	Editable map[string]bool
	Packages int // packages whose findings were wanted
}

// Run loads the packages and analyses them. The error result means that nothing
// could be analysed; errors of single packages are in the report.
func Run(ctx context.Context, cfg Config) (*Result, error) {
	if err := analysis.Validate(cfg.Analyzers); err != nil {
		return nil, err
	}
	prog, err := load.Load(ctx, cfg.Load)
	if err != nil {
		return nil, err
	}
	r := newRunner(prog, cfg)
	if err := r.run(ctx); err != nil {
		return nil, err
	}
	res := &Result{Editable: prog.Editable()}
	res.Errors = append(res.Errors, prog.Errors...)
	for _, n := range prog.Packages {
		if n.Root {
			res.Packages++
		}
		if u := r.units[n]; u != nil {
			res.Findings = append(res.Findings, u.findings...)
			res.Errors = append(res.Errors, u.errors...)
		}
	}
	return res, nil
}

type runner struct {
	prog  *load.Program
	cfg   Config
	facts *facts
	units map[*load.Package]*unit
	done  atomic.Int64

	exporters []*analysis.Analyzer
}

// unit is the analysis of one package.
type unit struct {
	pkg      *load.Package
	finished chan struct{}
	findings []report.Finding
	errors   []report.Error
}

func newRunner(prog *load.Program, cfg Config) *runner {
	r := &runner{prog: prog, cfg: cfg, facts: newFacts(), units: map[*load.Package]*unit{}, exporters: exporters(cfg.Analyzers)}
	for _, n := range prog.Packages {
		if n.Analyze {
			r.units[n] = &unit{pkg: n, finished: make(chan struct{})}
		}
	}
	return r
}

func (r *runner) run(ctx context.Context) error {
	var wg sync.WaitGroup
	for _, u := range r.units {
		wg.Go(func() { r.analyze(ctx, u) })
	}
	wg.Wait()
	return ctx.Err()
}

// analyze waits for the facts of the imports, then does everything for one
// package in one go, so that few packages are in memory at once.
func (r *runner) analyze(ctx context.Context, u *unit) {
	defer close(u.finished)
	for _, d := range u.pkg.Imports {
		if du := r.units[d]; du != nil {
			<-du.finished
		}
	}
	if ctx.Err() != nil {
		return
	}
	syntax := r.prog.Check(u.pkg)
	u.errors = syntax.Errors
	if len(u.errors) == 0 {
		r.prog.Work(func() { r.analyzers(u, syntax) })
	}
	if r.cfg.Progress != nil {
		r.cfg.Progress(int(r.done.Add(1)), len(r.units))
	}
}
