//golden:related

// Package evidence lists the related positions of each finding.
package evidence

import (
	"context"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"
)

const touch = "update t set at = now()"

// BadClosure has its evidence in the closure.
func BadClosure(ctx context.Context, conn *pgx.Conn) error {
	go func() { // rel "^goroutine started here$"
		_, _ = conn.Exec(ctx, touch) // rel "^other use here$"
	}()
	_, err := conn.Exec(ctx, touch) // want `^conn\.Exec may run at the same time as the use on line \d+ \(\*pgx\.Conn is not safe for concurrent use\)$`
	return err
}

// BadErrgroup names the call that starts the task.
func BadErrgroup(ctx context.Context, conn *pgx.Conn) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { // rel "^goroutine started here$"
		_, err := conn.Exec(ctx, touch) // rel "^other use here$"
		return err
	})
	err := conn.Ping(ctx) // want `^conn\.Ping may run at the same time as the use on line \d+ \(\*pgx\.Conn is not safe for concurrent use\)$`
	if err != nil {
		return err
	}
	return g.Wait()
}

// BadDeferredClose reports at the defer statement.
func BadDeferredClose(ctx context.Context, dsn string) error {
	conn, err := pgx.Connect(ctx, dsn) // rel "^connected here$"
	if err != nil {
		return err
	}
	defer conn.Close(ctx) // want `^conn\.Close may run at the same time as the use on line \d+ \(\*pgx\.Conn is not safe for concurrent use\)$`
	go func() {           // rel "^goroutine started here$"
		_ = conn.Ping(ctx) // rel "^other use here$"
	}()
	return nil
}

// OkJoined has nothing to show.
func OkJoined(ctx context.Context, conn *pgx.Conn) error {
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = conn.Exec(ctx, touch)
	}()
	<-done
	return conn.Ping(ctx)
}
