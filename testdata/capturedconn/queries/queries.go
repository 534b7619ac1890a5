// Package queries has generated query code over an interface.
package queries

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"
)

// DBTX is what generated code asks of a database.
type DBTX interface {
	Exec(context.Context, string, ...any) (pgconn.CommandTag, error)
}

// Queries is generated code.
type Queries struct{ db DBTX }

// New returns queries on db.
func New(db DBTX) *Queries { return &Queries{db: db} }

// WithTx returns queries on tx.
func (q *Queries) WithTx(tx pgx.Tx) *Queries { return &Queries{db: tx} }

// Touch runs one query.
func (q *Queries) Touch(ctx context.Context) error {
	_, err := q.db.Exec(ctx, "update t set at = now()")
	return err
}

// BadConnection runs queries on a connection from two goroutines.
func BadConnection(ctx context.Context, conn *pgx.Conn) error {
	q := New(conn)
	go func() {
		_ = q.Touch(ctx)
	}()
	return conn.Ping(ctx) // want "conn.Ping may run at the same time"
}

// BadTransaction runs the queries of a transaction at once, as if they were
// those of the pool.
func BadTransaction(ctx context.Context, pool *pgxpool.Pool) error {
	tx, err := pool.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback(ctx) }()
	q := New(pool).WithTx(tx)
	var g errgroup.Group
	g.Go(func() error { return q.Touch(ctx) })
	g.Go(func() error { return q.Touch(ctx) }) // want "may run at the same time"
	if err := g.Wait(); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

// BadMethodValue gives a method of the queries to a goroutine.
func BadMethodValue(ctx context.Context, tx pgx.Tx) error {
	q := New(tx)
	go q.Touch(ctx)
	return q.Touch(ctx) // want "may run at the same time"
}

// OkPool runs the same queries on a pool.
func OkPool(ctx context.Context, pool *pgxpool.Pool) error {
	q := New(pool)
	var g errgroup.Group
	g.Go(func() error { return q.Touch(ctx) })
	g.Go(func() error { return q.Touch(ctx) })
	return g.Wait()
}

// OkUnknown cannot know what the queries run on.
func OkUnknown(ctx context.Context, q *Queries) error {
	go func() {
		_ = q.Touch(ctx)
	}()
	return q.Touch(ctx)
}

// OkTransactionJoined waits for each query.
func OkTransactionJoined(ctx context.Context, tx pgx.Tx) error {
	q := New(tx)
	var g errgroup.Group
	g.Go(func() error { return q.Touch(ctx) })
	if err := g.Wait(); err != nil {
		return err
	}
	return q.Touch(ctx)
}

// OkTransactionEach begins a transaction per goroutine.
func OkTransactionEach(ctx context.Context, pool *pgxpool.Pool) error {
	var g errgroup.Group
	for range 3 {
		g.Go(func() error {
			return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
				return New(pool).WithTx(tx).Touch(ctx)
			})
		})
	}
	return g.Wait()
}
