// Package web is downstream of the store: handlers call it by its own type.
package web

import (
	"context"
	"fmt"
	"net/http"

	"github.com/connvet/connvet/testdata/sharedconn/layers/store"
)

type server struct {
	store  *store.Store
	locked *store.Locked
	pooled *store.Pooled
}

func (s *server) BadUsers(w http.ResponseWriter, r *http.Request) {
	n, err := s.store.Users(r.Context()) // want "is shared by every call of .*BadUsers without a lock \\(\\*pgx.Conn is not safe for concurrent use\\)"
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	fmt.Fprintln(w, n)
}

// BadAdd reaches the connection by a helper of the store.
func (s *server) BadAdd(w http.ResponseWriter, r *http.Request) {
	s.store.Add(r.Context(), r.FormValue("name")) // want "is shared by every call of .*BadAdd without a lock"
}

// BadDefault reaches it through the store's package variable.
func BadDefault(w http.ResponseWriter, r *http.Request) {
	store.Default.Users(r.Context()) // want "is shared by every call of handler BadDefault without a lock"
}

// BadConn asks the store's accessor.
func BadConn(w http.ResponseWriter, r *http.Request) {
	c, err := store.Conn(r.Context())
	if err != nil {
		return
	}
	c.Exec(r.Context(), "select 1") // want "^c is shared by every call of handler BadConn without a lock"
}

func (s *server) OkLocked(w http.ResponseWriter, r *http.Request) {
	s.locked.Users(r.Context())
	s.locked.Add(r.Context(), r.FormValue("name"))
}

func (s *server) OkPooled(w http.ResponseWriter, r *http.Request) {
	s.pooled.Users(r.Context())
	s.pooled.Add(r.Context(), r.FormValue("name"))
}

// OkFresh gets a connection of its own from the store.
func OkFresh(w http.ResponseWriter, r *http.Request) {
	c, err := store.Fresh(r.Context())
	if err != nil {
		return
	}
	defer c.Close(r.Context())
	c.Exec(r.Context(), "select 1")
}

// OkStoreOfRequest makes a store for one request.
func OkStoreOfRequest(w http.ResponseWriter, r *http.Request) {
	s, err := store.New(r.Context(), "")
	if err != nil {
		return
	}
	s.Users(r.Context())
	s.Add(r.Context(), "name")
}

// Serve connects and registers everything.
func Serve(ctx context.Context, url string) error {
	st, err := store.New(ctx, url)
	if err != nil {
		return err
	}
	locked, err := store.NewLocked(ctx, url)
	if err != nil {
		return err
	}
	pooled, err := store.NewPooled(ctx, url)
	if err != nil {
		return err
	}
	if err := store.Open(ctx, url); err != nil {
		return err
	}
	s := &server{store: st, locked: locked, pooled: pooled}
	mux := http.NewServeMux()
	mux.HandleFunc("/1", s.BadUsers)
	mux.HandleFunc("/2", s.BadAdd)
	mux.HandleFunc("/3", BadDefault)
	mux.HandleFunc("/4", BadConn)
	mux.HandleFunc("/5", s.OkLocked)
	mux.HandleFunc("/6", s.OkPooled)
	mux.HandleFunc("/7", OkFresh)
	mux.HandleFunc("/8", OkStoreOfRequest)
	return http.ListenAndServe(":8080", mux)
}
