// Package lib starts goroutines on connections it is given.
package lib

import (
	"context"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const touch = "update t set at = now()"

// Start leaves a goroutine running that uses conn.
func Start(ctx context.Context, conn *pgx.Conn) {
	go func() {
		_, _ = conn.Exec(ctx, touch)
	}()
}

// StartDeep does so two calls down.
func StartDeep(ctx context.Context, conn *pgx.Conn) {
	prepare(ctx, conn)
}

func prepare(ctx context.Context, conn *pgx.Conn) {
	Start(ctx, conn)
}

// StartWith has the goroutine run a callee.
func StartWith(ctx context.Context, conn *pgx.Conn) {
	go Use(ctx, conn)
}

// Use uses conn and is done with it.
func Use(ctx context.Context, conn *pgx.Conn) {
	_, _ = conn.Exec(ctx, touch)
}

// RunAndWait uses conn on a goroutine and waits for it.
func RunAndWait(ctx context.Context, conn *pgx.Conn) {
	var wg sync.WaitGroup
	wg.Go(func() { Use(ctx, conn) })
	wg.Wait()
}

// RunIn uses conn on a goroutine of the caller's group.
func RunIn(ctx context.Context, conn *pgx.Conn, wg *sync.WaitGroup) {
	wg.Go(func() { Use(ctx, conn) })
}

// Async returns a channel that is closed when conn is free again.
func Async(ctx context.Context, conn *pgx.Conn) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		Use(ctx, conn)
	}()
	return done
}

// AsyncWait returns a function that waits until conn is free again.
func AsyncWait(ctx context.Context, conn *pgx.Conn) (wait func()) {
	var wg sync.WaitGroup
	wg.Go(func() { Use(ctx, conn) })
	return wg.Wait
}

// Worker uses a connection in the background.
type Worker struct {
	wg   sync.WaitGroup
	conn *pgx.Conn
}

// NewWorker makes a worker, which does nothing yet.
func NewWorker(conn *pgx.Conn) *Worker { return &Worker{conn: conn} }

// Start starts the worker.
func (w *Worker) Start(ctx context.Context) {
	w.wg.Go(func() { Use(ctx, w.conn) })
}

// Stop waits until the worker is done.
func (w *Worker) Stop() { w.wg.Wait() }

// DBTX is what pools, connections and transactions have in common.
type DBTX interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

// StartOn leaves a goroutine running that uses db, whatever that is.
func StartOn(ctx context.Context, db DBTX) {
	go func() {
		_, _ = db.Exec(ctx, touch)
	}()
}

// Both uses db on two goroutines at once.
func Both(ctx context.Context, db DBTX) error {
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = db.Exec(ctx, touch)
	}()
	_, err := db.Exec(ctx, touch)
	<-done
	return err
}

// InBackground runs f on a goroutine.
func InBackground(f func()) {
	go f()
}

// Now runs f at once.
func Now(f func()) { f() }

// Each runs f on n goroutines and waits for them.
func Each(n int, f func()) {
	var wg sync.WaitGroup
	for range n {
		wg.Go(f)
	}
	wg.Wait()
}
