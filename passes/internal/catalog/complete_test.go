package catalog_test

import (
	"bufio"
	"go/types"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/connvet/connvet/passes/internal/catalog"
)

// TestComplete finds calls of catalogued packages that give or lend a
// catalogued value and are not listed. What is left out on purpose stands in
// testdata/unlisted.txt, with the reason.
func TestComplete(t *testing.T) {
	c, w := loadWorld(t)
	unlisted := readUnlisted(t)
	for _, path := range c.Packages() {
		p, err := w.Package(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range exported(p) {
			key := catalog.FuncKey(f)
			missing := missingOf(c, f)
			if unlisted[key] && missing == "" && c.Func(key) != nil {
				t.Errorf("%s is listed: take it out of testdata/unlisted.txt", key)
			}
			if !unlisted[key] && missing != "" {
				t.Errorf("%s: %s is not listed", key, missing)
			}
		}
	}
}

func readUnlisted(t *testing.T) map[string]bool {
	t.Helper()
	f, err := os.Open("testdata/unlisted.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	out := map[string]bool{}
	for s := bufio.NewScanner(f); s.Scan(); {
		if line := s.Text(); line != "" && !strings.HasPrefix(line, "#") {
			out[line] = true
		}
	}
	return out
}

// missingOf names a catalogued value that f gives or lends and the catalog
// does not know of.
func missingOf(c *catalog.Catalog, f *types.Func) string {
	known := c.Func(catalog.FuncKey(f))
	if known == nil {
		known = &catalog.Func{}
	}
	sig := f.Signature()
	for i := range sig.Results().Len() {
		row := c.TypeOf(sig.Results().At(i).Type())
		listed := slices.ContainsFunc(known.Results, func(r catalog.Result) bool { return r.Index == i })
		if row != nil && !listed {
			return "result " + row.Key
		}
	}
	for i := range sig.Params().Len() {
		callback, ok := sig.Params().At(i).Type().Underlying().(*types.Signature)
		if !ok {
			continue
		}
		for j := range callback.Params().Len() {
			row := c.TypeOf(callback.Params().At(j).Type())
			listed := slices.ContainsFunc(known.Lends, func(l catalog.Lend) bool { return l.Callback == i && l.Param == j })
			if row != nil && !listed {
				return "callback with " + row.Key
			}
		}
	}
	return ""
}

// exported lists the exported functions of a package and the exported methods
// its exported types declare.
func exported(p *types.Package) []*types.Func {
	var out []*types.Func
	for _, name := range p.Scope().Names() {
		obj := p.Scope().Lookup(name)
		if !obj.Exported() {
			continue
		}
		if f, ok := obj.(*types.Func); ok {
			out = append(out, f)
		}
		n, ok := obj.Type().(*types.Named)
		if _, typ := obj.(*types.TypeName); !ok || !typ {
			continue
		}
		methods := slices.Collect(n.Methods())
		if i, ok := n.Underlying().(*types.Interface); ok {
			methods = slices.Collect(i.ExplicitMethods())
		}
		for _, m := range methods {
			if m.Exported() {
				out = append(out, m)
			}
		}
	}
	return out
}
