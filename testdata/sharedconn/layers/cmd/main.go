// Package main binds the handlers to stores.
package main

import (
	"context"
	"log"
	"net/http"
	"os"

	"github.com/connvet/connvet/testdata/sharedconn/layers/handlers"
	"github.com/connvet/connvet/testdata/sharedconn/layers/store"
)

func main() {
	ctx := context.Background()
	url := os.Getenv("DATABASE_URL")
	for _, register := range []func(context.Context, string, *http.ServeMux) error{
		BadStore, BadList, OkLocked, OkPooled, OkListPooled,
	} {
		if err := register(ctx, url, http.DefaultServeMux); err != nil {
			log.Fatal(err)
		}
	}
	log.Fatal(http.ListenAndServe(":8080", nil))
}

// BadStore puts the store with one connection behind handlers of another
// package: only here both ends are known. Both handlers race, each is a finding.
func BadStore(ctx context.Context, url string, mux *http.ServeMux) error {
	s, err := store.New(ctx, url)
	if err != nil {
		return err
	}
	handlers.New(s).Register(mux) // want "is shared by every call of .*OkCount without a lock" "is shared by every call of .*OkAdd without a lock"
	return nil
}

// BadList registers itself what the other package made.
func BadList(ctx context.Context, url string, mux *http.ServeMux) error {
	s, err := store.New(ctx, url)
	if err != nil {
		return err
	}
	mux.HandleFunc("GET /list", handlers.List(s)) // want "is shared by every call of .* without a lock"
	return nil
}

func OkLocked(ctx context.Context, url string, mux *http.ServeMux) error {
	s, err := store.NewLocked(ctx, url)
	if err != nil {
		return err
	}
	handlers.New(s).Register(mux)
	return nil
}

func OkPooled(ctx context.Context, url string, mux *http.ServeMux) error {
	s, err := store.NewPooled(ctx, url)
	if err != nil {
		return err
	}
	handlers.New(s).Register(mux)
	return nil
}

func OkListPooled(ctx context.Context, url string, mux *http.ServeMux) error {
	s, err := store.NewPooled(ctx, url)
	if err != nil {
		return err
	}
	mux.HandleFunc("GET /list/pooled", handlers.List(s))
	return nil
}
