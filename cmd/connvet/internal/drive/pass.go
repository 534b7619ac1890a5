package drive

import (
	"fmt"
	"os"
	"reflect"
	"runtime"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/packages"

	"github.com/connvet/connvet/cmd/connvet/internal/load"
	"github.com/connvet/connvet/cmd/connvet/internal/report"
)

// session is the run of all analysers on one package.
type session struct {
	r       *runner
	u       *unit
	syntax  *load.Syntax
	results map[*analysis.Analyzer]any
	failed  map[*analysis.Analyzer]bool
}

func (r *runner) analyzers(u *unit, syntax *load.Syntax) {
	s := &session{r: r, u: u, syntax: syntax, results: map[*analysis.Analyzer]any{}, failed: map[*analysis.Analyzer]bool{}}
	if u.pkg.Root {
		for _, a := range r.cfg.Analyzers {
			s.exec(a, true)
		}
		return
	}
	for _, a := range r.exporters {
		s.exec(a, false)
	}
}

// exporters are the analysers, among those given and those they require, that
// have something to say to the analysis of importers.
func exporters(as []*analysis.Analyzer) []*analysis.Analyzer {
	var out []*analysis.Analyzer
	seen := map[*analysis.Analyzer]bool{}
	var visit func([]*analysis.Analyzer)
	visit = func(as []*analysis.Analyzer) {
		for _, a := range as {
			if seen[a] {
				continue
			}
			seen[a] = true
			visit(a.Requires)
			if len(a.FactTypes) > 0 {
				out = append(out, a)
			}
		}
	}
	visit(as)
	return out
}

// exec runs a after what it requires, each once; wanted says whether its
// findings are. It tells whether a has a result.
func (s *session) exec(a *analysis.Analyzer, wanted bool) bool {
	if _, ok := s.results[a]; ok {
		return true
	}
	if s.failed[a] {
		return false
	}
	for _, req := range a.Requires {
		if !s.exec(req, false) {
			s.failed[a] = true
			return false
		}
	}
	result, err := s.run(a, wanted)
	if err != nil {
		s.failed[a] = true
		s.u.errors = append(s.u.errors, report.Error{Package: s.u.pkg.Path, File: s.u.pkg.GoFiles[0], Message: err.Error()})
		return false
	}
	s.results[a] = result
	return true
}

// run keeps what an analyser does wrong to the package it does it in.
func (s *session) run(a *analysis.Analyzer, wanted bool) (result any, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%s: internal error: %v (%s); the package is skipped, please report this", a.Name, p, panicSite())
		}
	}()
	pass := s.pass(a, wanted)
	result, err = a.Run(pass)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", a.Name, err)
	}
	if got := reflect.TypeOf(result); got != a.ResultType {
		return nil, fmt.Errorf("%s: internal error: result of type %v, declared %v", a.Name, got, a.ResultType)
	}
	return result, nil
}

// panicSite names the place that panicked, seen from a deferred function.
func panicSite() string {
	pcs := make([]uintptr, 32)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	panicking := false
	for {
		f, more := frames.Next()
		if panicking && !strings.HasPrefix(f.Function, "runtime.") {
			return fmt.Sprintf("%s:%d", f.File[strings.LastIndexByte(f.File, '/')+1:], f.Line)
		}
		panicking = panicking || f.Function == "runtime.gopanic"
		if !more {
			return "unknown place"
		}
	}
}

func (s *session) pass(a *analysis.Analyzer, wanted bool) *analysis.Pass {
	n := s.u.pkg
	pass := &analysis.Pass{
		Analyzer:     a,
		Fset:         s.r.prog.Fset,
		Files:        s.syntax.Files,
		OtherFiles:   n.OtherFiles,
		IgnoredFiles: n.IgnoredFiles,
		Pkg:          n.Types(),
		TypesInfo:    s.syntax.Info,
		TypesSizes:   load.Sizes,
		Module:       module(n.Module),
		ResultOf:     map[*analysis.Analyzer]any{},
		ReadFile:     os.ReadFile,
		Report: func(d analysis.Diagnostic) {
			if wanted {
				s.u.findings = append(s.u.findings, s.finding(a, d))
			}
		},
	}
	for _, req := range a.Requires {
		pass.ResultOf[req] = s.results[req]
	}
	s.r.facts.bind(pass, n)
	return pass
}

// module is never nil, as in the other drivers that read packages from source.
func module(m *packages.Module) *analysis.Module {
	if m == nil {
		return &analysis.Module{}
	}
	out := &analysis.Module{
		Path:      m.Path,
		Version:   m.Version,
		Replace:   nil,
		Time:      m.Time,
		Main:      m.Main,
		Indirect:  m.Indirect,
		Dir:       m.Dir,
		GoMod:     m.GoMod,
		GoVersion: m.GoVersion,
	}
	if m.Replace != nil {
		out.Replace = module(m.Replace)
	}
	if m.Error != nil {
		out.Error = &analysis.ModuleError{Err: m.Error.Err}
	}
	return out
}
