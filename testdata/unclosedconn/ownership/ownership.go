// Package ownership holds types that acquire into their fields and must
// release what they hold, all of it, also when a part of it fails to close.
package ownership

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	amqp "github.com/rabbitmq/amqp091-go"
)

// twoStores reads from one server and writes to another.
type twoStores struct {
	from, to *pgx.Conn
}

func openStores(ctx context.Context, a, b string) (*twoStores, error) {
	from, err := pgx.Connect(ctx, a)
	if err != nil {
		return nil, err
	}
	to, err := pgx.Connect(ctx, b)
	if err != nil {
		return nil, errors.Join(err, from.Close(ctx))
	}
	return &twoStores{from: from, to: to}, nil
}

// Close leaves the second connection open when the first does not close well.
func (s *twoStores) Close(ctx context.Context) error {
	if err := s.from.Close(ctx); err != nil {
		return fmt.Errorf("source: %w", err) // want "twoStores.Close leaves s.to unreleased when an earlier step fails"
	}
	return s.to.Close(ctx)
}

func (s *twoStores) copyAll(ctx context.Context) error {
	_, err := s.to.Exec(ctx, "copy", s.from.Config().Host)
	return err
}

func BadUsesStores(ctx context.Context, a, b string) error {
	s, err := openStores(ctx, a, b) // want "s is not released on all paths"
	if err != nil {
		return err
	}
	if err := s.copyAll(ctx); err != nil {
		return err
	}
	return s.Close(ctx)
}

// broker says goodbye before it hangs up, and forgets to hang up when nobody
// hears it.
type broker struct {
	conn net.Conn
	w    *bufio.Writer
}

func BadDialBroker(addr string) (*broker, error) {
	conn, err := net.Dial("tcp", addr) // want "conn is not released on all paths"
	if err != nil {
		return nil, err
	}
	b := &broker{conn: conn, w: bufio.NewWriter(conn)}
	if _, err := b.w.WriteString("HELO\n"); err != nil {
		return nil, err
	}
	return b, b.w.Flush()
}

func (b *broker) Close() error {
	if err := b.w.Flush(); err != nil {
		return err // want "broker.Close leaves b.conn unreleased when an earlier step fails"
	}
	return b.conn.Close()
}

// session commits before it gives its lease back.
type session struct {
	mu    sync.Mutex
	lease *pgxpool.Conn
	tx    pgx.Tx
}

func newSession(ctx context.Context, pool *pgxpool.Pool) (_ *session, err error) {
	s := &session{}
	if s.lease, err = pool.Acquire(ctx); err != nil {
		return nil, err
	}
	if s.tx, err = s.lease.Begin(ctx); err != nil {
		s.lease.Release()
		return nil, err
	}
	return s, nil
}

// Close keeps the lease when the commit fails.
func (s *session) Close(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.tx.Commit(ctx); err != nil {
		return err // want "session.Close leaves s.lease unreleased when an earlier step fails"
	}
	s.lease.Release()
	return nil
}

// forgetful closes its channel, and never its connection.
type forgetful struct {
	conn *amqp.Connection
	name string
	n    int
}

func newForgetful(url string) (*forgetful, error) {
	conn, err := amqp.Dial(url) // want "forgetful.conn is never released, forgetful.Close does not do it"
	if err != nil {
		return nil, err
	}
	return &forgetful{conn: conn, name: conn.LocalAddr().String()}, nil
}

func (f *forgetful) publish(ctx context.Context, body []byte) error {
	ch, err := f.conn.Channel()
	if err != nil {
		return err
	}
	f.n++
	return errors.Join(ch.PublishWithContext(ctx, "", f.name, false, false, amqp.Publishing{Body: body}), ch.Close())
}

// Close forgets what the type is about.
func (f *forgetful) Close() error {
	f.n = 0
	return nil
}

// OkBothClosed closes both and joins the errors.
type okBoth struct{ from, to *pgx.Conn }

func OkOpenBoth(ctx context.Context, a, b string) (*okBoth, error) {
	var s okBoth
	var err error
	if s.from, err = pgx.Connect(ctx, a); err != nil {
		return nil, err
	}
	if s.to, err = pgx.Connect(ctx, b); err != nil {
		return nil, errors.Join(err, s.from.Close(ctx))
	}
	return &s, nil
}

func (s *okBoth) Close(ctx context.Context) error {
	err := s.from.Close(ctx)
	if err2 := s.to.Close(ctx); err == nil {
		err = err2
	}
	return err
}

// okFlag closes only once.
type okFlag struct {
	conn   net.Conn
	closed bool
}

func OkDialFlag(addr string) (*okFlag, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	return &okFlag{conn: conn}, nil
}

func (f *okFlag) Close() error {
	if f.closed {
		return nil
	}
	f.closed = true
	return f.conn.Close()
}

