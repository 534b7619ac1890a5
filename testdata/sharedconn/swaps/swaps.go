// Package swaps keeps connections in atomics and maps: the pointer is safe to
// read then, the connection behind it is not.
package swaps

import (
	"context"
	"net/http"
	"os"
	"sync"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

func dial() *pgx.Conn {
	c, err := pgx.Connect(context.Background(), os.Getenv("DATABASE_URL"))
	if err != nil {
		panic(err)
	}
	return c
}

// live has the connection of the day in an atomic pointer.
type live struct{ conn atomic.Pointer[pgx.Conn] }

// BadLoaded uses what every other request loads as well.
func (l *live) BadLoaded(w http.ResponseWriter, r *http.Request) {
	l.conn.Load().Exec(r.Context(), "select 1") // want `shared by every call of .*BadLoaded without a lock`
}

// leased takes the connection out, so that nobody else finds it.
type leased struct{ conn atomic.Pointer[pgx.Conn] }

// OkTakenOut swaps the connection against nothing, and back.
func (l *leased) OkTakenOut(w http.ResponseWriter, r *http.Request) {
	c := l.conn.Swap(nil)
	if c == nil {
		http.Error(w, "busy", http.StatusServiceUnavailable)
		return
	}
	c.Exec(r.Context(), "select 1")
	l.conn.Store(c)
}

// BadValue has the connection in an atomic.Value.
func BadValue(w http.ResponseWriter, r *http.Request) {
	c, ok := value.Load().(*pgx.Conn)
	if !ok {
		return
	}
	c.Exec(r.Context(), "select 1") // want `shared by every call of handler BadValue without a lock`
}

var value atomic.Value

// OkPoolPointer swaps whole pools.
func (p *pooled) OkPoolPointer(w http.ResponseWriter, r *http.Request) {
	p.pool.Load().Exec(r.Context(), "select 1")
}

type pooled struct{ pool atomic.Pointer[pgxpool.Pool] }

// locked has a pointer that is loaded under the lock of its connection.
type locked struct {
	mu   sync.Mutex
	conn atomic.Pointer[pgx.Conn]
}

// OkLoadedLocked holds the lock for the use, not for the load.
func (l *locked) OkLoadedLocked(w http.ResponseWriter, r *http.Request) {
	c := l.conn.Load()
	l.mu.Lock()
	defer l.mu.Unlock()
	c.Exec(r.Context(), "select 1")
}

// config is a snapshot that is replaced as a whole.
type config struct {
	name string
	conn *pgx.Conn
}

type holder struct{ current atomic.Pointer[config] }

// BadSnapshot uses the connection of the current snapshot.
func (h *holder) BadSnapshot(w http.ResponseWriter, r *http.Request) {
	cfg := h.current.Load()
	cfg.conn.Exec(r.Context(), "set application_name = $1", cfg.name) // want `shared by every call of .*BadSnapshot without a lock`
}

// tenants has a connection for each host.
type tenants struct{ conns sync.Map }

// OkTenant finds one by the host of the request: two requests may be of
// different tenants.
func (t *tenants) OkTenant(w http.ResponseWriter, r *http.Request) {
	if c, ok := t.conns.Load(r.Host); ok {
		c.(*pgx.Conn).Exec(r.Context(), "select 1")
	}
}

// OkTenantTaken takes it out of the map while it uses it.
func (t *tenants) OkTenantTaken(w http.ResponseWriter, r *http.Request) {
	v, ok := t.conns.LoadAndDelete(r.Host)
	if !ok {
		return
	}
	c := v.(*pgx.Conn)
	defer t.conns.Store(r.Host, c)
	c.Exec(r.Context(), "select 1")
}

// Serve registers everything.
func Serve(ctx context.Context) error {
	l, le, lo, h, p := &live{}, &leased{}, &locked{}, &holder{}, &pooled{}
	l.conn.Store(dial())
	le.conn.Store(dial())
	lo.conn.Store(dial())
	h.current.Store(&config{name: "web", conn: dial()})
	value.Store(dial())
	pool, err := pgxpool.New(ctx, os.Getenv("DATABASE_URL"))
	if err != nil {
		return err
	}
	p.pool.Store(pool)
	t := &tenants{}
	http.HandleFunc("/1", l.BadLoaded)
	http.HandleFunc("/2", le.OkTakenOut)
	http.HandleFunc("/3", BadValue)
	http.HandleFunc("/4", p.OkPoolPointer)
	http.HandleFunc("/5", lo.OkLoadedLocked)
	http.HandleFunc("/6", h.BadSnapshot)
	http.HandleFunc("/7", t.OkTenant)
	http.HandleFunc("/8", t.OkTenantTaken)
	return http.ListenAndServe(":8080", nil)
}
