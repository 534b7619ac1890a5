// Package reconnect holds fields that get a new connection in place of the
// one they held.
package reconnect

import (
	"context"
	"errors"
	"log"
	"net"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/jackc/pgx/v5"
	amqp "github.com/rabbitmq/amqp091-go"
)

var errGone = errors.New("gone")

type listener struct {
	mu   sync.Mutex
	dsn  string
	conn *pgx.Conn
}

// Close is the only other function that releases the connection.
func (l *listener) Close(ctx context.Context) error { return l.conn.Close(ctx) }

// BadPingThenOverwrite drops the connection that did not answer.
func (l *listener) BadPingThenOverwrite(ctx context.Context) error {
	if err := l.conn.Ping(ctx); err == nil {
		return nil
	}
	conn, err := pgx.Connect(ctx, l.dsn)
	if err != nil {
		return err
	}
	l.conn = conn // want "l.conn is overwritten before what it held is released"
	return nil
}

// BadSeenAndOverwritten knows that there is one.
func (l *listener) BadSeenAndOverwritten(ctx context.Context, force bool) (err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn != nil && !force {
		return nil
	}
	if l.conn != nil {
		log.Print("reconnecting")
		l.conn, err = pgx.Connect(ctx, l.dsn) // want "l.conn is overwritten before what it held is released"
	}
	return err
}

// BadLoopOverwrites dials in every turn into the same field.
func (l *listener) BadLoopOverwrites(ctx context.Context) {
	for ctx.Err() == nil {
		conn, err := pgx.Connect(ctx, l.dsn)
		if err != nil {
			time.Sleep(time.Second)
			continue
		}
		l.conn = conn // want "l.conn is overwritten before what it held is released \\(possible connection leak, one more with each iteration\\)"
		if err := l.wait(ctx); err != nil {
			log.Print(err)
		}
	}
}

func (l *listener) wait(ctx context.Context) error {
	for {
		if _, err := l.conn.WaitForNotification(ctx); err != nil {
			return err
		}
	}
}

// BadForgetsOnError sets the field to nil and leaves the connection open.
func (l *listener) BadForgetsOnError(ctx context.Context, q string) error {
	_, err := l.conn.Exec(ctx, q)
	if err != nil {
		l.conn = nil // want "l.conn is overwritten before what it held is released"
		return errGone
	}
	return nil
}

// OkClosesFirst closes the old one before it takes the new one.
func (l *listener) OkClosesFirst(ctx context.Context) error {
	if err := l.conn.Ping(ctx); err == nil {
		return nil
	}
	_ = l.conn.Close(ctx)
	conn, err := pgx.Connect(ctx, l.dsn)
	if err != nil {
		l.conn = nil
		return err
	}
	l.conn = conn
	return nil
}

// OkClosesThroughMethod closes it by the type's own closer.
func (l *listener) OkClosesThroughMethod(ctx context.Context) (err error) {
	if l.conn.Ping(ctx) == nil {
		return nil
	}
	if err := l.Close(ctx); err != nil {
		log.Print(err)
	}
	l.conn, err = pgx.Connect(ctx, l.dsn)
	return err
}

// OkFirstTime fills an empty field.
func (l *listener) OkFirstTime(ctx context.Context) (err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn != nil {
		return nil
	}
	l.conn, err = pgx.Connect(ctx, l.dsn)
	return err
}

// OkConnect does not know what was there.
func (l *listener) OkConnect(ctx context.Context) (err error) {
	l.conn, err = pgx.Connect(ctx, l.dsn)
	if err != nil {
		return err
	}
	return l.conn.Ping(ctx)
}

// OkAlreadyClosed takes a new one when the old one says that it is closed.
func (l *listener) OkAlreadyClosed(ctx context.Context) (err error) {
	if l.conn != nil && !l.conn.IsClosed() {
		return nil
	}
	l.conn, err = pgx.Connect(ctx, l.dsn)
	return err
}

// OkSwapsAndCloses keeps the old one in a variable and closes it at the end.
func (l *listener) OkSwapsAndCloses(ctx context.Context) error {
	if l.conn.Ping(ctx) == nil {
		return nil
	}
	conn, err := pgx.Connect(ctx, l.dsn)
	if err != nil {
		return err
	}
	old := l.conn
	l.conn = conn
	return old.Close(ctx)
}

