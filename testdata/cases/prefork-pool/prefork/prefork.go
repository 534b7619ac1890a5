// Package prefork is the plain pre-forking server: a leader listens and starts
// workers, which serve its listener, each one connection at a time.
//
// Go programs cannot fork. A worker is the same program started again, and inherits
// nothing but the files that the leader gives it. The first is the listener.
package prefork

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/net/netutil"
)

// Workers is how many workers a leader starts.
const Workers = 2

const variable = "PREFORK_WORKER"

// IsWorker tells whether this process is a worker.
func IsWorker() bool { return os.Getenv(variable) != "" }

// Interruptible returns the context of a leader, which ends when it is told to stop.
func Interruptible() (context.Context, context.CancelFunc) {
	return signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
}

// Listen opens the listener whose file the workers inherit.
func Listen(addr string) (*os.File, error) {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	defer listener.Close() // the file keeps it open
	log.Printf("listening on http://%s", listener.Addr())
	return listener.(*net.TCPListener).File()
}

// Command is a worker that is yet to be started. It ends with the context.
func Command(ctx context.Context) *exec.Cmd {
	cmd := exec.CommandContext(ctx, os.Args[0], os.Args[1:]...)
	cmd.Env = append(os.Environ(), variable+"=1")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd
}

// Wait waits for the workers to end, of themselves or with the context.
func Wait(ctx context.Context, workers []*exec.Cmd) error {
	var failed error
	for _, w := range workers {
		failed = errors.Join(failed, w.Wait())
	}
	if ctx.Err() != nil {
		return nil
	}
	return failed
}

// Inherited returns the nth file that the leader gave to this worker.
func Inherited(n int) *os.File {
	return os.NewFile(uintptr(3+n), fmt.Sprintf("inherited %d", n))
}

// Serve serves the leader's listener.
func Serve(handler http.Handler) error {
	file := Inherited(0)
	listener, err := net.FileListener(file)
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	return server.Serve(netutil.LimitListener(listener, 1))
}
