package main_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
)

// skipped finds why a test of an incident was skipped, in the output of go test -v.
var skipped = regexp.MustCompile(`(?m)^ +\w+\.go:\d+: (.*)\n--- SKIP:`)

// TestIncidents runs the tests of the incident programs, which live with the real
// drivers in a module of their own that go test ./... does not enter.
func TestIncidents(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the real drivers")
	}
	cases := filepath.Join("..", "..", "testdata", "cases")
	readAll(t, cases)
	for _, incident := range []string{"landing-page", "prefork-pool", "api-worker"} {
		t.Run(incident, func(t *testing.T) {
			t.Parallel()
			// Not from the cache, which does not know of the database.
			cmd := exec.CommandContext(t.Context(), "go", "test", "-v", "-count=1", "./...")
			cmd.Dir = filepath.Join(cases, incident)
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("%v in %s: %v\n%s", cmd, cmd.Dir, err, out)
			}
			if why := skipped.FindSubmatch(out); why != nil {
				t.Skipf("%s", why[1])
			}
			t.Logf("%s", out)
		})
	}
}

// readAll makes the programs, and the variable that gives them a database, inputs of
// this test, so that go test does not answer from its cache when they have changed.
func readAll(t *testing.T, dir string) {
	t.Helper()
	os.Getenv("CONNVET_TEST_POSTGRES")
	err := filepath.WalkDir(dir, func(_ string, _ fs.DirEntry, err error) error { return err })
	if err != nil {
		t.Fatal(err)
	}
}
