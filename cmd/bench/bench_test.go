package main

import (
	"context"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

func TestTable(t *testing.T) {
	tools := func(cpu time.Duration, memory int64) []*tool {
		return []*tool{
			connvet: {name: "mine", runs: []usage{{cpu: cpu, memory: memory}, {cpu: time.Hour, memory: 1 << 40}, {}}},
			others:  {name: "theirs", runs: []usage{{cpu: 10 * time.Second, memory: 100 << 20}}},
		}
	}
	for _, test := range []struct {
		cpu    time.Duration
		memory int64
		within bool
		text   string
	}{
		{5 * time.Second, 20 << 20, true, "needs 0.50 of the CPU and 0.20 of the memory of theirs"},
		{6 * time.Second, 20 << 20, false, "needs 0.60 of the CPU"},
		{2 * time.Second, 60 << 20, false, "0.60 of the memory"},
	} {
		var out strings.Builder
		within, err := table(&out, tools(test.cpu, test.memory))
		if err != nil || within != test.within || !strings.Contains(out.String(), test.text) {
			t.Errorf("got %t, %v, want %t and %q in\n%s", within, err, test.within, test.text, out.String())
		}
	}
}

func TestFreshFlag(t *testing.T) {
	first := &tool{fresh: true}
	again := &tool{fresh: true, again: true}
	seen := map[string]bool{}
	for round := range 3 {
		for _, row := range []int{2, 4} {
			flag := freshFlag(round, row, first)[0]
			if seen[flag] {
				t.Errorf("%s comes twice", flag)
			}
			seen[flag] = true
			if got := freshFlag(round, row+1, again)[0]; got != flag {
				t.Errorf("the second run has %s, want %s", got, flag)
			}
		}
	}
	if got := freshFlag(0, 0, &tool{}); got != nil {
		t.Errorf("got %q, want no flag", got)
	}
}

func TestRun(t *testing.T) {
	u, code, stderr, err := run(t.Context(), "", "go", "nonsense")
	if err != nil || code != 2 || !strings.Contains(string(stderr), "nonsense") {
		t.Errorf("got code %d, %q, %v", code, stderr, err)
	}
	if u.cpu <= 0 || u.wall <= 0 {
		t.Errorf("got %+v", u)
	}
	if _, err := output(t.Context(), "", "go", "nonsense"); err == nil || !strings.Contains(err.Error(), "nonsense") {
		t.Errorf("got error %v", err)
	}
}

// TestRefusals runs nothing: what cannot be measured is an error at once.
func TestRefusals(t *testing.T) {
	for _, test := range []struct {
		o   options
		err string
	}{
		{options{}, "-rounds 0: want at least 1"},
		{options{rounds: 1, dir: "testdata/others", patterns: []string{"errors"}}, "want at least 400"},
		{options{rounds: 1, dir: "testdata/nowhere"}, "nowhere"},
	} {
		_, err := bench(context.Background(), test.o, io.Discard, io.Discard)
		if err == nil || !strings.Contains(err.Error(), test.err) {
			t.Errorf("got error %v, want %s", err, test.err)
		}
	}
}

// TestOthers builds what connvet is measured against, so that its pins stay good.
func TestOthers(t *testing.T) {
	if testing.Short() {
		t.Skip("builds other linters")
	}
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", os.DevNull, ".")
	cmd.Dir = "testdata/others"
	cmd.Env = append(os.Environ(), "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
