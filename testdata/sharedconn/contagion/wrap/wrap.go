// Package wrap wraps connections in types of its own, and knows nothing of who uses them.
package wrap

import (
	"context"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Session embeds its connection: it has all methods of one.
type Session struct {
	*pgx.Conn
	Tenant string
}

// Dial makes a session.
func Dial(ctx context.Context, url, tenant string) (*Session, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, err
	}
	return &Session{Conn: conn, Tenant: tenant}, nil
}

// Traced is a wrapper around a wrapper.
type Traced struct{ *Session }

// Insert is a method of its own.
func (t Traced) Insert(ctx context.Context, v any) error {
	_, err := t.Exec(ctx, "insert into t values ($1)", v)
	return err
}

// Doer is what can execute.
type Doer interface {
	Exec(context.Context, string, ...any) (pgconn.CommandTag, error)
}

// Retry repeats what fails, on anything that executes.
type Retry[D Doer] struct {
	Inner D
	Times int
}

// Exec implements Doer.
func (r Retry[D]) Exec(ctx context.Context, query string, args ...any) (tag pgconn.CommandTag, err error) {
	for range r.Times {
		if tag, err = r.Inner.Exec(ctx, query, args...); err == nil {
			return tag, nil
		}
	}
	return tag, err
}

// Locked serialises everything it is given.
type Locked[D Doer] struct {
	mu    sync.Mutex
	inner D
}

// NewLocked wraps.
func NewLocked[D Doer](d D) *Locked[D] { return &Locked[D]{inner: d} }

// Exec implements Doer.
func (l *Locked[D]) Exec(ctx context.Context, query string, args ...any) (pgconn.CommandTag, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.inner.Exec(ctx, query, args...)
}

// Do lends the inner value under the lock.
func (l *Locked[D]) Do(f func(D) error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return f(l.inner)
}

// Repo is a store of any entity.
type Repo[T any] struct {
	conn  *pgx.Conn
	table string
}

// NewRepo makes one.
func NewRepo[T any](conn *pgx.Conn, table string) *Repo[T] { return &Repo[T]{conn: conn, table: table} }

// All lists the entities.
func (r *Repo[T]) All(ctx context.Context) ([]T, error) {
	rows, err := r.conn.Query(ctx, "select * from "+r.table)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[T])
}

// PoolRepo is the same over a pool.
type PoolRepo[T any] struct {
	pool  *pgxpool.Pool
	table string
}

// NewPoolRepo makes one.
func NewPoolRepo[T any](pool *pgxpool.Pool, table string) *PoolRepo[T] {
	return &PoolRepo[T]{pool: pool, table: table}
}

// All lists the entities.
func (r *PoolRepo[T]) All(ctx context.Context) ([]T, error) {
	rows, err := r.pool.Query(ctx, "select * from "+r.table)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[T])
}

// Hooks has its behaviour in fields.
type Hooks struct {
	Save func(ctx context.Context, v any) error
	Load func(ctx context.Context) (any, error)
}

// NewHooks fills the fields with closures over one connection.
func NewHooks(conn *pgx.Conn) Hooks {
	return Hooks{
		Save: func(ctx context.Context, v any) error {
			_, err := conn.Exec(ctx, "insert into t values ($1)", v)
			return err
		},
		Load: func(ctx context.Context) (v any, err error) {
			err = conn.QueryRow(ctx, "select v from t").Scan(&v)
			return v, err
		},
	}
}

// NewLockedHooks guards the connection with a mutex that the closures share.
func NewLockedHooks(conn *pgx.Conn) Hooks {
	var mu sync.Mutex
	return Hooks{
		Save: func(ctx context.Context, v any) error {
			mu.Lock()
			defer mu.Unlock()
			_, err := conn.Exec(ctx, "insert into t values ($1)", v)
			return err
		},
		Load: func(ctx context.Context) (v any, err error) {
			mu.Lock()
			defer mu.Unlock()
			err = conn.QueryRow(ctx, "select v from t").Scan(&v)
			return v, err
		},
	}
}
