// Package handlers knows users and nothing else.
package handlers

import (
	"context"
	"net/http"

	"github.com/connvet/connvet/testdata/sharedconn/inject/store"
)

// Handler serves users.
type Handler struct{ users store.Users }

// New makes it.
func New(users store.Users) *Handler { return &Handler{users: users} }

// NewOnStore makes it over the concrete store.
func NewOnStore(s *store.Store) *Handler { return &Handler{users: s} }

func (h *Handler) add(w http.ResponseWriter, r *http.Request) {
	h.users.Add(r.Context(), r.FormValue("name"))
}

// NewMux registers the handlers.
func NewMux(h *Handler) *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /users", h.add)
	return mux
}

// Register registers the handlers on a mux that another made.
func Register(mux *http.ServeMux, h *Handler) { mux.HandleFunc("POST /users", h.add) }

// Job is no handler: it runs once, at start-up.
type Job struct{ users store.Users }

// NewJob makes it.
func NewJob(users store.Users) *Job { return &Job{users: users} }

// Run adds the first user.
func (j *Job) Run(ctx context.Context) error { return j.users.Add(ctx, "admin") }
