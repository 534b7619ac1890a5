// Command bench measures connvet beside the tools that a team runs anyway, in one
// run and on the same packages:
//
//	go run ./cmd/bench [-C dir] [-rounds n] [packages]
//
// from inside this repository. Without arguments the packages are the golden ones of
// sharedconn, which use the real drivers. The tools are built first. In each round they
// run one after the other, so that what else the machine does hits them alike; the table
// shows medians. CPU is that of the whole process tree, memory that of its largest process.
//
// The dependencies are compiled before the first round. Results that go vet keeps from
// round to round are made worthless by a build tag that is new each time; "again" is a
// second run that finds them.
//
// Exit code 1 says that connvet needs more than half of the CPU time or the memory of
// sqlclosecheck, bodyclose and rowserrcheck together.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
)

const (
	module  = "github.com/connvet/connvet"
	limit   = 0.5 // of the others' CPU and memory
	minimum = 400 // packages; below, start-up costs hide the rest
)

type options struct {
	dir      string
	rounds   int
	patterns []string
}

func main() {
	o := options{}
	flag.StringVar(&o.dir, "C", "", "measure on the module in `dir`; the default is testdata of this repository")
	flag.IntVar(&o.rounds, "rounds", 3, "measure each tool `n` times")
	flag.Parse()
	o.patterns = flag.Args()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	within, err := bench(ctx, o, os.Stdout, os.Stderr)
	switch {
	case err != nil:
		fmt.Fprintf(os.Stderr, "bench: %v\n", err)
		os.Exit(2)
	case !within:
		os.Exit(1)
	}
}

// bench tells whether connvet stays within the limit.
func bench(ctx context.Context, o options, out, log io.Writer) (bool, error) {
	if o.rounds < 1 {
		return false, fmt.Errorf("-rounds %d: want at least 1", o.rounds)
	}
	root, err := repository(ctx)
	if err != nil {
		return false, err
	}
	if o.dir == "" {
		o.dir = filepath.Join(root, "testdata")
		if len(o.patterns) == 0 {
			o.patterns = []string{"./sharedconn/..."}
		}
	}
	if len(o.patterns) == 0 {
		o.patterns = []string{"./..."}
	}
	closure, err := output(ctx, o.dir, "go", append([]string{"list", "-deps", "--"}, o.patterns...)...)
	if err != nil {
		return false, err
	}
	packages := len(strings.Fields(closure))
	if packages < minimum {
		return false, fmt.Errorf("%s has %d packages in its closure, want at least %d", strings.Join(o.patterns, " "), packages, minimum)
	}
	dir, err := os.MkdirTemp("", "connvet-bench-")
	if err != nil {
		return false, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	tools, err := build(ctx, root, dir, log)
	if err != nil {
		return false, err
	}
	if err := measure(ctx, tools, o, log); err != nil {
		return false, err
	}
	fmt.Fprintf(out, "%s in %s: %d packages in the closure, %d rounds, %s, %d CPUs\n\n",
		strings.Join(o.patterns, " "), o.dir, packages, o.rounds, runtime.Version(), runtime.GOMAXPROCS(0))
	return table(out, tools)
}

// repository is the root of the module that this command belongs to.
func repository(ctx context.Context) (string, error) {
	out, err := output(ctx, "", "go", "list", "-m", "-f", "{{.Path}} {{.Dir}}")
	if err != nil {
		return "", err
	}
	path, dir, _ := strings.Cut(strings.TrimSpace(out), " ")
	if path != module {
		return "", fmt.Errorf("in module %s; run it in a clone of %s", path, module)
	}
	return dir, nil
}
