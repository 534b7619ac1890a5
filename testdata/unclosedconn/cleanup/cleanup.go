// Package cleanup holds the ways in which a release is arranged for later.
package cleanup

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"log"
	"net/http"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

func OkDeferredClosure(ctx context.Context, dsn string) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer func() {
		if err := conn.Close(ctx); err != nil {
			log.Print(err)
		}
	}()
	return conn.Ping(ctx)
}

func OkDeferredClosureWithArgument(ctx context.Context, dsn string) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer func(c *pgx.Conn) { _ = c.Close(ctx) }(conn)
	return conn.Ping(ctx)
}

func OkDeferredNamedClosure(ctx context.Context, pool *pgxpool.Pool) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	done := func() { conn.Release() }
	defer done()
	return conn.Ping(ctx)
}

func OkMethodValue(ctx context.Context, pool *pgxpool.Pool) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	release := conn.Release
	defer release()
	return conn.Ping(ctx)
}

func OkErrorsJoin(ctx context.Context, db *sql.DB) (err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	return conn.PingContext(ctx)
}

func OkJoinedAtReturn(ctx context.Context, db *sql.DB) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	_, err = conn.ExecContext(ctx, "select 1")
	return errors.Join(err, conn.Close())
}

func OkOnce(ctx context.Context, pool *pgxpool.Pool) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	release := sync.OnceFunc(conn.Release)
	defer release()
	if err := conn.Ping(ctx); err != nil {
		return err
	}
	release()
	return nil
}

func OkTestCleanup(t *testing.T, dsn string) *pgx.Conn {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(ctx) })
	if err := conn.Ping(ctx); err != nil {
		t.Fatal(err)
	}
	return conn
}

func OkTestCleanupBorrowed(t *testing.T, pool *pgxpool.Pool) {
	conn, err := pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Release)
	_, _ = conn.Exec(t.Context(), "select 1")
}

func OkAfterFunc(ctx context.Context, db *sql.DB) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	context.AfterFunc(ctx, func() { _ = conn.Close() })
	return conn.PingContext(ctx)
}

func OkShutdownHook(ctx context.Context, srv *http.Server, dsn string) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	srv.RegisterOnShutdown(func() { _ = conn.Close(context.Background()) })
	return conn.Ping(ctx)
}

type hooks struct{ fns []func() error }

func (h *hooks) onStop(f func() error) { h.fns = append(h.fns, f) }

func OkOwnShutdownHook(ctx context.Context, h *hooks, db *sql.DB) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	h.onStop(conn.Close)
	return conn.PingContext(ctx)
}

func OkGoroutineCloses(ctx context.Context, db *sql.DB) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	go func() {
		<-ctx.Done()
		_ = conn.Close()
	}()
	return nil
}

func OkMovedIntoGoroutine(ctx context.Context, db *sql.DB, q string) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	go func(c *sql.Conn) {
		defer c.Close()
		_, _ = c.ExecContext(ctx, q)
	}(conn)
	return nil
}

func OkGoMethod(ctx context.Context, db *sql.DB) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	go conn.Close()
	return nil
}

func closeAny[T io.Closer](c T) {
	if err := c.Close(); err != nil {
		log.Print(err)
	}
}

func OkGenericHelper(ctx context.Context, db *sql.DB) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer closeAny(conn)
	return conn.PingContext(ctx)
}

func closeAll(cs ...io.Closer) {
	for _, c := range cs {
		_ = c.Close()
	}
}

func OkVariadicHelper(ctx context.Context, db *sql.DB) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	rows, err := conn.QueryContext(ctx, "select 1")
	if err != nil {
		closeAll(conn)
		return err
	}
	defer closeAll(rows, conn)
	return rows.Err()
}

func OkSliceOfClosers(ctx context.Context, dbs []*sql.DB) error {
	var closers []io.Closer
	defer func() {
		for _, c := range closers {
			_ = c.Close()
		}
	}()
	for _, db := range dbs {
		conn, err := db.Conn(ctx)
		if err != nil {
			return err
		}
		closers = append(closers, conn)
		if err := conn.PingContext(ctx); err != nil {
			return err
		}
	}
	return nil
}

func OkSliceOfFuncs(ctx context.Context, pool *pgxpool.Pool, n int) error {
	var undo []func()
	defer func() {
		for _, f := range undo {
			f()
		}
	}()
	for range n {
		conn, err := pool.Acquire(ctx)
		if err != nil {
			return err
		}
		undo = append(undo, conn.Release)
	}
	return nil
}

func OkDeferBeforeAcquire(ctx context.Context, dsn string) (err error) {
	var conn *pgx.Conn
	defer func() {
		if conn != nil {
			_ = conn.Close(ctx)
		}
	}()
	conn, err = pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	return conn.Ping(ctx)
}

func OkClosedUnlessKept(ctx context.Context, db *sql.DB) (_ *sql.Conn, err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	ok := false
	defer func() {
		if !ok {
			_ = conn.Close()
		}
	}()
	if err := conn.PingContext(ctx); err != nil {
		return nil, err
	}
	ok = true
	return conn, nil
}

// BadClosureNeverCalled: the closure that would release is made and dropped.
func BadClosureNeverCalled(ctx context.Context, pool *pgxpool.Pool, early bool) error {
	conn, err := pool.Acquire(ctx) // want "conn is not released"
	if err != nil {
		return err
	}
	done := func() { conn.Release() }
	if early {
		return conn.Ping(ctx)
	}
	done()
	return nil
}

// BadDeferredClosureOnlyLogs: the deferred closure uses, it does not release.
func BadDeferredClosureOnlyLogs(ctx context.Context, pool *pgxpool.Pool) error {
	conn, err := pool.Acquire(ctx) // want "conn is never released"
	if err != nil {
		return err
	}
	defer func() { log.Print(conn.Conn().PgConn().PID()) }()
	return conn.Ping(ctx)
}

// BadMethodValueNotCalled: the method value is made and never called.
func BadMethodValueNotCalled(ctx context.Context, pool *pgxpool.Pool) error {
	conn, err := pool.Acquire(ctx) // want "conn is never released"
	if err != nil {
		return err
	}
	release := conn.Release
	_ = release
	return conn.Ping(ctx)
}
