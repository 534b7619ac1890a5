// Package loops starts goroutines in loops.
package loops

import (
	"context"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"
)

const insert = "insert into t values ($1)"

// BadCaptured shares one connection between the goroutines of a loop.
func BadCaptured(ctx context.Context, conn *pgx.Conn, ids []int) {
	for _, id := range ids {
		go func() {
			_, _ = conn.Exec(ctx, insert, id) // want "conn.Exec may run at the same time as itself"
		}()
	}
}

// BadPassed passes it as an argument, which copies the pointer only.
func BadPassed(ctx context.Context, conn *pgx.Conn, ids []int) {
	for _, id := range ids {
		go func(c *pgx.Conn, id int) {
			_, _ = c.Exec(ctx, insert, id) // want "c.Exec may run at the same time as itself"
		}(conn, id)
	}
}

// BadNamedWorker starts a function with the body elsewhere.
func BadNamedWorker(ctx context.Context, conn *pgx.Conn, ids <-chan int) {
	for range 4 {
		go worker(ctx, conn, ids) // want "may run at the same time as itself"
	}
}

func worker(ctx context.Context, conn *pgx.Conn, ids <-chan int) {
	for id := range ids {
		_, _ = conn.Exec(ctx, insert, id)
	}
}

// BadMethodValue starts a method in a loop.
func BadMethodValue(ctx context.Context, conn *pgx.Conn) {
	for range 3 {
		go conn.Ping(ctx) // want "conn.Ping may run at the same time as itself"
	}
}

// BadWaitAfterLoop waits for all of them, but they overlap each other.
func BadWaitAfterLoop(ctx context.Context, tx pgx.Tx, ids []int) error {
	var wg sync.WaitGroup
	for _, id := range ids {
		wg.Add(1)
		go func() {
			defer wg.Done()
			_, _ = tx.Exec(ctx, insert, id) // want "tx.Exec may run at the same time as itself"
		}()
	}
	wg.Wait()
	return tx.Commit(ctx)
}

