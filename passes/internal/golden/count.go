package golden

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// Tally counts golden functions by what their names say of them.
type Tally struct {
	Bad int // hold a defect that must be found
	Ok  int // must stay silent
	FN  int // hold a defect that is known not to be found
	FP  int // are right and known to be reported
}

// Total is the number of golden functions.
func (c Tally) Total() int { return c.Bad + c.Ok + c.FN + c.FP }

// Add returns the sum of two tallies.
func (c Tally) Add(o Tally) Tally {
	return Tally{c.Bad + o.Bad, c.Ok + o.Ok, c.FN + o.FN, c.FP + o.FP}
}

// Count counts the golden functions and methods below dir, and reports to t
// those whose comments contradict their names.
func Count(t testing.TB, dir string) Tally {
	t.Helper()
	c, problems, err := countTree(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Error(p)
	}
	return c
}

func countTree(dir string) (Tally, []string, error) {
	var total Tally
	var problems []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		c, bad, err := countFile(path)
		total = total.Add(c)
		problems = append(problems, bad...)
		return err
	})
	return total, problems, err
}

func countFile(path string) (Tally, []string, error) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, path, nil, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return Tally{}, nil, err
	}
	x := expectations{exhaustive: make(map[string]bool)}
	if err := x.addFile(fset, "", f); err != nil {
		return Tally{}, nil, err
	}
	var c Tally
	var problems []string
	for _, decl := range f.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if !ok {
			continue
		}
		silent := c.add(fn.Name.Name)
		first, last := fset.Position(fn.Pos()), fset.Position(fn.End())
		for _, w := range x.wants {
			if silent && first.Line <= w.at.line && w.at.line <= last.Line {
				problems = append(problems, fmt.Sprintf("%s:%d: %s must stay silent but wants %#q", path, w.at.line, fn.Name.Name, w.rx))
			}
		}
	}
	return c, problems, nil
}

// add counts one function name and says whether it promises silence.
func (c *Tally) add(name string) (silent bool) {
	switch {
	case strings.HasPrefix(name, "Bad"):
		c.Bad++
	case strings.HasPrefix(name, "Ok"):
		c.Ok++
		return true
	case strings.HasPrefix(name, "FN_"):
		c.FN++
		return true
	case strings.HasPrefix(name, "FP_"):
		c.FP++
	}
	return false
}
