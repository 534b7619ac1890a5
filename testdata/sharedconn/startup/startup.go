// Package startup has what happens before a server serves, beside it, and after it.
package startup

import (
	"context"
	"log"
	"net/http"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"
)

type app struct {
	conn *pgx.Conn
	pool *pgxpool.Pool
	mu   sync.Mutex
}

func (a *app) migrate(ctx context.Context) error { _, err := a.conn.Exec(ctx, "create"); return err }
func (a *app) seed(ctx context.Context) error    { _, err := a.conn.Exec(ctx, "insert"); return err }

func (a *app) locked(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.conn.Exec(r.Context(), "select")
}

// OkRun migrates without the lock that handlers hold, and cleans up when the server is down.
func OkRun(ctx context.Context) error {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM)
	defer stop()
	conn, err := pgx.Connect(ctx, "")
	if err != nil {
		return err
	}
	a := &app{conn: conn}
	defer a.conn.Close(context.Background())
	if err := a.migrate(ctx); err != nil {
		return err
	}
	if err := a.seed(ctx); err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/", a.locked)
	srv := &http.Server{Handler: mux}
	go func() {
		if err := srv.ListenAndServe(); err != nil {
			log.Print(err)
		}
	}()
	<-ctx.Done()
	if err := srv.Shutdown(context.Background()); err != nil {
		return err
	}
	_, err = a.conn.Exec(context.Background(), "delete from instances")
	return err
}

type refreshed struct {
	conn *pgx.Conn
	mu   sync.Mutex
}

func (a *refreshed) locked(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.conn.Exec(r.Context(), "select")
}

func (a *refreshed) refresh(ctx context.Context) {
	for range time.Tick(time.Minute) {
		a.conn.Exec(ctx, "refresh materialized view x") // want "^a.conn is shared by a goroutine and handler refreshed.locked without a.mu, which is locked in 1 of 2 uses"
	}
}

// BadRefresh lets refresh run beside the handlers, which hold a lock that it does not know.
func BadRefresh(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, "")
	if err != nil {
		return err
	}
	a := &refreshed{conn: conn}
	go a.refresh(ctx)
	http.HandleFunc("/", a.locked)
	return http.ListenAndServe("", nil)
}

type warmed struct {
	conn *pgx.Conn
	mu   sync.Mutex
}

func (a *warmed) locked(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.conn.Exec(r.Context(), "select")
}

// OkWarmUp waits for its warm-up before it serves.
func OkWarmUp(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, "")
	if err != nil {
		return err
	}
	a := &warmed{conn: conn}
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error { _, err := a.conn.Exec(gctx, "warm"); return err })
	if err := g.Wait(); err != nil {
		return err
	}
	http.HandleFunc("/3", a.locked)
	return http.ListenAndServe("", nil)
}

type cold struct {
	conn *pgx.Conn
	mu   sync.Mutex
}

func (a *cold) locked(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.conn.Exec(r.Context(), "select")
}

// BadWarmUp does not wait.
func BadWarmUp(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, "")
	if err != nil {
		return err
	}
	a := &cold{conn: conn}
	go func() {
		for _, q := range []string{"a", "b"} {
			a.conn.Exec(ctx, q) // want "^a.conn is shared by a goroutine and handler cold.locked without mu, which other uses hold"
		}
	}()
	http.HandleFunc("/4", a.locked)
	return http.ListenAndServe("", nil)
}

type polled struct {
	conn *pgx.Conn
}

func (a *polled) ServeHTTP(w http.ResponseWriter, r *http.Request) { w.Write(nil) }

func (a *polled) poll(ctx context.Context) error {
	for {
		if err := a.conn.Ping(ctx); err != nil {
			return err
		}
	}
}

// OkGroup polls on a connection that the handlers do not use.
func OkGroup(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, "")
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	a := &polled{conn: conn}
	srv := &http.Server{Handler: a}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(srv.ListenAndServe)
	g.Go(func() error { return a.poll(ctx) })
	g.Go(func() error { <-ctx.Done(); return srv.Shutdown(context.Background()) })
	return g.Wait()
}

type pollLocked struct {
	conn *pgx.Conn
	mu   sync.Mutex
}

func (a *pollLocked) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.conn.Exec(r.Context(), "select")
}

func (a *pollLocked) poll(ctx context.Context) error {
	for {
		if err := a.conn.Ping(ctx); err != nil { // want "^a.conn is shared by a goroutine and handler pollLocked.ServeHTTP without a.mu, which is locked in 1 of 2 uses"
			return err
		}
	}
}

// BadGroup waits for poll too, but the server runs before that.
func BadGroup(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, "")
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	a := &pollLocked{conn: conn}
	srv := &http.Server{Handler: a}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(srv.ListenAndServe)
	g.Go(func() error { return a.poll(ctx) })
	return g.Wait()
}

// boot is used by init and main only.
var boot = must(pgx.Connect(context.Background(), ""))

func must(c *pgx.Conn, err error) *pgx.Conn {
	if err != nil {
		panic(err)
	}
	return c
}

func init() { boot.Exec(context.Background(), "create") }

// OkMain uses the connection of the start before and after it serves.
func OkMain() {
	boot.Exec(context.Background(), "warm")
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {})
	log.Print(http.ListenAndServe("", nil))
	boot.Close(context.Background())
}

// beat is used by a goroutine that init starts.
var beat = must(pgx.Connect(context.Background(), ""))

func init() {
	go func() {
		for range time.Tick(time.Second) {
			beat.Exec(context.Background(), "beat") // want "^beat is shared by a goroutine and handler BadBeat without beatMu, which other uses hold"
		}
	}()
}

var beatMu sync.Mutex

// BadBeat locks alone: beat does not.
func BadBeat(w http.ResponseWriter, r *http.Request) {
	beatMu.Lock()
	defer beatMu.Unlock()
	beat.Exec(r.Context(), "x")
}

func init() { http.HandleFunc("/beat", BadBeat) }
