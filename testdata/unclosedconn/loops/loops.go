// Package loops holds acquisitions inside loops and workers.
package loops

import (
	"context"
	"database/sql"
	"log"
	"net"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

func BadContinueInWorker(ctx context.Context, pool *pgxpool.Pool, jobs <-chan string) {
	for job := range jobs {
		conn, err := pool.Acquire(ctx) // want "conn is (not released|acquired again)"
		if err != nil {
			log.Print(err)
			continue
		}
		if _, err := conn.Exec(ctx, job); err != nil {
			log.Print(err)
			continue
		}
		conn.Release()
	}
}

func BadContinueInEndlessWorker(ctx context.Context, pool *pgxpool.Pool, jobs <-chan string) {
	for {
		conn, err := pool.Acquire(ctx) // want "conn is acquired again before it is released"
		if err != nil {
			time.Sleep(time.Second)
			continue
		}
		if _, err := conn.Exec(ctx, <-jobs); err != nil {
			continue
		}
		conn.Release()
	}
}

func BadDeferInEndlessLoop(ctx context.Context, pool *pgxpool.Pool, jobs <-chan string) {
	for {
		job := <-jobs
		conn, err := pool.Acquire(ctx) // want "conn is released by a defer that never runs"
		if err != nil {
			log.Print(err)
			continue
		}
		defer conn.Release()
		if _, err := conn.Exec(ctx, job); err != nil {
			log.Print(err)
		}
	}
}

func BadDeferInRange(ctx context.Context, db *sql.DB, names []string) error {
	for _, name := range names {
		conn, err := db.Conn(ctx) // want "conn is released only when the function returns"
		if err != nil {
			return err
		}
		defer conn.Close()
		if _, err := conn.ExecContext(ctx, "insert into t values (?)", name); err != nil {
			return err
		}
	}
	return nil
}

func BadBreakBeforeRelease(ctx context.Context, pool *pgxpool.Pool, jobs []string) {
	for _, job := range jobs {
		conn, err := pool.Acquire(ctx) // want "conn is not released"
		if err != nil {
			return
		}
		if job == "stop" {
			break
		}
		_, _ = conn.Exec(ctx, job)
		conn.Release()
	}
	log.Print("worker ended")
}

func BadReturnBeforeRelease(ctx context.Context, pool *pgxpool.Pool, jobs []string) error {
	for _, job := range jobs {
		conn, err := pool.Acquire(ctx) // want "conn is not released"
		if err != nil {
			return err
		}
		if _, err := conn.Exec(ctx, job); err != nil {
			return err
		}
		conn.Release()
	}
	return nil
}

func BadOverwrittenOnReconnect(ctx context.Context, dsn string) error {
	conn, err := pgx.Connect(ctx, dsn) // want "conn is not released"
	if err != nil {
		return err
	}
	for range 100 {
		if err := conn.Ping(ctx); err != nil {
			conn, err = pgx.Connect(ctx, dsn) // want "conn is (not released|acquired again)"
			if err != nil {
				return err
			}
		}
	}
	return conn.Close(ctx)
}

func BadOverwrittenOnce(ctx context.Context, dsn, other string) error {
	conn, err := pgx.Connect(ctx, dsn) // want "conn is (not|never) released"
	if err != nil {
		return err
	}
	if err := conn.Ping(ctx); err != nil {
		return conn.Close(ctx)
	}
	conn, err = pgx.Connect(ctx, other)
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}

func BadOnlyLastClosed(ctx context.Context, db *sql.DB) error {
	var conn *sql.Conn
	var err error
	for range 3 {
		conn, err = db.Conn(ctx) // want "conn is acquired again before it is released"
		if err != nil {
			return err
		}
		if err := conn.PingContext(ctx); err != nil {
			conn.Close()
			return err
		}
	}
	return conn.Close()
}

func BadRetryForgetsHalfOpen(ctx context.Context, dsn string) (*pgx.Conn, error) {
	for {
		conn, err := pgx.Connect(ctx, dsn) // want "conn is (not released|acquired again)"
		if err != nil {
			return nil, err
		}
		if err := conn.Ping(ctx); err == nil {
			return conn, nil
		}
		time.Sleep(time.Second)
	}
}

func BadTickerLeavesOnDone(ctx context.Context, pool *pgxpool.Pool) {
	conn, err := pool.Acquire(ctx) // want "conn is never released"
	if err != nil {
		return
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			_ = conn.Ping(ctx)
		}
	}
}

