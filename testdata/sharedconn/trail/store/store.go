//golden:related

// Package store has the connection, two packages away from the handlers.
package store

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// Store has one connection.
type Store struct {
	Conn *pgx.Conn
}

// Open dials.
func Open(ctx context.Context, dsn string) (*Store, error) {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return nil, err
	}
	return &Store{Conn: conn}, nil
}

// Count reads.
func (s *Store) Count(ctx context.Context) error {
	return s.Conn.Ping(ctx)
}
