// Package kit wires a service in the layers of go-kit: a store, endpoints with
// a middleware, and a transport.
package kit

import (
	"context"
	"log"
	"net/http"

	"github.com/connvet/connvet/testdata/sharedconn/kit/endpoints"
	"github.com/connvet/connvet/testdata/sharedconn/kit/store"
	"github.com/connvet/connvet/testdata/sharedconn/kit/transport"
)

// BadServe gives every request the one connection.
func BadServe(ctx context.Context, url string) error {
	orders, err := store.Connect(ctx, url)
	if err != nil {
		return err
	}
	set := endpoints.New(orders, endpoints.Logged(func(s string) { log.Print(s) }))
	return http.ListenAndServe(":8080", transport.Handler(set)) // want "^conn is shared by every call of a handler without a lock"
}

// OkServe gives each request a connection of the pool.
func OkServe(ctx context.Context, url string) error {
	orders, err := store.Pool(ctx, url)
	if err != nil {
		return err
	}
	set := endpoints.New(orders, endpoints.Logged(func(s string) { log.Print(s) }))
	return http.ListenAndServe(":8080", transport.Handler(set))
}
