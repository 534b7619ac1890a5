// Command process has what runs once.
package main

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"net/http"
	"os"

	"github.com/redis/go-redis/v9"
)

var cache = redis.NewClient(&redis.Options{Addr: "cache:6379"})

var db *sql.DB

func init() {
	var err error
	if db, err = sql.Open("pgx", os.Getenv("DSN")); err != nil {
		log.Fatal(err)
	}
}

// OkMigrate runs from the command line and ends with the process.
func OkMigrate() error {
	db, err := sql.Open("pgx", os.Getenv("DSN"))
	if err != nil {
		return err
	}
	_, err = db.Exec("alter table users add column seen timestamptz")
	return err
}

// OkAll does one command after the other.
func OkAll(names []string) {
	for _, name := range names {
		if err := OkMigrate(); err != nil {
			log.Fatal(name, err)
		}
	}
}

func newServer() (*http.Server, error) {
	db, err := sql.Open("pgx", os.Getenv("DSN"))
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, db.PingContext(r.Context()), cache.Ping(r.Context()).Err())
	})
	return &http.Server{Addr: ":8080", Handler: mux}, nil
}

func main() {
	if len(os.Args) > 1 {
		OkAll(os.Args[1:])
		return
	}
	rdb := redis.NewClient(&redis.Options{Addr: "cache:6379"})
	if err := rdb.Ping(context.Background()).Err(); err != nil {
		log.Print(err)
	}
	srv, err := newServer()
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(srv.ListenAndServe())
}
