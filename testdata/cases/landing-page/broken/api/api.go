// Package api answers the landing page's requests.
package api

import (
	"encoding/json"
	"log"
	"net/http"

	"github.com/connvet/connvet/testdata/cases/landing-page/broken/warehouse"
)

// Handler routes the API.
func Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/stats", stats)
	mux.HandleFunc("GET /api/occupations/{occupation}", occupation)
	return mux
}

// stats answers the totals. The landing page must come up whatever happens, so a
// failed read is logged and shown as zeros.
func stats(w http.ResponseWriter, r *http.Request) {
	totals, err := warehouse.Stats(r.Context())
	if err != nil {
		log.Printf("stats: %v", err)
	}
	answer(w, totals)
}

// occupation answers the openings of one occupation by region.
func occupation(w http.ResponseWriter, r *http.Request) {
	openings, err := warehouse.Openings(r.Context(), r.PathValue("occupation"))
	if err != nil {
		log.Printf("occupation: %v", err)
	}
	answer(w, openings)
}

func answer(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(value); err != nil {
		log.Printf("answer: %v", err)
	}
}