func OkReleaseAtEndAndBeforeContinue(ctx context.Context, pool *pgxpool.Pool, jobs <-chan string) {
	for job := range jobs {
		conn, err := pool.Acquire(ctx)
		if err != nil {
			log.Print(err)
			continue
		}
		if _, err := conn.Exec(ctx, job); err != nil {
			conn.Release()
			continue
		}
		conn.Release()
	}
}

func OkClosureBody(ctx context.Context, db *sql.DB, names []string) error {
	for _, name := range names {
		err := func() error {
			conn, err := db.Conn(ctx)
			if err != nil {
				return err
			}
			defer conn.Close()
			_, err = conn.ExecContext(ctx, "insert into t values (?)", name)
			return err
		}()
		if err != nil {
			return err
		}
	}
	return nil
}

func OkWorkerReleasesOnDone(ctx context.Context, pool *pgxpool.Pool, jobs <-chan string) {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return
	}
	for {
		select {
		case <-ctx.Done():
			conn.Release()
			return
		case job := <-jobs:
			_, _ = conn.Exec(ctx, job)
		}
	}
}

func OkWorkerDefers(ctx context.Context, pool *pgxpool.Pool, jobs <-chan string) {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return
	}
	defer conn.Release()
	for {
		select {
		case <-ctx.Done():
			return
		case job, ok := <-jobs:
			if !ok {
				return
			}
			_, _ = conn.Exec(ctx, job)
		}
	}
}

func OkRetryDial(ctx context.Context, addr string) (net.Conn, error) {
	var last error
	for range 5 {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			last = err
			time.Sleep(time.Second)
			continue
		}
		return conn, nil
	}
	return nil, last
}

func OkRetryUntilConnected(ctx context.Context, dsn string) error {
	var conn *pgx.Conn
	var err error
	for {
		conn, err = pgx.Connect(ctx, dsn)
		if err == nil {
			break
		}
		time.Sleep(time.Second)
	}
	defer conn.Close(ctx)
	return conn.Ping(ctx)
}

func OkReconnectClosesFirst(ctx context.Context, dsn string) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	for range 100 {
		if err := conn.Ping(ctx); err != nil {
			_ = conn.Close(ctx)
			conn, err = pgx.Connect(ctx, dsn)
			if err != nil {
				return err
			}
		}
	}
	return conn.Close(ctx)
}

func OkReconnectWithClosingClosure(ctx context.Context, dsn string) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer func() {
		if conn != nil {
			_ = conn.Close(ctx)
		}
	}()
	for range 100 {
		if conn.Ping(ctx) == nil {
			continue
		}
		_ = conn.Close(ctx)
		if conn, err = pgx.Connect(ctx, dsn); err != nil {
			return err
		}
	}
	return nil
}

func OkAcceptLoop(l net.Listener) error {
	for {
		conn, err := l.Accept()
		if err != nil {
			return err
		}
		go serve(conn)
	}
}

func serve(conn net.Conn) {
	defer conn.Close()
	_, _ = conn.Write([]byte("hello\n"))
}

func OkSkipsUntilFound(ctx context.Context, db *sql.DB, dbs []*sql.DB) error {
	for _, d := range dbs {
		conn, err := d.Conn(ctx)
		if err != nil {
			continue
		}
		if conn.PingContext(ctx) != nil {
			conn.Close()
			continue
		}
		_, err = conn.ExecContext(ctx, "select 1")
		conn.Close()
		return err
	}
	return db.PingContext(ctx)
}
