// Package seam has package variables that only tests set, looked at before the
// real path of each request. They are what keeps such code testable.
package seam

import (
	"context"
	"net/http"
	"os"

	"github.com/jackc/pgx/v5"
)

// override is set by the tests of this package.
var override *pgx.Conn

func connFor(ctx context.Context) (*pgx.Conn, func(), error) {
	if override != nil {
		return override, func() {}, nil
	}
	c, err := pgx.Connect(ctx, os.Getenv("DATABASE_URL"))
	if err != nil {
		return nil, nil, err
	}
	return c, func() { c.Close(ctx) }, nil
}

func OkOverride(w http.ResponseWriter, r *http.Request) {
	c, done, err := connFor(r.Context())
	if err != nil {
		return
	}
	defer done()
	c.Exec(r.Context(), "select 1")
}

// injected has a setter, for tests of other packages.
var injected *pgx.Conn

// SetConnForTest is called by tests only.
func SetConnForTest(c *pgx.Conn) (restore func()) {
	old := injected
	injected = c
	return func() { injected = old }
}

func OkSetter(w http.ResponseWriter, r *http.Request) {
	c := injected
	if c == nil {
		var err error
		if c, err = pgx.Connect(r.Context(), os.Getenv("DATABASE_URL")); err != nil {
			return
		}
		defer c.Close(r.Context())
	}
	c.Exec(r.Context(), "select 1")
}

// marked is set by code that is no test, and says what it is.
//
//connvet:testseam
var marked *pgx.Conn

// UseFixture is called by a development command.
func UseFixture(ctx context.Context) (err error) {
	marked, err = pgx.Connect(ctx, "postgres://fixture")
	return err
}

func OkMarked(w http.ResponseWriter, r *http.Request) {
	if marked != nil {
		marked.Exec(r.Context(), "select 1")
		return
	}
	c, err := pgx.Connect(r.Context(), os.Getenv("DATABASE_URL"))
	if err != nil {
		return
	}
	defer c.Close(r.Context())
	c.Exec(r.Context(), "select 1")
}

// dialer is a seam of another kind: the tests replace the function.
var dialer = func(ctx context.Context) (*pgx.Conn, error) {
	return pgx.Connect(ctx, os.Getenv("DATABASE_URL"))
}

func OkDialerVariable(w http.ResponseWriter, r *http.Request) {
	c, err := dialer(r.Context())
	if err != nil {
		return
	}
	defer c.Close(r.Context())
	c.Exec(r.Context(), "select 1")
}

// server has the seam in a field, tested for nil before the real path.
type server struct {
	testConn *pgx.Conn
}

func (s *server) OkFieldOverride(w http.ResponseWriter, r *http.Request) {
	if s.testConn != nil {
		s.testConn.Exec(r.Context(), "select 1")
		return
	}
	c, err := pgx.Connect(r.Context(), os.Getenv("DATABASE_URL"))
	if err != nil {
		return
	}
	defer c.Close(r.Context())
	c.Exec(r.Context(), "select 1")
}

// fallback looks like a seam, but the server sets it itself.
var fallback *pgx.Conn

func BadSetByServer(w http.ResponseWriter, r *http.Request) {
	if fallback != nil {
		fallback.Exec(r.Context(), "select 1") // want "^fallback is shared by every call of handler BadSetByServer without a lock"
		return
	}
	w.WriteHeader(http.StatusServiceUnavailable)
}

// Serve registers everything.
func Serve(ctx context.Context) (err error) {
	if fallback, err = pgx.Connect(ctx, os.Getenv("FALLBACK_URL")); err != nil {
		return err
	}
	http.HandleFunc("/1", OkOverride)
	http.HandleFunc("/2", OkSetter)
	http.HandleFunc("/3", OkMarked)
	http.HandleFunc("/4", OkDialerVariable)
	http.HandleFunc("/5", (&server{}).OkFieldOverride)
	http.HandleFunc("/6", BadSetByServer)
	return http.ListenAndServe(":8080", nil)
}
