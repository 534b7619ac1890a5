package joins

import (
	"context"
	"sync"

	"github.com/jackc/pgx/v5"
)

// OkWait waits with a WaitGroup.
func OkWait(ctx context.Context, conn *pgx.Conn) error {
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		_, _ = conn.Exec(ctx, touch)
	}()
	wg.Wait()
	return conn.Ping(ctx)
}

// OkWaitPointer has the WaitGroup on the heap and its Done at the end.
func OkWaitPointer(ctx context.Context, conn *pgx.Conn) error {
	wg := new(sync.WaitGroup)
	wg.Add(1)
	go func() {
		_, _ = conn.Exec(ctx, touch)
		wg.Done()
	}()
	wg.Wait()
	return conn.Ping(ctx)
}

// OkWaitArgument passes the WaitGroup to a named function.
func OkWaitArgument(ctx context.Context, conn *pgx.Conn) error {
	var wg sync.WaitGroup
	wg.Add(1)
	go worker(ctx, conn, &wg)
	wg.Wait()
	return conn.Ping(ctx)
}

func worker(ctx context.Context, conn *pgx.Conn, wg *sync.WaitGroup) {
	defer wg.Done()
	_, _ = conn.Exec(ctx, touch)
}

// OkReceive waits for a value that is sent after the last use.
func OkReceive(ctx context.Context, conn *pgx.Conn) error {
	done := make(chan error)
	go func() {
		_, err := conn.Exec(ctx, touch)
		done <- err
	}()
	if err := <-done; err != nil {
		return err
	}
	return conn.Ping(ctx)
}

// OkClosed waits for a channel that a defer closes.
func OkClosed(ctx context.Context, conn *pgx.Conn) error {
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = conn.Exec(ctx, touch)
	}()
	<-done
	return conn.Ping(ctx)
}

// OkDeferOrder signals by the defer that was registered first, so runs last.
func OkDeferOrder(ctx context.Context, conn *pgx.Conn) error {
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		defer func() { _, _ = conn.Exec(ctx, touch) }()
	}()
	wg.Wait()
	return conn.Ping(ctx)
}

// OkRange reads a channel until the goroutine closes it.
func OkRange(ctx context.Context, conn *pgx.Conn) error {
	names := make(chan string)
	go func() {
		defer close(names)
		rows, err := conn.Query(ctx, "select name from t")
		if err != nil {
			return
		}
		defer rows.Close()
		for rows.Next() {
			var name string
			if rows.Scan(&name) != nil {
				return
			}
			names <- name
		}
	}()
	for range names {
	}
	return conn.Ping(ctx)
}

// OkSelectArm uses the connection in the arm that waited.
func OkSelectArm(ctx context.Context, conn *pgx.Conn) error {
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = conn.Exec(ctx, touch)
	}()
	select {
	case <-done:
		return conn.Ping(ctx)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// OkSelectThenUse leaves in the other arm.
func OkSelectThenUse(ctx context.Context, conn *pgx.Conn) error {
	result := make(chan error, 1)
	go func() {
		_, err := conn.Exec(ctx, touch)
		result <- err
	}()
	select {
	case err := <-result:
		if err != nil {
			return err
		}
	case <-ctx.Done():
		return ctx.Err()
	}
	return conn.Ping(ctx)
}

// OkCancelAndWait stops the goroutine and waits until it has.
func OkCancelAndWait(ctx context.Context, conn *pgx.Conn) error {
	work, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for work.Err() == nil {
			_, _ = conn.Exec(work, touch)
		}
	}()
	cancel()
	<-done
	return conn.Ping(ctx)
}

// OkEitherBranchWaits waits in both branches.
func OkEitherBranchWaits(ctx context.Context, conn *pgx.Conn, quick bool, other func()) error {
	var wg sync.WaitGroup
	wg.Go(func() {
		_, _ = conn.Exec(ctx, touch)
	})
	if quick {
		wg.Wait()
	} else {
		other()
		wg.Wait()
	}
	return conn.Ping(ctx)
}

// OkConditionalSpawn waits always, spawned or not.
func OkConditionalSpawn(ctx context.Context, conn *pgx.Conn, async bool) error {
	var wg sync.WaitGroup
	if async {
		wg.Go(func() {
			_, _ = conn.Exec(ctx, touch)
		})
	}
	wg.Wait()
	return conn.Ping(ctx)
}

// OkCounted receives once for each goroutine, of which one has the connection.
func OkCounted(ctx context.Context, conn *pgx.Conn, parts []func()) error {
	done := make(chan struct{})
	for _, part := range parts {
		go func() {
			part()
			done <- struct{}{}
		}()
	}
	go func() {
		_, _ = conn.Exec(ctx, touch)
		done <- struct{}{}
	}()
	for range len(parts) + 1 {
		<-done
	}
	return conn.Ping(ctx)
}

// OkWaitHelper waits in a helper.
func OkWaitHelper(ctx context.Context, conn *pgx.Conn) error {
	var wg sync.WaitGroup
	wg.Go(func() {
		_, _ = conn.Exec(ctx, touch)
	})
	wait(&wg)
	return conn.Ping(ctx)
}

func wait(wg *sync.WaitGroup) { wg.Wait() }

// OkChain waits for a goroutine that waited for another.
func OkChain(ctx context.Context, conn *pgx.Conn) error {
	first, second := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(first)
		_, _ = conn.Exec(ctx, touch)
	}()
	go func() {
		defer close(second)
		<-first
		_ = conn.Ping(ctx)
	}()
	<-second
	return conn.Ping(ctx)
}

// OkGoroutineWaits has the spawner use the connection first; the goroutine
// starts when it is told to.
func OkGoroutineWaits(ctx context.Context, conn *pgx.Conn) error {
	start := make(chan struct{})
	go func() {
		<-start
		_, _ = conn.Exec(ctx, touch)
	}()
	err := conn.Ping(ctx)
	close(start)
	return err
}
