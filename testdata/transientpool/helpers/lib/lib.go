// Package lib has helpers around pools, for handlers of other packages.
package lib

import (
	"context"
	"database/sql"
	"net/http"
	"sync"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"
	"gorm.io/gorm"
)

// Open gives a new pool with each call; what becomes of it is the caller's business.
func Open(dsn string) (*sql.DB, error) {
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(4)
	return db, nil
}

// CountUsers opens a pool, asks, and forgets it.
func CountUsers(ctx context.Context, dsn string) (n int, err error) {
	db, err := Open(dsn)
	if err != nil {
		return 0, err
	}
	err = db.QueryRowContext(ctx, "select count(*) from users").Scan(&n)
	return n, err
}

// Report goes through CountUsers.
func Report(ctx context.Context, dsn string) (string, error) {
	n, err := CountUsers(ctx, dsn)
	if n == 0 {
		return "nobody", err
	}
	return "somebody", err
}

// Check opens and closes.
func Check(ctx context.Context, dsn string) error {
	pool, err := pgxpool.New(ctx, dsn)
	if err != nil {
		return err
	}
	defer pool.Close()
	return pool.Ping(ctx)
}

// Finish closes a pool and tells nobody what came of it.
func Finish(db *sql.DB) { _ = db.Close() }

// FinishGorm closes the pool inside a gorm handle.
func FinishGorm(db *gorm.DB) error {
	inner, err := db.DB()
	if err != nil {
		return err
	}
	return inner.Close()
}

var (
	mu    sync.Mutex
	cache = map[string]*redis.Client{}
)

// Redis gives the client for an address, which is made once.
func Redis(addr string) *redis.Client {
	mu.Lock()
	defer mu.Unlock()
	if c, ok := cache[addr]; ok {
		return c
	}
	c := redis.NewClient(&redis.Options{Addr: addr})
	cache[addr] = c
	return c
}

// Queries asks through any executor, as generated code does.
type Queries struct{ db execer }

type execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// New makes queries.
func New(db execer) *Queries { return &Queries{db: db} }

// Touch runs one.
func (q *Queries) Touch(ctx context.Context, id int) error {
	_, err := q.db.ExecContext(ctx, "update users set seen = now() where id = $1", id)
	return err
}

// BadExportedHandler is found here, where it stands, and not again where it is registered.
func BadExportedHandler(w http.ResponseWriter, r *http.Request) { // rel "handler declared here"
	db, err := Open("postgres://app@db/app") // want "db is a new pool for each call of handler BadExportedHandler, and never closed"
	if err != nil || db.PingContext(r.Context()) != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
}
