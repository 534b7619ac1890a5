// Package format writes a report: for people, for programs, for code hosts.
package format

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/connvet/connvet/cmd/connvet/internal/report"
)

// Options are what the handlers may need beside the report.
type Options struct {
	Rules   []*analysis.Analyzer
	Version string
	Context int  // lines of source around a finding; negative for none
	Color   bool // of the text format
	Errors  io.Writer
	Open    func(file string) ([]byte, error) // reads a file named as in the report
}

// Handler writes a report in one format.
type Handler func(w io.Writer, r *report.Report, o Options) error

var handlers = map[string]Handler{
	"text":   text,
	"json":   jsonDocument,
	"sarif":  sarif,
	"github": github,
}

// Names lists the formats.
func Names() []string { return slices.Sorted(maps.Keys(handlers)) }

// Lookup finds the handler of a format.
func Lookup(name string) (Handler, error) {
	if h := handlers[name]; h != nil {
		return h, nil
	}
	return nil, fmt.Errorf("unknown format %q; use one of %s", name, strings.Join(Names(), ", "))
}

func jsonDocument(w io.Writer, r *report.Report, _ Options) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(r)
}

// WriteErrors writes one line for each error.
func WriteErrors(w io.Writer, errs []report.Error) {
	for _, e := range errs {
		fmt.Fprintln(w, "connvet: "+errorLine(e))
	}
}

func errorLine(e report.Error) string {
	var b strings.Builder
	switch {
	case e.File != "" && e.Line > 0:
		fmt.Fprintf(&b, "%s:%d: ", e.File, e.Line)
	case e.File != "":
		fmt.Fprintf(&b, "%s: ", e.File)
	}
	b.WriteString(e.Message)
	if e.Package != "" {
		if b.Len() == len(e.Message) {
			return e.Package + ": " + e.Message
		}
		fmt.Fprintf(&b, " (package %s)", e.Package)
	}
	return b.String()
}
