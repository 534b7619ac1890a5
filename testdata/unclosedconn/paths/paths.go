//golden:related

// Package paths holds acquisitions whose release depends on the path taken.
package paths

import (
	"context"
	"errors"
	"log"
	"os"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

var errEmpty = errors.New("empty")

func BadNeverClosed(ctx context.Context, dsn string) error {
	conn, err := pgx.Connect(ctx, dsn) // want "conn is never released"
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, "select 1")
	return err // rel "this return may be reached without"
}

func BadFallsOffTheEnd(ctx context.Context, pool *pgxpool.Pool) {
	conn, err := pool.Acquire(ctx) // want "conn is never released"
	if err != nil {
		log.Print(err)
		return
	}
	if _, err := conn.Exec(ctx, "select 1"); err != nil {
		log.Print(err)
	}
} // rel "this return may be reached without"

func BadEarlyReturn(ctx context.Context, pool *pgxpool.Pool) (int, error) {
	conn, err := pool.Acquire(ctx) // want "conn is not released"
	if err != nil {
		return 0, err
	}
	var n int
	if err := conn.QueryRow(ctx, "select count(*) from t").Scan(&n); err != nil {
		return 0, err // rel "this return may be reached without"
	}
	conn.Release()
	return n, nil
}

func BadReleaseOnOneBranch(ctx context.Context, pool *pgxpool.Pool, dry bool) error {
	conn, err := pool.Acquire(ctx) // want "conn is not released"
	if err != nil {
		return err
	}
	if dry {
		conn.Release()
		return nil
	}
	_, err = conn.Exec(ctx, "delete from t")
	return err // rel "this return may be reached without"
}

func BadSwitchArmMissing(ctx context.Context, pool *pgxpool.Pool, kind string) error {
	conn, err := pool.Acquire(ctx) // want "conn is not released"
	if err != nil {
		return err
	}
	switch kind {
	case "full":
		defer conn.Release()
		return conn.Ping(ctx)
	case "none":
		conn.Release()
		return nil
	default:
		return errEmpty // rel "this return may be reached without"
	}
}

func BadSelectArmMissing(ctx context.Context, pool *pgxpool.Pool, work <-chan string) error {
	conn, err := pool.Acquire(ctx) // want "conn is not released"
	if err != nil {
		return err
	}
	select {
	case q := <-work:
		_, err = conn.Exec(ctx, q)
		conn.Release()
		return err
	case <-ctx.Done():
		return ctx.Err() // rel "this return may be reached without"
	}
}

func BadReleasedOnlyIfErrNil(ctx context.Context, pool *pgxpool.Pool) error {
	conn, err := pool.Acquire(ctx) // want "conn is not released"
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, "vacuum")
	if err == nil {
		conn.Release()
	}
	return err // rel "this return may be reached without"
}

func BadDeferComesTooLate(ctx context.Context, dsn string, check func() error) error {
	conn, err := pgx.Connect(ctx, dsn) // want "conn is not released"
	if err != nil {
		return err
	}
	if err := check(); err != nil {
		return err // rel "this return may be reached without"
	}
	defer conn.Close(ctx)
	return conn.Ping(ctx)
}

func BadDeferredUnderCondition(ctx context.Context, dsn string, own bool) error {
	conn, err := pgx.Connect(ctx, dsn) // want "conn is not released"
	if err != nil {
		return err
	}
	if own {
		defer conn.Close(ctx)
	}
	return conn.Ping(ctx) // rel "this return may be reached without"
}

func OkDeferAfterErrorCheck(ctx context.Context, pool *pgxpool.Pool) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	return conn.Ping(ctx)
}

func OkExplicitOnEveryPath(ctx context.Context, pool *pgxpool.Pool) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	if err := conn.Ping(ctx); err != nil {
		conn.Release()
		return err
	}
	_, err = conn.Exec(ctx, "select 1")
	conn.Release()
	return err
}

func OkBothArms(ctx context.Context, pool *pgxpool.Pool, dry bool) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	if dry {
		conn.Release()
	} else {
		_, err = conn.Exec(ctx, "delete from t")
		conn.Release()
	}
	return err
}

