// Package middleware has handlers that find their connection in the context of
// the request.
package middleware

import (
	"context"
	"net/http"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/connvet/connvet/testdata/sharedconn/middleware/carry"
)

func badPlain(w http.ResponseWriter, r *http.Request) {
	carry.Conn(r.Context()).Exec(r.Context(), "select 1") // want `^carry\.Conn\(r\.Context\(\)\) is shared by every call of a handler without a lock`
}

// BadOne has badPlain find the one connection in every request.
func BadOne(ctx context.Context, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	return http.ListenAndServe(":8080", carry.One(conn, http.HandlerFunc(badPlain)))
}

func badNamed(w http.ResponseWriter, r *http.Request) {
	conn := carry.Conn(r.Context())
	conn.Exec(r.Context(), "select 1") // want "^conn is shared by every call of a handler without a lock"
}

// BadBelow has badNamed find it below a context that carries something else.
func BadBelow(ctx context.Context, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	return http.ListenAndServe(":8080", carry.One(conn, carry.User(http.HandlerFunc(badNamed))))
}

func okLeased(w http.ResponseWriter, r *http.Request) {
	carry.Conn(r.Context()).Exec(r.Context(), "select 1")
}

// OkLeased gives each request a connection of its own.
func OkLeased(ctx context.Context, url string) error {
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return err
	}
	defer pool.Close()
	return http.ListenAndServe(":8080", carry.User(carry.Leased(pool, http.HandlerFunc(okLeased))))
}

func routed(w http.ResponseWriter, r *http.Request) {
	carry.Conn(r.Context()).Exec(r.Context(), "select 1")
}

// FN_Routed leaves it to the router to bring middleware and handler together:
// which request routed gets its context from is not followed.
func FN_Routed(ctx context.Context, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	r := chi.NewRouter()
	r.Use(func(next http.Handler) http.Handler { return carry.One(conn, next) })
	r.Get("/", routed)
	return http.ListenAndServe(":8080", r)
}
