// Package groups starts goroutines through libraries.
package groups

import (
	"context"
	"database/sql"
	"net/smtp"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/panjf2000/ants/v2"
	"github.com/sourcegraph/conc"
	"github.com/sourcegraph/conc/pool"
	"golang.org/x/sync/errgroup"
)

const touch = "update t set at = now()"

// BadErrgroup uses the connection before it waits.
func BadErrgroup(ctx context.Context, conn *pgx.Conn) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		_, err := conn.Exec(ctx, touch)
		return err
	})
	if err := conn.Ping(ctx); err != nil { // want "conn.Ping may run at the same time"
		return err
	}
	return g.Wait()
}

// BadErrgroupSiblings has two tasks on one transaction.
func BadErrgroupSiblings(ctx context.Context, tx pgx.Tx) error {
	var g errgroup.Group
	g.Go(func() error {
		_, err := tx.Exec(ctx, touch)
		return err
	})
	g.Go(func() error {
		_, err := tx.Exec(ctx, touch) // want "tx.Exec may run at the same time"
		return err
	})
	return g.Wait()
}

// BadTryGo starts a task if there is room for it.
func BadTryGo(ctx context.Context, conn *pgx.Conn, g *errgroup.Group) error {
	g.TryGo(func() error {
		_, err := conn.Exec(ctx, touch)
		return err
	})
	return conn.Ping(ctx) // want "conn.Ping may run at the same time"
}

// BadBoundMethod gives a method of the client to the group.
func BadBoundMethod(client *smtp.Client, from string) error {
	var g errgroup.Group
	g.Go(client.Noop)
	if err := client.Mail(from); err != nil { // want "client.Mail may run at the same time"
		return err
	}
	return g.Wait()
}

// BadBoundCommit commits beside its own statements.
func BadBoundCommit(ctx context.Context, tx *sql.Tx) error {
	var g errgroup.Group
	g.Go(tx.Commit)
	if _, err := tx.ExecContext(ctx, touch); err != nil { // want "tx.ExecContext may run at the same time"
		return err
	}
	return g.Wait()
}

// BadWaitGroupGo uses the connection beside the task.
func BadWaitGroupGo(ctx context.Context, conn *pgx.Conn) {
	var wg sync.WaitGroup
	wg.Go(func() {
		_, _ = conn.Exec(ctx, touch)
	})
	_ = conn.Ping(ctx) // want "conn.Ping may run at the same time"
	wg.Wait()
}

// BadConc does so with conc.
func BadConc(ctx context.Context, conn *pgx.Conn) {
	var wg conc.WaitGroup
	wg.Go(func() {
		_, _ = conn.Exec(ctx, touch)
	})
	_ = conn.Ping(ctx) // want "conn.Ping may run at the same time"
	wg.Wait()
}

// BadConcPool shares one connection among the tasks of a pool.
func BadConcPool(ctx context.Context, conn *pgx.Conn, ids []int) {
	p := pool.New().WithMaxGoroutines(4)
	for range ids {
		p.Go(func() {
			_, _ = conn.Exec(ctx, touch) // want "conn.Exec may run at the same time as itself"
		})
	}
	p.Wait()
}

// BadAnts does so with ants.
func BadAnts(ctx context.Context, conn *pgx.Conn, workers *ants.Pool) error {
	err := workers.Submit(func() {
		_, _ = conn.Exec(ctx, touch)
	})
	if err != nil {
		return err
	}
	return conn.Ping(ctx) // want "conn.Ping may run at the same time"
}

// BadAntsDefault uses the pool of the package, in a loop.
func BadAntsDefault(ctx context.Context, conn *pgx.Conn, ids []int) {
	for range ids {
		_ = ants.Submit(func() {
			_, _ = conn.Exec(ctx, touch) // want "conn.Exec may run at the same time as itself"
		})
	}
}

// BadTimer lets a timer use the connection.
func BadTimer(ctx context.Context, conn *pgx.Conn) error {
	timer := time.AfterFunc(time.Second, func() {
		_, _ = conn.Exec(ctx, touch)
	})
	defer timer.Stop()
	return conn.Ping(ctx) // want "conn.Ping may run at the same time"
}

// BadAfterFunc closes the connection from the goroutine of the context.
func BadAfterFunc(ctx context.Context, conn *pgx.Conn) error {
	stop := context.AfterFunc(ctx, func() {
		_ = conn.Close(context.Background())
	})
	defer stop()
	_, err := conn.Exec(ctx, touch) // want "conn.Exec may run at the same time"
	return err
}

// OkErrgroupWait waits first.
func OkErrgroupWait(ctx context.Context, conn *pgx.Conn) error {
	var g errgroup.Group
	g.Go(func() error {
		_, err := conn.Exec(ctx, touch)
		return err
	})
	if err := g.Wait(); err != nil {
		return err
	}
	return conn.Ping(ctx)
}

// OkErrgroupOwn gives each task its own connection.
func OkErrgroupOwn(ctx context.Context, db *pgxpool.Pool) error {
	var g errgroup.Group
	for range 4 {
		g.Go(func() error {
			conn, err := db.Acquire(ctx)
			if err != nil {
				return err
			}
			defer conn.Release()
			return conn.Ping(ctx)
		})
	}
	return g.Wait()
}

// OkErrgroupRestarted uses the group twice, one task at a time.
func OkErrgroupRestarted(ctx context.Context, conn *pgx.Conn) error {
	var g errgroup.Group
	g.Go(func() error { return conn.Ping(ctx) })
	if err := g.Wait(); err != nil {
		return err
	}
	g.Go(func() error { return conn.Ping(ctx) })
	return g.Wait()
}

// OkWaitGroupGo waits before it goes on.
func OkWaitGroupGo(ctx context.Context, conn *pgx.Conn) error {
	var wg sync.WaitGroup
	wg.Go(func() {
		_, _ = conn.Exec(ctx, touch)
	})
	wg.Wait()
	return conn.Ping(ctx)
}

// OkConc waits before it goes on.
func OkConc(ctx context.Context, conn *pgx.Conn) error {
	wg := conc.NewWaitGroup()
	wg.Go(func() {
		_, _ = conn.Exec(ctx, touch)
	})
	wg.Wait()
	return conn.Ping(ctx)
}

// OkConcPool gives the tasks of the pool a pool.
func OkConcPool(ctx context.Context, db *pgxpool.Pool, ids []int) error {
	p := pool.New().WithErrors()
	for range ids {
		p.Go(func() error {
			_, err := db.Exec(ctx, touch)
			return err
		})
	}
	return p.Wait()
}

// OkAntsMoved gives the connection away.
func OkAntsMoved(ctx context.Context, dsn string, workers *ants.Pool) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	return workers.Submit(func() {
		defer conn.Close(ctx)
		_, _ = conn.Exec(ctx, touch)
	})
}

// OkTimerStopped goes on only if the timer had not fired.
func OkTimerStopped(ctx context.Context, conn *pgx.Conn) error {
	timer := time.AfterFunc(time.Hour, func() {
		_ = conn.Close(ctx)
	})
	if !timer.Stop() {
		return nil
	}
	return conn.Ping(ctx)
}

// OkAfterFuncWebsocket closes a websocket, which anyone may do.
func OkAfterFuncWebsocket(ctx context.Context, ws *websocket.Conn) error {
	stop := context.AfterFunc(ctx, func() {
		_ = ws.Close()
	})
	defer stop()
	_, _, err := ws.ReadMessage()
	return err
}
