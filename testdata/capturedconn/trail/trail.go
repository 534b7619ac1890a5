//golden:related

// Package trail lists the related positions of findings whose uses are in
// functions and packages that the function calls.
package trail

import (
	"context"

	"github.com/gorilla/websocket"
	"github.com/jackc/pgx/v5"

	"github.com/connvet/connvet/testdata/capturedconn/trail/jobs"
)

const touch = "update t set at = now()"

// BadPackageThere has the goroutine call another package.
func BadPackageThere(ctx context.Context, conn *pgx.Conn) error {
	go func() { // rel "^goroutine started here$"
		_ = jobs.Run(ctx, conn) // rel "^other use here$" "^called in jobs\\.go:\\d+$" "^other use in jobs\\.go:\\d+$"
	}()
	return conn.Ping(ctx) // want `^conn\.Ping may run at the same time as the use on line \d+ \(\*pgx\.Conn is not safe for concurrent use\)$`
}

// BadPackageHere calls another package beside the goroutine.
func BadPackageHere(ctx context.Context, mine *pgx.Conn) error {
	go func() { // rel "^goroutine started here$"
		_ = mine.Ping(ctx) // rel "^other use here$"
	}()
	return jobs.Run(ctx, mine) // want `^mine\.Exec may run at the same time as the use on line \d+` rel "^called in jobs\\.go:\\d+$" "^used in jobs\\.go:\\d+$"
}

// BadStartedThere has another package start the goroutine.
func BadStartedThere(ctx context.Context, conn *pgx.Conn) error {
	jobs.Start(ctx, conn) // rel "^goroutine started in jobs\\.go:\\d+$" "^other use here$" "^called in jobs\\.go:\\d+$" "^other use in jobs\\.go:\\d+$"
	return conn.Ping(ctx) // want `^conn\.Ping may run at the same time as the use on line \d+`
}

// BadHelperHere calls a helper of its own, two deep.
func BadHelperHere(ctx context.Context, mine *pgx.Conn) error {
	go func() { // rel "^goroutine started here$"
		_ = mine.Ping(ctx) // rel "^other use here$"
	}()
	return outer(ctx, mine) // want `^mine\.Exec may run at the same time as the use on line \d+`
}

func outer(ctx context.Context, conn *pgx.Conn) error { return inner(ctx, conn) } // rel "^called here$"

func inner(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, touch) // rel "^used here$"
	return err
}

// BadNamedGoroutine starts a function by its name.
func BadNamedGoroutine(ctx context.Context, conn *pgx.Conn) error {
	go loop(ctx, conn)    // rel "^goroutine started here$" "^other use here$"
	return conn.Ping(ctx) // want `^conn\.Ping may run at the same time as the use on line \d+`
}

func loop(ctx context.Context, conn *pgx.Conn) {
	_, _ = conn.Exec(ctx, touch) // rel "^other use here$"
}

// BadTwoWriters names the directions.
func BadTwoWriters(ws *websocket.Conn, hello []byte) error {
	go func() { // rel "^goroutine started here$"
		_ = ws.WriteMessage(websocket.TextMessage, hello) // rel "^other use here$"
	}()
	return ws.WriteJSON(hello) // want `^ws\.WriteJSON may run at the same time as the write on line \d+ \(\*websocket\.Conn takes one reading and one writing goroutine`
}

// BadReleased names the release.
func BadReleased(ctx context.Context, conn *pgx.Conn) error {
	go func() { // rel "^goroutine started here$"
		_ = conn.Close(ctx) // rel "^other use here$"
	}()
	return conn.Ping(ctx) // want `^conn\.Ping may run at the same time as the release on line \d+`
}

// BadItself has no other place to show.
func BadItself(ctx context.Context, conn *pgx.Conn, ids []int) {
	for _, id := range ids {
		go func() { // rel "^goroutine started here$"
			_, _ = conn.Exec(ctx, touch, id) // want `^conn\.Exec may run at the same time as itself in another goroutine started on line \d+ \(\*pgx\.Conn is not safe for concurrent use\)$`
		}()
	}
}

// OkWaited waits for the package's work.
func OkWaited(ctx context.Context, conn *pgx.Conn) error {
	done := make(chan error, 1)
	go func() { done <- jobs.Run(ctx, conn) }()
	if err := <-done; err != nil {
		return err
	}
	return jobs.Run(ctx, conn)
}

// OkMoved gives the connection away.
func OkMoved(ctx context.Context, conn *pgx.Conn) { jobs.Start(ctx, conn) }
