package field

import (
	"context"
	"database/sql"
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// is is somebody's own errors.Is, as old error libraries have one.
func is(err, target error) bool { return errors.Is(err, target) }

// mapped is nil unless the error is one of the database.
func mapped(err error) *pgconn.PgError {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e
	}
	return nil
}

// OkOwnIs asks the error by a function of its own.
func OkOwnIs(ctx context.Context, db *sql.DB) (n int, err error) {
	rows, err := db.QueryContext(ctx, "select 1")
	if is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		n++
	}
	return n, rows.Err()
}

// OkMappedError looks at what a helper made of the error.
func OkMappedError(ctx context.Context, pool *pgxpool.Pool) error {
	rows, err := pool.Query(ctx, "select 1")
	if e := mapped(err); e != nil && e.Code == "23503" {
		return nil
	}
	if err != nil {
		return err
	}
	defer rows.Close()
	return nil
}

// OkAssertedError looks at the error's type.
func OkAssertedError(ctx context.Context, pool *pgxpool.Pool) error {
	conn, err := pool.Acquire(ctx)
	if _, ok := err.(*pgconn.ConnectError); ok {
		return nil
	}
	if err != nil {
		return err
	}
	conn.Release()
	return nil
}

// BadOtherError asks an error that says nothing about the rows.
func BadOtherError(ctx context.Context, db *sql.DB, before error) error {
	rows, err := db.QueryContext(ctx, "select 1") // want "rows is not released on all paths"
	if err != nil {
		return err
	}
	if is(before, sql.ErrNoRows) {
		return before
	}
	return rows.Close()
}
