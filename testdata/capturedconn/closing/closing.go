// Package closing ends connections, transactions and rows around goroutines.
package closing

import (
	"context"
	"database/sql"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"go.etcd.io/bbolt"
	"golang.org/x/sync/errgroup"
)

const touch = "update t set at = now()"

// BadDeferredClose closes when it returns, whatever the goroutine does.
func BadDeferredClose(ctx context.Context, dsn string) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer conn.Close(ctx) // want "conn.Close may run at the same time"
	go func() {
		_, _ = conn.Exec(ctx, touch)
	}()
	return nil
}

// BadDeferredClosureClose closes in a deferred closure.
func BadDeferredClosureClose(ctx context.Context, dsn string) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }() // want "conn.Close may run at the same time"
	go func() {
		_, _ = conn.Exec(ctx, touch)
	}()
	return nil
}

// BadClose closes right after the spawn.
func BadClose(ctx context.Context, conn *pgx.Conn) error {
	go func() {
		_, _ = conn.Exec(ctx, touch)
	}()
	return conn.Close(ctx) // want "conn.Close may run at the same time"
}

// BadRelease gives the lease back while the goroutine has it.
func BadRelease(ctx context.Context, pool *pgxpool.Pool) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release() // want "conn.Release may run at the same time"
	go func() {
		_, _ = conn.Exec(ctx, touch)
	}()
	return nil
}

// BadCommit commits without waiting.
func BadCommit(ctx context.Context, pool *pgxpool.Pool) error {
	tx, err := pool.Begin(ctx)
	if err != nil {
		return err
	}
	go func() {
		_, _ = tx.Exec(ctx, touch)
	}()
	return tx.Commit(ctx) // want "tx.Commit may run at the same time"
}

// BadEarlyReturn rolls back on the path that returns before the wait.
func BadEarlyReturn(ctx context.Context, pool *pgxpool.Pool, check func() error) error {
	tx, err := pool.Begin(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback(ctx) // want "tx.Rollback may run at the same time"
	var g errgroup.Group
	g.Go(func() error {
		_, err := tx.Exec(ctx, touch)
		return err
	})
	if err := check(); err != nil {
		return err
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

// BadDeferOrder waits in a defer that runs after the one that closes.
func BadDeferOrder(ctx context.Context, dsn string) error {
	var wg sync.WaitGroup
	defer wg.Wait()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer conn.Close(ctx) // want "conn.Close may run at the same time"
	wg.Go(func() {
		_, _ = conn.Exec(ctx, touch)
	})
	return nil
}

// BadRowsClosed closes the rows that the goroutine reads.
func BadRowsClosed(ctx context.Context, pool *pgxpool.Pool) error {
	rows, err := pool.Query(ctx, "select id from t")
	if err != nil {
		return err
	}
	defer rows.Close() // want "rows.Close may run at the same time"
	go func() {
		for rows.Next() {
		}
	}()
	return nil
}

// BadRowsOfTx ends the transaction whose rows the goroutine reads.
func BadRowsOfTx(ctx context.Context, tx *sql.Tx) error {
	rows, err := tx.QueryContext(ctx, "select id from t")
	if err != nil {
		return err
	}
	go func() {
		for rows.Next() {
		}
	}()
	return tx.Commit() // want "tx.Commit may run at the same time"
}

// BadRowsOfConn uses the connection whose rows the goroutine reads.
func BadRowsOfConn(ctx context.Context, conn *pgx.Conn) error {
	rows, err := conn.Query(ctx, "select id from t")
	if err != nil {
		return err
	}
	go func() {
		for rows.Next() {
		}
	}()
	return conn.Ping(ctx) // want "conn.Ping may run at the same time"
}

// BadClosedThere closes in the goroutine what the spawner goes on using.
func BadClosedThere(ctx context.Context, conn *pgx.Conn) error {
	go func() {
		<-ctx.Done()
		_ = conn.Close(context.Background())
	}()
	_, err := conn.Exec(ctx, touch) // want "conn.Exec may run at the same time"
	return err
}

// BadCallbackEnds leaves a goroutine behind when the library commits.
func BadCallbackEnds(ctx context.Context, conn *pgx.Conn) error {
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error { go tx.Exec(ctx, touch); return nil }) // want "^the use of tx may run at the same time as the use on line"
}

// BadBoltCallbackEnds does so with bbolt.
func BadBoltCallbackEnds(db *bbolt.DB, name []byte) error {
	return db.Update(func(tx *bbolt.Tx) error { go tx.DeleteBucket(name); return nil }) // want "^the release of tx may run at the same time as the use on line"
}

// OkDeferredWait waits in a defer that runs before the one that closes.
func OkDeferredWait(ctx context.Context, dsn string) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() {
		_, _ = conn.Exec(ctx, touch)
	})
	return nil
}

