// Package pg keeps vectors in PostgreSQL. Its field would take a pool as well.
package pg

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

type querier interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

// Store is a vector store.
type Store struct{ conn querier }

// New connects once.
func New(ctx context.Context, dsn string) (*Store, error) {
	store := &Store{}
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return nil, err
	}
	store.conn = conn
	return store, nil
}

// NewPooled does it right.
func NewPooled(ctx context.Context, dsn string) (*Store, error) {
	pool, err := pgxpool.New(ctx, dsn)
	if err != nil {
		return nil, err
	}
	return &Store{conn: pool}, nil
}

// Add adds a vector.
func (s *Store) Add(ctx context.Context, name string) error {
	_, err := s.conn.Exec(ctx, "insert into vectors values ($1)", name)
	return err
}
