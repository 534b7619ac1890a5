package transfer

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/smtp"
	"net/textproto"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Client owns the connection it is made of.
type Client struct {
	conn  net.Conn
	r     *bufio.Reader
	lease *pgxpool.Conn
}

// NewClient wraps conn; Close closes it.
func NewClient(conn net.Conn) *Client { return &Client{conn: conn, r: bufio.NewReader(conn)} }

// Close closes what the client owns.
func (c *Client) Close() error {
	if c.lease != nil {
		c.lease.Release()
	}
	return c.conn.Close()
}

// Hello asks the peer's name.
func (c *Client) Hello() (string, error) { return c.r.ReadString('\n') }

func auth(conn net.Conn) error {
	_, err := conn.Write([]byte("auth\n"))
	return err
}

func BadConstructorLeaksOnLaterStep(addr string) (*Client, error) {
	conn, err := net.Dial("tcp", addr) // want "conn is not released"
	if err != nil {
		return nil, err
	}
	if err := auth(conn); err != nil {
		return nil, err
	}
	return &Client{conn: conn}, nil
}

func BadConstructorWrapsTooEarly(addr string) (*Client, error) {
	conn, err := net.Dial("tcp", addr) // want "conn is not released"
	if err != nil {
		return nil, err
	}
	c := NewClient(conn)
	if _, err := c.Hello(); err != nil {
		return nil, err
	}
	return c, nil
}

func BadSecondLeaseOfConstructor(ctx context.Context, addr string, pool *pgxpool.Pool) (*Client, error) {
	conn, err := net.Dial("tcp", addr) // want "conn is not released"
	if err != nil {
		return nil, err
	}
	lease, err := pool.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	return &Client{conn: conn, lease: lease}, nil
}

func OkConstructor(addr string) (*Client, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	return NewClient(conn), nil
}

func OkConstructorClosesOnError(addr string) (*Client, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	if err := auth(conn); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return &Client{conn: conn}, nil
}

func OkConstructorClosesWrapper(addr string) (*Client, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	c := NewClient(conn)
	if _, err := c.Hello(); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

func OkWrapperClosedHere(addr string) error {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	c := NewClient(conn)
	defer c.Close()
	_, err = c.Hello()
	return err
}

func OkConstructorDefersOnError(addr string) (c *Client, err error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			conn.Close()
		}
	}()
	if err := auth(conn); err != nil {
		return nil, err
	}
	return NewClient(conn), nil
}

// Option configures a Service.
type Option func(*Service)

// Service closes what its options gave it.
type Service struct{ conn *pgx.Conn }

// NewService applies its options.
func NewService(opts ...Option) *Service {
	s := &Service{}
	for _, o := range opts {
		o(s)
	}
	return s
}

// Close closes the service's connection.
func (s *Service) Close(ctx context.Context) error { return s.conn.Close(ctx) }

// WithConn gives the service a connection to own.
func WithConn(conn *pgx.Conn) Option { return func(s *Service) { s.conn = conn } }

func OkFunctionalOption(ctx context.Context, dsn string) (*Service, error) {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return nil, err
	}
	return NewService(WithConn(conn)), nil
}

func OkInlineOption(ctx context.Context, dsn string) (*Service, error) {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return nil, err
	}
	return NewService(func(s *Service) { s.conn = conn }), nil
}

func OkTLSWraps(addr string, cfg *tls.Config) (net.Conn, error) {
	raw, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	return tls.Client(raw, cfg), nil
}

func OkTLSClosedThroughWrapper(addr string, cfg *tls.Config) error {
	raw, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	conn := tls.Client(raw, cfg)
	defer conn.Close()
	return conn.Handshake()
}

func OkTextprotoWraps(addr string) (*textproto.Conn, error) {
	raw, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	return textproto.NewConn(raw), nil
}

func OkSMTPOwnsTheConn(addr, host string) error {
	raw, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	c, err := smtp.NewClient(raw, host)
	if err != nil {
		return errors.Join(err, raw.Close())
	}
	defer c.Close()
	return c.Noop()
}

type embedded struct {
	net.Conn
	tag string
}

func OkEmbedded(addr string) (net.Conn, error) {
	raw, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	return &embedded{Conn: raw, tag: "x"}, nil
}

func OkEmbeddedClosed(addr string) error {
	raw, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	e := embedded{Conn: raw, tag: "y"}
	defer e.Close()
	return auth(e)
}

// Room keeps the clients that joined as the keys of a set.
type Room struct{ clients map[*Client]bool }

func (r *Room) join(c *Client) { r.clients[c] = true }

func OkJoinsRoom(addr string, r *Room) error {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	r.join(NewClient(conn))
	return nil
}

func OkFirstErrorKept(ctx context.Context, pool *pgxpool.Pool) error {
	var first error
	lease, err := pool.Acquire(ctx)
	if err != nil {
		first = err
	}
	if first != nil {
		return first
	}
	defer lease.Release()
	return lease.Ping(ctx)
}
