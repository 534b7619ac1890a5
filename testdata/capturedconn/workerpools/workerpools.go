// Package workerpools has worker pools of libraries.
package workerpools

import (
	"context"

	"github.com/alitto/pond/v2"
	"github.com/gammazero/workerpool"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// BadPond submits in a loop.
func BadPond(ctx context.Context, conn *pgx.Conn, ids []int) {
	p := pond.NewPool(10)
	for _, id := range ids {
		p.Submit(func() { conn.Exec(ctx, "x", id) }) // want "^conn.Exec may run at the same time as itself in another goroutine started here"
	}
	p.StopAndWait()
}

// OkPondOne runs one at a time.
func OkPondOne(ctx context.Context, conn *pgx.Conn, ids []int) {
	p := pond.NewPool(1)
	for _, id := range ids {
		p.Submit(func() { conn.Exec(ctx, "x", id) })
	}
	p.StopAndWait()
	conn.Exec(ctx, "done")
}

// OkPondJoined uses it after the pool is done.
func OkPondJoined(ctx context.Context, conn *pgx.Conn) {
	p := pond.NewPool(4)
	p.Submit(func() { conn.Exec(ctx, "x") })
	p.StopAndWait()
	conn.Exec(ctx, "done")
}

// BadPondGroup submits two tasks of one group.
func BadPondGroup(ctx context.Context, conn *pgx.Conn, p pond.Pool) error {
	g := p.NewGroup()
	g.SubmitErr(func() error { _, err := conn.Exec(ctx, "a"); return err })
	g.SubmitErr(func() error { _, err := conn.Exec(ctx, "b"); return err }) // want "^conn.Exec may run at the same time as the use on line 43"
	return g.Wait()
}

// OkPondGroup has one task on the connection, and waits.
func OkPondGroup(ctx context.Context, pool *pgxpool.Pool, conn *pgx.Conn, p pond.Pool) error {
	g := p.NewGroup()
	g.SubmitErr(func() error { _, err := pool.Exec(ctx, "a"); return err })
	g.SubmitErr(func() error { _, err := conn.Exec(ctx, "b"); return err })
	if err := g.Wait(); err != nil {
		return err
	}
	return conn.Ping(ctx)
}

// BadWorkerPool submits in a loop, to four workers.
func BadWorkerPool(ctx context.Context, conn *pgx.Conn, ids []int) {
	wp := workerpool.New(4)
	defer wp.StopWait()
	for _, id := range ids {
		wp.Submit(func() { conn.Exec(ctx, "x", id) }) // want "^conn.Exec may run at the same time as itself in another goroutine started here"
	}
}

// OkWorkerPool waits for each task on the connection.
func OkWorkerPool(ctx context.Context, pool *pgxpool.Pool, conn *pgx.Conn, ids []int) {
	wp := workerpool.New(4)
	for _, id := range ids {
		wp.Submit(func() { pool.Exec(ctx, "x", id) })
		wp.SubmitWait(func() { conn.Exec(ctx, "x", id) })
	}
	wp.StopWait()
}
