// Package main chooses the store: four layers and three packages above the connection.
package main

import (
	"context"
	"log"
	"net/http"
	"os"

	"github.com/connvet/connvet/testdata/sharedconn/deep/api"
	"github.com/connvet/connvet/testdata/sharedconn/deep/data"
	"github.com/connvet/connvet/testdata/sharedconn/deep/vector"
)

func main() {
	ctx := context.Background()
	if err := BadServe(ctx, os.Getenv("DATABASE_URL")); err != nil {
		log.Print(err)
	}
	log.Fatal(OkServe(ctx, os.Getenv("DATABASE_URL")))
}

// BadServe puts one connection behind all requests.
func BadServe(ctx context.Context, dsn string) error {
	store, err := vector.Open(ctx, dsn)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	api.New(data.New(store)).Register(mux) // want "conn is shared by every call of handler Server.OkIngest without a lock \\(\\*pgx.Conn "
	return http.ListenAndServe(":8080", mux)
}

// OkServe puts a pool there.
func OkServe(ctx context.Context, dsn string) error {
	store, err := vector.OpenPooled(ctx, dsn)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	api.New(data.New(store)).Register(mux)
	return http.ListenAndServe(":8081", mux)
}
