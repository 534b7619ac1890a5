// Package outcomes has functions that wait for their goroutines before some of
// their returns, and say by an error whether they did.
package outcomes

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/gomodule/redigo/redis"
	"github.com/jackc/pgx/v5"
)

const touch = "update accounts set seen = now()"

// errStopped says that a goroutine may still run.
var errStopped = errors.New("stopped")

// copyRows sends the rows of one side to a goroutine that inserts them into
// the other. It waits for it before each return but those with an error.
func copyRows(ctx context.Context, from, to pgx.Tx) (int, error) {
	rows, err := from.Query(ctx, "select value from source")
	if err != nil {
		return 0, fmt.Errorf("select: %w", err)
	}
	defer rows.Close()
	in, done := make(chan json.RawMessage), make(chan error)
	go func() {
		for {
			var row json.RawMessage
			select {
			case row = <-in:
				if row == nil {
					done <- nil
					return
				}
			case <-ctx.Done():
				return
			}
			if _, err := to.Exec(ctx, touch, row); err != nil {
				done <- fmt.Errorf("insert: %w", err)
				return
			}
		}
	}()
	n := 0
	for rows.Next() {
		var row json.RawMessage
		if err := rows.Scan(&row); err != nil {
			return 0, fmt.Errorf("scan: %w", err)
		}
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case in <- row:
			n++
		case err := <-done:
			return 0, err
		}
	}
	close(in)
	if err := <-done; err != nil {
		return 0, err
	}
	return n, nil
}

// copyAll copies table after table, and says the same by its own error.
func copyAll(ctx context.Context, from, to pgx.Tx, tables []string) error {
	for _, t := range tables {
		if _, err := copyRows(ctx, from, to); err != nil {
			return fmt.Errorf("copy %s: %w", t, err)
		}
	}
	return nil
}

// OkCopied goes on without an error only.
func OkCopied(ctx context.Context, from, to pgx.Tx, tables []string) error {
	err := copyAll(ctx, from, to, tables)
	if err != nil {
		return err
	}
	if _, err = to.Exec(ctx, touch); err != nil {
		return err
	}
	return to.Commit(ctx)
}

// OkCopiedOrNot has one error for two ways to get there.
func OkCopiedOrNot(ctx context.Context, from, to pgx.Tx, tables []string) error {
	var err error
	if len(tables) > 0 {
		err = copyAll(ctx, from, to, tables)
	}
	if err != nil {
		return err
	}
	return to.Commit(ctx)
}

// OkCopiedInside has the error in a variable that a deferred function reads.
func OkCopiedInside(ctx context.Context, from, to pgx.Tx, tables []string) (err error) {
	defer func() {
		if err != nil {
			slog.Error("copy", "error", err)
		}
	}()
	if err = copyAll(ctx, from, to, tables); err != nil {
		return err
	}
	return to.Commit(ctx)
}

// inSteps runs a step and stops at its error.
func inSteps(step func() error) error {
	if err := step(); err != nil {
		return fmt.Errorf("step: %w", err)
	}
	return nil
}

// OkCopiedByStep gets the error from who runs the callback.
func OkCopiedByStep(ctx context.Context, from, to pgx.Tx, tables []string) error {
	if err := inSteps(func() error { return copyAll(ctx, from, to, tables) }); err != nil {
		return err
	}
	return to.Commit(ctx)
}

// BadCopyIgnored does not look at the error.
func BadCopyIgnored(ctx context.Context, from, to pgx.Tx, tables []string) error {
	_ = copyAll(ctx, from, to, tables)
	return to.Commit(ctx) // want `^to\.Commit may run at the same time as the use on line [0-9]+ \(pgx\.Tx runs on one connection, for one goroutine at a time\)`
}

// BadCopyLogged goes on after it.
func BadCopyLogged(ctx context.Context, from, to pgx.Tx, tables []string) error {
	if err := copyAll(ctx, from, to, tables); err != nil {
		slog.Error("copy", "error", err)
	}
	return to.Commit(ctx) // want `^to\.Commit may run at the same time as the use on line [0-9]+ \(pgx\.Tx runs on one connection, for one goroutine at a time\)`
}

// BadCopyUndone rolls back beside the goroutine that may still insert.
func BadCopyUndone(ctx context.Context, from, to pgx.Tx, tables []string) error {
	if err := copyAll(ctx, from, to, tables); err != nil {
		return errors.Join(err, to.Rollback(ctx)) // want `^to\.Rollback may run at the same time as the use on line [0-9]+ \(pgx\.Tx runs on one connection, for one goroutine at a time\)`
	}
	return to.Commit(ctx)
}

// hurried does not wait when it is told to hurry, and says nothing of it.
func hurried(ctx context.Context, conn *pgx.Conn, hurry bool) error {
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = conn.Exec(ctx, touch)
	}()
	if hurry {
		return nil
	}
	<-done
	return nil
}

