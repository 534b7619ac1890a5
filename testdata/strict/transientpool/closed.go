// Package transientpool has what only the strict profile reports: pools that
// are made again and again, and closed in time.
package transientpool

import (
	"context"
	"database/sql"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	amqp "github.com/rabbitmq/amqp091-go"
)

// BadPing is the connection test of a settings page: cheap to keep, and worth a look.
func BadPing(w http.ResponseWriter, r *http.Request) {
	db, err := sql.Open("pgx", r.FormValue("dsn")) // want "db is a new pool for each call of handler BadPing .each one connects anew; make it once and keep it."
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	defer db.Close()
	if err := db.PingContext(r.Context()); err != nil {
		w.WriteHeader(http.StatusBadGateway)
	}
}

// BadPublish dials the broker for each message.
func BadPublish(ctx context.Context, messages <-chan []byte) {
	for m := range messages {
		_ = publish(ctx, m) // rel "called in a loop here"
	}
}

func publish(ctx context.Context, body []byte) error {
	conn, err := amqp.Dial("amqp://guest@broker") // want "conn is a new client in each turn of a loop .each one connects anew"
	if err != nil {
		return err
	}
	defer conn.Close()
	ch, err := conn.Channel()
	if err != nil {
		return err
	}
	defer ch.Close()
	return ch.PublishWithContext(ctx, "", "mail", false, false, amqp.Publishing{Body: body})
}

// BadTick opens and closes with each tick.
func BadTick(ctx context.Context, tick *time.Ticker) {
	for range tick.C {
		pool, err := pgxpool.New(ctx, "postgres://app@db/app") // want "pool is a new pool in each turn of a loop .each one connects anew"
		if err != nil {
			continue
		}
		_, _ = pool.Exec(ctx, "select tick()")
		pool.Close()
	}
}

// OkMigrateEach goes through a list once.
func OkMigrateEach(ctx context.Context, dsns []string) error {
	for _, d := range dsns {
		if err := migrate(ctx, d); err != nil {
			return err
		}
	}
	return nil
}

func migrate(ctx context.Context, dsn string) error {
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.ExecContext(ctx, "create table if not exists t (n int)")
	return err
}

// OkKept keeps it.
type OkKept struct{ db *sql.DB }

// OkOpen opens it.
func OkOpen(dsn string) (*OkKept, error) {
	db, err := sql.Open("pgx", dsn)
	return &OkKept{db}, err
}
