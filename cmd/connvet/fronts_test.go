package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestFronts asserts that both ways to run connvet find the same in packages that
// use real drivers: facts, modules and positions reach the rules by different roads.
func TestFronts(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles the real drivers")
	}
	connvet := buildForCases(t)
	dir, err := filepath.Abs(filepath.Join("..", "..", "testdata"))
	if err != nil {
		t.Fatal(err)
	}
	patterns := []string{
		"./capturedconn/statements", "./capturedconn/helpers/...",
		"./sharedconn/globals", "./sharedconn/layers/...",
		"./unclosedconn/paths", "./unclosedconn/helpers/...",
		"./busyconn/pgx", "./busyconn/sqltx",
		"./transientpool/helpers/...",
		"./inheritedconn/files", "./inheritedconn/helpers/...",
	}
	alone := findAlone(t, connvet, dir, patterns)
	vetted := findByVet(t, connvet, dir, patterns)
	if len(alone) == 0 {
		t.Error("no findings")
	}
	for _, f := range alone {
		if !slices.Contains(vetted, f) {
			t.Errorf("only standalone: %s", f)
		}
	}
	for _, f := range vetted {
		if !slices.Contains(alone, f) {
			t.Errorf("only under go vet: %s", f)
		}
	}
}

func frontCommand(t *testing.T, dir, name string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off")
	return cmd
}

// findAlone lists the findings of the standalone command, sorted, each once.
func findAlone(t *testing.T, connvet, dir string, patterns []string) []string {
	t.Helper()
	cmd := frontCommand(t, dir, connvet, append([]string{"-format=json"}, patterns...)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, _ := cmd.Output() // exit code 1 stands for findings
	var report caseReport
	if err := json.Unmarshal(stdout, &report); err != nil {
		t.Fatalf("%v: %v\n%s", cmd, err, stderr.Bytes())
	}
	if len(report.Errors) > 0 {
		t.Errorf("errors: %+v", report.Errors)
	}
	var out []string
	for _, f := range report.Findings {
		out = append(out, fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.Message))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// findByVet lists the findings under go vet, in the same form.
func findByVet(t *testing.T, connvet, dir string, patterns []string) []string {
	t.Helper()
	cmd := frontCommand(t, dir, "go", append([]string{"vet", "-json", "-vettool=" + connvet}, patterns...)...)
	output, err := cmd.CombinedOutput() // findings go to one or the other, depending on the version
	if err != nil {
		t.Fatalf("%v: %v\n%s", cmd, err, output)
	}
	var out []string
	dec := json.NewDecoder(bytes.NewReader(withoutHeadings(output)))
	for {
		var tree map[string]map[string][]struct{ Posn, Message string }
		if err := dec.Decode(&tree); err == io.EOF {
			break
		} else if err != nil {
			t.Fatalf("%v: %v\n%s", cmd, err, output)
		}
		for _, rules := range tree {
			for _, found := range rules {
				for _, d := range found {
					out = append(out, vetFinding(t, dir, d.Posn, d.Message))
				}
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// withoutHeadings drops the lines that name the packages.
func withoutHeadings(output []byte) []byte {
	var out []byte
	for line := range bytes.Lines(output) {
		if !bytes.HasPrefix(line, []byte("#")) {
			out = append(out, line...)
		}
	}
	return out
}

// vetFinding writes a finding at file:line:column as the standalone command does.
func vetFinding(t *testing.T, dir, posn, message string) string {
	t.Helper()
	rest, column := cutLast(posn)
	file, line := cutLast(rest)
	if _, err := strconv.Atoi(line + column); err != nil {
		t.Fatalf("position %q", posn)
	}
	if filepath.IsAbs(file) {
		rel, err := filepath.Rel(dir, file)
		if err != nil {
			t.Fatal(err)
		}
		file = rel
	}
	return fmt.Sprintf("%s:%s: %s", filepath.ToSlash(file), line, message)
}

func cutLast(s string) (before, after string) {
	i := strings.LastIndexByte(s, ':')
	return s[:max(i, 0)], s[i+1:]
}
