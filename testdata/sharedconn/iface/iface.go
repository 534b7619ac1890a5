// Package iface hides the connection behind interfaces of its own.
package iface

import (
	"context"
	"database/sql"
	"net/http"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// DBTX is the interface that sqlc generates: a pool, a connection and a
// transaction all have its methods.
type DBTX interface {
	Exec(context.Context, string, ...any) (pgconn.CommandTag, error)
	Query(context.Context, string, ...any) (pgx.Rows, error)
	QueryRow(context.Context, string, ...any) pgx.Row
}

// Queries is what sqlc generates over it.
type Queries struct {
	db DBTX
}

// NewQueries binds the queries.
func NewQueries(db DBTX) *Queries { return &Queries{db: db} }

// WithTx binds the same queries to a transaction.
func (q *Queries) WithTx(tx pgx.Tx) *Queries { return &Queries{db: tx} }

// Count counts.
func (q *Queries) Count(ctx context.Context) (n int, err error) {
	err = q.db.QueryRow(ctx, "select count(*) from users").Scan(&n) // want "is shared by every call of .*BadQueries without a lock"
	return n, err
}

type onConn struct{ q *Queries }

func (h *onConn) BadQueries(w http.ResponseWriter, r *http.Request) {
	h.q.Count(r.Context())
}

type onPool struct {
	q    *Queries
	pool *pgxpool.Pool
}

func (h *onPool) OkQueries(w http.ResponseWriter, r *http.Request) {
	h.q.Count(r.Context())
}

// OkQueriesInTx binds the shared queries to a transaction of the request.
func (h *onPool) OkQueriesInTx(w http.ResponseWriter, r *http.Request) {
	tx, err := h.pool.Begin(r.Context())
	if err != nil {
		return
	}
	defer tx.Rollback(r.Context())
	if _, err := h.q.WithTx(tx).Count(r.Context()); err != nil {
		return
	}
	tx.Commit(r.Context())
}

// Users is a store of which there are two.
type Users interface {
	Save(ctx context.Context, name string) error
}

type connUsers struct{ conn *pgx.Conn }

func (u *connUsers) Save(ctx context.Context, name string) error {
	_, err := u.conn.Exec(ctx, "insert into users values ($1)", name) // want "^u.conn is shared by every call of .*BadSave without a lock"
	return err
}

type sqlUsers struct{ db *sql.DB }

func (u *sqlUsers) Save(ctx context.Context, name string) error {
	_, err := u.db.ExecContext(ctx, "insert into users values ($1)", name)
	return err
}

type badSaver struct{ users Users }

func (s *badSaver) BadSave(w http.ResponseWriter, r *http.Request) {
	s.users.Save(r.Context(), r.FormValue("name"))
}

type okSaver struct{ users Users }

func (s *okSaver) OkSave(w http.ResponseWriter, r *http.Request) {
	s.users.Save(r.Context(), r.FormValue("name"))
}

// OkUnbound is never given a store: nothing is known, nothing is said.
type unbound struct{ users Users }

func (s *unbound) OkUnbound(w http.ResponseWriter, r *http.Request) {
	s.users.Save(r.Context(), r.FormValue("name"))
}

// Pinger has one method that a pool and a connection have.
type Pinger interface{ Ping(context.Context) error }

func BadHealth(p Pinger) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if p.Ping(r.Context()) != nil { // want "^(p|conn) is shared by every call of .* without a lock"
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}
}

func OkHealth(p Pinger) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if p.Ping(r.Context()) != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}
}

// Serve binds everything.
func Serve(ctx context.Context, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return err
	}
	db, err := sql.Open("pgx", url)
	if err != nil {
		return err
	}
	bad := &onConn{q: NewQueries(conn)}
	good := &onPool{q: NewQueries(pool), pool: pool}
	mux := http.NewServeMux()
	mux.HandleFunc("/1", bad.BadQueries)
	mux.HandleFunc("/2", good.OkQueries)
	mux.HandleFunc("/3", good.OkQueriesInTx)
	mux.HandleFunc("/4", (&badSaver{users: &connUsers{conn: conn}}).BadSave)
	mux.HandleFunc("/5", (&okSaver{users: &sqlUsers{db: db}}).OkSave)
	mux.HandleFunc("/6", (&unbound{}).OkUnbound)
	mux.HandleFunc("/7", BadHealth(conn))
	mux.HandleFunc("/8", OkHealth(pool))
	return http.ListenAndServe(":8080", mux)
}
