// Package joins waits for goroutines, or seems to.
package joins

import (
	"context"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

const touch = "update t set at = now()"

// BadWaitAfterUse waits too late.
func BadWaitAfterUse(ctx context.Context, conn *pgx.Conn) {
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		_, _ = conn.Exec(ctx, touch)
	}()
	_ = conn.Ping(ctx) // want "conn.Ping may run at the same time"
	wg.Wait()
}

// BadOtherGroup waits for other goroutines.
func BadOtherGroup(ctx context.Context, conn *pgx.Conn, work func()) error {
	var queries, others sync.WaitGroup
	queries.Go(func() {
		_, _ = conn.Exec(ctx, touch)
	})
	others.Go(work)
	others.Wait()
	return conn.Ping(ctx) // want "conn.Ping may run at the same time"
}

// BadOneBranch waits on one path only.
func BadOneBranch(ctx context.Context, conn *pgx.Conn, wait bool) error {
	var wg sync.WaitGroup
	wg.Go(func() {
		_, _ = conn.Exec(ctx, touch)
	})
	if wait {
		wg.Wait()
	}
	return conn.Ping(ctx) // want "conn.Ping may run at the same time"
}

// BadEarlySignal is told that the goroutine has started, not that it is done.
func BadEarlySignal(ctx context.Context, conn *pgx.Conn) error {
	started := make(chan struct{})
	go func() {
		started <- struct{}{}
		_, _ = conn.Exec(ctx, touch)
	}()
	<-started
	return conn.Ping(ctx) // want "conn.Ping may run at the same time"
}

// BadEarlyClose closes the channel before the last use.
func BadEarlyClose(ctx context.Context, conn *pgx.Conn) error {
	ready := make(chan struct{})
	go func() {
		close(ready)
		_, _ = conn.Exec(ctx, touch)
	}()
	<-ready
	return conn.Ping(ctx) // want "conn.Ping may run at the same time"
}

// BadResultBeforeLastUse gets the result of the first of two statements.
func BadResultBeforeLastUse(ctx context.Context, conn *pgx.Conn) error {
	result := make(chan int64, 1)
	go func() {
		var n int64
		result <- n
		_, _ = conn.Exec(ctx, touch)
	}()
	<-result
	return conn.Ping(ctx) // want "conn.Ping may run at the same time"
}

// BadDoneBeforeDeferredUse signals before the deferred use: defers run last to first.
func BadDoneBeforeDeferredUse(ctx context.Context, conn *pgx.Conn) error {
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer func() { _, _ = conn.Exec(ctx, touch) }()
		defer wg.Done()
	}()
	wg.Wait()
	return conn.Ping(ctx) // want "conn.Ping may run at the same time"
}

// BadTimeout goes on after a timeout with the goroutine still at work.
func BadTimeout(ctx context.Context, conn *pgx.Conn) error {
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = conn.Exec(ctx, touch)
	}()
	select {
	case <-done:
	case <-time.After(time.Second):
	}
	return conn.Ping(ctx) // want "conn.Ping may run at the same time"
}

// BadTimeoutArm uses the connection in the arm that did not wait.
func BadTimeoutArm(ctx context.Context, conn *pgx.Conn) error {
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = conn.Exec(ctx, touch)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return conn.Ping(context.Background()) // want "conn.Ping may run at the same time"
	}
}

// BadPoll looks whether the goroutine is done and goes on anyway.
func BadPoll(ctx context.Context, conn *pgx.Conn) error {
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = conn.Exec(ctx, touch)
	}()
	select {
	case <-done:
	default:
	}
	return conn.Ping(ctx) // want "conn.Ping may run at the same time"
}

// BadCancel asks the goroutine to stop and does not wait until it has.
func BadCancel(ctx context.Context, conn *pgx.Conn) error {
	work, cancel := context.WithCancel(ctx)
	go func() {
		_, _ = conn.Exec(work, touch)
	}()
	cancel()
	return conn.Ping(ctx) // want "conn.Ping may run at the same time"
}

// BadSleep hopes.
func BadSleep(ctx context.Context, conn *pgx.Conn) error {
	go func() {
		_, _ = conn.Exec(ctx, touch)
	}()
	time.Sleep(time.Second)
	return conn.Ping(ctx) // want "conn.Ping may run at the same time"
}

// BadOneOfTwo waits for the first of two goroutines.
func BadOneOfTwo(ctx context.Context, conn *pgx.Conn, work func()) error {
	first, second := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(first)
		work()
	}()
	go func() {
		defer close(second)
		_, _ = conn.Exec(ctx, touch)
	}()
	<-first
	return conn.Ping(ctx) // want "conn.Ping may run at the same time"
}

// BadWaitElsewhere waits in a goroutine of its own.
func BadWaitElsewhere(ctx context.Context, conn *pgx.Conn, finished func()) error {
	var wg sync.WaitGroup
	wg.Go(func() {
		_, _ = conn.Exec(ctx, touch)
	})
	go func() {
		wg.Wait()
		finished()
	}()
	return conn.Ping(ctx) // want "conn.Ping may run at the same time"
}
