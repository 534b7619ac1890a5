// Package replaced has connections that are replaced while others use them.
package replaced

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
	"github.com/jackc/pgx/v5"
	amqp "github.com/rabbitmq/amqp091-go"
)

type store struct {
	url  string
	conn *pgx.Conn
}

// BadReconnect replaces the connection that other requests are using, and
// never closes the old one.
func (s *store) BadReconnect(w http.ResponseWriter, r *http.Request) {
	if err := s.conn.Ping(r.Context()); err != nil { // want "^s.conn is shared by every call of handler store.BadReconnect without a lock, and replaced without closing the old one"
		conn, err := pgx.Connect(r.Context(), s.url)
		if err != nil {
			return
		}
		s.conn = conn
	}
	_, _ = s.conn.Exec(r.Context(), "select 1")
}

type closing struct {
	url  string
	conn *pgx.Conn
}

// BadReconnectClosing closes the old one; it is still shared.
func (s *closing) BadReconnectClosing(w http.ResponseWriter, r *http.Request) {
	if err := s.conn.Ping(r.Context()); err != nil { // want "^s.conn is shared by every call of handler closing.BadReconnectClosing without a lock, and replaced meanwhile .*pgx"
		_ = s.conn.Close(r.Context())
		conn, err := pgx.Connect(r.Context(), s.url)
		if err != nil {
			return
		}
		s.conn = conn
	}
	_, _ = s.conn.Exec(r.Context(), "select 1")
}

// feed is written under a lock by its handlers; the reconnect takes none.
type feed struct {
	mu sync.Mutex
	ws *websocket.Conn
}

// OkSay locks its write.
func (f *feed) OkSay(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	_ = f.ws.WriteMessage(websocket.TextMessage, []byte(r.FormValue("text")))
}

// BadRedial replaces the socket without the lock.
func (f *feed) BadRedial(w http.ResponseWriter, r *http.Request) {
	ws, _, err := websocket.DefaultDialer.Dial("ws://upstream", nil)
	if err != nil {
		return
	}
	f.ws = ws // want "^f.ws is replaced without f.mu, which other uses hold, by every call of handler feed.BadRedial, and the old one is not closed"
}

// lockedFeed takes the lock for the reconnect too.
type lockedFeed struct {
	mu sync.Mutex
	ws *websocket.Conn
}

// OkLockedSay locks its write.
func (f *lockedFeed) OkLockedSay(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	_ = f.ws.WriteMessage(websocket.TextMessage, []byte(r.FormValue("text")))
}

// OkLockedRedial replaces the socket under the lock.
func (f *lockedFeed) OkLockedRedial(w http.ResponseWriter, r *http.Request) {
	ws, _, err := websocket.DefaultDialer.Dial("ws://upstream", nil)
	if err != nil {
		return
	}
	f.mu.Lock()
	old := f.ws
	f.ws = ws
	f.mu.Unlock()
	_ = old.Close()
}

// publisher reconnects in a goroutine of its own while handlers publish.
type publisher struct {
	url string
	mu  sync.Mutex
	ch  *amqp.Channel
}

// BadPublisher leaves the watcher running beside the handler.
func BadPublisher(p *publisher, lost <-chan *amqp.Error) {
	go func() {
		for range lost {
			conn, err := amqp.Dial(p.url)
			if err != nil {
				continue
			}
			ch, err := conn.Channel()
			if err != nil {
				_ = conn.Close()
				continue
			}
			p.ch = ch // want "^p.ch is replaced without p.mu, which other uses hold, by a goroutine while .* may use it, and the old one is not closed"
		}
	}()
	http.HandleFunc("/publish", func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		_ = p.ch.PublishWithContext(r.Context(), "", "jobs", false, false, amqp.Publishing{})
	})
}

// lazy fills its place once.
type lazy struct {
	once sync.Once
	mu   sync.Mutex
	conn *pgx.Conn
}

// OkOnce connects once and locks each use.
func (l *lazy) OkOnce(w http.ResponseWriter, r *http.Request) {
	l.once.Do(func() {
		conn, err := pgx.Connect(context.Background(), "postgres://")
		if err == nil {
			l.conn = conn
		}
	})
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _ = l.conn.Exec(r.Context(), "select 1")
}

// atomicFeed swaps a pointer that readers load once.
type atomicFeed struct {
	ws atomic.Pointer[websocket.Conn]
}

// OkAtomic replaces the socket atomically and closes the old one.
func (f *atomicFeed) OkAtomic(w http.ResponseWriter, r *http.Request) {
	ws, _, err := websocket.DefaultDialer.Dial("ws://upstream", nil)
	if err != nil {
		return
	}
	if old := f.ws.Swap(ws); old != nil {
		_ = old.Close()
	}
}

// worker owns its connection: nothing else uses it.
type worker struct {
	url  string
	conn *pgx.Conn
}

// OkWorker reconnects in the only goroutine that uses the connection.
func OkWorker(ctx context.Context, w *worker) {
	go func() {
		for ctx.Err() == nil {
			if w.conn != nil && w.conn.IsClosed() {
				conn, err := pgx.Connect(ctx, w.url)
				if err != nil {
					time.Sleep(time.Second)
					continue
				}
				w.conn = conn
			}
			_, _ = w.conn.Exec(ctx, "select work()")
		}
	}()
}

// OkStart fills the field before it serves.
// Register serves both feeds.
func Register(f *feed, l *lockedFeed) {
	http.HandleFunc("/say", f.OkSay)
	http.HandleFunc("/redial", f.BadRedial)
	http.HandleFunc("/lsay", l.OkLockedSay)
	http.HandleFunc("/lredial", l.OkLockedRedial)
}

func OkStart(ctx context.Context, l *lazy) error {
	conn, err := pgx.Connect(ctx, "postgres://")
	if err != nil {
		return err
	}
	l.conn = conn
	http.HandleFunc("/", l.OkOnce)
	return http.ListenAndServe(":8080", nil)
}
