// Command compare runs unclosedconn and the close linters that a team may have already
// on the same golden functions, and prints side by side what each found and what of
// that is false:
//
//	go run ./cmd/compare [packages]
//
// from inside this repository. Without arguments the packages are the golden ones of
// unclosedconn. The others, sqlclosecheck, bodyclose and rowserrcheck, are pinned in
// cmd/bench/testdata/others.
//
// A function named BadX or FN_X holds a leak, one named OkX or FP_X holds none. A tool
// finds the leak if it reports anything inside the function, and is wrong if it reports
// anything inside a function without one. The others look at some types only: "own" is
// what they find of the leaks of those types.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
)

const module = "github.com/connvet/connvet"

func main() {
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := compare(ctx, flag.Args(), os.Stdout, os.Stderr); err != nil {
		fmt.Fprintf(os.Stderr, "compare: %v\n", err)
		os.Exit(2)
	}
}

func compare(ctx context.Context, patterns []string, out, log io.Writer) error {
	if len(patterns) == 0 {
		patterns = []string{"./unclosedconn/..."}
	}
	root, err := repository(ctx)
	if err != nil {
		return err
	}
	testdata := filepath.Join(root, "testdata")
	fmt.Fprintln(log, "reading the golden functions")
	functions, err := read(ctx, testdata, patterns)
	if err != nil {
		return err
	}
	temp, err := os.MkdirTemp("", "connvet-compare-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(temp) }()
	var all []report
	for _, r := range []struct {
		source string
		args   []string
		parse  func([]byte) ([]report, error)
	}{
		{"cmd/connvet", []string{"-unclosedconn", "-json"}, parseConnvet},
		{"cmd/bench/testdata/others", []string{"-json"}, parseOthers},
	} {
		fmt.Fprintln(log, "running "+r.source)
		binary := filepath.Join(temp, filepath.Base(r.source))
		if _, err := output(ctx, filepath.Join(root, filepath.FromSlash(r.source)), "go", "build", "-o", binary, "."); err != nil {
			return err
		}
		data, err := output(ctx, testdata, binary, append(r.args, patterns...)...)
		if err != nil {
			return err
		}
		found, err := r.parse(data)
		if err != nil {
			return fmt.Errorf("%s: %w", r.source, err)
		}
		all = append(all, found...)
	}
	return table(out, count(functions, absolute(testdata, all)))
}

// absolute names the files of reports as the golden functions name theirs.
func absolute(dir string, reports []report) []report {
	for i, r := range reports {
		if !filepath.IsAbs(r.file) {
			reports[i].file = filepath.Join(dir, filepath.FromSlash(r.file))
		}
	}
	return reports
}

// repository is the root of the module that this command belongs to.
func repository(ctx context.Context) (string, error) {
	out, err := output(ctx, "", "go", "list", "-m", "-f", "{{.Path}} {{.Dir}}")
	if err != nil {
		return "", err
	}
	path, dir, _ := strings.Cut(strings.TrimSpace(string(out)), " ")
	if path != module {
		return "", fmt.Errorf("in module %s; run it in a clone of %s", path, module)
	}
	return dir, nil
}

// output is what a command prints. That it finds something is no failure.
func output(ctx context.Context, dir, name string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off")
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil && (cmd.ProcessState == nil || len(out) == 0) {
		return nil, fmt.Errorf("%s %s: %w\n%s", filepath.Base(name), strings.Join(args, " "), err, errs.String())
	}
	return out, nil
}
