// Package pg keeps the data of package domain in PostgreSQL.
package pg

import (
	"context"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/connvet/connvet/testdata/sharedconn/results/domain"
)

type querier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// Store makes a repository at each call.
type Store struct {
	db    querier
	mu    *sync.Mutex
	trail *pgx.Conn
}

// Single has one connection for all repositories.
func Single(conn *pgx.Conn) *Store { return &Store{db: conn} }

// Pooled has a pool, and a connection under a lock for the audit trail.
func Pooled(pool *pgxpool.Pool, trail *pgx.Conn) *Store {
	return &Store{db: pool, mu: new(sync.Mutex), trail: trail}
}

// Users gives a repository of users.
func (s *Store) Users() domain.Users { return users{s.db} }

// Audit gives the audit trail.
func (s *Store) Audit() domain.Audit { return &audit{mu: s.mu, conn: s.trail} }

type users struct{ db querier }

func (u users) Name(ctx context.Context, id int) (name string, err error) {
	err = u.db.QueryRow(ctx, "select name from users where id = $1", id).Scan(&name)
	return name, err
}

type audit struct {
	mu   *sync.Mutex
	conn *pgx.Conn
}

func (a *audit) Log(ctx context.Context, what string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	_, err := a.conn.Exec(ctx, "insert into audit values ($1)", what)
	return err
}
