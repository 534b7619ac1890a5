package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// tool is a row of the table.
type tool struct {
	name    string
	command []string // without packages
	ok      []int    // exit codes of a run that worked
	fresh   bool     // the go command keeps its results: pass a tag that is new each time
	again   bool     // repeats the run of the row above, with what that has left in the cache
	runs    []usage
}

// The rows that are compared.
const (
	connvet = iota
	others
)

// build makes the binaries and lists the rows.
func build(ctx context.Context, root, dir string, log io.Writer) ([]*tool, error) {
	binary := func(name string) string { return filepath.Join(dir, name+exe()) }
	for name, source := range map[string]string{
		"connvet": filepath.Join(root, "cmd", "connvet"),
		"others":  filepath.Join(root, "cmd", "bench", "testdata", "others"),
	} {
		fmt.Fprintf(log, "building %s\n", name)
		if _, err := output(ctx, source, "go", "build", "-o", binary(name), "."); err != nil {
			return nil, err
		}
	}
	vettool := "-vettool=" + binary("connvet")
	return []*tool{
		connvet: {name: "connvet", command: []string{binary("connvet")}, ok: []int{0, 1}},
		others:  {name: "sqlclosecheck, bodyclose, rowserrcheck", command: []string{binary("others")}, ok: []int{0, 3}},
		{name: "go vet", command: []string{"go", "vet"}, ok: []int{0, 1}, fresh: true},
		{name: "go vet, again", command: []string{"go", "vet"}, ok: []int{0, 1}, fresh: true, again: true},
		{name: "go vet -vettool=connvet", command: []string{"go", "vet", vettool}, ok: []int{0, 1}, fresh: true},
		{name: "go vet -vettool=connvet, again", command: []string{"go", "vet", vettool}, ok: []int{0, 1}, fresh: true, again: true},
	}, nil
}

// measure runs the tools once to fill the caches, then round by round.
func measure(ctx context.Context, tools []*tool, o options, log io.Writer) error {
	fmt.Fprintln(log, "warming up: compiling the dependencies takes its time")
	for _, t := range tools {
		if t.again {
			continue
		}
		if _, err := t.run(ctx, o, nil); err != nil {
			return err
		}
	}
	for round := range o.rounds {
		fmt.Fprintf(log, "round %d of %d\n", round+1, o.rounds)
		for i, t := range tools {
			u, err := t.run(ctx, o, freshFlag(round, i, t))
			if err != nil {
				return err
			}
			t.runs = append(t.runs, u)
		}
	}
	return nil
}

// freshFlag is a build tag that no file asks for and no run before had. It changes
// nothing, but the go command takes it for another analysis. Only a row that runs again
// has the tag of the row above.
func freshFlag(round, row int, t *tool) []string {
	if !t.fresh {
		return nil
	}
	if t.again {
		row--
	}
	return []string{fmt.Sprintf("-tags=connvet_bench_%d_%d_%d", os.Getpid(), round, row)}
}

func (t *tool) run(ctx context.Context, o options, flags []string) (usage, error) {
	args := slices.Concat(t.command, flags, o.patterns)
	u, code, stderr, err := run(ctx, o.dir, args[0], args[1:]...)
	if err != nil {
		return u, err
	}
	if !slices.Contains(t.ok, code) {
		return u, fmt.Errorf("%s: exit code %d\n%s", t.name, code, stderr)
	}
	return u, nil
}
