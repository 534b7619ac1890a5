// Package lib is the other package whose helpers the callers rely on.
package lib

import (
	"context"
	"database/sql"
	"io"
	"log"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Open connects; the caller owns the connection.
func Open(ctx context.Context, dsn string) (*pgx.Conn, error) {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return nil, err
	}
	if err := conn.Ping(ctx); err != nil {
		_ = conn.Close(ctx)
		return nil, err
	}
	return conn, nil
}

// MustOpen connects or panics; the caller owns the connection.
func MustOpen(ctx context.Context, dsn string) *pgx.Conn {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		panic(err)
	}
	return conn
}

// Lease takes a connection with the func that gives it back.
func Lease(ctx context.Context, pool *pgxpool.Pool) (*pgxpool.Conn, func(), error) {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return nil, nil, err
	}
	return conn, conn.Release, nil
}

// Count only borrows.
func Count(ctx context.Context, conn *pgxpool.Conn) (n int, err error) {
	err = conn.QueryRow(ctx, "select count(*) from t").Scan(&n)
	return n, err
}

// PingConn only borrows.
func PingConn(ctx context.Context, conn *pgx.Conn) error { return conn.Ping(ctx) }

// CloseQuietly closes c.
func CloseQuietly(c io.Closer) {
	if err := c.Close(); err != nil {
		log.Print(err)
	}
}

// GiveBack releases conn.
func GiveBack(conn *pgxpool.Conn) {
	if conn != nil {
		conn.Release()
	}
}

// CloseRows closes rows and keeps the first error.
func CloseRows(rows *sql.Rows, err *error) {
	if cerr := rows.Close(); *err == nil {
		*err = cerr
	}
}

// Finish commits or rolls back, whatever err says.
func Finish(tx *sql.Tx, err error) error {
	if err != nil {
		_ = tx.Rollback()
		return err
	}
	return tx.Commit()
}

// Store owns a connection.
type Store struct{ conn *pgx.Conn }

// NewStore wraps conn; Close closes it.
func NewStore(conn *pgx.Conn) *Store { return &Store{conn: conn} }

// Close closes the store's connection.
func (s *Store) Close(ctx context.Context) error { return s.conn.Close(ctx) }

// Serve closes conn when it ends.
func Serve(ctx context.Context, conn *pgxpool.Conn, jobs <-chan string) {
	defer conn.Release()
	for job := range jobs {
		_, _ = conn.Exec(ctx, job)
	}
}

// ServeForgetful releases conn only when the jobs run out.
func ServeForgetful(ctx context.Context, conn *pgxpool.Conn, jobs <-chan string) {
	for {
		select {
		case <-ctx.Done():
			return
		case job, ok := <-jobs:
			if !ok {
				conn.Release()
				return
			}
			_, _ = conn.Exec(ctx, job)
		}
	}
}
