// Package transport serves the endpoints over HTTP.
package transport

import (
	"context"
	"encoding/json"
	"net/http"

	kithttp "github.com/go-kit/kit/transport/http"

	"github.com/connvet/connvet/testdata/sharedconn/kit/endpoints"
)

// Handler routes requests to the endpoints.
func Handler(set endpoints.Set) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/count", kithttp.NewServer(set.Count, decode, encode))
	return mux
}

func decode(ctx context.Context, r *http.Request) (interface{}, error) { return nil, nil }

func encode(ctx context.Context, w http.ResponseWriter, res interface{}) error {
	return json.NewEncoder(w).Encode(res)
}