// OkDeferredReceive does so with a channel, in one closure.
func OkDeferredReceive(ctx context.Context, dsn string) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	done := make(chan struct{})
	defer func() {
		<-done
		_ = conn.Close(ctx)
	}()
	go func() {
		defer close(done)
		_, _ = conn.Exec(ctx, touch)
	}()
	return nil
}

// OkCommitAfterWait waits before the commit and before the deferred rollback.
func OkCommitAfterWait(ctx context.Context, pool *pgxpool.Pool) error {
	tx, err := pool.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback(ctx) }()
	var g errgroup.Group
	g.Go(func() error {
		_, err := tx.Exec(ctx, touch)
		return err
	})
	if err := g.Wait(); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

// OkClosedBeforeSpawn closes first.
func OkClosedBeforeSpawn(ctx context.Context, conn *pgx.Conn, notify func()) error {
	err := conn.Close(ctx)
	go notify()
	return err
}

// OkClosedByGoroutine leaves the closing to the goroutine, which ends last.
func OkClosedByGoroutine(ctx context.Context, dsn string, jobs <-chan string) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	go func() {
		defer func() { _ = conn.Close(ctx) }()
		for job := range jobs {
			_, _ = conn.Exec(ctx, job)
		}
	}()
	return nil
}

// OkDeferBeforeSpawnOnly closes on the paths that never spawn.
func OkDeferBeforeSpawnOnly(ctx context.Context, dsn string) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	if err := conn.Ping(ctx); err != nil {
		_ = conn.Close(ctx)
		return err
	}
	go func() {
		defer conn.Close(ctx)
		_, _ = conn.Exec(ctx, touch)
	}()
	return nil
}

// OkRowsMoved lets the goroutine read the rows and close them.
func OkRowsMoved(ctx context.Context, pool *pgxpool.Pool, ids chan<- int) error {
	rows, err := pool.Query(ctx, "select id from t")
	if err != nil {
		return err
	}
	go func() {
		defer rows.Close()
		defer close(ids)
		for rows.Next() {
			var id int
			if rows.Scan(&id) != nil {
				return
			}
			ids <- id
		}
	}()
	return nil
}

// OkRowsRead sends what it reads to a goroutine that never sees the rows.
func OkRowsRead(ctx context.Context, conn *pgx.Conn, handle func(int)) error {
	rows, err := conn.Query(ctx, "select id from t")
	if err != nil {
		return err
	}
	defer rows.Close()
	ids := make(chan int)
	defer close(ids)
	go func() {
		for id := range ids {
			handle(id)
		}
	}()
	for rows.Next() {
		var id int
		if err := rows.Scan(&id); err != nil {
			return err
		}
		ids <- id
	}
	return rows.Err()
}

// OkCallbackWaits waits inside the callback.
func OkCallbackWaits(ctx context.Context, conn *pgx.Conn) error {
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		var g errgroup.Group
		g.Go(func() error {
			_, err := tx.Exec(ctx, touch)
			return err
		})
		return g.Wait()
	})
}

// OkBoltCallback uses the transaction in its callback only.
func OkBoltCallback(db *bbolt.DB, name []byte, notify func()) error {
	err := db.Update(func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucketIfNotExists(name)
		return err
	})
	go notify()
	return err
}
