package format

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/connvet/connvet/cmd/connvet/internal/report"
)

// github writes workflow commands, which GitHub shows beside the changed lines.
func github(w io.Writer, r *report.Report, o Options) error {
	out := bufio.NewWriter(w)
	for _, f := range r.Findings {
		fmt.Fprintf(out, "::error file=%s,line=%d,endLine=%d,col=%d", property(f.File), f.Line, f.EndLine, f.Column)
		if f.EndLine == f.Line && f.EndColumn > f.Column {
			fmt.Fprintf(out, ",endColumn=%d", f.EndColumn)
		}
		fmt.Fprintf(out, ",title=%s::%s\n", property("connvet "+f.Rule), message(f))
	}
	for _, e := range r.Errors {
		fmt.Fprint(out, "::error ")
		if e.File != "" {
			fmt.Fprintf(out, "file=%s,line=%d,", property(e.File), max(e.Line, 1))
		}
		fmt.Fprintf(out, "title=connvet::%s\n", data(errorLine(e)))
	}
	if err := out.Flush(); err != nil {
		return err
	}
	WriteErrors(o.Errors, r.Errors)
	return nil
}

func message(f report.Finding) string {
	var b strings.Builder
	b.WriteString(f.Message)
	for _, rel := range f.Related {
		fmt.Fprintf(&b, "\n%s:%d: %s", rel.File, rel.Line, rel.Message)
	}
	return data(b.String())
}

var (
	dataEscaper     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	propertyEscaper = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

func data(s string) string     { return dataEscaper.Replace(s) }
func property(s string) string { return propertyEscaper.Replace(s) }
