// Package fix applies the first suggested fix of each finding.
package fix

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/connvet/connvet/cmd/connvet/internal/report"
)

// File is a file with its fixes applied.
type File struct {
	Path, Name string // as opened, and as shown
	Old, New   []byte
	Fixes      int
}

// Diff is the change as a unified diff.
func (f *File) Diff() []byte {
	return diff.Diff("a/"+f.Name, f.Old, "b/"+f.Name, f.New)
}

// Write replaces the file by its fixed version.
func (f *File) Write() error {
	info, err := os.Stat(f.Path)
	if err != nil {
		return err
	}
	return os.WriteFile(f.Path, f.New, info.Mode().Perm())
}

// Plan works out the fixed files, sorted by name. Only editable files are
// touched. A fix that overlaps one already taken, or that breaks the syntax of
// its file, is refused as a whole and told in the errors.
func Plan(findings []report.Finding, editable map[string]bool) ([]*File, []report.Error) {
	p := &plan{editable: editable, files: map[string]*file{}}
	for _, f := range findings {
		if len(f.Fixes) > 0 {
			p.add(f, f.Fixes[0])
		}
	}
	return p.result()
}

type plan struct {
	editable map[string]bool
	files    map[string]*file
	errors   []report.Error
}

// file collects the edits of one file.
type file struct {
	name  string
	old   []byte
	edits []report.Edit
	fixes int
}

func (p *plan) add(f report.Finding, fx report.Fix) {
	edits := slices.Clone(fx.Edits)
	slices.SortStableFunc(edits, compare)
	for _, e := range edits {
		if reason := p.refuse(e, edits); reason != "" {
			p.errors = append(p.errors, report.Error{File: f.File, Line: f.Line, Message: fmt.Sprintf("%s: fix %q not applied: %s", f.Rule, fx.Message, reason)})
			return
		}
	}
	touched := map[*file]bool{}
	for _, e := range edits {
		file := p.files[e.Path]
		touched[file] = true
		if !slices.Contains(file.edits, e) {
			file.edits = append(file.edits, e)
		}
	}
	for file := range touched {
		file.fixes++
	}
}

// refuse tells why an edit cannot be made; "" if it can.
func (p *plan) refuse(e report.Edit, own []report.Edit) string {
	if !p.editable[e.Path] {
		return e.File + " is not part of the main module"
	}
	file, err := p.open(e)
	switch {
	case err != nil:
		return err.Error()
	case generated(file.old):
		return e.File + " is generated; fix its generator"
	case e.Start < 0 || e.End < e.Start || e.End > len(file.old):
		return fmt.Sprintf("it lies outside of %s, which has changed since it was read", e.File)
	}
	for _, other := range slices.Concat(file.edits, own) {
		if other.Path == e.Path && other != e && overlap(other, e) {
			return fmt.Sprintf("it overlaps another fix at %s:%d; run -fix again", other.File, other.Line)
		}
	}
	return ""
}

func (p *plan) open(e report.Edit) (*file, error) {
	if f := p.files[e.Path]; f != nil {
		return f, nil
	}
	old, err := os.ReadFile(e.Path)
	if err != nil {
		return nil, err
	}
	f := &file{name: e.File, old: old}
	p.files[e.Path] = f
	return f, nil
}

// overlap: two insertions at one place have no order, so they overlap too.
func overlap(a, b report.Edit) bool {
	if a.Start == a.End && b.Start == b.End {
		return a.Start == b.Start
	}
	return a.Start < b.End && b.Start < a.End
}

func compare(a, b report.Edit) int {
	return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End))
}

func generated(src []byte) bool {
	f, err := parser.ParseFile(token.NewFileSet(), "", src, parser.PackageClauseOnly|parser.ParseComments)
	return err == nil && ast.IsGenerated(f)
}

func (p *plan) result() ([]*File, []report.Error) {
	var out []*File
	for path, f := range p.files {
		if len(f.edits) == 0 {
			continue
		}
		fixed, err := format.Source(f.apply())
		if err != nil {
			p.errors = append(p.errors, report.Error{File: f.name, Message: fmt.Sprintf("fixes not applied: they break the file (%v)", err)})
			continue
		}
		if !bytes.Equal(fixed, f.old) {
			out = append(out, &File{Path: path, Name: filepath.ToSlash(f.name), Old: f.old, New: fixed, Fixes: f.fixes})
		}
	}
	slices.SortFunc(out, func(a, b *File) int { return cmp.Compare(a.Name, b.Name) })
	return out, p.errors
}

func (f *file) apply() []byte {
	slices.SortStableFunc(f.edits, compare)
	var out bytes.Buffer
	at := 0
	for _, e := range f.edits {
		out.Write(f.old[at:e.Start])
		out.WriteString(e.NewText)
		at = e.End
	}
	out.Write(f.old[at:])
	return out.Bytes()
}
