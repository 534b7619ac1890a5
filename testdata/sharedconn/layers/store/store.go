// Package store holds connections and knows nothing of requests.
package store

import (
	"context"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Store speaks on one connection.
type Store struct {
	conn *pgx.Conn
}

// New connects.
func New(ctx context.Context, url string) (*Store, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, err
	}
	return &Store{conn: conn}, nil
}

// Users counts the users.
func (s *Store) Users(ctx context.Context) (n int, err error) {
	err = s.conn.QueryRow(ctx, "select count(*) from users").Scan(&n)
	return n, err
}

// Add adds a user.
func (s *Store) Add(ctx context.Context, name string) error {
	return s.exec(ctx, "insert into users values ($1)", name)
}

func (s *Store) exec(ctx context.Context, query string, args ...any) error {
	_, err := s.conn.Exec(ctx, query, args...)
	return err
}

// Locked locks around every use.
type Locked struct {
	mu   sync.Mutex
	conn *pgx.Conn
}

// NewLocked connects.
func NewLocked(ctx context.Context, url string) (*Locked, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, err
	}
	return &Locked{conn: conn}, nil
}

// Users counts the users.
func (l *Locked) Users(ctx context.Context) (n int, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	err = l.conn.QueryRow(ctx, "select count(*) from users").Scan(&n)
	return n, err
}

// Add adds a user.
func (l *Locked) Add(ctx context.Context, name string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, err := l.conn.Exec(ctx, "insert into users values ($1)", name)
	return err
}

// Pooled speaks on a pool.
type Pooled struct {
	pool *pgxpool.Pool
}

// NewPooled makes a pool.
func NewPooled(ctx context.Context, url string) (*Pooled, error) {
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return nil, err
	}
	return &Pooled{pool: pool}, nil
}

// Users counts the users.
func (p *Pooled) Users(ctx context.Context) (n int, err error) {
	err = p.pool.QueryRow(ctx, "select count(*) from users").Scan(&n)
	return n, err
}

// Add adds a user.
func (p *Pooled) Add(ctx context.Context, name string) error {
	_, err := p.pool.Exec(ctx, "insert into users values ($1)", name)
	return err
}

// Default is the store of the process, set by Open.
var Default *Store

// Open sets Default.
func Open(ctx context.Context, url string) (err error) {
	Default, err = New(ctx, url)
	return err
}

var single *pgx.Conn

// Conn gives everyone the same connection.
func Conn(ctx context.Context) (*pgx.Conn, error) {
	if single == nil {
		var err error
		if single, err = pgx.Connect(ctx, ""); err != nil {
			return nil, err
		}
	}
	return single, nil
}

// Fresh gives everyone a connection of their own.
func Fresh(ctx context.Context) (*pgx.Conn, error) {
	return pgx.Connect(ctx, "")
}
