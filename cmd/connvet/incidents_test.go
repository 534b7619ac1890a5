package main_test

import (
	"os/exec"
	"path/filepath"
	"testing"
)

// TestIncidents runs the tests of the incident programs, which live with the real
// drivers in a module of their own that go test ./... does not enter.
func TestIncidents(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the real drivers")
	}
	cmd := exec.CommandContext(t.Context(), "go", "test", "./cases/...")
	cmd.Dir = filepath.Join("..", "..", "testdata")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v in %s: %v\n%s", cmd, cmd.Dir, err, out)
	}
	t.Logf("%s", out)
}
