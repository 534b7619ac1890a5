// Package web asks for a repository in each request.
package web

import (
	"io"
	"net/http"

	"github.com/connvet/connvet/testdata/sharedconn/results/domain"
)

// Server is made with any store.
type Server struct{ store domain.Store }

// New makes the server's handler.
func New(store domain.Store) http.Handler {
	s := &Server{store: store}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /user", s.user)
	return mux
}

func (s *Server) user(w http.ResponseWriter, r *http.Request) {
	name, err := s.store.Users().Name(r.Context(), 1)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	if err := s.store.Audit().Log(r.Context(), name); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	io.WriteString(w, name)
}
