// Package registered has connections that handlers use for as long as they
// are registered: the function that registers them does not owe a release.
package registered

import (
	"context"
	"net/http"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/robfig/cron/v3"
)

// Conn is a connection with methods of its own.
type Conn pgx.Conn

func (c *Conn) raw() *pgx.Conn { return (*pgx.Conn)(c) }

func dial(ctx context.Context, dsn string) (*Conn, error) {
	c, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return nil, err
	}
	return (*Conn)(c), nil
}

// OkHandler keeps the connection for the calls of the handler.
func OkHandler(ctx context.Context, mux *http.ServeMux, dsn string) error {
	var mu sync.Mutex
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	mux.HandleFunc("/touch", func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		conn.Exec(r.Context(), "update t set at = now()")
	})
	return nil
}

// OkDefinedType does so with a type defined over the driver's.
func OkDefinedType(ctx context.Context, mux *http.ServeMux, dsn string) error {
	var mu sync.Mutex
	conn, err := dial(ctx, dsn)
	if err != nil {
		return err
	}
	mux.HandleFunc("/touch", func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		conn.raw().Exec(r.Context(), "update t set at = now()")
	})
	return nil
}

// OkMethodValue registers a method of the connection.
func OkMethodValue(ctx context.Context, c *cron.Cron, dsn string) error {
	raw, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	conn := (*Conn)(raw)
	_, err = c.AddFunc("@daily", conn.vacuum)
	return err
}

func (c *Conn) vacuum() { c.raw().Exec(context.Background(), "vacuum") }

// BadBeforeHandler leaves the connection behind when the check fails.
func BadBeforeHandler(ctx context.Context, c *cron.Cron, dsn string) error {
	conn, err := pgx.Connect(ctx, dsn) // want "^conn is not released on all paths"
	if err != nil {
		return err
	}
	if err := conn.Ping(ctx); err != nil {
		return err
	}
	_, err = c.AddFunc("@hourly", func() { conn.Exec(ctx, "refresh materialized view totals") })
	return err
}
