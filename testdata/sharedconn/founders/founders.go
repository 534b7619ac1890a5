// Package founders has libraries whose constructors leave a goroutine running.
package founders

import (
	"context"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/jackc/pgx/v5"
)

const touch = "update accounts set seen = now()"

// listener waits for notifications on a connection of its own.
type listener struct {
	conn *pgx.Conn
	done chan struct{}
	seen chan string
}

// Listen starts it.
func Listen(ctx context.Context, conn *pgx.Conn) *listener {
	l := &listener{conn: conn, done: make(chan struct{}), seen: make(chan string)}
	go func() {
		defer close(l.done)
		for {
			n, err := l.conn.WaitForNotification(ctx)
			if err != nil {
				return
			}
			l.seen <- n.Payload
		}
	}()
	return l
}

// BadNotify speaks while the goroutine waits on the same connection.
func (l *listener) BadNotify(ctx context.Context) error {
	_, err := l.conn.Exec(ctx, "notify accounts") // want `^l\.conn is used by listener\.BadNotify beside the goroutine that Listen leaves running, without a common lock \(\*pgx\.Conn is not safe for concurrent use\)`
	return err
}

// OkLast speaks when the goroutine has ended.
func (l *listener) OkLast(ctx context.Context) error {
	<-l.done
	_, err := l.conn.Exec(ctx, touch)
	return err
}

// OkClose ends the connection under the goroutine: that is how it ends.
func (l *listener) OkClose(ctx context.Context) error { return l.conn.Close(ctx) }

// keeper keeps its connection awake, under a lock.
type keeper struct {
	mu   sync.Mutex
	conn *pgx.Conn
}

// Keep starts it.
func Keep(ctx context.Context, conn *pgx.Conn) *keeper {
	k := &keeper{conn: conn}
	go k.run(ctx)
	return k
}

func (k *keeper) run(ctx context.Context) {
	for range time.Tick(time.Minute) {
		k.mu.Lock()
		_ = k.conn.Ping(ctx)
		k.mu.Unlock()
	}
}

// OkExec takes the lock too.
func (k *keeper) OkExec(ctx context.Context) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	_, err := k.conn.Exec(ctx, touch)
	return err
}

// BadPing does not.
func (k *keeper) BadPing(ctx context.Context) error { return k.conn.Ping(ctx) } // want `^k\.conn is used by keeper\.BadPing beside the goroutine that Keep leaves running, without a common lock \(\*pgx\.Conn is not safe for concurrent use\)`

// socket reads in the background.
type socket struct {
	ws *websocket.Conn
	in chan []byte
}

// Dial starts it.
func Dial(url string) (*socket, error) {
	ws, _, err := websocket.DefaultDialer.Dial(url, nil)
	if err != nil {
		return nil, err
	}
	s := &socket{ws: ws, in: make(chan []byte)}
	go s.read()
	return s, nil
}

func (s *socket) read() {
	defer close(s.in)
	for {
		_, m, err := s.ws.ReadMessage()
		if err != nil {
			return
		}
		s.in <- m
	}
}

// OkSay writes beside the goroutine that reads.
func (s *socket) OkSay(m []byte) error { return s.ws.WriteMessage(websocket.TextMessage, m) }

// BadAsk reads the answer itself.
func (s *socket) BadAsk(m []byte) ([]byte, error) {
	if err := s.ws.WriteMessage(websocket.TextMessage, m); err != nil {
		return nil, err
	}
	_, answer, err := s.ws.ReadMessage() // want `^s\.ws is used by socket\.BadAsk beside the goroutine that Dial leaves running, without a common lock \(\*websocket\.Conn takes one reading and one writing goroutine at a time; only Close and WriteControl may overlap them\)`
	return answer, err
}

// worker starts its loop with a call of its own method.
type worker struct {
	conn *pgx.Conn
	jobs chan string
}

// Work starts it.
func Work(ctx context.Context, conn *pgx.Conn) *worker {
	w := &worker{conn: conn, jobs: make(chan string)}
	go w.loop(ctx)
	return w
}

func (w *worker) loop(ctx context.Context) {
	for sql := range w.jobs {
		_ = w.OkRun(ctx, sql)
	}
}

// OkRun is exported, but the loop is who calls it.
func (w *worker) OkRun(ctx context.Context, sql string) error {
	_, err := w.conn.Exec(ctx, sql)
	return err
}