// BadErrgroup is the usual way to break a transaction.
func BadErrgroup(ctx context.Context, conn *pgx.Conn, ids []int) error {
	tx, err := conn.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback(ctx) }()
	var g errgroup.Group
	for _, id := range ids {
		g.Go(func() error {
			_, err := tx.Exec(ctx, insert, id) // want "tx.Exec may run at the same time as itself"
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

// BadLimitTwo limits the group to two, which is one too many.
func BadLimitTwo(ctx context.Context, conn *pgx.Conn, ids []int) error {
	var g errgroup.Group
	g.SetLimit(2)
	for _, id := range ids {
		g.Go(func() error {
			_, err := conn.Exec(ctx, insert, id) // want "conn.Exec may run at the same time as itself"
			return err
		})
	}
	return g.Wait()
}

// BadNextTurn uses the connection in the turn after the spawn.
func BadNextTurn(ctx context.Context, conn *pgx.Conn, ids []int) {
	for _, id := range ids {
		_, _ = conn.Exec(ctx, insert, id) // want "conn.Exec may run at the same time"
		if id == 0 {
			go keepAlive(ctx, conn) // want "may run at the same time as itself"
		}
	}
}

// BadSpawnThenBreak starts one goroutine, in the turn that ends the loop.
func BadSpawnThenBreak(ctx context.Context, conn *pgx.Conn, ids []int) {
	for _, id := range ids {
		if id == 0 {
			go keepAlive(ctx, conn)
			break
		}
	}
	_, _ = conn.Exec(ctx, insert, 0) // want "conn.Exec may run at the same time"
}

func keepAlive(ctx context.Context, conn *pgx.Conn) { _ = conn.Ping(ctx) }

// OkOwnPerTurn makes a connection in each turn.
func OkOwnPerTurn(ctx context.Context, dsn string, ids []int) error {
	for _, id := range ids {
		conn, err := pgx.Connect(ctx, dsn)
		if err != nil {
			return err
		}
		go func() {
			defer conn.Close(ctx)
			_, _ = conn.Exec(ctx, insert, id)
		}()
	}
	return nil
}

// OkLeasePerTurn takes a lease of the pool in each turn and passes it on.
func OkLeasePerTurn(ctx context.Context, pool *pgxpool.Pool, ids []int) error {
	for _, id := range ids {
		conn, err := pool.Acquire(ctx)
		if err != nil {
			return err
		}
		go func(c *pgxpool.Conn, id int) {
			defer c.Release()
			_, _ = c.Exec(ctx, insert, id)
		}(conn, id)
	}
	return nil
}

// OkUsedThenGivenPerTurn uses each connection before its goroutine has it.
func OkUsedThenGivenPerTurn(ctx context.Context, pool *pgxpool.Pool, ids []int) error {
	for _, id := range ids {
		conn, err := pool.Acquire(ctx)
		if err != nil {
			return err
		}
		if err := conn.Ping(ctx); err != nil {
			conn.Release()
			return err
		}
		go func() {
			defer conn.Release()
			_, _ = conn.Exec(ctx, insert, id)
		}()
	}
	return nil
}

// OkOwnPerWorker makes the connection in the worker.
func OkOwnPerWorker(ctx context.Context, dsn string, ids <-chan int) {
	for range 4 {
		go func() {
			conn, err := pgx.Connect(ctx, dsn)
			if err != nil {
				return
			}
			defer conn.Close(ctx)
			worker(ctx, conn, ids)
		}()
	}
}

// OkLimitOne makes the group run one at a time.
func OkLimitOne(ctx context.Context, conn *pgx.Conn, ids []int) error {
	var g errgroup.Group
	g.SetLimit(1)
	for _, id := range ids {
		g.Go(func() error {
			_, err := conn.Exec(ctx, insert, id)
			return err
		})
	}
	return g.Wait()
}

// OkWaitedInTurn waits for each goroutine before the next turn.
func OkWaitedInTurn(ctx context.Context, conn *pgx.Conn, ids []int) error {
	for _, id := range ids {
		done := make(chan error, 1)
		go func() {
			_, err := conn.Exec(ctx, insert, id)
			done <- err
		}()
		if err := <-done; err != nil {
			return err
		}
	}
	return conn.Ping(ctx)
}

// OkWaitGroupInTurn does so with a WaitGroup that outlives the loop.
func OkWaitGroupInTurn(ctx context.Context, conn *pgx.Conn, ids []int) error {
	var wg sync.WaitGroup
	for _, id := range ids {
		wg.Go(func() {
			_, _ = conn.Exec(ctx, insert, id)
		})
		wg.Wait()
	}
	return conn.Ping(ctx)
}

// OkOneSpawnThenLeave starts one goroutine, in the turn that ends the loop.
func OkOneSpawnThenLeave(ctx context.Context, conn *pgx.Conn, ids []int) {
	for _, id := range ids {
		if id == 0 {
			go func() {
				_, _ = conn.Exec(ctx, insert, id)
			}()
			return
		}
	}
}

// OkPoolInLoop shares the pool.
func OkPoolInLoop(ctx context.Context, pool *pgxpool.Pool, ids []int) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, id := range ids {
		g.Go(func() error {
			_, err := pool.Exec(ctx, insert, id)
			return err
		})
	}
	return g.Wait()
}

// OkServeLoop accepts work, one connection each, for ever.
func OkServeLoop(ctx context.Context, pool *pgxpool.Pool, ids <-chan int) error {
	for id := range ids {
		tx, err := pool.Begin(ctx)
		if err != nil {
			return err
		}
		go func() {
			defer func() { _ = tx.Rollback(ctx) }()
			if _, err := tx.Exec(ctx, insert, id); err != nil {
				return
			}
			_ = tx.Commit(ctx)
		}()
	}
	return nil
}
