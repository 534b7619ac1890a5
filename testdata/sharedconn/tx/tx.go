// Package tx has transactions: of one request, carried by a context, kept by mistake.
package tx

import (
	"context"
	"database/sql"
	"net/http"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jmoiron/sqlx"
	"gorm.io/gorm"
)

type app struct {
	pool *pgxpool.Pool
	db   *sql.DB
	dbx  *sqlx.DB
	orm  *gorm.DB
}

func (a *app) OkBegin(w http.ResponseWriter, r *http.Request) {
	tx, err := a.pool.Begin(r.Context())
	if err != nil {
		return
	}
	defer tx.Rollback(r.Context())
	tx.Exec(r.Context(), "insert")
	tx.Commit(r.Context())
}

func (a *app) OkBeginFunc(w http.ResponseWriter, r *http.Request) {
	pgx.BeginFunc(r.Context(), a.pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(r.Context(), "insert")
		return err
	})
}

func (a *app) OkSQLTx(w http.ResponseWriter, r *http.Request) {
	tx, err := a.db.BeginTx(r.Context(), nil)
	if err != nil {
		return
	}
	defer tx.Rollback()
	rows, err := tx.QueryContext(r.Context(), "select 1")
	if err != nil {
		return
	}
	rows.Close()
	tx.Commit()
}

func (a *app) OkSqlxTx(w http.ResponseWriter, r *http.Request) {
	tx, err := a.dbx.BeginTxx(r.Context(), nil)
	if err != nil {
		return
	}
	defer tx.Rollback()
	var names []string
	tx.SelectContext(r.Context(), &names, "select name from users")
	tx.Commit()
}

// OkGormChain starts each chain from the shared handle.
func (a *app) OkGormChain(w http.ResponseWriter, r *http.Request) {
	var n int64
	a.orm.WithContext(r.Context()).Table("users").Where("active").Count(&n)
}

func (a *app) OkGormTransaction(w http.ResponseWriter, r *http.Request) {
	a.orm.Transaction(func(tx *gorm.DB) error {
		return tx.Exec("insert into users default values").Error
	})
}

// txKey carries the transaction of a request.
type txKey struct{}

// OkMiddleware begins a transaction for each request.
func (a *app) OkMiddleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tx, err := a.pool.Begin(r.Context())
		if err != nil {
			return
		}
		defer tx.Rollback(r.Context())
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), txKey{}, tx)))
		tx.Commit(r.Context())
	})
}

func (a *app) OkFromContext(w http.ResponseWriter, r *http.Request) {
	tx, ok := r.Context().Value(txKey{}).(pgx.Tx)
	if !ok {
		return
	}
	tx.Exec(r.Context(), "insert")
}

// kept is a transaction that was begun at start-up, "for speed".
var kept *sql.Tx

// BadKept runs the result sets of all requests on one transaction.
func BadKept(w http.ResponseWriter, r *http.Request) {
	rows, err := kept.QueryContext(r.Context(), "select name from users") // want "^kept is shared by every call of handler BadKept without a lock"
	if err != nil {
		return
	}
	defer rows.Close()
}

var keptPgx pgx.Tx

func BadKeptPgx(w http.ResponseWriter, r *http.Request) {
	keptPgx.Exec(r.Context(), "insert") // want "^keptPgx is shared by every call of handler BadKeptPgx without a lock"
}

// written is only written to, which database/sql serialises: no result set is open, nobody ends it.
var written *sql.Tx

func OkSerialExec(w http.ResponseWriter, r *http.Request) {
	written.ExecContext(r.Context(), "insert")
}

// unit keeps the gorm transaction that began before the server.
type unit struct{ tx *gorm.DB }

func (u *unit) BadGormTx(w http.ResponseWriter, r *http.Request) {
	u.tx.Exec("insert into users default values") // want "^u.tx is shared by every call of .*BadGormTx without a lock"
}

// scoped keeps a query that was narrowed before the server started: each request adds to it.
type scoped struct{ query *gorm.DB }

func (s *scoped) BadGormChain(w http.ResponseWriter, r *http.Request) {
	var n int64
	s.query.Where("id = ?", r.FormValue("id")).Count(&n) // want "^s.query is shared by every call of .*BadGormChain without a lock"
}

// safe keeps a session, which gorm makes shareable again.
type safe struct{ query *gorm.DB }

func (s *safe) OkGormSession(w http.ResponseWriter, r *http.Request) {
	var n int64
	s.query.Where("id = ?", r.FormValue("id")).Count(&n)
}

// BadSQLConn keeps one session of the pool for everyone.
type session struct{ conn *sql.Conn }

func (s *session) BadSQLConn(w http.ResponseWriter, r *http.Request) {
	rows, err := s.conn.QueryContext(r.Context(), "select 1") // want "^s.conn is shared by every call of .*BadSQLConn without a lock"
	if err != nil {
		return
	}
	rows.Close()
}

// Serve begins what must not be begun here, and registers everything.
func Serve(ctx context.Context, a *app) error {
	var err error
	if kept, err = a.db.Begin(); err != nil {
		return err
	}
	if keptPgx, err = a.pool.Begin(ctx); err != nil {
		return err
	}
	if written, err = a.db.Begin(); err != nil {
		return err
	}
	conn, err := a.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	u := &unit{tx: a.orm.Begin()}
	sc := &scoped{query: a.orm.Table("users").Where("active")}
	sf := &safe{query: a.orm.Table("users").Where("active").Session(&gorm.Session{})}
	se := &session{conn: conn}
	mux := http.NewServeMux()
	mux.HandleFunc("/1", a.OkBegin)
	mux.HandleFunc("/2", a.OkBeginFunc)
	mux.HandleFunc("/3", a.OkSQLTx)
	mux.HandleFunc("/4", a.OkSqlxTx)
	mux.HandleFunc("/5", a.OkGormChain)
	mux.HandleFunc("/6", a.OkGormTransaction)
	mux.Handle("/7", a.OkMiddleware(http.HandlerFunc(a.OkFromContext)))
	mux.HandleFunc("/8", BadKept)
	mux.HandleFunc("/9", BadKeptPgx)
	mux.HandleFunc("/10", OkSerialExec)
	mux.HandleFunc("/11", u.BadGormTx)
	mux.HandleFunc("/12", sc.BadGormChain)
	mux.HandleFunc("/13", sf.OkGormSession)
	mux.HandleFunc("/14", se.BadSQLConn)
	return http.ListenAndServe(":8080", mux)
}
