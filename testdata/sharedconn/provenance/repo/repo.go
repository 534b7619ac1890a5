// Package repo is between the generated queries and the handlers.
package repo

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/connvet/connvet/testdata/sharedconn/provenance/gen"
)

// Repo adds transactions to the queries.
type Repo struct {
	gen.Querier
	pool *pgxpool.Pool
}

// New makes a repository over a pool.
func New(pool *pgxpool.Pool) *Repo { return &Repo{Querier: gen.New(pool), pool: pool} }

// Over makes a repository over any querier.
func Over(q gen.Querier) *Repo { return &Repo{Querier: q} }

// InTx runs a function in a transaction of its own.
func (r *Repo) InTx(ctx context.Context, f func(gen.Querier) error) error {
	return pgx.BeginFunc(ctx, r.pool, func(tx pgx.Tx) error { return f(gen.New(tx)) })
}

// Pinned is a repository over one connection of the pool, that it keeps.
func Pinned(ctx context.Context, pool *pgxpool.Pool) (*Repo, error) {
	lease, err := pool.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	return &Repo{Querier: gen.New(lease), pool: pool}, nil
}

// txKey is the key of the transaction in a context.
type txKey struct{}

// With puts a transaction into a context.
func With(ctx context.Context, tx pgx.Tx) context.Context { return context.WithValue(ctx, txKey{}, tx) }

// From takes it out.
func From(ctx context.Context) (pgx.Tx, bool) {
	tx, ok := ctx.Value(txKey{}).(pgx.Tx)
	return tx, ok
}

// Exec executes on the transaction of the context, or else on the pool.
func (r *Repo) Exec(ctx context.Context, query string) error {
	if tx, ok := From(ctx); ok {
		_, err := tx.Exec(ctx, query)
		return err
	}
	_, err := r.pool.Exec(ctx, query)
	return err
}
