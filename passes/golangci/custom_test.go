package golangci

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/connvet/connvet/passes"
	"github.com/connvet/connvet/passes/internal/golden"
)

// corpus is the module of the golden packages.
const corpus = "../../testdata"

// packages are the golden packages of each rule that golangci-lint is run on.
var packages = map[string][]string{
	"sharedconn": {
		"sharedconn/globals", "sharedconn/layers/store", "sharedconn/layers/handlers",
		"sharedconn/layers/web", "sharedconn/layers/cmd",
	},
	"capturedconn":  {"capturedconn/statements"},
	"unclosedconn":  {"unclosedconn/handlers"},
	"busyconn":      {"busyconn/sqltx"},
	"transientpool": {"transientpool/work"},
	"inheritedconn": {"inheritedconn/files"},
}

// TestCustom builds golangci-lint with the plugin in it, and asks it for what the
// comments of the golden packages want.
func TestCustom(t *testing.T) {
	if testing.Short() {
		t.Skip("builds golangci-lint")
	}
	l := &linter{binary: buildCustom(t), cache: t.TempDir()}
	for _, rule := range passes.RuleNames() {
		t.Run(rule, func(t *testing.T) {
			code, out, stderr := l.run(t, onlySettings(rule), packages[rule])
			if code > 1 {
				t.Fatalf("exit code %d\n%s", code, stderr)
			}
			golden.Compare(t, corpus, parseIssues(t, rule, out), packages[rule]...)
		})
	}
	t.Run("all rules", func(t *testing.T) {
		code, out, stderr := l.run(t, "{}", packages["capturedconn"])
		if code != 1 || !bytes.Contains(out, []byte(`"FromLinter":"connvet"`)) {
			t.Errorf("exit code %d, want 1 and findings of connvet\n%s%s", code, out, stderr)
		}
	})
	t.Run("unknown setting", func(t *testing.T) {
		code, _, stderr := l.run(t, "{profil: strict}", packages["capturedconn"])
		if want := `unknown field "profil"; use profile, rules`; code < 2 || !strings.Contains(stderr, want) {
			t.Errorf("exit code %d and %q, want a failure that says %s", code, stderr, want)
		}
	})
}

// buildCustom builds the module in testdata/custom. Its go.mod is read from a copy, which
// the go command may bring up to date with that of connvet.
func buildCustom(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"go.mod", "go.sum"} {
		data, err := os.ReadFile(filepath.Join("testdata", "custom", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	binary := filepath.Join(dir, "custom-gcl")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-mod=mod", "-modfile="+filepath.Join(dir, "go.mod"), "-o", binary, ".")
	cmd.Dir = filepath.Join("testdata", "custom")
	cmd.Env = append(os.Environ(), "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", cmd, err, out)
	}
	return binary
}

type linter struct{ binary, cache string }

// config leaves nothing out of what the linter finds.
const config = `version: "2"
linters:
  default: none
  enable: [connvet]
  exclusions:
    generated: disable
  settings:
    custom:
      connvet:
        type: module
        settings: %s
issues:
  max-issues-per-linter: 0
  max-same-issues: 0
  uniq-by-line: false
output:
  formats:
    json: {path: stdout}
  path-mode: abs
  show-stats: false
`

func (l *linter) run(t *testing.T, settings string, packages []string) (code int, stdout []byte, stderr string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "golangci.yml")
	if err := os.WriteFile(file, fmt.Appendf(nil, config, settings), 0o644); err != nil {
		t.Fatal(err)
	}
	args := []string{"run", "--config", file}
	for _, p := range packages {
		args = append(args, "./"+p)
	}
	cmd := exec.CommandContext(t.Context(), l.binary, args...)
	cmd.Dir = corpus
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOLANGCI_LINT_CACHE="+l.cache)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.Bytes(), errs.String()
}

// onlySettings switches all rules but one off.
func onlySettings(rule string) string {
	var off []string
	for _, name := range passes.RuleNames() {
		if name != rule {
			off = append(off, name+": false")
		}
	}
	return "{profile: default, rules: {" + strings.Join(off, ", ") + "}}"
}

// folded is a message with places at its end.
var folded = regexp.MustCompile(`^(.*) \(((?:[^():;]+: [^():;]+:[0-9]+(?:; )?)+)\)$`)

// parseIssues reads the JSON output and takes the places out of the messages again.
func parseIssues(t *testing.T, rule string, out []byte) []golden.Found {
	t.Helper()
	var doc struct {
		Issues []struct {
			Text string
			Pos  struct {
				Filename string
				Line     int
			}
		}
	}
	if err := json.Unmarshal(out, &doc); err != nil {
		t.Fatalf("%v in %q", err, out)
	}
	var found []golden.Found
	for _, issue := range doc.Issues {
		message := strings.TrimPrefix(issue.Text, rule+": ")
		f := golden.Found{File: issue.Pos.Filename, Line: issue.Pos.Line, Message: message}
		if m := folded.FindStringSubmatch(message); m != nil {
			f.Message, f.Related = m[1], parsePlaces(t, filepath.Dir(f.File), m[2])
		}
		found = append(found, f)
	}
	return found
}

// parsePlaces reads "message: file.go:12; …"; files are taken to be in dir.
func parsePlaces(t *testing.T, dir, text string) []golden.Found {
	t.Helper()
	var out []golden.Found
	for place := range strings.SplitSeq(text, "; ") {
		parts := strings.Split(place, ":")
		line, err := strconv.Atoi(parts[len(parts)-1])
		if err != nil || len(parts) != 3 {
			t.Fatalf("bad place %q", place)
		}
		out = append(out, golden.Found{File: filepath.Join(dir, strings.TrimSpace(parts[1])), Line: line, Message: parts[0]})
	}
	return out
}
