// Package transfer holds connections that are handed to another owner.
package transfer

import (
	"context"
	"database/sql"
	"io"
	"net"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

func OkReturned(ctx context.Context, dsn string) (*pgx.Conn, error) {
	return pgx.Connect(ctx, dsn)
}

func OkReturnedAfterCheck(ctx context.Context, dsn string) (*pgx.Conn, error) {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return nil, err
	}
	if err := conn.Ping(ctx); err != nil {
		conn.Close(ctx)
		return nil, err
	}
	return conn, nil
}

func OkReturnedByNamedResult(ctx context.Context, db *sql.DB) (conn *sql.Conn, err error) {
	conn, err = db.Conn(ctx)
	return
}

func OkReturnedByTypeAssertion(addr string) (*net.TCPConn, error) {
	raw, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	conn, ok := raw.(*net.TCPConn)
	if !ok {
		raw.Close()
		return nil, net.ErrClosed
	}
	return conn, nil
}

func BadTypeAssertionFails(addr string) (*net.TCPConn, error) {
	raw, err := net.Dial("tcp", addr) // want "raw is not released"
	if err != nil {
		return nil, err
	}
	conn, ok := raw.(*net.TCPConn)
	if !ok {
		return nil, net.ErrClosed
	}
	return conn, nil
}

type holder struct {
	name string
	conn *sql.Conn
}

func OkReturnedInStruct(ctx context.Context, db *sql.DB) (holder, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return holder{}, err
	}
	return holder{name: "a", conn: conn}, nil
}

func OkReturnedInStructPointer(ctx context.Context, db *sql.DB) (*holder, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	h := &holder{name: "b"}
	h.conn = conn
	return h, nil
}

func OkReturnedInSlice(ctx context.Context, db *sql.DB) ([]*sql.Conn, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return []*sql.Conn{conn}, nil
}

func OkAppended(ctx context.Context, db *sql.DB, n int) (conns []*sql.Conn, err error) {
	for range n {
		conn, err := db.Conn(ctx)
		if err != nil {
			for _, c := range conns {
				c.Close()
			}
			return nil, err
		}
		conns = append(conns, conn)
	}
	return conns, nil
}

func OkReturnedAsInterface(ctx context.Context, db *sql.DB) (io.Closer, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return conn, nil
}

func OkReturnedAsAny(ctx context.Context, db *sql.DB) (any, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return conn, nil
}

func OkReturnedWithCleanup(ctx context.Context, pool *pgxpool.Pool) (*pgx.Conn, func(), error) {
	lease, err := pool.Acquire(ctx)
	if err != nil {
		return nil, nil, err
	}
	return lease.Conn(), func() { lease.Release() }, nil
}

func OkReturnedWithMethodValue(ctx context.Context, pool *pgxpool.Pool) (*pgx.Conn, func(), error) {
	lease, err := pool.Acquire(ctx)
	if err != nil {
		return nil, nil, err
	}
	return lease.Conn(), lease.Release, nil
}

func OkReturnedInMap(ctx context.Context, db *sql.DB) (map[string]*sql.Conn, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return map[string]*sql.Conn{"main": conn}, nil
}

// OkHijacked: the pool gives the connection up, the caller owns it.
func OkHijacked(ctx context.Context, pool *pgxpool.Pool) (*pgx.Conn, error) {
	lease, err := pool.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	return lease.Hijack(), nil
}

// Store has a closer for what it keeps.
type Store struct {
	mu    sync.Mutex
	conn  *pgx.Conn
	byKey map[string]net.Conn
	all   []net.Conn
}

// Close closes the store's connection.
func (s *Store) Close(ctx context.Context) error { return s.conn.Close(ctx) }

// OkOpen keeps the connection in a field that Close releases.
func (s *Store) OkOpen(ctx context.Context, dsn string) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	s.conn = conn
	return nil
}

// OkOpenDirect assigns the result to the field at once.
func (s *Store) OkOpenDirect(ctx context.Context, dsn string) (err error) {
	s.conn, err = pgx.Connect(ctx, dsn)
	return err
}

// OkKeepByKey keeps the connection in a map of the receiver.
func (s *Store) OkKeepByKey(key, addr string) error {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.byKey[key] = conn
	return nil
}

// OkKeepAppended appends the connection to a slice of the receiver.
func (s *Store) OkKeepAppended(addr string) error {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	s.all = append(s.all, conn)
	return nil
}

var (
	global   *pgx.Conn
	registry = map[string]*pgx.Conn{}
	list     []*pgx.Conn
	current  sync.Map
)

func OkPackageVariable(ctx context.Context, dsn string) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	global = conn
	return nil
}

func OkPackageMap(ctx context.Context, dsn string) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	registry[dsn] = conn
	return nil
}

func OkPackageSlice(ctx context.Context, dsn string) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	list = append(list, conn)
	return nil
}

func OkSyncMap(ctx context.Context, dsn string) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	current.Store(dsn, conn)
	return nil
}

func OkSliceElement(ctx context.Context, db *sql.DB, out []*sql.Conn) error {
	for i := range out {
		conn, err := db.Conn(ctx)
		if err != nil {
			return err
		}
		out[i] = conn
	}
	return nil
}

func OkOutParameter(ctx context.Context, db *sql.DB, out **sql.Conn) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	*out = conn
	return nil
}

func OkSent(ctx context.Context, pool *pgxpool.Pool, out chan<- *pgxpool.Conn) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	out <- conn
	return nil
}

func OkSentOrReleased(ctx context.Context, pool *pgxpool.Pool, out chan<- *pgxpool.Conn) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	select {
	case out <- conn:
		return nil
	case <-ctx.Done():
		conn.Release()
		return ctx.Err()
	}
}

func BadSentOrLost(ctx context.Context, pool *pgxpool.Pool, out chan<- *pgxpool.Conn) error {
	conn, err := pool.Acquire(ctx) // want "conn is not released"
	if err != nil {
		return err
	}
	select {
	case out <- conn:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

type closerSlot interface{ Put(c io.Closer) }

func OkInterfaceStore(ctx context.Context, db *sql.DB, slot closerSlot) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	slot.Put(conn)
	return nil
}

func BadReturnedOnOnePathOnly(ctx context.Context, dsn string, keep bool) (*pgx.Conn, error) {
	conn, err := pgx.Connect(ctx, dsn) // want "conn is not released"
	if err != nil {
		return nil, err
	}
	if !keep {
		return nil, conn.Ping(ctx)
	}
	return conn, nil
}