// OkParallelAssignment swaps in one statement.
func (l *listener) OkParallelAssignment(ctx context.Context) error {
	if l.conn.Ping(ctx) == nil {
		return nil
	}
	conn, err := pgx.Connect(ctx, l.dsn)
	if err != nil {
		return err
	}
	conn, l.conn = l.conn, conn
	return conn.Close(ctx)
}

// OkLoopCloses closes at the end of every turn.
func (l *listener) OkLoopCloses(ctx context.Context) {
	for ctx.Err() == nil {
		conn, err := pgx.Connect(ctx, l.dsn)
		if err != nil {
			continue
		}
		l.conn = conn
		err = l.wait(ctx)
		log.Print(errors.Join(err, l.conn.Close(ctx)))
		l.conn = nil
	}
}

// OkDeferredInClosure closes what is there when the turn ends.
func (l *listener) OkDeferredInClosure(ctx context.Context) {
	for ctx.Err() == nil {
		func() {
			conn, err := pgx.Connect(ctx, l.dsn)
			if err != nil {
				return
			}
			defer conn.Close(ctx)
			l.conn = conn
			_ = l.wait(ctx)
		}()
	}
}

// chat has two goroutines; the writing one hangs up when it fails.
type chat struct {
	url string
	ws  *websocket.Conn
	out chan []byte
}

func (c *chat) writer() {
	for b := range c.out {
		if err := c.ws.WriteMessage(websocket.TextMessage, b); err != nil {
			_ = c.ws.Close()
			return
		}
	}
}

// OkOtherGoroutineCloses dials again after the other goroutine hung up.
func (c *chat) OkOtherGoroutineCloses() {
	for range 10 {
		ws, _, err := websocket.DefaultDialer.Dial(c.url, nil)
		if err != nil {
			continue
		}
		c.ws = ws
		go c.writer()
		for {
			if _, _, err := c.ws.ReadMessage(); err != nil {
				break
			}
		}
	}
}

// queue reopens its channel when the broker closed it.
type queue struct {
	conn *amqp.Connection
	ch   *amqp.Channel
}

// OkClosedByPeer waits for the end of the channel before it takes another.
func (q *queue) OkClosedByPeer() error {
	<-q.ch.NotifyClose(make(chan *amqp.Error, 1))
	if q.ch.IsClosed() {
		ch, err := q.conn.Channel()
		if err != nil {
			return err
		}
		q.ch = ch
	}
	return nil
}

// pair hands its old connection over before it takes the new one.
type pair struct {
	conn net.Conn
	idle chan net.Conn
}

// OkHandsOver puts the old one into the channel of idle ones.
func (p *pair) OkHandsOver(addr string) (err error) {
	if _, err := p.conn.Write([]byte("ping\n")); err != nil {
		return err
	}
	p.idle <- p.conn
	p.conn, err = net.Dial("tcp", addr)
	return err
}

// given may be a connection that the caller still has.
type given struct{ conn net.Conn }

// OkReplacesTheCallers does not own what it was given.
func (g *given) OkReplacesTheCallers(conn net.Conn) {
	_, _ = g.conn.Write([]byte("bye\n"))
	g.conn = conn
}

var (
	current *pgx.Conn
	lock    sync.Mutex
)

// BadPackageVariableInLoop dials into the same variable again and again.
func BadPackageVariableInLoop(ctx context.Context, dsn string) {
	for ctx.Err() == nil {
		conn, err := pgx.Connect(ctx, dsn)
		if err != nil {
			continue
		}
		lock.Lock()
		current = conn // want "current is overwritten before what it held is released"
		lock.Unlock()
		time.Sleep(time.Minute)
	}
}

var standby *pgx.Conn

// OkPackageVariableOnce fills it once.
func OkPackageVariableOnce(ctx context.Context, dsn string) (err error) {
	lock.Lock()
	defer lock.Unlock()
	if standby == nil {
		standby, err = pgx.Connect(ctx, dsn)
	}
	return err
}
