// Package suites holds the shapes that other checkers are tested with, in
// words and code of our own: those of Java's resource leak checkers in this
// file, those of Go's close linters in the other.
package suites

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

var errHost = errors.New("no such host")

// BadUnconnectedAlias: two names, one value; only the name that was given
// another value is closed.
func BadAliasReassigned(a, b string) error {
	first, err := net.Dial("tcp", a) // want "first is (never|not) released"
	if err != nil {
		return err
	}
	alias := first
	log.Print(alias.RemoteAddr())
	alias, err = net.Dial("tcp", b)
	if err != nil {
		return err
	}
	return alias.Close()
}

// BadDoubleIf tests one condition to open and another to close.
func BadDoubleIf(addr string, open, shut bool) error {
	var conn net.Conn
	if open {
		c, err := net.Dial("tcp", addr) // want "c is not released on all paths"
		if err != nil {
			return err
		}
		conn = c
	}
	if shut && conn != nil {
		return conn.Close()
	}
	return nil
}

// BadFirstOfCollection closes only the first of what a loop collected in variables.
func BadTwoInOneTry(a, b string) (err error) {
	var in, out net.Conn
	defer func() {
		if in != nil {
			err = errors.Join(err, in.Close())
		}
	}()
	if in, err = net.Dial("tcp", a); err != nil {
		return err
	}
	out, err = net.Dial("tcp", b) // want "out is never released"
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return err
}

// BadCatchReturns: the error of a later step is handled where the connection
// is out of sight.
func BadCatchReturns(addr string) (*gob.Decoder, error) {
	conn, err := net.Dial("tcp", addr) // want "conn is not released on all paths"
	if err != nil {
		return nil, err
	}
	dec := gob.NewDecoder(conn)
	var hello string
	if err := dec.Decode(&hello); err != nil {
		return nil, fmt.Errorf("greeting: %w", err)
	}
	return dec, nil
}

// BadRetryReplacesOwner dials again inside the loop and keeps only the last.
func BadRetryReplacesOwner(addrs []string) (net.Conn, error) {
	var conn net.Conn
	for _, a := range addrs {
		c, err := net.Dial("tcp", a) // want "c is (not released|acquired again)"
		if err != nil {
			continue
		}
		conn = c
	}
	if conn == nil {
		return nil, errHost
	}
	return conn, nil
}

// BadNullifiedInError loses the connection where it handles the error.
func BadNullifiedOnError(addr string, b []byte) error {
	conn, err := net.Dial("tcp", addr) // want "conn is not released on all paths"
	if err != nil {
		return err
	}
	if _, err = conn.Write(b); err != nil {
		conn = nil
	}
	if conn != nil {
		return conn.Close()
	}
	return err
}

// BadSwitchFallsThrough closes in two of three arms.
func BadArmWithFallthrough(addr string, mode int) error {
	conn, err := net.Dial("tcp", addr) // want "conn is not released on all paths"
	if err != nil {
		return err
	}
	switch mode {
	case 0:
		fallthrough
	case 1:
		return conn.Close()
	case 2:
		log.Print("keep")
	default:
		return conn.Close()
	}
	return nil
}

// BadInterfaceCast closes only what happens to be something else.
func BadInterfaceCast(ctx context.Context, addr string) error {
	conn, err := net.Dial("tcp", addr) // want "conn is not released on all paths"
	if err != nil {
		return err
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		return tcp.Close()
	}
	return ctx.Err()
}

// BadStaticOwner puts a second connection into a package variable in a loop.
var pinned net.Conn

func BadStaticOwner(addrs []string) {
	for _, a := range addrs {
		conn, err := net.Dial("tcp", a)
		if err != nil {
			continue
		}
		pinned = conn // want "pinned is overwritten before what it held is released"
	}
}

// BadOwnerInLoop makes an owner in every turn and closes the last.
type duo struct{ a, b net.Conn }

func newDuo(addr string) (*duo, error) {
	a, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	b, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return &duo{a: a, b: b}, nil
}

func (d *duo) Close() error { return errors.Join(d.a.Close(), d.b.Close()) }

func BadOwnerInLoop(addrs []string) (err error) {
	var d *duo
	for _, a := range addrs {
		if d, err = newDuo(a); err != nil { // want "d is (acquired again before it is released|not released on all paths)"
			return err
		}
	}
	if d == nil {
		return nil
	}
	return d.Close()
}

