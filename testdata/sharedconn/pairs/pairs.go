// Package pairs has handlers that race with each other, and handlers that do not.
package pairs

import (
	"context"
	"net/http"
	"sync"

	"github.com/go-chi/chi/v5"
	"github.com/gorilla/websocket"
	"github.com/jackc/pgx/v5"
)

var db *pgx.Conn

// Open connects once for all of them.
func Open(ctx context.Context, url string) (err error) {
	db, err = pgx.Connect(ctx, url)
	return err
}

// BadList reads beside BadCreate.
func BadList(w http.ResponseWriter, r *http.Request) {
	db.Query(r.Context(), "select") // want "^db is shared by every call of handler BadList without a lock"
}

// BadCreate writes.
func BadCreate(w http.ResponseWriter, r *http.Request) {
	db.Exec(r.Context(), "insert") // want "^db is shared by every call of handler BadCreate without a lock"
}

// Router has one handler for each method.
func Router() http.Handler {
	r := chi.NewRouter()
	r.Get("/", BadList)
	r.Post("/", BadCreate)
	return r
}

// twoLocks has a lock for each handler: none runs beside itself, but one beside the other.
type twoLocks struct {
	conn   *pgx.Conn
	getMu  sync.Mutex
	postMu sync.Mutex
}

func (t *twoLocks) BadGet(w http.ResponseWriter, r *http.Request) {
	t.getMu.Lock()
	defer t.getMu.Unlock()
	t.conn.Exec(r.Context(), "select") // want "^t.conn is shared by handler twoLocks.BadGet and handler twoLocks.post without a common lock"
}

func (t *twoLocks) post(w http.ResponseWriter, r *http.Request) {
	t.postMu.Lock()
	defer t.postMu.Unlock()
	t.conn.Exec(r.Context(), "insert")
}

type oneLock struct {
	conn *pgx.Conn
	mu   sync.Mutex
}

func (t *oneLock) OkGet(w http.ResponseWriter, r *http.Request) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.conn.Exec(r.Context(), "select")
}

func (t *oneLock) OkPost(w http.ResponseWriter, r *http.Request) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.conn.Exec(r.Context(), "insert")
}

// bridge has a lock for each direction of a websocket.
type bridge struct {
	ws  *websocket.Conn
	rmu sync.Mutex
	wmu sync.Mutex
}

func (b *bridge) OkSend(w http.ResponseWriter, r *http.Request) {
	b.wmu.Lock()
	defer b.wmu.Unlock()
	b.ws.WriteMessage(1, nil)
}

func (b *bridge) OkRecv(w http.ResponseWriter, r *http.Request) {
	b.rmu.Lock()
	defer b.rmu.Unlock()
	b.ws.ReadMessage()
}

// Routes registers them.
func Routes(r chi.Router, c *pgx.Conn, ws *websocket.Conn) {
	t := &twoLocks{conn: c}
	o := &oneLock{conn: c}
	b := &bridge{ws: ws}
	r.Get("/", t.BadGet)
	r.Post("/", t.post)
	r.Get("/", o.OkGet)
	r.Post("/", o.OkPost)
	r.Get("/", b.OkSend)
	r.Post("/", b.OkRecv)
}
