// Package cli is the standalone front: flags, configuration, output, exit code.
package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"golang.org/x/term"
	"golang.org/x/tools/go/analysis"

	"github.com/connvet/connvet/cmd/connvet/internal/drive"
	"github.com/connvet/connvet/cmd/connvet/internal/fix"
	"github.com/connvet/connvet/cmd/connvet/internal/format"
	"github.com/connvet/connvet/cmd/connvet/internal/load"
	"github.com/connvet/connvet/cmd/connvet/internal/report"
	"github.com/connvet/connvet/passes"
)

// The exit codes.
const (
	exitClean    = 0
	exitFindings = 1
	exitFailed   = 2
)

// Streams are where the tool writes.
type Streams struct {
	Out, Err             io.Writer
	OutTerm, ErrTerm     bool
	Color, NoInteraction bool
}

// Process gives the streams of the process.
func Process() Streams {
	s := Streams{
		Out:     os.Stdout,
		Err:     os.Stderr,
		OutTerm: term.IsTerminal(int(os.Stdout.Fd())),
		ErrTerm: term.IsTerminal(int(os.Stderr.Fd())),
	}
	s.Color = s.OutTerm && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	return s
}

// Main runs the tool and returns its exit code.
func Main(args []string, s Streams, rules []*analysis.Analyzer) int {
	f, code, done := parseFlags(args, s, rules)
	if done {
		return code
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	code, err := f.run(ctx, s)
	if err != nil {
		fmt.Fprintf(s.Err, "connvet: %v\n", err)
		return exitFailed
	}
	return code
}

func (f *flags) run(ctx context.Context, s Streams) (int, error) {
	start := time.Now()
	if f.dir != "" {
		if err := os.Chdir(f.dir); err != nil {
			return 0, fmt.Errorf("-C: %w", err)
		}
	}
	wd, err := os.Getwd()
	if err != nil {
		return 0, err
	}
	analyzers, err := f.configure(wd)
	if err != nil {
		return 0, err
	}
	progress := newProgress(s.Err, s.ErrTerm)
	res, err := drive.Run(ctx, drive.Config{
		Analyzers: analyzers,
		Load:      load.Config{Dir: wd, Patterns: f.patterns, Tests: f.tests, Tags: f.tags, Catalogued: passes.Catalogued},
		Progress:  progress.update,
	})
	progress.stop()
	if err != nil {
		return 0, err
	}
	res.Normalize(wd)
	code, err := f.output(s, wd, res, analyzers)
	if err == nil && s.ErrTerm {
		summary(s.Err, res, time.Since(start))
	}
	return code, err
}

func (f *flags) output(s Streams, wd string, res *drive.Result, analyzers []*analysis.Analyzer) (int, error) {
	if f.diff || f.fix {
		return f.fixes(s, res)
	}
	handler, err := format.Lookup(f.format)
	if err != nil {
		return 0, err
	}
	err = handler(s.Out, &res.Report, format.Options{
		Rules:   analyzers,
		Version: Version(),
		Context: f.context,
		Color:   s.Color,
		Errors:  s.Err,
		Open:    opener(wd),
	})
	return exitCode(&res.Report), err
}

// fixes shows or writes the fixed files; findings without a fix are printed.
func (f *flags) fixes(s Streams, res *drive.Result) (int, error) {
	files, errs := fix.Plan(res.Findings, res.Editable)
	for _, file := range files {
		if f.diff {
			if _, err := s.Out.Write(file.Diff()); err != nil {
				return 0, err
			}
			continue
		}
		if err := file.Write(); err != nil {
			return 0, err
		}
	}
	left := &report.Report{Errors: append(res.Errors, errs...)}
	for _, finding := range res.Findings {
		if len(finding.Fixes) == 0 {
			left.Findings = append(left.Findings, finding)
		}
	}
	out := s.Out
	if f.diff { // standard output is the patch
		out = s.Err
	}
	handler, err := format.Lookup("text")
	if err != nil {
		return 0, err
	}
	if err := handler(out, left, format.Options{Context: -1, Errors: s.Err}); err != nil {
		return 0, err
	}
	code := exitCode(left)
	if code == exitClean && f.diff && len(files) > 0 {
		code = exitFindings
	}
	return code, nil
}

func exitCode(r *report.Report) int {
	switch {
	case len(r.Errors) > 0:
		return exitFailed
	case len(r.Findings) > 0:
		return exitFindings
	}
	return exitClean
}

func opener(wd string) func(string) ([]byte, error) {
	return func(file string) ([]byte, error) {
		if !filepath.IsAbs(file) {
			file = filepath.Join(wd, filepath.FromSlash(file))
		}
		return os.ReadFile(file)
	}
}

func summary(w io.Writer, res *drive.Result, took time.Duration) {
	fmt.Fprintf(w, "connvet: %s in %s (%.1fs)\n", count(len(res.Findings), "finding"), count(res.Packages, "package"), took.Seconds())
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