// BadHurried believes the nil error.
func BadHurried(ctx context.Context, conn *pgx.Conn) error {
	if err := hurried(ctx, conn, true); err != nil {
		return err
	}
	return conn.Ping(ctx) // want `^conn\.Ping may run at the same time as the use on line [0-9]+ \(\*pgx\.Conn is not safe for concurrent use\)`
}

// stoppable gives up waiting when it is stopped.
func stoppable(ctx context.Context, conn *pgx.Conn, stop <-chan struct{}) error {
	done := make(chan error, 1)
	go func() {
		_, err := conn.Exec(ctx, touch)
		done <- err
	}()
	select {
	case <-stop:
		return errStopped
	case err := <-done:
		return err
	}
}

// OkNotStopped uses the connection in the arm without an error.
func OkNotStopped(ctx context.Context, conn *pgx.Conn, stop <-chan struct{}) error {
	err := stoppable(ctx, conn, stop)
	if err == nil {
		return conn.Ping(ctx)
	}
	return err
}

// BadStopped uses it in the other.
func BadStopped(ctx context.Context, conn *pgx.Conn, stop <-chan struct{}) error {
	if errors.Is(stoppable(ctx, conn, stop), errStopped) {
		return conn.Ping(ctx) // want `^conn\.Ping may run at the same time as the use on line [0-9]+ \(\*pgx\.Conn is not safe for concurrent use\)`
	}
	return nil
}

// OkFlagSet polls a flag that is set at the end of the goroutine.
func OkFlagSet(ctx context.Context, conn *pgx.Conn) error {
	var done atomic.Bool
	go func() {
		defer done.Store(true)
		_, _ = conn.Exec(ctx, touch)
	}()
	for {
		if done.Load() {
			break
		}
		time.Sleep(time.Millisecond)
	}
	return conn.Ping(ctx)
}

// BadFlagNotSet uses the connection as long as the flag is not set.
func BadFlagNotSet(ctx context.Context, conn *pgx.Conn) error {
	var done atomic.Bool
	go func() {
		defer done.Store(true)
		_, _ = conn.Exec(ctx, touch)
	}()
	for !done.Load() {
		if err := conn.Ping(ctx); err != nil { // want `^conn\.Ping may run at the same time as the use on line [0-9]+ \(\*pgx\.Conn is not safe for concurrent use\)`
			return err
		}
	}
	return nil
}

// BadFlagEarly waits for a flag that is set before the work.
func BadFlagEarly(ctx context.Context, conn *pgx.Conn) error {
	var started atomic.Bool
	go func() {
		started.Store(true)
		_, _ = conn.Exec(ctx, touch)
	}()
	for !started.Load() {
		time.Sleep(time.Millisecond)
	}
	return conn.Ping(ctx) // want `^conn\.Ping may run at the same time as the use on line [0-9]+ \(\*pgx\.Conn is not safe for concurrent use\)`
}

// OkCountedDown waits until no goroutine is left.
func OkCountedDown(conn redis.Conn) error {
	var left atomic.Int64
	left.Add(1)
	go func() {
		defer left.Add(-1)
		_, _ = conn.Do("SET", "seen", 1)
	}()
	for left.Load() > 0 {
		time.Sleep(time.Millisecond)
	}
	_, err := conn.Do("GET", "seen")
	return err
}

// OkTurnsByNumber takes turns by a number, with the functions of sync/atomic.
func OkTurnsByNumber(ctx context.Context, conn *pgx.Conn) error {
	var taken int32
	go func() {
		for !atomic.CompareAndSwapInt32(&taken, 0, 1) {
			time.Sleep(time.Millisecond)
		}
		_, _ = conn.Exec(ctx, touch)
		atomic.StoreInt32(&taken, 0)
	}()
	for !atomic.CompareAndSwapInt32(&taken, 0, 1) {
		time.Sleep(time.Millisecond)
	}
	defer atomic.StoreInt32(&taken, 0)
	return conn.Ping(ctx)
}

// BadTurnEnded clears the flag before the use.
func BadTurnEnded(ctx context.Context, conn *pgx.Conn) error {
	var taken atomic.Bool
	go func() {
		for !taken.CompareAndSwap(false, true) {
			time.Sleep(time.Millisecond)
		}
		_, _ = conn.Exec(ctx, touch)
		taken.Store(false)
	}()
	for !taken.CompareAndSwap(false, true) {
		time.Sleep(time.Millisecond)
	}
	taken.Store(false)
	return conn.Ping(ctx) // want `^conn\.Ping may run at the same time as the use on line [0-9]+ \(\*pgx\.Conn is not safe for concurrent use\)`
}
