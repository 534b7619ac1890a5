// Package web has the handlers. It does not import the store: it is upstream
// or beside it, as one likes.
package web

import (
	"context"
	"net/http"
)

// Accounts is what the handlers need.
type Accounts interface {
	Register(ctx context.Context, name string) error
	Name(ctx context.Context, id int) (string, error)
}

// Server has the handlers.
type Server struct {
	accounts Accounts
	routes   []route
}

type route struct {
	pattern string
	handle  http.HandlerFunc
}

// Setting configures the server.
type Setting func(*Server)

// WithAccounts binds the service.
func WithAccounts(a Accounts) Setting { return func(s *Server) { s.accounts = a } }

// New makes the server and its table of routes.
func New(settings ...Setting) *Server {
	s := &Server{}
	for _, set := range settings {
		set(s)
	}
	s.routes = []route{
		{"POST /users", s.register},
		{"GET /users", s.name},
	}
	return s
}

// Mux registers the table.
func (s *Server) Mux() http.Handler {
	mux := http.NewServeMux()
	for _, r := range s.routes {
		mux.HandleFunc(r.pattern, r.handle)
	}
	return mux
}

func (s *Server) register(w http.ResponseWriter, r *http.Request) {
	s.accounts.Register(r.Context(), r.FormValue("name"))
}

func (s *Server) name(w http.ResponseWriter, r *http.Request) {
	name, err := s.accounts.Name(r.Context(), 1)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Write([]byte(name))
}

// Direct registers without a table.
func Direct(mux *http.ServeMux, a Accounts) {
	s := &Server{accounts: a}
	mux.HandleFunc("POST /direct", s.register)
}

// Lookup is a handler over one function.
func Lookup(find func(context.Context, int) (string, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := find(r.Context(), 1); err != nil {
			w.WriteHeader(http.StatusNotFound)
		}
	})
}
