package main_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// A caseReport is the part of connvet's JSON document that these tests read.
type caseReport struct {
	Findings []caseFinding
	Errors   []struct{ Package, File, Message string }
}

type caseFinding struct {
	Rule, Message string
	casePosition
	Related []casePosition
}

type casePosition struct {
	File         string
	Line, Column int
}

// TestLandingPage asserts that connvet reports the connection that the broken program
// shares, by name, at each handler's use of it, and nothing else; nothing in the
// fixed program with its test override; and that the README shows the findings.
func TestLandingPage(t *testing.T) {
	if testing.Short() {
		t.Skip("type-checks the real drivers")
	}
	connvet := buildForCases(t)
	incident := filepath.Join("..", "..", "testdata", "cases", "landing-page")

	t.Run("broken", func(t *testing.T) {
		dir := filepath.Join(incident, "broken")
		report := runOnCase(t, connvet, dir, 1)
		checkCase(t, dir, report, "sharedconn", `\bconn\b`,
			caseSpot{"api/api.go", "warehouse.Stats("}, caseSpot{"api/api.go", "warehouse.Openings("})
	})
	t.Run("fixed", func(t *testing.T) { checkSilent(t, connvet, filepath.Join(incident, "fixed")) })
	t.Run("readme", func(t *testing.T) { checkReadme(t, connvet) })
}

// TestAPIWorker asserts that connvet reports the connection that the broken program's
// worker takes and never gives back, where it takes it, and nothing else; and nothing
// in the fixed program.
func TestAPIWorker(t *testing.T) {
	if testing.Short() {
		t.Skip("type-checks the real drivers")
	}
	connvet := buildForCases(t)
	incident := filepath.Join("..", "..", "testdata", "cases", "api-worker")

	t.Run("broken", func(t *testing.T) {
		dir := filepath.Join(incident, "broken")
		report := runOnCase(t, connvet, dir, 1)
		checkCase(t, dir, report, "unclosedconn", `\bconn\b`, caseSpot{"app/app.go", "a.db.Conn("})
	})
	t.Run("fixed", func(t *testing.T) { checkSilent(t, connvet, filepath.Join(incident, "fixed")) })
}

// TestPreforkPool asserts that connvet reports the socket that the broken program gives
// to its workers, where it does, the pool that the unguarded one opens before it
// pre-forks, and nothing else, in the fixed programs least of all.
func TestPreforkPool(t *testing.T) {
	if testing.Short() {
		t.Skip("type-checks the real drivers")
	}
	incident := filepath.Join("..", "..", "testdata", "cases", "prefork-pool")
	report := runOnCase(t, buildForCases(t), incident, 1)
	checkCase(t, incident, report, "inheritedconn", `\b(socket|db)\b`,
		caseSpot{"broken/broken.go", "worker.Start("}, caseSpot{"fiber/unguarded/unguarded.go", "letters.Open("})
}

func checkSilent(t *testing.T, connvet, dir string) {
	t.Helper()
	report := runOnCase(t, connvet, dir, 0)
	if len(report.Findings) > 0 {
		t.Errorf("findings: %+v", report.Findings)
	}
}

// checkReadme asserts that the README shows what its first command prints.
func checkReadme(t *testing.T, connvet string) {
	root := filepath.Join("..", "..")
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	const args = "-C testdata/cases/landing-page/broken ./..."
	_, rest, _ := strings.Cut(string(readme), "\n$ go run ./cmd/connvet "+args+"\n")
	want, _, found := strings.Cut(rest, "```")
	if !found {
		t.Fatal("README.md has no block with the command and its output")
	}

	cmd := exec.CommandContext(t.Context(), connvet, strings.Fields(args)...)
	cmd.Dir = root
	got, err := cmd.Output()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("README.md shows\n%s\nbut the command prints\n%s", want, got)
	}
}

// A caseSpot is the line of a file that holds a text.
type caseSpot struct{ file, text string }

// checkCase asserts that all findings are the rule's, at one of the spots, and name the
// connection, and that each spot has one.
func checkCase(t *testing.T, dir string, r caseReport, rule, connection string, spots ...caseSpot) {
	t.Helper()
	name := regexp.MustCompile(connection)
	found := map[caseSpot]bool{}
	for _, f := range r.Findings {
		if f.Rule != rule {
			t.Errorf("%s:%d: unexpected finding of %s: %s", f.File, f.Line, f.Rule, f.Message)
			continue
		}
		if !name.MatchString(f.Message) {
			t.Errorf("%s:%d: the message does not name %s: %s", f.File, f.Line, connection, f.Message)
		}
		checkCaseFinding(t, dir, f)
		at := slices.IndexFunc(spots, func(s caseSpot) bool { return caseReportedAt(t, dir, f, s) })
		if at < 0 {
			t.Errorf("%s:%d: unexpected finding: %s", f.File, f.Line, f.Message)
			continue
		}
		found[spots[at]] = true
	}
	for _, s := range spots {
		if !found[s] {
			t.Errorf("no finding at %s in %s; findings: %+v", s.text, s.file, r.Findings)
		}
	}
}

func checkCaseFinding(t *testing.T, dir string, f caseFinding) {
	t.Helper()
	if len(f.Related) == 0 {
		t.Errorf("%s:%d: no related positions", f.File, f.Line)
	}
	for _, p := range append(f.Related, f.casePosition) {
		if !caseExists(t, dir, p) {
			t.Errorf("%s:%d: position %s:%d:%d does not exist", f.File, f.Line, p.File, p.Line, p.Column)
		}
	}
}

func caseExists(t *testing.T, dir string, p casePosition) bool {
	t.Helper()
	lines := caseLines(t, dir, p.File)
	return 1 <= p.Line && p.Line <= len(lines) && 1 <= p.Column && p.Column <= len(lines[p.Line-1])
}

// caseReportedAt tells whether the finding is at the spot.
func caseReportedAt(t *testing.T, dir string, f caseFinding, s caseSpot) bool {
	t.Helper()
	return f.File == s.file && caseExists(t, dir, f.casePosition) &&
		strings.Contains(caseLines(t, dir, s.file)[f.Line-1], s.text)
}

func caseLines(t *testing.T, dir, file string) []string {
	t.Helper()
	path := filepath.FromSlash(file)
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(string(data), "\n")
}

func buildForCases(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "connvet")
	if runtime.GOOS == "windows" {
		binary += ".exe"
	}
	out, err := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-o", binary, ".").CombinedOutput()
	if err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return binary
}

func runOnCase(t *testing.T, connvet, dir string, wantCode int) caseReport {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), connvet, "-C", dir, "-format=json", "./...")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.Output()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if code := cmd.ProcessState.ExitCode(); code != wantCode {
		t.Errorf("%v: exit code %d, want %d\n%s", cmd, code, wantCode, stderr.Bytes())
	}
	var report caseReport
	if err := json.Unmarshal(stdout, &report); err != nil {
		t.Fatalf("%v: %v\n%s%s", cmd, err, stdout, stderr.Bytes())
	}
	if len(report.Errors) > 0 {
		t.Errorf("errors: %+v", report.Errors)
	}
	return report
}
