package unclosedconn_test

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"go/format"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/checker"

	"github.com/connvet/connvet/passes/internal/golden"
	"github.com/connvet/connvet/passes/unclosedconn"
)

// edit is a text edit by offsets.
type edit struct {
	start, end int
	text       string
}

// fixed applies the fixes of a graph to the files under dir: the new text of
// each file that changes, by its path from dir.
func fixed(t *testing.T, dir string, graph *checker.Graph) map[string]string {
	t.Helper()
	edits := map[string][]edit{}
	for _, act := range graph.Roots {
		for _, d := range act.Diagnostics {
			for _, fix := range d.SuggestedFixes {
				for _, e := range fix.TextEdits {
					file := act.Package.Fset.File(e.Pos)
					x := edit{file.Offset(e.Pos), file.Offset(e.Pos), string(e.NewText)}
					if e.End.IsValid() {
						x.end = file.Offset(e.End)
					}
					if !slices.Contains(edits[file.Name()], x) {
						edits[file.Name()] = append(edits[file.Name()], x)
					}
				}
			}
		}
	}
	out := map[string]string{}
	for name, es := range edits {
		rel, err := filepath.Rel(dir, name)
		if err != nil {
			t.Fatal(err)
		}
		out[filepath.ToSlash(rel)] = apply(t, name, es)
	}
	return out
}

func apply(t *testing.T, name string, edits []edit) string {
	t.Helper()
	old, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	slices.SortStableFunc(edits, func(a, b edit) int { return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end)) })
	var out bytes.Buffer
	at := 0
	for _, e := range edits {
		if e.start < at {
			t.Fatalf("%s: edits overlap at %d", name, e.start)
		}
		out.Write(old[at:e.start])
		out.WriteString(e.text)
		at = e.end
	}
	out.Write(old[at:])
	src, err := format.Source(out.Bytes())
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out.Bytes())
	}
	return string(src)
}

func abs(t *testing.T, dir string) string {
	t.Helper()
	dir, err := filepath.Abs(dir)
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestFixGolden compares the fixed files with those beside them. UPDATE=1 writes them.
func TestFixGolden(t *testing.T) {
	dir := abs(t, testdata)
	graph := golden.Analyze(t, testdata, unclosedconn.Analyzer, "./unclosedconn/...")
	got := fixed(t, dir, graph)
	for _, name := range []string{"insert.go", "move.go", "loop.go"} {
		path := filepath.Join(dir, "unclosedconn", "fixes", name+".golden")
		text := got["unclosedconn/fixes/"+name]
		if os.Getenv("UPDATE") != "" {
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if text != string(want) {
			t.Errorf("%s: fixed file differs from its golden file:\n%s", name, text)
		}
	}
	offered(t, graph)
}

// offered holds the findings against the name of their package: fixes or nofixes.
func offered(t *testing.T, graph *checker.Graph) {
	t.Helper()
	for _, act := range graph.Roots {
		path := act.Package.PkgPath
		for _, d := range act.Diagnostics {
			at := act.Package.Fset.Position(d.Pos)
			switch n := len(d.SuggestedFixes); {
			case n == 0 && strings.HasSuffix(path, "/fixes"):
				t.Errorf("%s: no fix for: %s", at, d.Message)
			case n > 0 && strings.HasSuffix(path, "/nofixes"):
				t.Errorf("%s: must be left alone, but has a fix %q", at, d.SuggestedFixes[0].Message)
			}
		}
	}
}

// TestFixesHold applies all fixes to a copy of the golden packages: they must
// still compile, each finding that had a fix must be gone, and none be new.
func TestFixesHold(t *testing.T) {
	if testing.Short() {
		t.Skip("loads the real drivers twice")
	}
	dir := abs(t, testdata)
	before := golden.Analyze(t, testdata, unclosedconn.Analyzer, "./unclosedconn/...")
	copied := t.TempDir()
	copyTree(t, dir, copied)
	changed := fixed(t, dir, before)
	for name, text := range changed {
		if err := os.WriteFile(filepath.Join(copied, filepath.FromSlash(name)), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	after := golden.Analyze(t, copied, unclosedconn.Analyzer, "./unclosedconn/...")
	left := findings(before, func(d analysis.Diagnostic) bool { return len(d.SuggestedFixes) == 0 })
	now := findings(after, func(analysis.Diagnostic) bool { return true })
	for _, key := range slices.Sorted(maps.Keys(now)) {
		if now[key] > left[key] {
			t.Errorf("found after the fixes: %s", key)
		}
	}
	all := findings(before, func(analysis.Diagnostic) bool { return true })
	t.Logf("%d findings, %d without a fix, in %d changed files", len(all), len(left), len(changed))
	if 2*len(left) > len(all) {
		t.Errorf("%d of %d findings have no fix", len(left), len(all))
	}
}

// copyTree copies the module files and the golden packages.
func copyTree(t *testing.T, from, to string) {
	t.Helper()
	for _, name := range []string{"go.mod", "go.sum", "unclosedconn"} {
		err := filepath.WalkDir(filepath.Join(from, name), func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			target := filepath.Join(to, strings.TrimPrefix(path, from))
			if d.IsDir() {
				return os.MkdirAll(target, 0o755)
			}
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			return os.WriteFile(target, data, 0o644)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// findings counts those that keep says by function and message: lines move.
func findings(graph *checker.Graph, keep func(analysis.Diagnostic) bool) map[string]int {
	out := map[string]int{}
	seen := map[string]bool{}
	for _, act := range graph.Roots {
		fset := act.Package.Fset
		for _, d := range act.Diagnostics {
			at := fmt.Sprint(fset.Position(d.Pos), d.Message)
			if keep(d) && !seen[at] {
				seen[at] = true // the test variant of a package repeats its findings
				out[fmt.Sprintf("%s %s: %s", act.Package.PkgPath, function(act.Package.Syntax, d.Pos), d.Message)]++
			}
		}
	}
	return out
}

func function(files []*ast.File, pos token.Pos) string {
	for _, f := range files {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Pos() <= pos && pos < fn.End() {
				return fn.Name.Name
			}
		}
	}
	return ""
}
