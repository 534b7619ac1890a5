// Package pooled puts connections into pools that know how to end them, and
// into sync.Pool, which does not.
package pooled

import (
	"bytes"
	"context"
	"database/sql"
	"runtime"
	"sync"

	"github.com/gomodule/redigo/redis"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	amqp "github.com/rabbitmq/amqp091-go"
)

var conns sync.Pool

// BadPut keeps connections where the garbage collector forgets them.
func BadPut(ctx context.Context, dsn string) error {
	c, ok := conns.Get().(*pgx.Conn)
	if !ok {
		var err error
		if c, err = pgx.Connect(ctx, dsn); err != nil {
			return err
		}
	}
	defer conns.Put(c) // want `^c is put into a sync\.Pool, which drops what it holds without calling Close \(possible connection leak\)$`
	return c.Ping(ctx)
}

var leases = &sync.Pool{}

// BadLease keeps the lease of a real pool, which then lacks the connection.
func BadLease(ctx context.Context, pool *pgxpool.Pool) error {
	lease, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	if err := lease.Ping(ctx); err != nil {
		lease.Release()
		return err
	}
	leases.Put(lease) // want `^lease is put into a sync\.Pool, which drops what it holds without calling Release \(possible pool exhaustion\)$`
	return nil
}

// BadChannel keeps channels of a broker.
func BadChannel(conn *amqp.Connection, channels *sync.Pool, body []byte) error {
	ch, err := conn.Channel()
	if err != nil {
		return err
	}
	defer func() {
		channels.Put(ch) // want `^ch is put into a sync\.Pool, which drops what it holds without calling Close`
	}()
	return ch.Publish("", "jobs", false, false, amqp.Publishing{Body: body})
}

// BadSession keeps a session of database/sql.
func BadSession(ctx context.Context, db *sql.DB, sessions *sync.Pool) error {
	session, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	_, err = session.ExecContext(ctx, "set search_path = tenant")
	sessions.Put(session) // want `^session is put into a sync\.Pool, which drops what it holds without calling Close`
	return err
}

// OkBuffers pools what nobody has to release.
func OkBuffers(buffers *sync.Pool) {
	b, _ := buffers.Get().(*bytes.Buffer)
	if b == nil {
		b = new(bytes.Buffer)
	}
	b.Reset()
	buffers.Put(b)
}

// OkDB pools handles of a pool, which is no leak, if of no use.
func OkDB(db *sql.DB, handles *sync.Pool) { handles.Put(db) }

// OkRealPool has a pool that closes what it drops.
func OkRealPool(pool *redis.Pool) error {
	c := pool.Get()
	defer c.Close()
	_, err := c.Do("PING")
	return err
}

// tracked closes its connection when the garbage collector finds it.
type tracked struct{ conn *pgx.Conn }

// OkFinalized pools objects that end their connection themselves.
func OkFinalized(ctx context.Context, dsn string, pool *sync.Pool) error {
	c, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	t := &tracked{conn: c}
	runtime.SetFinalizer(t, func(t *tracked) { _ = t.conn.Close(context.Background()) })
	pool.Put(t)
	return nil
}

// OkChannelPool keeps connections in a channel, where they stay.
func OkChannelPool(ctx context.Context, dsn string, free chan *pgx.Conn) error {
	c, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	select {
	case free <- c:
		return nil
	default:
		return c.Close(ctx)
	}
}

// OkClosedWhenFull closes what the pool has no room for.
func OkClosedWhenFull(ctx context.Context, pool *free, c *pgx.Conn) {
	if !pool.put(c) {
		_ = c.Close(ctx)
	}
}

type free struct {
	mu    sync.Mutex
	conns []*pgx.Conn
}

func (f *free) put(c *pgx.Conn) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.conns) > 8 {
		return false
	}
	f.conns = append(f.conns, c)
	return true
}
