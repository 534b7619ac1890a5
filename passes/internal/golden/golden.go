// Package golden runs a rule over the packages of testdata, which use the real
// drivers, and compares its findings with comments in the code:
//
//	conn.Exec(ctx, q) // want "conn is shared" "second finding of the line"
//	conn := dial()    // rel "connected here"
//	conn := dial()    // want "may be lost" rel "acquired here"
//	// want +1 "a finding on the next line"
//
// A want is what analysistest calls one: every finding needs its own, and every
// one needs its finding. A rel asks for a related position of some finding of the same
// package. A file with the line //golden:related above its package clause
// asks the reverse too: no related position without its rel.
//
// Functions are called BadX when they hold a defect, OkX when the rule must
// stay silent, FN_x and FP_x when the rule is known to be wrong about them:
// a defect not found, and a want that should not be there. Count holds them to
// that: OkX and FN_x have no want; BadX and FP_x have a want or rel inside, or a
// want whose pattern names them, or a want inside a function, type, variable or
// field that their comment names. FN_x and FP_x have a comment that says why.
package golden

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/checker"
)

// Run applies the analyzer to the packages that match the patterns in the
// module at dir, and reports to t where findings and comments disagree.
func Run(t testing.TB, dir string, a *analysis.Analyzer, patterns ...string) {
	t.Helper()
	problems, err := compare(dir, a, patterns)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Error(p)
	}
}

// Analyze applies the analyzer to the packages that match the patterns in the
// module at dir, for tests that look at more than its findings.
func Analyze(t testing.TB, dir string, a *analysis.Analyzer, patterns ...string) *checker.Graph {
	t.Helper()
	mod, err := load(dir, patterns)
	if err != nil {
		t.Fatal(err)
	}
	graph, err := checker.Analyze([]*analysis.Analyzer{a}, mod.roots, &checker.Options{SanityCheck: true})
	if err != nil {
		t.Fatal(err)
	}
	for act := range graph.All() {
		if act.Err != nil {
			t.Fatalf("%s: %v", act, act.Err)
		}
	}
	return graph
}

// compare returns one line for each disagreement, sorted by position.
func compare(dir string, a *analysis.Analyzer, patterns []string) ([]string, error) {
	mod, err := load(dir, patterns)
	if err != nil {
		return nil, err
	}
	graph, err := checker.Analyze([]*analysis.Analyzer{a}, mod.roots, &checker.Options{SanityCheck: true})
	if err != nil {
		return nil, err
	}
	c, err := newComparison(mod)
	if err != nil {
		return nil, err
	}
	for act := range graph.All() {
		if act.Err != nil {
			return nil, fmt.Errorf("%s: %w", act, act.Err)
		}
	}
	for _, act := range graph.Roots {
		c.add(act)
	}
	return c.problems(), nil
}

// relative names a file as seen from the module, with slashes.
func relative(dir, file string) string {
	rel, err := filepath.Rel(dir, file)
	if err != nil || strings.HasPrefix(rel, "..") {
		return file
	}
	return filepath.ToSlash(rel)
}
