//golden:related

// Package main holds connections in package variables that main and init set.
package main

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"net/http"
	"os"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

var (
	conn    *pgx.Conn // rel "declared here"
	audit   *pgx.Conn // rel "declared here"
	startup *pgx.Conn
	pool    *pgxpool.Pool
	db      *sql.DB
)

func init() {
	var err error
	audit, err = pgx.Connect(context.Background(), os.Getenv("AUDIT_URL")) // rel "connected here"
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	ctx := context.Background()
	var err error
	conn, err = pgx.Connect(ctx, os.Getenv("DATABASE_URL")) // rel "connected here"
	if err != nil {
		log.Fatal(err)
	}
	if pool, err = pgxpool.New(ctx, os.Getenv("DATABASE_URL")); err != nil {
		log.Fatal(err)
	}
	if db, err = sql.Open("pgx", os.Getenv("DATABASE_URL")); err != nil {
		log.Fatal(err)
	}
	BadClosure()
	BadTwoUses()
	http.HandleFunc("/named", BadNamed)                    // rel "registered as a handler here"
	http.HandleFunc("/first", BadFirst)                    // rel "registered as a handler here"
	http.HandleFunc("/second", BadSecond)                  // rel "registered as a handler here"
	http.Handle("/func", http.HandlerFunc(BadHandlerFunc)) // rel "registered as a handler here"
	http.HandleFunc("/pgxpool", OkPool)
	http.HandleFunc("/sql", OkDB)
	http.HandleFunc("/per-request", OkPerRequest)
	http.HandleFunc("/leased", OkLeased)
	http.HandleFunc("/shadow", OkShadow)
	OkStartup(ctx)
	log.Fatal(http.ListenAndServe(":8080", nil))
}

// BadClosure registers a closure that uses the connection of all requests.
func BadClosure() {
	http.HandleFunc("/closure", func(w http.ResponseWriter, r *http.Request) { // rel "registered as a handler here"
		var n int
		if err := conn.QueryRow(r.Context(), "select count(*) from users").Scan(&n); err != nil { // want "^conn is shared by every call of .* without a lock \\(\\*pgx.Conn is not safe for concurrent use\\)$"
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		fmt.Fprintln(w, n)
	})
}

// BadTwoUses is one finding: the second use is wrong for the same reason.
func BadTwoUses() {
	http.HandleFunc("/two", func(w http.ResponseWriter, r *http.Request) { // rel "registered as a handler here"
		_, err := conn.Exec(r.Context(), "update users set seen = now()") // want "^conn is shared by every call of .* without a lock"
		if err == nil {
			_, err = conn.Exec(r.Context(), "insert into log default values")
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
}

func BadNamed(w http.ResponseWriter, r *http.Request) {
	if err := conn.Ping(r.Context()); err != nil { // want "^conn is shared by every call of handler BadNamed without a lock"
		w.WriteHeader(http.StatusServiceUnavailable)
	}
}

func BadHandlerFunc(w http.ResponseWriter, r *http.Request) {
	rows, err := conn.Query(r.Context(), "select name from users") // want "^conn is shared by every call of handler BadHandlerFunc without a lock"
	if err != nil {
		return
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if rows.Scan(&name) == nil {
			fmt.Fprintln(w, name)
		}
	}
}

// BadFirst and BadSecond share a connection that init made.
func BadFirst(w http.ResponseWriter, r *http.Request) {
	audit.Exec(r.Context(), "insert into audit values ('first')") // want "^audit is shared by every call of handler BadFirst without a lock"
}

func BadSecond(w http.ResponseWriter, r *http.Request) {
	audit.Exec(r.Context(), "insert into audit values ('second')") // want "^audit is shared by every call of handler BadSecond without a lock"
}

// OkPool shares a pool, which is what pools are for.
func OkPool(w http.ResponseWriter, r *http.Request) {
	var n int
	if err := pool.QueryRow(r.Context(), "select count(*) from users").Scan(&n); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	fmt.Fprintln(w, n)
}

func OkDB(w http.ResponseWriter, r *http.Request) {
	if err := db.PingContext(r.Context()); err != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
}

// OkPerRequest connects anew for each request.
func OkPerRequest(w http.ResponseWriter, r *http.Request) {
	c, err := pgx.Connect(r.Context(), os.Getenv("DATABASE_URL"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	defer c.Close(r.Context())
	c.Exec(r.Context(), "select 1")
}

// OkLeased takes a connection from the pool for the time of the request.
func OkLeased(w http.ResponseWriter, r *http.Request) {
	c, err := pool.Acquire(r.Context())
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	defer c.Release()
	c.Exec(r.Context(), "select 1")
	c.Conn().Ping(r.Context())
}

// OkShadow uses a local variable with the name of the global.
func OkShadow(w http.ResponseWriter, r *http.Request) {
	conn, err := pgx.Connect(r.Context(), os.Getenv("DATABASE_URL"))
	if err != nil {
		return
	}
	defer conn.Close(r.Context())
	conn.Ping(r.Context())
}

// OkStartup uses its connection before anything is served.
func OkStartup(ctx context.Context) {
	var err error
	if startup, err = pgx.Connect(ctx, os.Getenv("DATABASE_URL")); err != nil {
		log.Fatal(err)
	}
	defer startup.Close(ctx)
	if _, err := startup.Exec(ctx, "create table if not exists users (name text)"); err != nil {
		log.Fatal(err)
	}
}