// OkAliasCloses closes through another name.
func OkAliasCloses(addr string) error {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	var c io.Closer = conn
	again := c
	return again.Close()
}

// OkDoubleIfSame tests the same condition twice.
func OkDoubleIfSame(addr string, open bool) error {
	var conn net.Conn
	if open {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			return err
		}
		conn = c
	}
	log.Print(open)
	if open {
		return conn.Close()
	}
	return nil
}

// OkLayered wraps and wraps; the outermost is all that is needed.
func OkLayered(addr string) (*bufio.ReadWriter, io.Closer, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, nil, err
	}
	rw := bufio.NewReadWriter(bufio.NewReader(conn), bufio.NewWriter(conn))
	return rw, conn, nil
}

// OkFinally closes everything in one deferred function, whatever was opened.
func OkFinally(a, b string) (err error) {
	var in, out net.Conn
	defer func() {
		for _, c := range []net.Conn{in, out} {
			if c != nil {
				err = errors.Join(err, c.Close())
			}
		}
	}()
	if in, err = net.Dial("tcp", a); err != nil {
		return err
	}
	if out, err = net.Dial("tcp", b); err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return err
}

// OkTernary opens one of two.
func OkTernary(a, b string, first bool) (err error) {
	addr := b
	if first {
		addr = a
	}
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	return nil
}

// OkCollection closes all elements of what it collected.
func OkCollection(addrs []string) (err error) {
	conns := make([]net.Conn, 0, len(addrs))
	for _, a := range addrs {
		c, err := net.Dial("tcp", a)
		if err != nil {
			break
		}
		conns = append(conns, c)
	}
	for _, c := range conns {
		err = errors.Join(err, c.Close())
	}
	return err
}

// OkOwnerReplaced closes the owner of the turn before it makes the next.
func OkOwnerReplaced(addrs []string) error {
	var d *duo
	for _, a := range addrs {
		if d != nil {
			_ = d.Close()
		}
		var err error
		if d, err = newDuo(a); err != nil {
			return err
		}
	}
	if d == nil {
		return nil
	}
	return d.Close()
}

// OkOwnerOfOwner: the inner owner is closed by the outer one.
type outer struct {
	inner *duo
	once  sync.Once
}

func OkOwnerOfOwner(addr string) (*outer, error) {
	d, err := newDuo(addr)
	if err != nil {
		return nil, err
	}
	return &outer{inner: d}, nil
}

// Close closes the inner owner, once.
func (o *outer) Close() (err error) {
	o.once.Do(func() { err = o.inner.Close() })
	return err
}

// OkEnsuresInHelper closes in a helper that is called on every path.
func OkEnsuresInHelper(ctx context.Context, pool *pgxpool.Pool, q string) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	if q == "" {
		return finish(conn, errHost)
	}
	_, err = conn.Exec(ctx, q)
	return finish(conn, err)
}

func finish(conn *pgxpool.Conn, err error) error {
	defer conn.Release()
	if err != nil {
		return fmt.Errorf("finish: %w", err)
	}
	return nil
}

// OkNullWhenAbsent gives back nothing, or what the caller must close.
func OkNullWhenAbsent(ctx context.Context, dsn string) *pgx.Conn {
	if dsn == "" {
		return nil
	}
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		log.Print(err)
		return nil
	}
	return conn
}

// OkUsesNullable closes what it may have got.
func OkUsesNullable(ctx context.Context, dsn string) error {
	conn := OkNullWhenAbsent(ctx, dsn)
	if conn == nil {
		return errHost
	}
	return errors.Join(conn.Ping(ctx), conn.Close(ctx))
}

// OkCallbackOwner hands an owned value to a callback and closes it after.
func OkCallbackOwner(ctx context.Context, db *sql.DB, fn func(context.Context, *sql.Conn) error) (err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	return fn(ctx, conn)
}

// with is a generic way to use and close.
func with[C io.Closer](c C, fn func(C) error) error {
	return errors.Join(fn(c), c.Close())
}

// OkGenericUse closes through the generic function.
func OkGenericUse(ctx context.Context, db *sql.DB) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	return with(conn, func(c *sql.Conn) error { return c.PingContext(ctx) })
}
