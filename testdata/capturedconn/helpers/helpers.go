// Package helpers starts its goroutines in other functions.
package helpers

import (
	"context"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/connvet/connvet/testdata/capturedconn/helpers/lib"
)

const touch = "update t set at = now()"

func start(ctx context.Context, conn *pgx.Conn) {
	go func() {
		_, _ = conn.Exec(ctx, touch)
	}()
}

// BadHelper calls a helper that spawns and returns.
func BadHelper(ctx context.Context, conn *pgx.Conn) error {
	start(ctx, conn)
	return conn.Ping(ctx) // want "conn.Ping may run at the same time"
}

// BadHelperTwice calls it twice.
func BadHelperTwice(ctx context.Context, conn *pgx.Conn) {
	start(ctx, conn)
	start(ctx, conn) // want "may run at the same time"
}

// BadHelperLoop calls it in a loop.
func BadHelperLoop(ctx context.Context, conn *pgx.Conn) {
	for range 3 {
		start(ctx, conn) // want "may run at the same time"
	}
}

// BadPackage calls a helper of another package.
func BadPackage(ctx context.Context, conn *pgx.Conn) error {
	lib.Start(ctx, conn)
	return conn.Ping(ctx) // want "conn.Ping may run at the same time"
}

// BadPackageDeep calls one that spawns two calls down.
func BadPackageDeep(ctx context.Context, conn *pgx.Conn) error {
	lib.StartDeep(ctx, conn)
	return conn.Ping(ctx) // want "conn.Ping may run at the same time"
}

// BadPackageCallee calls one whose goroutine runs a callee.
func BadPackageCallee(ctx context.Context, conn *pgx.Conn) error {
	lib.StartWith(ctx, conn)
	return conn.Ping(ctx) // want "conn.Ping may run at the same time"
}

// BadPackageClose closes under the goroutine of the helper.
func BadPackageClose(ctx context.Context, dsn string) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer conn.Close(ctx) // want "conn.Close may run at the same time"
	lib.Start(ctx, conn)
	return nil
}

// BadPackageUse spawns here and uses the connection in the other package.
func BadPackageUse(ctx context.Context, conn *pgx.Conn) {
	start(ctx, conn)
	lib.Use(ctx, conn) // want "may run at the same time"
}

// BadSpawnPackageFunc starts a function of the other package.
func BadSpawnPackageFunc(ctx context.Context, conn *pgx.Conn) error {
	go lib.Use(ctx, conn)
	return conn.Ping(ctx) // want "conn.Ping may run at the same time"
}

// BadNotWaited has the helper use its group, and does not wait in time.
func BadNotWaited(ctx context.Context, conn *pgx.Conn) {
	var wg sync.WaitGroup
	lib.RunIn(ctx, conn, &wg)
	_ = conn.Ping(ctx) // want "conn.Ping may run at the same time"
	wg.Wait()
}

// BadAsync forgets to wait for what the helper returned.
func BadAsync(ctx context.Context, conn *pgx.Conn) error {
	_ = lib.Async(ctx, conn)
	return conn.Ping(ctx) // want "conn.Ping may run at the same time"
}

// BadWorker uses the connection before the worker has stopped.
func BadWorker(ctx context.Context, conn *pgx.Conn) error {
	w := lib.NewWorker(conn)
	w.Start(ctx)
	defer w.Stop()
	return conn.Ping(ctx) // want "conn.Ping may run at the same time"
}

// BadInterface hides the connection behind an interface.
func BadInterface(ctx context.Context, conn *pgx.Conn) error {
	lib.StartOn(ctx, conn)
	return conn.Ping(ctx) // want "conn.Ping may run at the same time"
}

// BadInterfaceBoth gives a connection to a helper that needs a pool.
func BadInterfaceBoth(ctx context.Context, conn *pgx.Conn) error {
	return lib.Both(ctx, conn) // want "may run at the same time"
}

// BadSpawner gives the closure to a helper that runs it on a goroutine.
func BadSpawner(ctx context.Context, conn *pgx.Conn) error {
	lib.InBackground(func() {
		_, _ = conn.Exec(ctx, touch)
	})
	return conn.Ping(ctx) // want "conn.Ping may run at the same time"
}

// BadEach gives the closure to a helper that runs it on many.
func BadEach(ctx context.Context, conn *pgx.Conn) {
	lib.Each(4, func() {
		_, _ = conn.Exec(ctx, touch) // want "conn.Exec may run at the same time"
	})
}

// OkUse calls a helper that only uses the connection.
func OkUse(ctx context.Context, conn *pgx.Conn) error {
	lib.Use(ctx, conn)
	return conn.Ping(ctx)
}

// OkRunAndWait calls a helper that waits.
func OkRunAndWait(ctx context.Context, conn *pgx.Conn) error {
	lib.RunAndWait(ctx, conn)
	return conn.Ping(ctx)
}

// OkRunIn waits for the group it gave to the helper.
func OkRunIn(ctx context.Context, conn *pgx.Conn) error {
	var wg sync.WaitGroup
	lib.RunIn(ctx, conn, &wg)
	wg.Wait()
	return conn.Ping(ctx)
}

// OkAsync waits for the channel that the helper returned.
func OkAsync(ctx context.Context, conn *pgx.Conn) error {
	done := lib.Async(ctx, conn)
	<-done
	return conn.Ping(ctx)
}

// OkAsyncWait calls the function that the helper returned.
func OkAsyncWait(ctx context.Context, conn *pgx.Conn) error {
	wait := lib.AsyncWait(ctx, conn)
	wait()
	return conn.Ping(ctx)
}

// OkWorker stops the worker first.
func OkWorker(ctx context.Context, conn *pgx.Conn) error {
	w := lib.NewWorker(conn)
	w.Start(ctx)
	w.Stop()
	return conn.Ping(ctx)
}

// OkWorkerMoved leaves the connection to the worker.
func OkWorkerMoved(ctx context.Context, conn *pgx.Conn) *lib.Worker {
	w := lib.NewWorker(conn)
	w.Start(ctx)
	return w
}

// OkInterfacePool gives the helper a pool.
func OkInterfacePool(ctx context.Context, pool *pgxpool.Pool) error {
	lib.StartOn(ctx, pool)
	if err := lib.Both(ctx, pool); err != nil {
		return err
	}
	return pool.Ping(ctx)
}

// OkInterfaceUnknown cannot know what the interface holds.
func OkInterfaceUnknown(ctx context.Context, db lib.DBTX) error {
	lib.StartOn(ctx, db)
	_, err := db.Exec(ctx, touch)
	return err
}

// OkNow gives the closure to a helper that runs it at once.
func OkNow(ctx context.Context, conn *pgx.Conn) error {
	lib.Now(func() {
		_, _ = conn.Exec(ctx, touch)
	})
	return conn.Ping(ctx)
}

// OkEachPool gives the goroutines of the helper a pool.
func OkEachPool(ctx context.Context, pool *pgxpool.Pool) {
	lib.Each(4, func() {
		_, _ = pool.Exec(ctx, touch)
	})
}

// OkMovedToHelper makes the connection for the helper.
func OkMovedToHelper(ctx context.Context, dsn string) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	lib.Start(ctx, conn)
	return nil
}
