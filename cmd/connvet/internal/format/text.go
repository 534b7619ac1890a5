package format

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/connvet/connvet/cmd/connvet/internal/report"
)

const (
	bold  = "\x1b[1m"
	red   = "\x1b[31m"
	faint = "\x1b[2m"
	reset = "\x1b[0m"
)

func text(w io.Writer, r *report.Report, o Options) error {
	out := bufio.NewWriter(w)
	p := painter(o.Color)
	src := newSources(o.Open)
	for _, f := range r.Findings {
		pos := fmt.Sprintf("%s:%d:%d:", f.File, f.Line, f.Column)
		fmt.Fprintf(out, "%s %s %s\n", p.paint(bold, pos), p.paint(red, f.Rule+":"), f.Message)
		if o.Context >= 0 {
			context(out, src.lines(f.File), f, o.Context)
		}
		for _, rel := range f.Related {
			fmt.Fprintf(out, "\t%s %s\n", p.paint(faint, fmt.Sprintf("%s:%d:%d:", rel.File, rel.Line, rel.Column)), rel.Message)
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	WriteErrors(o.Errors, r.Errors)
	return nil
}

// context shows the lines of a finding and n lines on both sides.
func context(out io.Writer, lines []string, f report.Finding, n int) {
	last := max(f.Line, f.EndLine)
	for i := max(1, f.Line-n); i <= min(len(lines), last+n); i++ {
		fmt.Fprintf(out, "%d\t%s\n", i, lines[i-1])
	}
}

type painter bool

func (p painter) paint(color, s string) string {
	if !p {
		return s
	}
	return color + s + reset
}

// sources reads files at most once. A file that cannot be read has no lines.
type sources struct {
	open  func(string) ([]byte, error)
	files map[string][]string
}

func newSources(open func(string) ([]byte, error)) *sources {
	return &sources{open: open, files: map[string][]string{}}
}

func (s *sources) lines(file string) []string {
	if lines, ok := s.files[file]; ok {
		return lines
	}
	var lines []string
	if s.open != nil {
		if data, err := s.open(file); err == nil {
			lines = strings.Split(strings.ReplaceAll(string(data), "\r\n", "\n"), "\n")
		}
	}
	s.files[file] = lines
	return lines
}
