// Package background has goroutines beside the handlers.
package background

import (
	"context"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

var (
	mu      sync.Mutex
	conn    *pgx.Conn // locked by the handler, not by the ticker
	polled  *pgx.Conn // used by two goroutines
	guarded *pgx.Conn // locked by both
	private *pgx.Conn // used by the ticker alone
	joined  *pgx.Conn // used by a goroutine that main waits for
	pool    *pgxpool.Pool
)

func dial(ctx context.Context) *pgx.Conn {
	c, err := pgx.Connect(ctx, os.Getenv("DATABASE_URL"))
	if err != nil {
		return nil
	}
	return c
}

// BadTicker does not take the lock that the handler takes.
func BadTicker(ctx context.Context) {
	for range time.Tick(time.Minute) {
		conn.Exec(ctx, "delete from sessions where expired") // want "^conn is shared by .* and .* without mu, which other uses hold"
	}
}

func lockedHandler(w http.ResponseWriter, r *http.Request) {
	mu.Lock()
	defer mu.Unlock()
	conn.Exec(r.Context(), "insert into sessions default values")
}

// BadTwoLoops start two goroutines that use one connection; the finding is at one of them.
func BadTwoLoops(ctx context.Context) {
	go func() {
		for range time.Tick(time.Second) {
			polled.Exec(ctx, "select 1") // want "^polled is shared by .* and .* without a (common )?lock"
		}
	}()
	go refresh(ctx)
}

func refresh(ctx context.Context) {
	for range time.Tick(time.Second) {
		polled.Exec(ctx, "select 2")
	}
}

// OkLockedTicker and OkLockedHandler take the same lock.
func OkLockedTicker(ctx context.Context) {
	for range time.Tick(time.Minute) {
		mu.Lock()
		guarded.Exec(ctx, "delete from sessions where expired")
		mu.Unlock()
	}
}

func OkLockedHandler(w http.ResponseWriter, r *http.Request) {
	mu.Lock()
	defer mu.Unlock()
	guarded.Exec(r.Context(), "insert into sessions default values")
}

// OkOwnTicker is the only one that uses its connection.
func OkOwnTicker(ctx context.Context) {
	for range time.Tick(time.Minute) {
		private.Exec(ctx, "vacuum")
	}
}

// OkLocalTicker connects inside its goroutine.
func OkLocalTicker(ctx context.Context) {
	c := dial(ctx)
	if c == nil {
		return
	}
	defer c.Close(ctx)
	for range time.Tick(time.Minute) {
		c.Exec(ctx, "vacuum")
	}
}

// OkJoined waits for its goroutine before it uses the connection again.
func OkJoined(ctx context.Context) {
	var wg sync.WaitGroup
	wg.Go(func() { joined.Exec(ctx, "analyze") })
	wg.Wait()
	joined.Exec(ctx, "vacuum")
}

// OkPoolTicker shares a pool with the handler below.
func OkPoolTicker(ctx context.Context) {
	for range time.Tick(time.Minute) {
		pool.Exec(ctx, "vacuum")
	}
}

func OkPoolHandler(w http.ResponseWriter, r *http.Request) {
	pool.Exec(r.Context(), "select 1")
}

// Main starts everything.
func Main() error {
	ctx := context.Background()
	conn, polled, guarded, private, joined = dial(ctx), dial(ctx), dial(ctx), dial(ctx), dial(ctx)
	var err error
	if pool, err = pgxpool.New(ctx, os.Getenv("DATABASE_URL")); err != nil {
		return err
	}
	OkJoined(ctx)
	go BadTicker(ctx)
	BadTwoLoops(ctx)
	go OkLockedTicker(ctx)
	go OkOwnTicker(ctx)
	go OkLocalTicker(ctx)
	go OkPoolTicker(ctx)
	http.HandleFunc("/locked", lockedHandler)
	http.HandleFunc("/guarded", OkLockedHandler)
	http.HandleFunc("/pool", OkPoolHandler)
	return http.ListenAndServe(":8080", nil)
}