// okOnce closes once, through a sync.Once.
type okOnce struct {
	conn net.Conn
	once sync.Once
	err  error
}

func OkDialOnce(addr string) (*okOnce, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	return &okOnce{conn: conn}, nil
}

func (o *okOnce) Close() error {
	o.once.Do(func() { o.err = o.conn.Close() })
	return o.err
}

// okTaken empties the field before it closes what was there.
type okTaken struct {
	mu   sync.Mutex
	conn *pgx.Conn
}

func (t *okTaken) OkOpen(ctx context.Context, dsn string) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.conn != nil {
		_ = t.conn.Close(ctx)
	}
	t.conn = conn
	return nil
}

func (t *okTaken) Close(ctx context.Context) error {
	t.mu.Lock()
	conn := t.conn
	t.conn = nil
	t.mu.Unlock()
	if conn == nil {
		return nil
	}
	return conn.Close(ctx)
}

// okDeferred closes the second in a defer, whatever the first says.
type okDeferred struct {
	conn *amqp.Connection
	ch   *amqp.Channel
}

func OkDialDeferred(url string) (*okDeferred, error) {
	conn, err := amqp.Dial(url)
	if err != nil {
		return nil, err
	}
	ch, err := conn.Channel()
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return &okDeferred{conn: conn, ch: ch}, nil
}

func (d *okDeferred) Close() error {
	defer d.conn.Close()
	if err := d.ch.Cancel("worker", false); err != nil {
		return err
	}
	return d.ch.Close()
}

// okParentFirst closes the connection, which covers the channel on it.
type okParentFirst struct {
	conn *amqp.Connection
	ch   *amqp.Channel
}

func OkDialParentFirst(url string) (*okParentFirst, error) {
	conn, err := amqp.Dial(url)
	if err != nil {
		return nil, err
	}
	ch, err := conn.Channel()
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return &okParentFirst{conn: conn, ch: ch}, nil
}

func (p *okParentFirst) Close() error {
	if err := p.conn.Close(); err != nil {
		return err
	}
	return p.ch.Close()
}

// okSwitch commits, or rolls back when that fails, and gives the lease back in
// every case.
type okSwitch struct {
	lease *pgxpool.Conn
	tx    pgx.Tx
}

func OkNewSwitch(ctx context.Context, pool *pgxpool.Pool) (*okSwitch, error) {
	lease, err := pool.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	tx, err := lease.Begin(ctx)
	if err != nil {
		lease.Release()
		return nil, err
	}
	return &okSwitch{lease: lease, tx: tx}, nil
}

func (s *okSwitch) Close(ctx context.Context) error {
	err := s.tx.Commit(ctx)
	s.lease.Release()
	if err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// okReaderLoop gives its connection to a loop that closes it, so Close does not.
type okReaderLoop struct {
	conn net.Conn
	in   chan []byte
	quit chan struct{}
}

func OkStartLoop(addr string) (*okReaderLoop, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	l := &okReaderLoop{conn: conn, in: make(chan []byte), quit: make(chan struct{})}
	go l.run()
	return l, nil
}

func (l *okReaderLoop) run() {
	defer l.conn.Close()
	for {
		select {
		case <-l.quit:
			return
		case b := <-l.in:
			if _, err := l.conn.Write(b); err != nil {
				return
			}
		}
	}
}

// Close tells the loop to end.
func (l *okReaderLoop) Close() { close(l.quit) }

// okCancel rolls its transaction back by ending the context.
type okCancel struct {
	tx     *sql.Tx
	cancel context.CancelFunc
}

func OkBeginCancel(ctx context.Context, db *sql.DB) (*okCancel, error) {
	ctx, cancel := context.WithCancel(ctx)
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		cancel()
		return nil, err
	}
	return &okCancel{tx: tx, cancel: cancel}, nil
}

func (c *okCancel) query(ctx context.Context) error {
	return c.tx.QueryRowContext(ctx, "select 1").Err()
}

// Close ends it.
func (c *okCancel) Close() { c.cancel() }

// okLent is given its connection by whoever owns it.
type okLent struct{ conn *sql.Conn }

func OkNewLent(conn *sql.Conn) *okLent { return &okLent{conn: conn} }

func (l *okLent) ping(ctx context.Context) error { return l.conn.PingContext(ctx) }

// Close has nothing to close.
func (l *okLent) Close() error { return nil }

// okGetter lets others see, and close, its connection.
type okGetter struct{ conn *sql.Conn }

func OkNewGetter(ctx context.Context, db *sql.DB) (*okGetter, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return &okGetter{conn: conn}, nil
}

func (g *okGetter) Conn() *sql.Conn { return g.conn }

// Close leaves it to them.
func (g *okGetter) Close() error { return nil }
