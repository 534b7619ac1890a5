// Package helpers uses the connection one to three calls below the handler.
package helpers

import (
	"context"
	"net/http"
	"os"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

var (
	conn *pgx.Conn
	pool *pgxpool.Pool
)

func connect(ctx context.Context) (err error) {
	conn, err = pgx.Connect(ctx, os.Getenv("DATABASE_URL"))
	if err != nil {
		return err
	}
	pool, err = pgxpool.New(ctx, os.Getenv("DATABASE_URL"))
	return err
}

// BadOneDeep uses the package variable in a helper.
func BadOneDeep(w http.ResponseWriter, r *http.Request) {
	insert(r.Context())
}

func insert(ctx context.Context) error {
	_, err := conn.Exec(ctx, "insert into users default values") // want "^conn is shared by every call of handler BadOneDeep without a lock"
	return err
}

// BadTwoDeep has one more call in between.
func BadTwoDeep(w http.ResponseWriter, r *http.Request) {
	if err := cleanup(r.Context()); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

func cleanup(ctx context.Context) error {
	return deleteAll(ctx, "users")
}

func deleteAll(ctx context.Context, table string) error {
	_, err := conn.Exec(ctx, "delete from "+table) // want "^conn is shared by every call of handler BadTwoDeep without a lock"
	return err
}

type service struct{ repo *repo }

type repo struct{ conn *pgx.Conn }

func (r *repo) count(ctx context.Context) (n int, err error) {
	err = r.conn.QueryRow(ctx, "select count(*) from users").Scan(&n) // want "^r.conn is shared by every call of .*BadThreeDeep without a lock"
	return n, err
}

func (s *service) users(ctx context.Context) (int, error) { return s.total(ctx) }

func (s *service) total(ctx context.Context) (int, error) { return s.repo.count(ctx) }

func (s *service) BadThreeDeep(w http.ResponseWriter, r *http.Request) {
	if _, err := s.users(r.Context()); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

// BadPassedOn lends the global to a helper that takes any connection.
func BadPassedOn(w http.ResponseWriter, r *http.Request) {
	touch(r.Context(), other)
}

var other *pgx.Conn

func init() { other, _ = pgx.Connect(context.Background(), os.Getenv("OTHER_URL")) }

func touch(ctx context.Context, c *pgx.Conn) {
	c.Exec(ctx, "select 1") // want "is shared by every call of handler BadPassedOn without a lock"
}

// OkPassedOn lends the same helper a connection of its own.
func OkPassedOn(w http.ResponseWriter, r *http.Request) {
	c, err := pool.Acquire(r.Context())
	if err != nil {
		return
	}
	defer c.Release()
	touch(r.Context(), c.Conn())
}

// OkOneDeep uses a pool in a helper.
func OkOneDeep(w http.ResponseWriter, r *http.Request) {
	insertPooled(r.Context())
}

func insertPooled(ctx context.Context) error {
	_, err := pool.Exec(ctx, "insert into users default values")
	return err
}

// OkDialHelper gets a fresh connection from a helper.
func OkDialHelper(w http.ResponseWriter, r *http.Request) {
	c, err := dial(r.Context())
	if err != nil {
		return
	}
	defer c.Close(r.Context())
	touch(r.Context(), c)
}

func dial(ctx context.Context) (*pgx.Conn, error) {
	return pgx.Connect(ctx, os.Getenv("DATABASE_URL"))
}

// OkRepoOfRequest builds the layers anew for each request.
func OkRepoOfRequest(w http.ResponseWriter, r *http.Request) {
	c, err := dial(r.Context())
	if err != nil {
		return
	}
	defer c.Close(r.Context())
	s := &service{repo: &repo{conn: c}}
	s.users(r.Context())
}

// OkWithConn runs its work on a connection lent to a callback.
func OkWithConn(w http.ResponseWriter, r *http.Request) {
	withConn(r.Context(), func(c *pgx.Conn) error {
		_, err := c.Exec(r.Context(), "select 1")
		return err
	})
}

func withConn(ctx context.Context, f func(*pgx.Conn) error) error {
	c, err := dial(ctx)
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	return f(c)
}

// OkRecursive must not confuse the summaries of functions that call each other.
func OkRecursive(w http.ResponseWriter, r *http.Request) {
	c, err := dial(r.Context())
	if err != nil {
		return
	}
	defer c.Close(r.Context())
	even(r.Context(), c, 10)
}

func even(ctx context.Context, c *pgx.Conn, n int) {
	if n > 0 {
		c.Exec(ctx, "select 0")
		odd(ctx, c, n-1)
	}
}

func odd(ctx context.Context, c *pgx.Conn, n int) {
	if n > 0 {
		even(ctx, c, n-1)
	}
}

// Serve registers everything.
func Serve(ctx context.Context) error {
	if err := connect(ctx); err != nil {
		return err
	}
	c, err := dial(ctx)
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	s := &service{repo: &repo{conn: c}}
	http.HandleFunc("/1", BadOneDeep)
	http.HandleFunc("/2", BadTwoDeep)
	http.HandleFunc("/3", s.BadThreeDeep)
	http.HandleFunc("/4", BadPassedOn)
	http.HandleFunc("/5", OkPassedOn)
	http.HandleFunc("/6", OkOneDeep)
	http.HandleFunc("/7", OkDialHelper)
	http.HandleFunc("/8", OkRepoOfRequest)
	http.HandleFunc("/9", OkWithConn)
	http.HandleFunc("/10", OkRecursive)
	return http.ListenAndServe(":8080", nil)
}
