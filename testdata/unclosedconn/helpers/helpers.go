// Package helpers holds acquisitions and releases made by other functions.
package helpers

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"log"

	"github.com/connvet/connvet/testdata/unclosedconn/helpers/lib"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

var errNoJobs = errors.New("no jobs")

func openConn(ctx context.Context, dsn string) (*pgx.Conn, error) {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return nil, err
	}
	return conn, nil
}

func openTwice(ctx context.Context, dsn string) (*pgx.Conn, error) { return openConn(ctx, dsn) }

func lease(ctx context.Context, pool *pgxpool.Pool) *pgxpool.Conn {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return nil
	}
	return conn
}

func ping(ctx context.Context, conn *pgx.Conn) error { return conn.Ping(ctx) }

func closeConn(ctx context.Context, conn *pgx.Conn) {
	if err := conn.Close(ctx); err != nil {
		log.Print(err)
	}
}

func closeIt(c io.Closer) { _ = c.Close() }

func closeDeep(c io.Closer) { closeIt(c) }

func releaseIf(conn *pgxpool.Conn, ok bool) {
	if ok {
		conn.Release()
	}
}

func useOnce(ctx context.Context, conn *pgxpool.Conn) error {
	if err := conn.Ping(ctx); err != nil {
		return err
	}
	conn.Release()
	return nil
}

func releaseOnError(ctx context.Context, conn *pgxpool.Conn) error {
	if err := conn.Ping(ctx); err != nil {
		conn.Release()
		return err
	}
	return nil
}

func BadWrapperSamePackage(ctx context.Context, dsn string) error {
	conn, err := openConn(ctx, dsn) // want "conn is never released"
	if err != nil {
		return err
	}
	return conn.Ping(ctx)
}

func BadWrapperOfWrapper(ctx context.Context, dsn string) error {
	conn, err := openTwice(ctx, dsn) // want "conn is never released"
	if err != nil {
		return err
	}
	return ping(ctx, conn)
}

func BadWrapperOtherPackage(ctx context.Context, dsn string) error {
	conn, err := lib.Open(ctx, dsn) // want "conn is not released"
	if err != nil {
		return err
	}
	if err := lib.PingConn(ctx, conn); err != nil {
		return err
	}
	return conn.Close(ctx)
}

func BadMustWrapper(ctx context.Context, dsn string) error {
	conn := lib.MustOpen(ctx, dsn) // want "conn is never released"
	return conn.Ping(ctx)
}

func BadWrapperWithoutError(ctx context.Context, pool *pgxpool.Pool) error {
	conn := lease(ctx, pool) // want "conn is never released"
	if conn == nil {
		return errNoJobs
	}
	return conn.Ping(ctx)
}

func BadCleanupNotCalled(ctx context.Context, pool *pgxpool.Pool, dry bool) error {
	conn, done, err := lib.Lease(ctx, pool) // want "conn is not released"
	if err != nil {
		return err
	}
	if dry {
		return conn.Ping(ctx)
	}
	defer done()
	_, err = lib.Count(ctx, conn)
	return err
}

func BadBorrowerOtherPackage(ctx context.Context, pool *pgxpool.Pool) (int, error) {
	conn, err := pool.Acquire(ctx) // want "conn is never released"
	if err != nil {
		return 0, err
	}
	return lib.Count(ctx, conn)
}

func BadBorrowerSamePackage(ctx context.Context, dsn string) error {
	conn, err := pgx.Connect(ctx, dsn) // want "conn is never released"
	if err != nil {
		return err
	}
	return ping(ctx, conn)
}

// BadHelperReturnsEarly: the helper that should give the lease back does not
// when its ping fails.
func BadHelperReturnsEarly(ctx context.Context, pool *pgxpool.Pool) error {
	conn, err := pool.Acquire(ctx) // want "conn is not released"
	if err != nil {
		return err
	}
	return useOnce(ctx, conn)
}

// BadHelperKeepsWhenFine: the helper gives back only what failed.
func BadHelperKeepsWhenFine(ctx context.Context, pool *pgxpool.Pool) error {
	conn, err := pool.Acquire(ctx) // want "conn is not released"
	if err != nil {
		return err
	}
	if err := releaseOnError(ctx, conn); err != nil {
		return err
	}
	_, err = conn.Exec(ctx, "select 1")
	return err
}

