package closing

import (
	"context"
	"sync"

	"github.com/gorilla/websocket"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

func serve(ctx context.Context, conn *pgx.Conn) {
	defer conn.Close(ctx)
	_, _ = conn.Exec(ctx, touch)
}

// OkNilAfterMove closes what was not given away: the variable is nil then.
func OkNilAfterMove(ctx context.Context, dsn string) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer func() {
		if conn != nil {
			_ = conn.Close(ctx)
		}
	}()
	if err := conn.Ping(ctx); err != nil {
		return err
	}
	moved := conn
	conn = nil
	go serve(ctx, moved)
	return nil
}

// OkMovedFlag remembers in a flag that the connection was given away.
func OkMovedFlag(ctx context.Context, dsn string) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	moved := false
	defer func() {
		if !moved {
			_ = conn.Close(ctx)
		}
	}()
	if err := conn.Ping(ctx); err != nil {
		return err
	}
	moved = true
	go serve(ctx, conn)
	return nil
}

// OkCloseOnError closes in a defer only when it fails, and then nothing was
// spawned.
func OkCloseOnError(ctx context.Context, dsn string) (err error) {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = conn.Close(ctx)
		}
	}()
	if err = conn.Ping(ctx); err != nil {
		return err
	}
	go serve(ctx, conn)
	return nil
}

// OkJoinInCloser returns a function that waits and then closes.
func OkJoinInCloser(ctx context.Context, dsn string) (stop func(), err error) {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return nil, err
	}
	work, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() {
		for work.Err() == nil {
			_, _ = conn.Exec(work, touch)
		}
	})
	return func() {
		cancel()
		wg.Wait()
		_ = conn.Close(ctx)
	}, nil
}

// OkCopyFrom copies in the spawner what a goroutine without the connection makes.
func OkCopyFrom(ctx context.Context, conn *pgx.Conn, produce func(chan<- []any)) error {
	values := make(chan []any)
	go func() {
		defer close(values)
		produce(values)
	}()
	_, err := conn.CopyFrom(ctx, pgx.Identifier{"t"}, []string{"id"}, pgx.CopyFromFunc(func() ([]any, error) {
		return <-values, nil
	}))
	return err
}

// OkListener gives one connection to the listener and answers from the pool.
func OkListener(ctx context.Context, pool *pgxpool.Pool) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	changes := make(chan string)
	go func() {
		defer conn.Release()
		defer close(changes)
		for {
			n, err := conn.Conn().WaitForNotification(ctx)
			if err != nil {
				return
			}
			changes <- n.Payload
		}
	}()
	for change := range changes {
		if _, err := pool.Exec(ctx, touch, change); err != nil {
			return err
		}
	}
	return nil
}

// OkOwnerGoroutine has one goroutine own the connection and others ask it.
func OkOwnerGoroutine(ctx context.Context, conn *pgx.Conn, jobs []string) {
	queries := make(chan string)
	go func() {
		for q := range queries {
			_, _ = conn.Exec(ctx, q)
		}
	}()
	var wg sync.WaitGroup
	for _, job := range jobs {
		wg.Go(func() { queries <- job })
	}
	wg.Wait()
	close(queries)
}

// OkHub registers the connection with a hub, whose goroutine does all writing.
func OkHub(ws *websocket.Conn, register chan<- *websocket.Conn, handle func([]byte)) error {
	register <- ws
	for {
		_, message, err := ws.ReadMessage()
		if err != nil {
			return err
		}
		handle(message)
	}
}

// OkTwoPhases waits for the first goroutine before it starts the second.
func OkTwoPhases(ctx context.Context, conn *pgx.Conn) {
	var wg sync.WaitGroup
	wg.Go(func() {
		_, _ = conn.Exec(ctx, touch)
	})
	wg.Wait()
	wg.Go(func() {
		_ = conn.Ping(ctx)
	})
	wg.Wait()
}

// OkExclusiveBranches starts one goroutine or the other.
func OkExclusiveBranches(ctx context.Context, conn *pgx.Conn, quick bool) {
	if quick {
		go func() {
			_ = conn.Ping(ctx)
		}()
	} else {
		go func() {
			_, _ = conn.Exec(ctx, touch)
		}()
	}
}
