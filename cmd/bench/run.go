package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"time"
)

// usage is what one run costs.
type usage struct {
	cpu    time.Duration // user and system, the process tree together
	wall   time.Duration
	memory int64 // bytes, of the largest process
}

// run runs a command to its end; that it exits with another code than 0 is no error.
func run(ctx context.Context, dir, name string, args ...string) (u usage, code int, stderr []byte, err error) {
	cmd := command(ctx, dir, name, args...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	start := time.Now()
	err = cmd.Run()
	if exit := (*exec.ExitError)(nil); err != nil && (ctx.Err() != nil || !errors.As(err, &exit)) {
		return u, 0, nil, fmt.Errorf("%s: %w", name, err)
	}
	state := cmd.ProcessState
	u = usage{cpu: state.UserTime() + state.SystemTime(), wall: time.Since(start), memory: peak(state)}
	return u, state.ExitCode(), errs.Bytes(), nil
}

// output is what a command prints, which must succeed.
func output(ctx context.Context, dir, name string, args ...string) (string, error) {
	out, err := command(ctx, dir, name, args...).Output()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return "", fmt.Errorf("%s %s: %w\n%s", name, args[0], err, exit.Stderr)
	}
	return string(out), err
}

func command(ctx context.Context, dir, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off")
	return cmd
}

func exe() string {
	if runtime.GOOS == "windows" {
		return ".exe"
	}
	return ""
}
