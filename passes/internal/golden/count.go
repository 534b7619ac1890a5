package golden

import (
	"io/fs"
	"path/filepath"
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
		if err != nil || !d.IsDir() {
			return err
		}
		f, err := readFolder(path)
		if err != nil {
			return err
		}
		for _, g := range f.functions {
			total.add(g.prefix)
			problems = append(problems, f.check(g)...)
		}
		return nil
	})
	return total, problems, err
}

// add counts one function by what its name begins with.
func (c *Tally) add(prefix string) {
	switch prefix {
	case "Bad":
		c.Bad++
	case "Ok":
		c.Ok++
	case "FN_":
		c.FN++
	case "FP_":
		c.FP++
	}
}
