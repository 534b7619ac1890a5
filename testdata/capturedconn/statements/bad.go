// Package statements has go statements whose goroutine and whose spawner use
// one connection.
package statements

import (
	"context"

	"github.com/jackc/pgx/v5"
)

const touch = "update t set at = now()"

// BadClosure captures the connection and goes on using it.
func BadClosure(ctx context.Context, conn *pgx.Conn) error {
	go func() {
		_, _ = conn.Exec(ctx, touch)
	}()
	_, err := conn.Exec(ctx, touch) // want "conn.Exec may run at the same time"
	return err
}

// BadArgument passes the connection to the closure.
func BadArgument(ctx context.Context, conn *pgx.Conn) error {
	go func(c *pgx.Conn) {
		_, _ = c.Exec(ctx, touch)
	}(conn)
	return conn.Ping(ctx) // want "conn.Ping may run at the same time"
}

// BadMethodValue starts a method of the connection itself.
func BadMethodValue(ctx context.Context, conn *pgx.Conn) error {
	go conn.Ping(ctx)
	_, err := conn.Exec(ctx, touch) // want "conn.Exec may run at the same time"
	return err
}

// BadNamedFunction runs the goroutine in another function.
func BadNamedFunction(ctx context.Context, conn *pgx.Conn) error {
	go keepAlive(ctx, conn)
	_, err := conn.Exec(ctx, touch) // want "conn.Exec may run at the same time"
	return err
}

func keepAlive(ctx context.Context, conn *pgx.Conn) {
	for ctx.Err() == nil {
		_ = conn.Ping(ctx)
	}
}

// BadClosureVariable starts a closure that it also calls.
func BadClosureVariable(ctx context.Context, conn *pgx.Conn) {
	refresh := func() { _, _ = conn.Exec(ctx, touch) }
	go refresh()
	refresh() // want "may run at the same time"
}

// BadNestedClosure uses the connection two closures down.
func BadNestedClosure(ctx context.Context, conn *pgx.Conn) error {
	go func() {
		func() {
			_, _ = conn.Exec(ctx, touch)
		}()
	}()
	return conn.Ping(ctx) // want "conn.Ping may run at the same time"
}

// BadNestedSpawn reaches the connection through a goroutine of a goroutine.
func BadNestedSpawn(ctx context.Context, conn *pgx.Conn) error {
	go func() {
		go func() {
			_, _ = conn.Exec(ctx, touch)
		}()
	}()
	return conn.Ping(ctx) // want "conn.Ping may run at the same time"
}

// BadSiblings starts two goroutines on one connection.
func BadSiblings(ctx context.Context, conn *pgx.Conn) {
	go func() {
		_, _ = conn.Exec(ctx, touch)
	}()
	go func() {
		_ = conn.Ping(ctx) // want "conn.Ping may run at the same time"
	}()
}

// BadNamedSiblings starts one function twice.
func BadNamedSiblings(ctx context.Context, conn *pgx.Conn) {
	go keepAlive(ctx, conn)
	go keepAlive(ctx, conn) // want "may run at the same time"
}

// BadOneBranch starts the goroutine on one path only.
func BadOneBranch(ctx context.Context, conn *pgx.Conn, async bool) error {
	if async {
		go func() {
			_, _ = conn.Exec(ctx, touch)
		}()
	}
	return conn.Ping(ctx) // want "conn.Ping may run at the same time"
}

// BadUseInCall uses the connection in a helper after the spawn.
func BadUseInCall(ctx context.Context, conn *pgx.Conn) error {
	go func() {
		_, _ = conn.Exec(ctx, touch)
	}()
	return update(ctx, conn) // want "may run at the same time"
}

func update(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, touch)
	return err
}

// BadTransaction hides the connection behind its transaction.
func BadTransaction(ctx context.Context, conn *pgx.Conn) error {
	tx, err := conn.Begin(ctx)
	if err != nil {
		return err
	}
	go func() {
		_ = conn.Ping(ctx)
	}()
	_, err = tx.Exec(ctx, touch) // want "tx.Exec may run at the same time"
	return err
}

// BadAlias uses the connection under two names.
func BadAlias(ctx context.Context, conn *pgx.Conn) error {
	primary := conn
	go func() {
		_, _ = conn.Exec(ctx, touch)
	}()
	return primary.Ping(ctx) // want "primary.Ping may run at the same time"
}

// BadAcquired does it with a connection made here.
func BadAcquired(ctx context.Context, dsn string) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	go func() {
		_, _ = conn.Exec(ctx, touch)
	}()
	return conn.Ping(ctx) // want "conn.Ping may run at the same time"
}

// FN_UnknownSpawner hands the closure to code that may or may not run it on
// another goroutine.
func FN_UnknownSpawner(ctx context.Context, conn *pgx.Conn, spawn func(func())) error {
	spawn(func() {
		_, _ = conn.Exec(ctx, touch)
	})
	return conn.Ping(ctx)
}
