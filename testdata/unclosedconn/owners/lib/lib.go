// Package lib has types of its own around connections, as a service layer has.
package lib

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"net"

	"github.com/jackc/pgx/v5/pgxpool"
	amqp "github.com/rabbitmq/amqp091-go"
)

// Lease is a session of the pool with a number.
type Lease struct {
	conn *pgxpool.Conn
	id   int
}

// Take takes a session.
func Take(ctx context.Context, pool *pgxpool.Pool, id int) (*Lease, error) {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	return &Lease{conn: conn, id: id}, nil
}

// Exec runs a statement on the session.
func (l *Lease) Exec(ctx context.Context, q string) error {
	_, err := l.conn.Exec(ctx, q)
	return err
}

// Release gives the session back.
func (l *Lease) Release() { l.conn.Release() }

// Publisher is what the user sees of a broker.
type Publisher interface {
	Publish(ctx context.Context, body []byte) error
	Close() error
}

type amqpPublisher struct {
	conn *amqp.Connection
	ch   *amqp.Channel
}

// NewPublisher dials the broker.
func NewPublisher(url string) (Publisher, error) {
	conn, err := amqp.Dial(url)
	if err != nil {
		return nil, err
	}
	ch, err := conn.Channel()
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return &amqpPublisher{conn: conn, ch: ch}, nil
}

func (p *amqpPublisher) Publish(ctx context.Context, body []byte) error {
	return p.ch.PublishWithContext(ctx, "", "jobs", false, false, amqp.Publishing{Body: body})
}

func (p *amqpPublisher) Close() error { return errors.Join(p.ch.Close(), p.conn.Close()) }

// Iter walks over rows.
type Iter struct{ rows *sql.Rows }

// List begins to read.
func List(ctx context.Context, db *sql.DB) (*Iter, error) {
	rows, err := db.QueryContext(ctx, "select id from t")
	if err != nil {
		return nil, err
	}
	return &Iter{rows: rows}, nil
}

// Next goes to the next row.
func (it *Iter) Next() bool { return it.rows.Next() }

// ID is the row's.
func (it *Iter) ID() (id int, err error) { return id, it.rows.Scan(&id) }

// Close ends the reading.
func (it *Iter) Close() error { return it.rows.Close() }

// Line speaks a protocol of lines.
type Line struct {
	net.Conn
	r *bufio.Reader
}

// Dial connects.
func Dial(ctx context.Context, addr string) (*Line, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	return &Line{Conn: conn, r: bufio.NewReader(conn)}, nil
}

// Ask sends a line and reads one.
func (l *Line) Ask(q string) (string, error) {
	if _, err := l.Write([]byte(q + "\n")); err != nil {
		return "", err
	}
	return l.r.ReadString('\n')
}

// Session is shared or its own, as the caller asks for.
type Session struct {
	conn *sql.Conn
	own  bool
}

// Shared is the session of everybody.
var Shared = &Session{}

// NewSession gives the shared session, or a new one.
func NewSession(ctx context.Context, db *sql.DB, shared bool) (*Session, error) {
	if shared {
		return Shared, nil
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return &Session{conn: conn, own: true}, nil
}

// Ping asks whether the session works.
func (s *Session) Ping(ctx context.Context) error { return s.conn.PingContext(ctx) }

// Close ends a session that is nobody else's.
func (s *Session) Close() error {
	if !s.own {
		return nil
	}
	return s.conn.Close()
}

// Watcher closes its connection by itself when the context ends.
type Watcher struct{ conn net.Conn }

// Watch dials, and hangs up when ctx is done.
func Watch(ctx context.Context, addr string) (*Watcher, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	w := &Watcher{conn: conn}
	context.AfterFunc(ctx, func() { _ = w.Close() })
	return w, nil
}

// Close hangs up.
func (w *Watcher) Close() error { return w.conn.Close() }
