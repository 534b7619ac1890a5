// Package rest serves accounts over HTTP.
package rest

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/connvet/connvet/testdata/sharedconn/ports/domain"
	"github.com/go-chi/chi/v5"
)

// Accounts is what it serves.
type Accounts interface {
	Get(ctx context.Context, id int64) (*domain.User, error)
	Create(ctx context.Context, name string) error
}

type handler struct{ accounts Accounts }

// Router routes.
func Router(a Accounts) http.Handler {
	h := &handler{accounts: a}
	r := chi.NewRouter()
	r.Route("/users", func(r chi.Router) {
		r.Get("/{id}", h.get)
		r.Post("/", h.create)
	})
	return r
}

func (h *handler) get(w http.ResponseWriter, r *http.Request) {
	id, _ := strconv.ParseInt(chi.URLParam(r, "id"), 10, 64)
	u, err := h.accounts.Get(r.Context(), id)
	if err != nil {
		http.Error(w, err.Error(), 500)
		return
	}
	json.NewEncoder(w).Encode(u)
}

func (h *handler) create(w http.ResponseWriter, r *http.Request) {
	if err := h.accounts.Create(r.Context(), r.FormValue("name")); err != nil {
		http.Error(w, err.Error(), 500)
	}
}
