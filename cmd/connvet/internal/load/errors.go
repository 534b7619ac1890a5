package load

import (
	"errors"
	"fmt"
	"go/ast"
	"go/scanner"
	"go/types"
	"strconv"
	"strings"

	"github.com/connvet/connvet/cmd/connvet/internal/report"
)

// maxErrors is how many errors of one package are told.
const maxErrors = 10

func parseErrors(path, file string, err error) []report.Error {
	var list scanner.ErrorList
	if !errors.As(err, &list) {
		return []report.Error{{Package: path, File: file, Message: err.Error()}}
	}
	out := make([]report.Error, 0, len(list))
	for _, e := range list {
		out = append(out, report.Error{Package: path, File: e.Pos.Filename, Line: e.Pos.Line, Message: e.Msg})
	}
	return out
}

func typeError(n *Package, err error) report.Error {
	var te types.Error
	if !errors.As(err, &te) {
		return report.Error{Package: n.Path, Message: err.Error()}
	}
	pos := te.Fset.Position(te.Pos)
	return report.Error{Package: n.Path, File: pos.Filename, Line: pos.Line, Message: oneLine(te.Msg)}
}

// explain shortens the errors of a package: where the go command has spoken it
// knows best, and where an import is broken one line that names it is enough.
func (n *Package) explain(errs []report.Error) []report.Error {
	if len(errs) == 0 {
		return nil
	}
	if len(n.errs) > 0 {
		return n.errs
	}
	if cause := n.brokenImport(map[*Package]bool{}); cause != nil {
		return []report.Error{{
			Package: n.Path,
			File:    errs[0].File,
			Line:    errs[0].Line,
			Message: fmt.Sprintf("%s; not analysed, as it imports %s, which is broken (%s)", errs[0].Message, cause.Package, where(*cause)),
		}}
	}
	if len(errs) > maxErrors {
		more := len(errs) - maxErrors
		errs = errs[:maxErrors:maxErrors]
		last := errs[maxErrors-1]
		errs = append(errs, report.Error{Package: last.Package, File: last.File, Line: last.Line, Message: fmt.Sprintf("and %d more errors", more)})
	}
	return errs
}

func where(e report.Error) string {
	if e.File == "" {
		return e.Message
	}
	return e.File + ":" + strconv.Itoa(e.Line) + ": " + e.Message
}

// brokenImport finds a package below n that does not type-check, among those
// that n was checked against.
func (n *Package) brokenImport(seen map[*Package]bool) *report.Error {
	for _, d := range n.deps {
		if seen[d] {
			continue
		}
		seen[d] = true
		if d.broken != nil && !d.Std {
			return d.broken
		}
		if cause := d.brokenImport(seen); cause != nil {
			return cause
		}
	}
	return nil
}

func importPath(spec *ast.ImportSpec) string {
	path, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		return strings.Trim(spec.Path.Value, "`\"")
	}
	return path
}
