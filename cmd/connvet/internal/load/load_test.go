package load

import (
	"testing"

	"golang.org/x/tools/go/packages"
)

// graph builds go/packages packages: main module m, library module lib with the
// catalogued package lib/conn, third parties, and the standard library.
type graph map[string]*packages.Package

func (g graph) add(path, module string, imports ...string) {
	p := &packages.Package{ID: path, PkgPath: path, Name: "p", GoFiles: []string{"/src/" + path + "/p.go"}, Imports: map[string]*packages.Package{}}
	if module != "" {
		p.Module = &packages.Module{Path: module, Main: module == "example.com/m"}
	} else {
		p.GoFiles = nil
	}
	for _, i := range imports {
		p.Imports[i] = g[i]
	}
	g[path] = p
}

func TestMark(t *testing.T) {
	g := graph{}
	g.add("net", "")
	g.add("example.com/lib/internal/pool", "example.com/lib", "net")
	g.add("example.com/lib/conn", "example.com/lib", "example.com/lib/internal/pool")
	g.add("example.com/lib/extra", "example.com/lib", "example.com/lib/conn")
	g.add("example.com/wrap/deep", "example.com/wrap", "example.com/lib/conn")
	g.add("example.com/wrap", "example.com/wrap", "example.com/wrap/deep")
	g.add("example.com/plain", "example.com/plain", "net")
	g.add("example.com/unreached", "example.com/unreached", "example.com/lib/conn")
	g.add("example.com/m/util", "example.com/m")
	g.add("example.com/m", "example.com/m", "example.com/wrap", "example.com/plain", "example.com/lib/extra", "example.com/m/util", "net")

	p := &Program{}
	roots := []*packages.Package{g["example.com/m"]}
	p.build(roots)
	p.mark(roots, func(path string) bool { return path == "example.com/lib/conn" || path == "net" })
	want := map[string]bool{
		"example.com/m":         true, // main module
		"example.com/m/util":    true, // main module, imports nothing
		"example.com/wrap":      true, // third party, reaches the library
		"example.com/wrap/deep": true,
	}
	for _, n := range p.Packages {
		if n.Analyze != want[n.Path] {
			t.Errorf("%s: analyse %v, want %v", n.Path, n.Analyze, want[n.Path])
		}
		if n.Root != (n.Path == "example.com/m") {
			t.Errorf("%s: root %v", n.Path, n.Root)
		}
	}
}

func TestMarkRootsPrefersTestVariant(t *testing.T) {
	p := &packages.Package{ID: "m/p", PkgPath: "m/p", Name: "p", GoFiles: []string{"p.go"}}
	variant := &packages.Package{ID: "m/p [m/p.test]", PkgPath: "m/p", ForTest: "m/p", Name: "p", GoFiles: []string{"p.go", "p_test.go"}}
	other := &packages.Package{ID: "m/q [m/p.test]", PkgPath: "m/q", ForTest: "m/p", Name: "q", GoFiles: []string{"q.go"}}
	external := &packages.Package{ID: "m/p_test [m/p.test]", PkgPath: "m/p_test", ForTest: "m/p", Name: "p_test", GoFiles: []string{"x_test.go"}}
	main := &packages.Package{ID: "m/p.test", PkgPath: "m/p.test", Name: "main", GoFiles: []string{"main.go"}}
	roots := []*packages.Package{p, variant, other, external, main}
	prog := &Program{}
	prog.build(roots)
	prog.markRoots(roots)
	want := map[string]bool{variant.ID: true, external.ID: true}
	for _, n := range prog.Packages {
		if n.Root != want[n.ID] {
			t.Errorf("%s: root %v", n.ID, n.Root)
		}
	}
}

func TestSplitPos(t *testing.T) {
	for pos, want := range map[string]struct {
		file string
		line int
	}{
		"":            {"", 0},
		"-":           {"", 0},
		"a.go":        {"a.go", 0},
		"a.go:3":      {"a.go", 3},
		"a.go:3:14":   {"a.go", 3},
		`C:\a.go:3:1`: {`C:\a.go`, 3},
	} {
		if file, line := splitPos(pos); file != want.file || line != want.line {
			t.Errorf("splitPos(%q) = %q, %d", pos, file, line)
		}
	}
}
