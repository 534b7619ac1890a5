// Package store keeps orders for the service of package kit.
package store

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Querier is what a connection and a pool have in common.
type Querier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// Orders counts orders.
type Orders struct{ db Querier }

// Connect opens one connection for all.
func Connect(ctx context.Context, url string) (*Orders, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, err
	}
	return &Orders{db: conn}, nil
}

// Pool opens a pool.
func Pool(ctx context.Context, url string) (*Orders, error) {
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return nil, err
	}
	return &Orders{db: pool}, nil
}

// Count asks the database.
func (o *Orders) Count(ctx context.Context) (n int, err error) {
	err = o.db.QueryRow(ctx, "select count(*) from orders").Scan(&n)
	return n, err
}
