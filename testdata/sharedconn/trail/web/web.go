//golden:related

// Package web lists the related positions of findings on handlers: from the
// declaration and the acquisition, by the registration, to the use.
package web

import (
	"context"
	"net/http"
	"os"
	"sync"

	"github.com/gorilla/websocket"
	"github.com/jackc/pgx/v5"

	"github.com/connvet/connvet/testdata/sharedconn/trail/service"
	"github.com/connvet/connvet/testdata/sharedconn/trail/store"
)

// BadGlobal has all of it in one package.
func BadGlobal(w http.ResponseWriter, r *http.Request) {
	global.Ping(r.Context()) // want `^global is shared by every call of handler BadGlobal without a lock \(\*pgx\.Conn is not safe for concurrent use\)$`
}

var global *pgx.Conn // rel "^declared here$"

// BadHelper uses it two calls further down.
func BadHelper(w http.ResponseWriter, r *http.Request) {
	outer(r.Context()) // rel "^called here$"
}

func outer(ctx context.Context) { inner(ctx) } // rel "^called here$"

func inner(ctx context.Context) {
	helped.Ping(ctx) // want `^helped is shared by every call of handler BadHelper without a lock`
}

var helped *pgx.Conn // rel "^declared here$"

// handlers has the connection in a field.
type handlers struct {
	conn *pgx.Conn // rel "^declared here$"
}

func (h *handlers) BadField(w http.ResponseWriter, r *http.Request) {
	h.ping(r.Context()) // rel "^called here$"
}

func (h *handlers) ping(ctx context.Context) {
	h.conn.Ping(ctx) // want `^h\.conn is shared by every call of handler handlers\.BadField without a lock`
}

// BadClosure registers a closure.
func BadClosure(mux *http.ServeMux, conn *pgx.Conn) { // rel "^declared here$"
	mux.HandleFunc("/closure", func(w http.ResponseWriter, r *http.Request) { // rel "^registered as a handler here$"
		conn.Ping(r.Context()) // want `^conn is shared by every call of a handler without a lock`
	})
}

// pages has the service of another package.
type pages struct{ service *service.Service }

// BadPackages finds the connection two packages further down.
func (p *pages) BadPackages(w http.ResponseWriter, r *http.Request) {
	p.service.Total(r.Context()) // want `is shared by every call of handler pages\.BadPackages without a lock` rel "^called in service\\.go:\\d+$" "^used in store\\.go:\\d+$"
}

// direct has the store of another package.
type direct struct{ store *store.Store }

// BadStore uses a field of another package's struct.
func (d *direct) BadStore(w http.ResponseWriter, r *http.Request) {
	d.store.Conn.Ping(r.Context()) // want `^d\.store\.Conn is shared by every call of handler direct\.BadStore without a lock`
}

// BadStoreHelper goes through a function of its own, and a method of the other package.
func (d *helper) BadStoreHelper(w http.ResponseWriter, r *http.Request) {
	d.count(r.Context()) // rel "^called here$"
}

type helper struct{ store *store.Store }

func (d *helper) count(ctx context.Context) {
	d.store.Count(ctx) // want `^d\.store\.Conn is shared by every call of handler helper\.BadStoreHelper without a lock` rel "^used in store\\.go:\\d+$"
}

// pair has two handlers with a lock each.
type pair struct {
	a, b sync.Mutex
	conn *pgx.Conn // rel "^declared here$"
}

func (p *pair) BadFirst(w http.ResponseWriter, r *http.Request) {
	p.a.Lock()
	defer p.a.Unlock()
	p.conn.Ping(r.Context()) // want `^p\.conn is shared by handler pair\.BadFirst and handler pair\.BadSecond without a common lock`
}

func (p *pair) BadSecond(w http.ResponseWriter, r *http.Request) {
	p.b.Lock()
	defer p.b.Unlock()
	p.conn.Ping(r.Context()) // rel "^other use here$"
}

// BadTask has a goroutine beside the handler.
func BadTask(ctx context.Context, mux *http.ServeMux, mu *sync.Mutex, conn *pgx.Conn) { // rel "^declared here$"
	go func() { // rel "^goroutine started here$"
		conn.Ping(ctx) // want `^conn is shared by a goroutine and a handler without a common lock|^conn is shared by a goroutine`
	}()
	mux.HandleFunc("/task", func(w http.ResponseWriter, r *http.Request) { // rel "^registered as a handler here$"
		mu.Lock()
		defer mu.Unlock()
		conn.Ping(r.Context()) // rel "^other use here$"
	})
}

var upgrader websocket.Upgrader

// lobby has one socket for all who look at it.
type lobby struct {
	ws *websocket.Conn // rel "^declared here$"
}

// BadLobby writes to it from each request.
func (l *lobby) BadLobby(w http.ResponseWriter, r *http.Request) {
	l.ws.WriteMessage(websocket.TextMessage, nil) // want `^l\.ws is shared by every call of handler lobby\.BadLobby without a lock \(\*websocket\.Conn takes one reading and one writing goroutine`
}

// Serve registers everything.
func Serve(ctx context.Context) error {
	var err error
	if global, err = pgx.Connect(ctx, os.Getenv("DATABASE_URL")); err != nil { // rel "^connected here$"
		return err
	}
	if helped, err = pgx.Connect(ctx, os.Getenv("DATABASE_URL")); err != nil { // rel "^connected here$"
		return err
	}
	conn, err := pgx.Connect(ctx, os.Getenv("DATABASE_URL")) // rel "^connected here$"
	if err != nil {
		return err
	}
	st, err := store.Open(ctx, os.Getenv("DATABASE_URL")) // rel "^connected in store\\.go:\\d+$"
	if err != nil {
		return err
	}
	st2, err := store.Open(ctx, os.Getenv("DATABASE_URL")) // rel "^connected in store\\.go:\\d+$"
	if err != nil {
		return err
	}
	st3, err := store.Open(ctx, os.Getenv("DATABASE_URL")) // rel "^connected in store\\.go:\\d+$"
	if err != nil {
		return err
	}
	two, err := pgx.Connect(ctx, os.Getenv("DATABASE_URL")) // rel "^connected here$"
	if err != nil {
		return err
	}
	ws, _, err := websocket.DefaultDialer.DialContext(ctx, os.Getenv("LOBBY_URL"), nil) // rel "^connected here$"
	if err != nil {
		return err
	}
	h, p, d, dh, pr, l := &handlers{conn}, &pages{service.New(st)}, &direct{st2}, &helper{st3}, &pair{conn: two}, &lobby{ws}
	mux := http.NewServeMux()
	mux.HandleFunc("/global", BadGlobal)          // rel "^registered as a handler here$"
	mux.HandleFunc("/helper", BadHelper)          // rel "^registered as a handler here$"
	mux.HandleFunc("/field", h.BadField)          // rel "^registered as a handler here$"
	mux.HandleFunc("/packages", p.BadPackages)    // rel "^registered as a handler here$"
	mux.HandleFunc("/store", d.BadStore)          // rel "^registered as a handler here$"
	mux.HandleFunc("/counted", dh.BadStoreHelper) // rel "^registered as a handler here$"
	mux.HandleFunc("/first", pr.BadFirst)         // rel "^registered as a handler here$"
	mux.HandleFunc("/second", pr.BadSecond) // rel "^other handler registered here$"
	mux.HandleFunc("/lobby", l.BadLobby) // rel "^registered as a handler here$"
	return http.ListenAndServe(":8080", mux)
}
