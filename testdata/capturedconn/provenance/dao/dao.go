// Package dao carries transactions in contexts and behind interfaces.
package dao

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// DBTX is a pool, a connection or a transaction.
type DBTX interface {
	Exec(context.Context, string, ...any) (pgconn.CommandTag, error)
	QueryRow(context.Context, string, ...any) pgx.Row
}

// Queries are bound to one of them.
type Queries struct{ db DBTX }

// New binds.
func New(db DBTX) *Queries { return &Queries{db: db} }

// WithTx binds to a transaction.
func (q *Queries) WithTx(tx pgx.Tx) *Queries { return &Queries{db: tx} }

// Add adds.
func (q *Queries) Add(ctx context.Context, name string) error {
	_, err := q.db.Exec(ctx, "insert into users values ($1)", name)
	return err
}

// Count counts.
func (q *Queries) Count(ctx context.Context) (n int, err error) {
	err = q.db.QueryRow(ctx, "select count(*) from users").Scan(&n)
	return n, err
}

type key struct{}

// Put puts a transaction into a context.
func Put(ctx context.Context, tx pgx.Tx) context.Context { return context.WithValue(ctx, key{}, tx) }

// Get takes it out again.
func Get(ctx context.Context) pgx.Tx {
	tx, _ := ctx.Value(key{}).(pgx.Tx)
	return tx
}

// AddIn adds in the transaction of the context.
func AddIn(ctx context.Context, name string) error {
	_, err := Get(ctx).Exec(ctx, "insert into users values ($1)", name)
	return err
}

// InTx runs a function in a transaction.
func InTx(ctx context.Context, pool *pgxpool.Pool, f func(ctx context.Context, q *Queries) error) error {
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error { return f(Put(ctx, tx), New(tx)) })
}

// Detach forgets the transaction.
func Detach(ctx context.Context) context.Context {
	return context.WithoutCancel(context.WithValue(ctx, key{}, nil))
}
