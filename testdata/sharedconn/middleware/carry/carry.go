// Package carry hands connections on in the context of a request.
package carry

import (
	"context"
	"net/http"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

type connKey struct{}

// Conn gives the connection of the request; nil if there is none.
func Conn(ctx context.Context) *pgx.Conn {
	conn, _ := ctx.Value(connKey{}).(*pgx.Conn)
	return conn
}

// One puts one connection into every request.
func One(conn *pgx.Conn, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), connKey{}, conn)))
	})
}

// Leased puts a connection of the pool into each request.
func Leased(pool *pgxpool.Pool, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		lease, err := pool.Acquire(r.Context())
		if err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		defer lease.Release()
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), connKey{}, lease.Conn())))
	})
}

type userKey struct{}

// User puts the name of the user into each request.
func User(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, _, _ := r.BasicAuth()
		ctx := context.WithValue(r.Context(), userKey{}, name)
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}
