// Package store has the providers: constructors that a container calls.
package store

import (
	"context"
	"os"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"go.uber.org/fx"
)

// Config says where the database is.
type Config struct{ URL string }

// NewConfig reads the environment.
func NewConfig() Config { return Config{URL: os.Getenv("DATABASE_URL")} }

// NewConn connects once.
func NewConn(cfg Config) (*pgx.Conn, error) { return pgx.Connect(context.Background(), cfg.URL) }

// NewPool makes a pool.
func NewPool(cfg Config) (*pgxpool.Pool, func(), error) {
	pool, err := pgxpool.New(context.Background(), cfg.URL)
	if err != nil {
		return nil, nil, err
	}
	return pool, pool.Close, nil
}

// OpenPool makes a pool for containers that know no clean-ups.
func OpenPool(cfg Config) (*pgxpool.Pool, error) { return pgxpool.New(context.Background(), cfg.URL) }

// Execer executes.
type Execer interface {
	Exec(context.Context, string, ...any) (pgconn.CommandTag, error)
}

// Users is what the handlers need.
type Users interface {
	Add(context.Context, string) error
}

// Store keeps users over anything.
type Store struct{ db Execer }

// NewOnConn makes a store over one connection.
func NewOnConn(conn *pgx.Conn) *Store { return &Store{db: conn} }

// NewOnPool makes a store over a pool.
func NewOnPool(pool *pgxpool.Pool) *Store { return &Store{db: pool} }

// NewUsers gives the interface.
func NewUsers(conn *pgx.Conn) Users { return &Store{db: conn} }

// Add adds a user.
func (s *Store) Add(ctx context.Context, name string) error {
	_, err := s.db.Exec(ctx, "insert into users values ($1)", name)
	return err
}

// Locked locks around another store.
type Locked struct {
	mu    sync.Mutex
	inner Users
}

// NewLocked is a decorator.
func NewLocked(inner Users) Users { return &Locked{inner: inner} }

// NewLockedStore locks around a store.
func NewLockedStore(s *Store) Users { return &Locked{inner: s} }

// Add adds a user.
func (l *Locked) Add(ctx context.Context, name string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.inner.Add(ctx, name)
}

// Module is everything that this package provides to fx.
var Module = fx.Module("store", fx.Provide(NewConfig, NewConn, NewUsers))

// PoolModule is the same over a pool.
var PoolModule = fx.Options(
	fx.Provide(NewConfig),
	fx.Provide(OpenPool, fx.Annotate(NewOnPool, fx.As(new(Users)))),
)
