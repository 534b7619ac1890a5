package main

import (
	"database/sql"
	"net/http"
	"net/http/httptest"
	"testing"
)

// OkTestServer opens a pool for each request of a test.
func OkTestServer(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		db, err := sql.Open("pgx", "postgres://test@db/test")
		if err != nil || db.PingContext(r.Context()) != nil {
			w.WriteHeader(http.StatusInternalServerError)
		}
	}))
	defer srv.Close()
}
