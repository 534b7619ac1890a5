// Package guards has wrappers that lock most of their uses.
package guards

import (
	"context"
	"net/http"
	"sync"

	"github.com/gorilla/websocket"
	"github.com/jackc/pgx/v5"
)

// store locks all uses of its connection but one.
type store struct {
	mu   sync.Mutex
	conn *pgx.Conn
}

// Add locks.
func (s *store) Add(ctx context.Context, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conn.Exec(ctx, "insert into names values ($1)", name)
}

// Remove locks.
func (s *store) Remove(ctx context.Context, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conn.Exec(ctx, "delete from names where name = $1", name)
}

// Rename locks.
func (s *store) Rename(ctx context.Context, from, to string) {
	s.mu.Lock()
	_, _ = s.conn.Exec(ctx, "update names set name = $2 where name = $1", from, to)
	s.mu.Unlock()
}

// BadPing was added later.
func (s *store) BadPing(ctx context.Context) error {
	return s.conn.Ping(ctx) // want "^s.conn is shared by every call of handler api.health without s.mu, which is locked in 3 of 4 uses .*pgx.Conn is not safe"
}

type api struct{ names *store }

func (a *api) change(w http.ResponseWriter, r *http.Request) {
	switch r.Method {
	case http.MethodPost:
		a.names.Add(r.Context(), r.FormValue("name"))
	case http.MethodDelete:
		a.names.Remove(r.Context(), r.FormValue("name"))
	default:
		a.names.Rename(r.Context(), r.FormValue("from"), r.FormValue("to"))
	}
}

func (a *api) health(w http.ResponseWriter, r *http.Request) {
	if err := a.names.BadPing(r.Context()); err != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
}

// Serve wires the two handlers to one store.
func Serve(ctx context.Context, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	a := &api{names: &store{conn: conn}}
	http.HandleFunc("/names", a.change)
	http.HandleFunc("/healthz", a.health)
	return http.ListenAndServe(":8080", nil)
}

// room locks every write to its socket.
type room struct {
	mu sync.Mutex
	ws *websocket.Conn
}

// OkSay locks.
func (r *room) OkSay(text string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ws.WriteMessage(websocket.TextMessage, []byte(text))
}

// OkState locks.
func (r *room) OkState(v any) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ws.WriteJSON(v)
}

// OkRoom registers handlers that only use the locked methods.
func OkRoom(r *room) {
	http.HandleFunc("/say", func(w http.ResponseWriter, req *http.Request) { r.OkSay(req.FormValue("text")) })
	http.HandleFunc("/state", func(w http.ResponseWriter, req *http.Request) { r.OkState(req.Form) })
}
