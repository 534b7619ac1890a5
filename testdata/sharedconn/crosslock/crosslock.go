// Package crosslock has handlers that use the connections of other packages
// with their locks, and without.
package crosslock

import (
	"context"
	"net/http"
	"os"

	"github.com/jackc/pgx/v5"

	"github.com/connvet/connvet/testdata/sharedconn/crosslock/bus"
	"github.com/connvet/connvet/testdata/sharedconn/crosslock/store"
)

const touch = "update accounts set seen = now()"

type api struct {
	series   *store.DB
	bare     *store.DB
	lent     *store.Guarded[*pgx.Conn]
	given    *store.Guarded[*pgx.Conn]
	events   *bus.Publisher
	messages *bus.Locked
}

// OkSeries takes the lock of the store for two calls.
func (a *api) OkSeries(w http.ResponseWriter, r *http.Request) {
	a.series.Lock()
	defer a.series.Unlock()
	if a.series.Exec(r.Context(), touch) == nil {
		a.series.Exec(r.Context(), touch)
	}
}

// BadBare calls what is for those who have the lock.
func (a *api) BadBare(w http.ResponseWriter, r *http.Request) {
	a.bare.Exec(r.Context(), touch) // want `^a\.bare\.conn is shared by every call of handler api\.BadBare without a lock \(\*pgx\.Conn is not safe for concurrent use\)`
}

// OkLent uses what it is lent while it is.
func (a *api) OkLent(w http.ResponseWriter, r *http.Request) {
	a.lent.Do(func(c *pgx.Conn) error {
		_, err := c.Exec(r.Context(), touch)
		return err
	})
}

// BadGiven has it after the lock was given back.
func (a *api) BadGiven(w http.ResponseWriter, r *http.Request) {
	a.given.Get().Exec(r.Context(), touch) // want `^a\.given\.Get\(\) is shared by every call of handler api\.BadGiven without a lock \(\*pgx\.Conn is not safe for concurrent use\)`
}

// BadEvent publishes on a channel that another goroutine may be replacing.
func (a *api) BadEvent(w http.ResponseWriter, r *http.Request) {
	a.events.Publish(r.Context(), "seen", nil) // want `^a\.events\.ch is shared by every call of handler api\.BadEvent without a lock \(\*amqp091\.Channel must not be shared between goroutines; only acknowledgements and Close may come from others\)`
}

// OkMessage publishes under the lock that the reconnect takes too.
func (a *api) OkMessage(w http.ResponseWriter, r *http.Request) {
	a.messages.Publish(r.Context(), "seen", nil)
}

func open(ctx context.Context) *store.DB {
	d, err := store.Open(ctx, os.Getenv("DATABASE_URL"))
	if err != nil {
		panic(err)
	}
	return d
}

func dial(ctx context.Context) *pgx.Conn {
	c, err := pgx.Connect(ctx, os.Getenv("DATABASE_URL"))
	if err != nil {
		panic(err)
	}
	return c
}

// Serve registers the handlers.
func Serve(ctx context.Context) error {
	events, err := bus.New(os.Getenv("AMQP_URL"))
	if err != nil {
		return err
	}
	messages, err := bus.NewLocked(os.Getenv("AMQP_URL"))
	if err != nil {
		return err
	}
	a := &api{
		series: open(ctx), bare: open(ctx), lent: store.Guard(dial(ctx)), given: store.Guard(dial(ctx)),
		events: events, messages: messages,
	}
	http.HandleFunc("/series", a.OkSeries)
	http.HandleFunc("/bare", a.BadBare)
	http.HandleFunc("/lent", a.OkLent)
	http.HandleFunc("/given", a.BadGiven)
	http.HandleFunc("/event", a.BadEvent)
	http.HandleFunc("/message", a.OkMessage)
	return http.ListenAndServe(":8080", nil)
}
