// Package iterators has connections behind range-over-func and callbacks that
// run before, or after, the call that takes them returns.
package iterators

import (
	"context"
	"iter"
	"slices"
	"sync"

	"github.com/jackc/pgx/v5"
)

const touch = "update t set at = now()"

// ids yields the numbers of a table.
func ids(ctx context.Context, conn *pgx.Conn) iter.Seq[int] {
	return func(yield func(int) bool) {
		rows, err := conn.Query(ctx, "select id from t")
		if err != nil {
			return
		}
		defer rows.Close()
		for rows.Next() {
			var id int
			if rows.Scan(&id) != nil || !yield(id) {
				return
			}
		}
	}
}

// OkCollected reads them all before it goes on.
func OkCollected(ctx context.Context, conn *pgx.Conn) error {
	all := slices.Collect(ids(ctx, conn))
	_, err := conn.Exec(ctx, touch, len(all))
	return err
}

// BadBodySpawns starts a goroutine per number, which uses the connection that
// the iterator reads from.
func BadBodySpawns(ctx context.Context, conn *pgx.Conn) {
	for id := range ids(ctx, conn) {
		go func() {
			_, _ = conn.Exec(ctx, touch, id) // want `^conn\.Exec may run at the same time as itself`
		}()
	}
}

// OkBodySpawnsOwn starts one with a connection of its own.
func OkBodySpawnsOwn(ctx context.Context, conn *pgx.Conn, dsn string) {
	for id := range ids(ctx, conn) {
		go func() {
			own, err := pgx.Connect(ctx, dsn)
			if err != nil {
				return
			}
			defer own.Close(ctx)
			_, _ = own.Exec(ctx, touch, id)
		}()
	}
}

// OkBodyWaits waits in each turn.
func OkBodyWaits(ctx context.Context, list []int, conn *pgx.Conn) {
	for id := range slices.Values(list) {
		done := make(chan struct{})
		go func() {
			defer close(done)
			_, _ = conn.Exec(ctx, touch, id)
		}()
		<-done
	}
}

// each calls f for every element, and waits for all calls.
func each(list []int, f func(int)) {
	var wg sync.WaitGroup
	for _, id := range list {
		wg.Go(func() { f(id) })
	}
	wg.Wait()
}

// background calls f some time.
func background(f func()) { go f() }

// OkCallbackWaits uses the connection when the workers are done.
func OkCallbackWaits(ctx context.Context, conn *pgx.Conn, list []int) error {
	var mu sync.Mutex
	each(list, func(id int) {
		mu.Lock()
		defer mu.Unlock()
		_, _ = conn.Exec(ctx, touch, id)
	})
	return conn.Ping(ctx)
}

// BadCallbackSiblings has the workers use it side by side.
func BadCallbackSiblings(ctx context.Context, conn *pgx.Conn, list []int) {
	each(list, func(id int) {
		_, _ = conn.Exec(ctx, touch, id) // want `^conn\.Exec may run at the same time as itself`
	})
}

// BadCallbackLater goes on while the callback may run.
func BadCallbackLater(ctx context.Context, conn *pgx.Conn) error {
	background(func() { _, _ = conn.Exec(ctx, touch) })
	return conn.Ping(ctx) // want `^conn\.Ping may run at the same time`
}

// BadMethodLater gives a method value to it.
func BadMethodLater(ctx context.Context, s *store) error {
	background(s.touch)
	return s.conn.Ping(ctx) // want `^s\.conn\.Ping may run at the same time`
}

type store struct{ conn *pgx.Conn }

func (s *store) touch() { _, _ = s.conn.Exec(context.Background(), touch) }

// pulled reads one number at a time.
func OkPulled(ctx context.Context, conn *pgx.Conn) (int, error) {
	next, stop := iter.Pull(ids(ctx, conn))
	first, _ := next()
	stop()
	return first, conn.Ping(ctx)
}

// OkDeferredSpawn starts the goroutine when nobody uses the connection any more.
func OkDeferredSpawn(ctx context.Context, conn *pgx.Conn) error {
	defer background(func() { _ = conn.Close(ctx) })
	_, err := conn.Exec(ctx, touch)
	return err
}
