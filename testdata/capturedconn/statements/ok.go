package statements

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// OkUseBefore is done with the connection when it spawns.
func OkUseBefore(ctx context.Context, conn *pgx.Conn) error {
	if err := conn.Ping(ctx); err != nil {
		return err
	}
	go func() {
		_, _ = conn.Exec(ctx, touch)
	}()
	return nil
}

// OkOwnConnection makes the connection inside the goroutine.
func OkOwnConnection(ctx context.Context, dsn string, conn *pgx.Conn) error {
	go func() {
		own, err := pgx.Connect(ctx, dsn)
		if err != nil {
			return
		}
		defer own.Close(ctx)
		_, _ = own.Exec(ctx, touch)
	}()
	return conn.Ping(ctx)
}

// OkPool shares a pool, which is made for it.
func OkPool(ctx context.Context, pool *pgxpool.Pool) error {
	go func() {
		_, _ = pool.Exec(ctx, touch)
	}()
	go pool.Ping(ctx)
	_, err := pool.Exec(ctx, touch)
	return err
}

// OkTwoConnections gives each side its own.
func OkTwoConnections(ctx context.Context, a, b *pgx.Conn) error {
	go func() {
		_, _ = a.Exec(ctx, touch)
	}()
	return b.Ping(ctx)
}

// OkBranches uses the connection on the path without the goroutine.
func OkBranches(ctx context.Context, conn *pgx.Conn, async bool) error {
	if async {
		go func() {
			_, _ = conn.Exec(ctx, touch)
		}()
		return nil
	}
	return conn.Ping(ctx)
}

// OkNotUsedThere captures the connection only to print it.
func OkNotUsedThere(ctx context.Context, conn *pgx.Conn) error {
	go func() {
		fmt.Printf("connection %p\n", conn)
	}()
	return conn.Ping(ctx)
}

// OkFreeMethod reads the configuration, which never changes.
func OkFreeMethod(ctx context.Context, conn *pgx.Conn) error {
	go func() {
		fmt.Println(conn.Config().Host)
	}()
	return conn.Ping(ctx)
}

// OkCalledDirectly runs the closure itself.
func OkCalledDirectly(ctx context.Context, conn *pgx.Conn) error {
	func() {
		_, _ = conn.Exec(ctx, touch)
	}()
	return conn.Ping(ctx)
}

// OkOnce runs the closure under a once.
func OkOnce(ctx context.Context, conn *pgx.Conn, once *sync.Once) error {
	once.Do(func() {
		_, _ = conn.Exec(ctx, touch)
	})
	return conn.Ping(ctx)
}

// OkSort runs the closure before SortFunc returns.
func OkSort(ctx context.Context, conn *pgx.Conn, names []string) error {
	slices.SortFunc(names, func(a, b string) int {
		var order int
		_ = conn.QueryRow(ctx, "select cmp($1, $2)", a, b).Scan(&order)
		return order
	})
	return conn.Ping(ctx)
}

// OkDeferredClosure runs the closure on this goroutine, later.
func OkDeferredClosure(ctx context.Context, conn *pgx.Conn) error {
	defer func() {
		_, _ = conn.Exec(ctx, touch)
	}()
	return conn.Ping(ctx)
}

// OkSpawnBeforeAcquire starts a goroutine that knows nothing of the connection.
func OkSpawnBeforeAcquire(ctx context.Context, dsn string, report func()) error {
	go report()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	return conn.Ping(ctx)
}

// OkBeginFunc leaves the transaction to the library, without goroutines.
func OkBeginFunc(ctx context.Context, conn *pgx.Conn) error {
	err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, touch)
		return err
	})
	if err != nil {
		return err
	}
	return conn.Ping(ctx)
}

// OkGoroutineWithoutIt shares other things.
func OkGoroutineWithoutIt(ctx context.Context, conn *pgx.Conn, names []string) error {
	found := make(chan int, 1)
	go func() {
		found <- slices.Index(names, "a")
	}()
	_, err := conn.Exec(ctx, touch)
	<-found
	return err
}
