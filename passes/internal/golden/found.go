package golden

import (
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"testing"
)

// Found is a finding, or a related position, as another program printed it.
type Found struct {
	File    string // absolute
	Line    int
	Message string
	Related []Found
}

// Compare holds findings made elsewhere against the comments of packages,
// named by their folders in the module at dir, and reports to t where they
// disagree.
func Compare(t testing.TB, dir string, found []Found, packages ...string) {
	t.Helper()
	problems, err := compareFound(dir, found, packages)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Error(p)
	}
}

func compareFound(dir string, found []Found, packages []string) ([]string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	c := &comparison{
		mod:    &module{dir: dir},
		expect: expectations{exhaustive: make(map[string]bool)},
		seen:   make(map[string]bool),
	}
	own := make(map[string]bool)
	for _, p := range packages {
		if err := c.readFolder(filepath.Join(dir, p), own); err != nil {
			return nil, err
		}
	}
	for _, f := range found {
		c.addFound(f, own)
	}
	return c.problems(), nil
}

// readFolder reads the comments of one package and adds its files to own.
func (c *comparison) readFolder(folder string, own map[string]bool) error {
	names, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return &os.PathError{Op: "find Go files", Path: folder, Err: os.ErrNotExist}
	}
	fset := token.NewFileSet()
	for _, name := range names {
		f, err := parser.ParseFile(fset, name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		if err := c.expect.addFile(fset, folder, f); err != nil {
			return err
		}
		own[name] = true
	}
	return nil
}

func (c *comparison) addFound(f Found, own map[string]bool) {
	pos := f.position()
	if !own[f.File] {
		c.fail(pos, "finding outside the packages: %s", f.Message)
		return
	}
	if c.fresh("want", pos, f.Message) {
		c.finding(pos, f.Message)
	}
	folder := filepath.Dir(f.File)
	for _, r := range f.Related {
		inPackage := own[r.File] && filepath.Dir(r.File) == folder
		if inPackage && c.fresh("rel", r.position(), r.Message) {
			c.related(folder, r.position(), r.Message)
		}
	}
}

func (f Found) position() token.Position {
	return token.Position{Filename: f.File, Line: f.Line}
}
