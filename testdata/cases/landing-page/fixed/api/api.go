// Package api answers the landing page's requests.
package api

import (
	"encoding/json"
	"log"
	"net/http"

	"github.com/connvet/connvet/testdata/cases/landing-page/fixed/warehouse"
)

// Handler routes the API.
func Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/stats", stats)
	mux.HandleFunc("GET /api/occupations/{occupation}", occupation)
	return mux
}

// stats answers the totals.
func stats(w http.ResponseWriter, r *http.Request) {
	totals, err := warehouse.Stats(r.Context())
	answer(w, totals, err)
}

// occupation answers the openings of one occupation by region.
func occupation(w http.ResponseWriter, r *http.Request) {
	openings, err := warehouse.Openings(r.Context(), r.PathValue("occupation"))
	answer(w, openings, err)
}

func answer(w http.ResponseWriter, value any, err error) {
	if err != nil {
		log.Print(err)
		http.Error(w, "the warehouse does not answer", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(value); err != nil {
		log.Printf("answer: %v", err)
	}
}
