// Package moves gives connections away.
package moves

import (
	"context"
	"net/smtp"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

const touch = "update t set at = now()"

// OkMoved makes a connection and gives it to a goroutine, which closes it.
func OkMoved(ctx context.Context, dsn string) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	go func() {
		defer conn.Close(ctx)
		_, _ = conn.Exec(ctx, touch)
	}()
	return nil
}

// OkMovedAsArgument passes it to a function that owns it from then on.
func OkMovedAsArgument(ctx context.Context, dsn string) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	if err := conn.Ping(ctx); err != nil {
		_ = conn.Close(ctx)
		return err
	}
	go serve(ctx, conn)
	return nil
}

func serve(ctx context.Context, conn *pgx.Conn) {
	defer conn.Close(ctx)
	_, _ = conn.Exec(ctx, touch)
}

// OkReassigned goes on with another connection under the same name.
func OkReassigned(ctx context.Context, conn *pgx.Conn, dsn string) error {
	go serve(ctx, conn)
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	return conn.Ping(ctx)
}

// OkReconnect replaces a connection whose closing it leaves to a goroutine.
func OkReconnect(ctx context.Context, dsn string) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	for ctx.Err() == nil {
		if conn.Ping(ctx) == nil {
			continue
		}
		go func(old *pgx.Conn) { _ = old.Close(ctx) }(conn)
		if conn, err = pgx.Connect(ctx, dsn); err != nil {
			return err
		}
	}
	return conn.Close(ctx)
}

// OkChannel sends the connection to a worker, which owns it then.
func OkChannel(ctx context.Context, dsn string) error {
	work := make(chan *pgx.Conn)
	go func() {
		for conn := range work {
			_, _ = conn.Exec(ctx, touch)
			_ = conn.Close(ctx)
		}
	}()
	defer close(work)
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	if err := conn.Ping(ctx); err != nil {
		return err
	}
	work <- conn
	return nil
}

// OkThereAndBack gets the connection back from the goroutine.
func OkThereAndBack(ctx context.Context, conn *pgx.Conn) error {
	back := make(chan *pgx.Conn)
	go func() {
		_, _ = conn.Exec(ctx, touch)
		back <- conn
	}()
	conn = <-back
	return conn.Ping(ctx)
}

// OkMadeThere has the goroutine make the connection and hand it over.
func OkMadeThere(ctx context.Context, dsn string) error {
	made := make(chan *pgx.Conn, 1)
	go func() {
		conn, err := pgx.Connect(ctx, dsn)
		if err != nil {
			close(made)
			return
		}
		_ = conn.Ping(ctx)
		made <- conn
	}()
	conn, ok := <-made
	if !ok {
		return nil
	}
	defer conn.Close(ctx)
	_, err := conn.Exec(ctx, touch)
	return err
}

// OkLease moves a lease of the pool.
func OkLease(ctx context.Context, pool *pgxpool.Pool) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	go func() {
		defer conn.Release()
		_, _ = conn.Exec(ctx, touch)
	}()
	return pool.Ping(ctx)
}

// OkFreeList takes connections from a channel and puts them back.
func OkFreeList(ctx context.Context, free chan *pgx.Conn, ids []int) {
	for range ids {
		conn := <-free
		go func() {
			_, _ = conn.Exec(ctx, touch)
			free <- conn
		}()
	}
}

// OkReturnedAndSpawned starts nothing on the path that returns the connection.
func OkReturnedAndSpawned(ctx context.Context, dsn string, background bool) (*pgx.Conn, error) {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return nil, err
	}
	if background {
		go serve(ctx, conn)
		return nil, nil
	}
	return conn, nil
}

// OkReadyChannel hands the connection over through a variable and a channel.
func OkReadyChannel(ctx context.Context, dsn string) error {
	var conn *pgx.Conn
	ready := make(chan struct{})
	go func() {
		<-ready
		if conn != nil {
			serve(ctx, conn)
		}
	}()
	defer close(ready)
	var err error
	conn, err = pgx.Connect(ctx, dsn)
	return err
}

// OkQuitInGoroutine says goodbye to a mail server in the background.
func OkQuitInGoroutine(addr, from string) error {
	client, err := smtp.Dial(addr)
	if err != nil {
		return err
	}
	err = client.Mail(from)
	go client.Quit()
	return err
}

// BadMovedOnOnePath gives the connection away on one path and goes on.
func BadMovedOnOnePath(ctx context.Context, conn *pgx.Conn, background bool) error {
	if background {
		go serve(ctx, conn)
	}
	_, err := conn.Exec(ctx, touch) // want "conn.Exec may run at the same time"
	return err
}

// BadReconnect closes the old connection, and uses it once more.
func BadReconnect(ctx context.Context, conn *pgx.Conn, dsn string) (*pgx.Conn, error) {
	go func(old *pgx.Conn) { _ = old.Close(ctx) }(conn)
	if err := conn.Ping(ctx); err == nil { // want "conn.Ping may run at the same time"
		return conn, nil
	}
	return pgx.Connect(ctx, dsn)
}

// FN_SentThenUsed uses a connection after it was sent: a send is a move, and
// what is used after a move is not followed.
func FN_SentThenUsed(ctx context.Context, conn *pgx.Conn, work chan<- *pgx.Conn) error {
	work <- conn
	return conn.Ping(ctx)
}
