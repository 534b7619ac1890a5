// Command factories serves from a store whose driver is named in a setting.
package main

import (
	"context"
	"log"
	"net/http"
	"os"

	"github.com/connvet/connvet/testdata/sharedconn/factories/backend"
)

// BadDriver may be told to use one connection for all requests.
func BadDriver(ctx context.Context, mux *http.ServeMux) error {
	store, err := backend.Open(ctx, os.Getenv("DRIVER"), os.Getenv("DSN"))
	if err != nil {
		return err
	}
	mux.HandleFunc("PUT /kv/{key}", func(w http.ResponseWriter, r *http.Request) {
		if err := store.Put(r.Context(), r.PathValue("key"), r.FormValue("value")); err != nil { // want "^store.Conn is shared by every call of a handler without a lock \\(\\*pgx.Conn is not safe for concurrent use\\)"
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
	return nil
}

// OkDriver can only be told what is safe.
func OkDriver(ctx context.Context, mux *http.ServeMux) error {
	store, err := backend.OpenShared(ctx, os.Getenv("DRIVER"), os.Getenv("DSN"))
	if err != nil {
		return err
	}
	mux.HandleFunc("PUT /shared/{key}", func(w http.ResponseWriter, r *http.Request) {
		if err := store.Put(r.Context(), r.PathValue("key"), r.FormValue("value")); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
	return nil
}

// OkTool puts one value, with any driver.
func OkTool(ctx context.Context) error {
	store, err := backend.Open(ctx, os.Getenv("DRIVER"), os.Getenv("DSN"))
	if err != nil {
		return err
	}
	return store.Put(ctx, "started", "yes")
}

func main() {
	ctx := context.Background()
	if err := OkTool(ctx); err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	if err := BadDriver(ctx, mux); err != nil {
		log.Fatal(err)
	}
	if err := OkDriver(ctx, mux); err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.ListenAndServe(":8080", mux))
}
