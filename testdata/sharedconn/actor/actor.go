// Package actor gives the connection to one goroutine and talks to it.
package actor

import (
	"context"
	"net/http"
	"os"

	"github.com/jackc/pgx/v5"
	amqp "github.com/rabbitmq/amqp091-go"
)

// actor owns its connection: only loop uses it.
type actor struct {
	conn *pgx.Conn
	work chan func(*pgx.Conn)
}

// OkLoop is the single goroutine that uses the connection.
func (a *actor) OkLoop(ctx context.Context) {
	for {
		select {
		case f := <-a.work:
			f(a.conn)
		case <-ctx.Done():
			a.conn.Close(context.WithoutCancel(ctx))
			return
		}
	}
}

func (a *actor) OkSend(w http.ResponseWriter, r *http.Request) {
	done := make(chan error)
	a.work <- func(c *pgx.Conn) {
		_, err := c.Exec(r.Context(), "select 1")
		done <- err
	}
	if err := <-done; err != nil {
		w.WriteHeader(http.StatusInternalServerError)
	}
}

// publisher is fed with messages and owns its channel.
type publisher struct {
	ch   *amqp.Channel
	feed chan amqp.Publishing
}

func (p *publisher) OkPublishLoop(ctx context.Context) {
	defer p.ch.Close()
	for m := range p.feed {
		if p.ch.PublishWithContext(ctx, "", "jobs", false, false, m) != nil {
			return
		}
	}
}

func (p *publisher) OkFeed(w http.ResponseWriter, r *http.Request) {
	p.feed <- amqp.Publishing{Body: []byte(r.FormValue("job"))}
}

// impatient has an actor too, but some handlers go past it.
type impatient struct {
	conn *pgx.Conn
	work chan string
}

func (i *impatient) loop(ctx context.Context) {
	for query := range i.work {
		i.conn.Exec(ctx, query)
	}
}

func (i *impatient) OkEnqueue(w http.ResponseWriter, r *http.Request) {
	i.work <- r.FormValue("query")
}

func (i *impatient) BadPast(w http.ResponseWriter, r *http.Request) {
	i.conn.Exec(r.Context(), r.FormValue("query")) // want "^i.conn is shared by every call of .*BadPast without a lock"
}

// OkLocal connects inside the goroutine, where nobody else can reach.
func OkLocal(ctx context.Context, work <-chan string) {
	go func() {
		c, err := pgx.Connect(ctx, os.Getenv("DATABASE_URL"))
		if err != nil {
			return
		}
		defer c.Close(ctx)
		for query := range work {
			c.Exec(ctx, query)
		}
	}()
}

// Serve starts the actors.
func Serve(ctx context.Context) error {
	var conns [2]*pgx.Conn
	for i := range conns {
		c, err := pgx.Connect(ctx, os.Getenv("DATABASE_URL"))
		if err != nil {
			return err
		}
		conns[i] = c
	}
	broker, err := amqp.Dial("amqp://localhost")
	if err != nil {
		return err
	}
	defer broker.Close()
	ch, err := broker.Channel()
	if err != nil {
		return err
	}
	a := &actor{conn: conns[0], work: make(chan func(*pgx.Conn))}
	go a.OkLoop(ctx)
	p := &publisher{ch: ch, feed: make(chan amqp.Publishing)}
	go p.OkPublishLoop(ctx)
	i := &impatient{conn: conns[1], work: make(chan string)}
	go i.loop(ctx)
	OkLocal(ctx, i.work)
	http.HandleFunc("/1", a.OkSend)
	http.HandleFunc("/2", p.OkFeed)
	http.HandleFunc("/3", i.OkEnqueue)
	http.HandleFunc("/4", i.BadPast)
	return http.ListenAndServe(":8080", nil)
}
