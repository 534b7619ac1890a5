// Package objects is a library without entries: its types show by themselves
// that several goroutines use their connections.
package objects

import (
	"context"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/jackc/pgx/v5"
	amqp "github.com/rabbitmq/amqp091-go"
)

// Client leaves a pinger running that nobody waits for.
type Client struct {
	ws   *websocket.Conn
	done chan struct{}
}

// Dial connects and says hello before the pinger starts.
func Dial(url string) (*Client, error) {
	ws, _, err := websocket.DefaultDialer.Dial(url, nil)
	if err != nil {
		return nil, err
	}
	c := &Client{ws: ws, done: make(chan struct{})}
	if err := c.ws.WriteMessage(websocket.TextMessage, []byte("hello")); err != nil {
		_ = ws.Close()
		return nil, err
	}
	return c, nil
}

// Start leaves the pinger running.
func (c *Client) Start() {
	go c.ping()
}

func (c *Client) ping() {
	t := time.NewTicker(time.Minute)
	defer t.Stop()
	for {
		select {
		case <-t.C:
			_ = c.ws.WriteMessage(websocket.PingMessage, nil)
		case <-c.done:
			return
		}
	}
}

// BadSend writes beside the pinger.
func (c *Client) BadSend(text string) error {
	return c.ws.WriteMessage(websocket.TextMessage, []byte(text)) // want "^c.ws is used by Client.BadSend beside the goroutine that Client.Start leaves running, without a common lock"
}

// OkReceive reads: the pinger only writes.
func (c *Client) OkReceive() (string, error) {
	_, p, err := c.ws.ReadMessage()
	return string(p), err
}

// OkClose ends the connection.
func (c *Client) OkClose() error {
	close(c.done)
	return c.ws.Close()
}

// lockedClient locks both writers.
type lockedClient struct {
	mu sync.Mutex
	ws *websocket.Conn
}

// OkRun leaves a locked pinger running.
func (c *lockedClient) OkRun() {
	go func() {
		for range time.Tick(time.Minute) {
			c.mu.Lock()
			_ = c.ws.WriteMessage(websocket.PingMessage, nil)
			c.mu.Unlock()
		}
	}()
}

// OkSend locks.
func (c *lockedClient) OkSend(text string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ws.WriteMessage(websocket.TextMessage, []byte(text))
}

// Journal locks all but one of its statements.
type Journal struct {
	mu   sync.Mutex
	conn *pgx.Conn
}

// OkAppend locks.
func (j *Journal) OkAppend(ctx context.Context, line string) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.insert(ctx, line)
}

// OkAppendAll locks around the helper that OkAppend uses as well.
func (j *Journal) OkAppendAll(ctx context.Context, lines []string) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, l := range lines {
		if err := j.insert(ctx, l); err != nil {
			return err
		}
	}
	return nil
}

func (j *Journal) insert(ctx context.Context, line string) error {
	_, err := j.conn.Exec(ctx, "insert into journal values ($1)", line)
	return err
}

// OkTrim locks.
func (j *Journal) OkTrim(ctx context.Context) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	_, err := j.conn.Exec(ctx, "delete from journal where old")
	return err
}

// BadCount forgot to.
func (j *Journal) BadCount(ctx context.Context) (n int, err error) {
	err = j.conn.QueryRow(ctx, "select count(*) from journal").Scan(&n) // want "^j.conn is used by Journal.BadCount without j.mu, which is locked in 2 of 3 uses"
	return n, err
}

// OkClose ends the journal.
func (j *Journal) OkClose(ctx context.Context) error { return j.conn.Close(ctx) }

// Publisher declares its queue while it opens the channel.
type Publisher struct {
	mu sync.Mutex
	ch *amqp.Channel
}

// OkOpen fills the field: nobody else has the channel yet.
func (p *Publisher) OkOpen(c *amqp.Connection) error {
	ch, err := c.Channel()
	if err != nil {
		return err
	}
	p.ch = ch
	_, err = p.ch.QueueDeclare("jobs", true, false, false, false, nil)
	return err
}

// OkPublish locks.
func (p *Publisher) OkPublish(ctx context.Context, body []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ch.PublishWithContext(ctx, "", "jobs", false, false, amqp.Publishing{Body: body})
}

// OkPublishAll is a helper for code that holds the lock: all its callers do.
func (p *Publisher) OkPublishAll(ctx context.Context, bodies [][]byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.OkPublishHeld(ctx, bodies)
}

// OkPublishHeld publishes; the caller holds the lock.
func (p *Publisher) OkPublishHeld(ctx context.Context, bodies [][]byte) error {
	for _, b := range bodies {
		if err := p.ch.PublishWithContext(ctx, "", "jobs", false, false, amqp.Publishing{Body: b}); err != nil {
			return err
		}
	}
	return nil
}

// Session waits for its goroutine before it uses the connection again.
type Session struct {
	conn *pgx.Conn
	wg   sync.WaitGroup
}

// OkLoad leaves the loader running.
func (s *Session) OkLoad(ctx context.Context) {
	s.wg.Add(1)
	go func() {
		defer s.wg.Done()
		_, _ = s.conn.Exec(ctx, "select load()")
	}()
}

// OkFinish waits for it.
func (s *Session) OkFinish(ctx context.Context) error {
	s.wg.Wait()
	_, err := s.conn.Exec(ctx, "select finish()")
	return err
}

// plain has no lock and no goroutine: nothing says that it is shared.
type plain struct{ conn *pgx.Conn }

// OkPlain is used by whoever owns the value.
func (p *plain) OkPlain(ctx context.Context) error { return p.conn.Ping(ctx) }

// counter has a lock, for something else.
type counter struct {
	mu   sync.Mutex
	n    int
	conn *pgx.Conn
}

// OkCount locks its number only.
func (c *counter) OkCount(ctx context.Context) error {
	c.mu.Lock()
	c.n++
	c.mu.Unlock()
	return c.conn.Ping(ctx)
}

// OkReset does not lock either.
func (c *counter) OkReset(ctx context.Context) error {
	_, err := c.conn.Exec(ctx, "select reset()")
	return err
}

// OkUnguarded calls everything, so that nothing above is unused.
func OkUnguarded(ctx context.Context, conn *pgx.Conn) error {
	p, c, s := &plain{conn}, &counter{conn: conn}, &Session{conn: conn}
	if err := p.OkPlain(ctx); err != nil {
		return err
	}
	if err := c.OkCount(ctx); err != nil {
		return err
	}
	s.OkLoad(ctx)
	return s.OkFinish(ctx)
}
