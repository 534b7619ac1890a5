// Package fxlife opens and closes connections in the hooks of an fx application.
package fxlife

import (
	"context"
	"net"
	"net/http"
	"sync"

	"github.com/jackc/pgx/v5"
	"go.uber.org/fx"
)

type config struct{ url string }

type db struct {
	url  string
	conn *pgx.Conn
}

// newDB opens in OnStart and closes in OnStop.
func newDB(lc fx.Lifecycle, c config) *db {
	d := &db{url: c.url}
	lc.Append(fx.Hook{
		OnStart: func(ctx context.Context) (err error) {
			d.conn, err = pgx.Connect(ctx, d.url)
			return err
		},
		OnStop: func(ctx context.Context) error { return d.conn.Close(ctx) },
	})
	return d
}

func (d *db) add(ctx context.Context) error { _, err := d.conn.Exec(ctx, "x"); return err } // want "^d.conn is shared by every call of handler handler.ServeHTTP without a lock"

type handler struct{ d *db }

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.d.add(r.Context()) }

func newHandler(d *db) *handler { return &handler{d} }

func serve(lc fx.Lifecycle, h *handler) {
	srv := &http.Server{Handler: h}
	lc.Append(fx.Hook{
		OnStart: func(ctx context.Context) error {
			ln, err := net.Listen("tcp", ":1")
			if err != nil {
				return err
			}
			go srv.Serve(ln)
			return nil
		},
		OnStop: srv.Shutdown,
	})
}

// BadApp serves with add of the db that a hook fills.
func BadApp() *fx.App {
	return fx.New(fx.Supply(config{}), fx.Provide(newDB, newHandler), fx.Invoke(serve))
}

// lockedDB locks around what a hook put there.
type lockedDB struct {
	mu   sync.Mutex
	conn *pgx.Conn
}

func newLocked(lc fx.Lifecycle) *lockedDB {
	d := &lockedDB{}
	lc.Append(fx.StartStopHook(
		func(ctx context.Context) (err error) { d.conn, err = pgx.Connect(ctx, ""); return err },
		func(ctx context.Context) error { return d.conn.Close(ctx) },
	))
	return d
}

func (d *lockedDB) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.conn.Exec(r.Context(), "x")
}

// OkLocked serves with it.
func OkLocked() *fx.App {
	return fx.New(fx.Provide(newLocked), fx.Invoke(func(d *lockedDB) { http.Handle("/", d) }))
}

// plain does not lock.
type plain struct{ conn *pgx.Conn }

func newPlain(lc fx.Lifecycle) *plain {
	d := &plain{}
	lc.Append(fx.StartHook(func(ctx context.Context) (err error) { d.conn, err = pgx.Connect(ctx, ""); return err }))
	lc.Append(fx.StopHook(func(ctx context.Context) error { return d.conn.Close(ctx) }))
	return d
}

func (d *plain) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.conn.Exec(r.Context(), "x") // want "^d.conn is shared by every call of a handler without a lock"
}

// BadPlain serves with plain as the handler that the server asks for: see ServeHTTP.
func BadPlain() *fx.App {
	return fx.New(fx.Provide(fx.Annotate(newPlain, fx.As(new(http.Handler)))), fx.Invoke(func(d http.Handler) { http.Handle("/", d) }))
}

// worker has one goroutine, from start to stop.
type worker struct {
	conn *pgx.Conn
	quit chan struct{}
	done chan struct{}
}

func (w *worker) loop() {
	defer close(w.done)
	for {
		select {
		case <-w.quit:
			return
		default:
			w.conn.Exec(context.Background(), "x")
		}
	}
}

// OkWorker waits for it before it closes the connection.
func OkWorker() *fx.App {
	return fx.New(
		fx.Provide(func() (*pgx.Conn, error) { return pgx.Connect(context.Background(), "") }),
		fx.Provide(func(c *pgx.Conn) *worker { return &worker{c, make(chan struct{}), make(chan struct{})} }),
		fx.Invoke(func(lc fx.Lifecycle, w *worker) {
			lc.Append(fx.Hook{
				OnStart: func(context.Context) error { go w.loop(); return nil },
				OnStop: func(ctx context.Context) error {
					close(w.quit)
					<-w.done
					return w.conn.Close(ctx)
				},
			})
		}),
	)
}

// pinger pings on the connection that the handlers use under a lock.
type pinger struct{ conn *pgx.Conn }

func (p *pinger) loop() {
	for {
		p.conn.Ping(context.Background()) // want "^p.conn is shared by a goroutine and handler guarded.ServeHTTP without mu, which other uses hold"
	}
}

type guarded struct {
	mu   sync.Mutex
	conn *pgx.Conn
}

func (g *guarded) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.conn.Exec(r.Context(), "x")
}

// BadBeside starts loop in a hook, beside the handlers.
func BadBeside() *fx.App {
	return fx.New(
		fx.Provide(func() (*pgx.Conn, error) { return pgx.Connect(context.Background(), "") }),
		fx.Provide(func(c *pgx.Conn) *pinger { return &pinger{c} }, func(c *pgx.Conn) *guarded { return &guarded{conn: c} }),
		fx.Invoke(func(lc fx.Lifecycle, p *pinger) {
			lc.Append(fx.Hook{OnStart: func(context.Context) error { go p.loop(); return nil }})
		}),
		fx.Invoke(func(g *guarded) { http.Handle("/", g) }),
	)
}
