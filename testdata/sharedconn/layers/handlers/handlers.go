// Package handlers is upstream of whoever knows the store: it sees an
// interface, and cannot tell by itself whether its handlers are right.
package handlers

import (
	"context"
	"fmt"
	"net/http"
)

// Users is what the handlers need.
type Users interface {
	Users(ctx context.Context) (int, error)
	Add(ctx context.Context, name string) error
}

// API serves users.
type API struct {
	users Users
}

// New makes the handlers over any store.
func New(users Users) *API { return &API{users: users} }

// Register adds the handlers to a mux.
func (a *API) Register(mux *http.ServeMux) {
	mux.HandleFunc("GET /users", a.OkCount)
	mux.HandleFunc("POST /users", a.OkAdd)
}

// OkCount is silent here: the defect, if any, is where the store is chosen.
func (a *API) OkCount(w http.ResponseWriter, r *http.Request) {
	n, err := a.users.Users(r.Context())
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	fmt.Fprintln(w, n)
}

func (a *API) OkAdd(w http.ResponseWriter, r *http.Request) {
	if err := a.users.Add(r.Context(), r.FormValue("name")); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

// List returns a handler over any store.
func List(users Users) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		users.Users(r.Context())
	}
}