func BadHelperOnOneArm(ctx context.Context, pool *pgxpool.Pool, jobs []string) error {
	conn, err := pool.Acquire(ctx) // want "conn is not released"
	if err != nil {
		return err
	}
	if len(jobs) == 0 {
		return errNoJobs
	}
	_, err = conn.Exec(ctx, jobs[0])
	lib.GiveBack(conn)
	return err
}

func BadGoroutineOfOtherPackage(ctx context.Context, pool *pgxpool.Pool, jobs <-chan string) error {
	conn, err := pool.Acquire(ctx) // want "conn is not released"
	if err != nil {
		return err
	}
	go lib.ServeForgetful(ctx, conn, jobs)
	return nil
}

func BadStoreNotClosed(ctx context.Context, dsn string) error {
	conn, err := pgx.Connect(ctx, dsn) // want "conn is not released"
	if err != nil {
		return err
	}
	s := lib.NewStore(conn)
	if err := ping(ctx, conn); err != nil {
		return err
	}
	return s.Close(ctx)
}

func OkWrapper(ctx context.Context, dsn string) error {
	conn, err := openTwice(ctx, dsn)
	if err != nil {
		return err
	}
	defer closeConn(ctx, conn)
	return ping(ctx, conn)
}

func OkWrapperOtherPackage(ctx context.Context, dsn string) error {
	conn, err := lib.Open(ctx, dsn)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	return lib.PingConn(ctx, conn)
}

func OkMustWrapper(ctx context.Context, dsn string) error {
	conn := lib.MustOpen(ctx, dsn)
	defer conn.Close(ctx)
	return conn.Ping(ctx)
}

func OkWrapperWithoutError(ctx context.Context, pool *pgxpool.Pool) error {
	conn := lease(ctx, pool)
	if conn == nil {
		return errNoJobs
	}
	defer conn.Release()
	return conn.Ping(ctx)
}

func OkCleanupCalled(ctx context.Context, pool *pgxpool.Pool) error {
	conn, done, err := lib.Lease(ctx, pool)
	if err != nil {
		return err
	}
	defer done()
	_, err = lib.Count(ctx, conn)
	return err
}

func OkClosedByHelperSamePackage(ctx context.Context, dsn string) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	err = conn.Ping(ctx)
	closeConn(ctx, conn)
	return err
}

func OkClosedAsCloser(ctx context.Context, db *sql.DB) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer closeDeep(conn)
	return conn.PingContext(ctx)
}

func OkClosedByOtherPackageAsCloser(ctx context.Context, db *sql.DB) error {
	rows, err := db.QueryContext(ctx, "select 1")
	if err != nil {
		return err
	}
	defer lib.CloseQuietly(rows)
	return rows.Err()
}

func OkGivenBackByOtherPackage(ctx context.Context, pool *pgxpool.Pool) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer lib.GiveBack(conn)
	return conn.Ping(ctx)
}

func OkCloseRowsKeepsError(ctx context.Context, db *sql.DB) (err error) {
	rows, err := db.QueryContext(ctx, "select 1")
	if err != nil {
		return err
	}
	defer lib.CloseRows(rows, &err)
	if rows.Next() {
		return rows.Scan(new(int))
	}
	return rows.Err()
}

func OkFinish(ctx context.Context, db *sql.DB) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "update t set a = 1")
	return lib.Finish(tx, err)
}

func OkHelperReleasesOnError(ctx context.Context, pool *pgxpool.Pool) (*pgxpool.Conn, error) {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	if err := releaseOnError(ctx, conn); err != nil {
		return nil, err
	}
	return conn, nil
}

func OkHelperCondition(ctx context.Context, pool *pgxpool.Pool) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	err = conn.Ping(ctx)
	releaseIf(conn, true)
	return err
}

func OkGoroutineOfOtherPackage(ctx context.Context, pool *pgxpool.Pool, jobs <-chan string) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	go lib.Serve(ctx, conn, jobs)
	return nil
}

func OkStoreOfOtherPackage(ctx context.Context, dsn string) (*lib.Store, error) {
	conn, err := lib.Open(ctx, dsn)
	if err != nil {
		return nil, err
	}
	return lib.NewStore(conn), nil
}

func OkStoreClosed(ctx context.Context, dsn string) error {
	conn, err := lib.Open(ctx, dsn)
	if err != nil {
		return err
	}
	s := lib.NewStore(conn)
	defer s.Close(ctx)
	return ping(ctx, conn)
}

// OkBorrowedParameter: a parameter is the caller's.
func OkBorrowedParameter(ctx context.Context, conn *pgxpool.Conn) error { return conn.Ping(ctx) }