func OkSwitch(ctx context.Context, pool *pgxpool.Pool, kind int) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	switch kind {
	case 0:
		err = conn.Ping(ctx)
		conn.Release()
	case 1:
		conn.Release()
	default:
		conn.Release()
		return errEmpty
	}
	return err
}

func OkSelect(ctx context.Context, pool *pgxpool.Pool, work <-chan string) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	select {
	case q := <-work:
		_, err = conn.Exec(ctx, q)
		conn.Release()
		return err
	case <-ctx.Done():
		conn.Release()
		return ctx.Err()
	}
}

func OkGotoCleanup(ctx context.Context, pool *pgxpool.Pool) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	if _, err = conn.Exec(ctx, "insert into a values (1)"); err != nil {
		goto cleanup
	}
	if _, err = conn.Exec(ctx, "insert into b values (1)"); err != nil {
		goto cleanup
	}
	err = conn.Ping(ctx)
cleanup:
	conn.Release()
	return err
}

func OkNilGuard(ctx context.Context, dsn string) error {
	conn, err := pgx.Connect(ctx, dsn)
	if conn != nil {
		defer conn.Close(ctx)
	}
	if err != nil {
		return err
	}
	return conn.Ping(ctx)
}

func OkErrNilArm(ctx context.Context, dsn string) (err error) {
	conn, err := pgx.Connect(ctx, dsn)
	if err == nil {
		err = conn.Ping(ctx)
		conn.Close(ctx)
	}
	return err
}

func OkErrOrCondition(ctx context.Context, dsn string) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil || conn == nil {
		return errEmpty
	}
	defer conn.Close(ctx)
	return conn.Ping(ctx)
}

func OkErrSwitch(ctx context.Context, dsn string) error {
	conn, err := pgx.Connect(ctx, dsn)
	switch {
	case errors.Is(err, context.Canceled):
		return nil
	case err != nil:
		return err
	}
	defer conn.Close(ctx)
	return conn.Ping(ctx)
}

func OkSameBool(ctx context.Context, pool *pgxpool.Pool, exclusive bool) error {
	var conn *pgxpool.Conn
	if exclusive {
		var err error
		if conn, err = pool.Acquire(ctx); err != nil {
			return err
		}
	}
	_, err := pool.Exec(ctx, "select 1")
	if exclusive {
		conn.Release()
	}
	return err
}

func OkConditionalAcquireNilChecked(ctx context.Context, pool *pgxpool.Pool, exclusive bool) error {
	var conn *pgxpool.Conn
	if exclusive {
		c, err := pool.Acquire(ctx)
		if err != nil {
			return err
		}
		conn = c
	}
	_, err := pool.Exec(ctx, "select 1")
	if conn != nil {
		conn.Release()
	}
	return err
}

func OkPanicPath(ctx context.Context, pool *pgxpool.Pool, n int) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	if n < 0 {
		panic("negative")
	}
	err = conn.Ping(ctx)
	conn.Release()
	return err
}

func OkLogFatalPath(ctx context.Context, pool *pgxpool.Pool) {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		log.Fatal(err)
	}
	if err := conn.Ping(ctx); err != nil {
		log.Fatalf("ping: %v", err)
	}
	conn.Release()
}

func OkOsExitPath(ctx context.Context, pool *pgxpool.Pool) {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		os.Exit(1)
	}
	if err := conn.Ping(ctx); err != nil {
		os.Exit(2)
	}
	conn.Release()
}

func OkTestFatalPath(ctx context.Context, t *testing.T, pool *pgxpool.Pool) {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.Ping(ctx); err != nil {
		t.Fatalf("ping: %v", err)
	}
	conn.Release()
}

func die(err error) {
	log.Print(err)
	os.Exit(1)
}

func OkOwnFatalHelper(ctx context.Context, pool *pgxpool.Pool) {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		die(err)
	}
	if err := conn.Ping(ctx); err != nil {
		die(err)
	}
	conn.Release()
}
