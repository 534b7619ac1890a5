// Package conds has goroutines that wait for each other by conditions, flags
// and polls: who runs when cannot be told, and nothing is said.
package conds

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
)

const touch = "update t set at = now()"

// OkCondDone waits until the goroutine says it is done.
func OkCondDone(ctx context.Context, conn *pgx.Conn) error {
	var mu sync.Mutex
	done := false
	cond := sync.NewCond(&mu)
	go func() {
		_, _ = conn.Exec(ctx, touch)
		mu.Lock()
		done = true
		mu.Unlock()
		cond.Signal()
	}()
	mu.Lock()
	for !done {
		cond.Wait()
	}
	mu.Unlock()
	return conn.Ping(ctx)
}

// OkCondTurn lets the goroutine start when the connection is free.
func OkCondTurn(ctx context.Context, conn *pgx.Conn) error {
	var mu sync.Mutex
	free := false
	cond := sync.NewCond(&mu)
	go func() {
		mu.Lock()
		for !free {
			cond.Wait()
		}
		mu.Unlock()
		_, _ = conn.Exec(ctx, touch)
	}()
	err := conn.Ping(ctx)
	mu.Lock()
	free = true
	mu.Unlock()
	cond.Broadcast()
	return err
}

// OkCondLock takes the lock of the condition for the connection's.
func OkCondLock(ctx context.Context, conn *pgx.Conn) error {
	var mu sync.Mutex
	cond := sync.NewCond(&mu)
	go func() {
		cond.L.Lock()
		defer cond.L.Unlock()
		_, _ = conn.Exec(ctx, touch)
	}()
	mu.Lock()
	defer mu.Unlock()
	return conn.Ping(ctx)
}

// BadCondOther waits for a condition that another goroutine signals.
func BadCondOther(ctx context.Context, conn *pgx.Conn, ready *sync.Cond) error {
	go func() {
		_, _ = conn.Exec(ctx, touch)
	}()
	ready.L.Lock()
	ready.Wait()
	ready.L.Unlock()
	return conn.Ping(ctx) // want `^conn\.Ping may run at the same time`
}

// busy hands one connection round, with a flag and a condition.
type busy struct {
	mu    sync.Mutex
	cond  *sync.Cond
	taken bool
	conn  *pgx.Conn
}

func newBusy(conn *pgx.Conn) *busy {
	b := &busy{conn: conn}
	b.cond = sync.NewCond(&b.mu)
	return b
}

func (b *busy) take() *pgx.Conn {
	b.mu.Lock()
	defer b.mu.Unlock()
	for b.taken {
		b.cond.Wait()
	}
	b.taken = true
	return b.conn
}

func (b *busy) give() {
	b.mu.Lock()
	b.taken = false
	b.mu.Unlock()
	b.cond.Signal()
}

// OkBusyFlag takes turns by the flag.
func OkBusyFlag(ctx context.Context, conn *pgx.Conn) {
	b := newBusy(conn)
	go func() {
		c := b.take()
		defer b.give()
		_, _ = c.Exec(ctx, touch)
	}()
	c := b.take()
	defer b.give()
	_ = c.Ping(ctx)
}

// OkSpinLock takes turns by a flag that it compares and swaps.
func OkSpinLock(ctx context.Context, conn *pgx.Conn) error {
	var taken atomic.Bool
	go func() {
		for !taken.CompareAndSwap(false, true) {
		}
		_, _ = conn.Exec(ctx, touch)
		taken.Store(false)
	}()
	for !taken.CompareAndSwap(false, true) {
	}
	err := conn.Ping(ctx)
	taken.Store(false)
	return err
}
