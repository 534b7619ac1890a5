// Package api serves the data; nothing here says what is behind it.
package api

import (
	"net/http"

	"github.com/connvet/connvet/testdata/sharedconn/deep/data"
)

// Server serves data.
type Server struct{ *data.Data }

// New makes a server.
func New(d *data.Data) *Server { return &Server{Data: d} }

// Register adds its handlers.
func (s *Server) Register(mux *http.ServeMux) {
	mux.HandleFunc("POST /ingest", s.OkIngest)
}

// OkIngest is a handler; the defect, if any, is where the store is chosen.
func (s *Server) OkIngest(w http.ResponseWriter, r *http.Request) {
	if err := s.Ingest(r.Context(), r.FormValue("name")); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}
