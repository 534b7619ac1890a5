// Package requests makes handler objects for each request.
package requests

import (
	"net/http"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// perRequest lives as long as one request.
type perRequest struct{ tx pgx.Tx }

// ServeHTTP is called through an interface.
func (h *perRequest) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.tx.Exec(r.Context(), "select 1")
}

// OkPerRequest makes the handler that it calls.
func OkPerRequest(pool *pgxpool.Pool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		tx, err := pool.Begin(r.Context())
		if err != nil {
			return
		}
		defer tx.Rollback(r.Context())
		var h http.Handler = &perRequest{tx: tx}
		h.ServeHTTP(w, r)
	}
}

// built is made by a constructor.
type built struct{ tx pgx.Tx }

func newBuilt(tx pgx.Tx) *built { return &built{tx: tx} }

// ServeHTTP is called through an interface.
func (h *built) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.tx.Exec(r.Context(), "select 1")
}

// OkBuilt hands the built handler on.
func OkBuilt(pool *pgxpool.Pool, log func(http.Handler) http.Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		tx, err := pool.Begin(r.Context())
		if err != nil {
			return
		}
		defer tx.Rollback(r.Context())
		log(newBuilt(tx)).ServeHTTP(w, r)
	}
}

// BadLasting is made once; nothing here says where.
type BadLasting struct{ tx pgx.Tx }

// ServeHTTP shares the transaction.
func (h *BadLasting) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.tx.Exec(r.Context(), "select 1") // want "h.tx is shared by every call of handler BadLasting.ServeHTTP without a lock"
}
