// Package mail has actors: goroutines that own a connection and take orders.
package mail

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// Order is one statement to run, with the channel of its answer.
type Order struct {
	SQL    string
	Answer chan error
}

// Actor owns its connection; others send it orders.
type Actor struct {
	orders chan Order
	conn   *pgx.Conn
}

// Start dials, and starts the one goroutine that uses the connection.
func Start(ctx context.Context, dsn string) (*Actor, error) {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return nil, err
	}
	a := &Actor{orders: make(chan Order), conn: conn}
	go a.run(ctx)
	return a, nil
}

func (a *Actor) run(ctx context.Context) {
	defer a.conn.Close(ctx)
	for {
		select {
		case o := <-a.orders:
			_, err := a.conn.Exec(ctx, o.SQL)
			o.Answer <- err
		case <-ctx.Done():
			return
		}
	}
}

// Exec sends an order and waits for the answer.
func (a *Actor) Exec(ctx context.Context, sql string) error {
	o := Order{SQL: sql, Answer: make(chan error, 1)}
	select {
	case a.orders <- o:
		return <-o.Answer
	case <-ctx.Done():
		return ctx.Err()
	}
}

// BadDirect goes past the actor that the constructor started.
func (a *Actor) BadDirect(ctx context.Context) error {
	return a.conn.Ping(ctx) // want `^a\.conn is used by Actor\.BadDirect beside the goroutine that Start leaves running, without a common lock`
}

// Funcs is an actor that runs the functions it is sent.
type Funcs struct {
	work chan func(*pgx.Conn)
	conn *pgx.Conn
}

// NewFuncs starts one.
func NewFuncs(conn *pgx.Conn) *Funcs {
	f := &Funcs{work: make(chan func(*pgx.Conn)), conn: conn}
	go func() {
		for do := range f.work {
			do(f.conn)
		}
	}()
	return f
}

// Do runs a function on the actor's goroutine and waits for it.
func (f *Funcs) Do(do func(*pgx.Conn)) {
	done := make(chan struct{})
	f.work <- func(c *pgx.Conn) {
		defer close(done)
		do(c)
	}
	<-done
}
