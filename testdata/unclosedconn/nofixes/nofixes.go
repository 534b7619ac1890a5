// Package nofixes holds leaks that no edit can be trusted to repair: somebody
// must decide who closes what.
package nofixes

import (
	"context"
	"database/sql"
	"errors"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	amqp "github.com/rabbitmq/amqp091-go"
	bolt "go.etcd.io/bbolt"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

var errRefused = errors.New("refused")

// BadConstructor gives the connection away when all goes well.
func BadConstructor(ctx context.Context, dsn string) (*pgx.Conn, error) {
	conn, err := pgx.Connect(ctx, dsn) // want "conn is not released"
	if err != nil {
		return nil, err
	}
	if err := conn.Ping(ctx); err != nil {
		return nil, err
	}
	return conn, nil
}

type hub struct{ conn net.Conn }

// BadStoredLater keeps it, unless the greeting fails.
func (h *hub) BadStoredLater(addr string) error {
	conn, err := net.Dial("tcp", addr) // want "conn is not released"
	if err != nil {
		return err
	}
	if _, err := conn.Write([]byte("hello")); err != nil {
		return err
	}
	h.conn = conn
	return nil
}

// BadSentOn hands it to a worker on one path.
func BadSentOn(addr string, out chan<- net.Conn) error {
	conn, err := net.Dial("tcp", addr) // want "conn is not released"
	if err != nil {
		return err
	}
	if strings.HasPrefix(addr, "local") {
		return errRefused
	}
	out <- conn
	return nil
}

// BadRowsOutliveLease returns rows that the release would end.
func BadRowsOutliveLease(ctx context.Context, pool *pgxpool.Pool) (pgx.Rows, error) {
	lease, err := pool.Acquire(ctx) // want "lease is never released"
	if err != nil {
		return nil, err
	}
	return lease.Query(ctx, "select 1")
}

// BadInnerConnection returns what is inside the lease.
func BadInnerConnection(ctx context.Context, pool *pgxpool.Pool) *pgx.Conn {
	lease, err := pool.Acquire(ctx) // want "lease is never released"
	if err != nil {
		return nil
	}
	inner := lease.Conn()
	return inner
}

// BadBytesOfTx returns memory that ends with the transaction.
func BadBytesOfTx(db *bolt.DB, key []byte) ([]byte, error) {
	tx, err := db.Begin(false) // want "tx is never released"
	if err != nil {
		return nil, err
	}
	return tx.Bucket([]byte("t")).Get(key), nil
}

// BadNeverCommitted would only ever roll back: the commit is what is missing.
func BadNeverCommitted(ctx context.Context, db *sql.DB) error {
	tx, err := db.BeginTx(ctx, nil) // want "tx is never released"
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "update t set n = n + 1")
	return err
}

// BadReconnected has two connections in one variable.
func BadReconnected(ctx context.Context, primary, standby string) error {
	conn, err := pgx.Connect(ctx, primary) // want "conn is not released"
	if err != nil {
		return err
	}
	if err := conn.Ping(ctx); err != nil {
		conn, err = pgx.Connect(ctx, standby)
		if err != nil {
			return err
		}
	}
	return conn.Close(ctx)
}

// BadPutTwice: a pool must not get a connection twice.
func BadPutTwice(ctx context.Context, pool *sqlitex.Pool, q string) error {
	conn, err := pool.Take(ctx) // want "conn is not released"
	if err != nil {
		return err
	}
	if q == "" {
		return errRefused
	}
	err = sqlitex.ExecuteTransient(conn, q, nil)
	pool.Put(conn)
	return err
}

func take(ctx context.Context, pool *sqlitex.Pool) (*sqlite.Conn, error) { return pool.Take(ctx) }

// BadWhichPool does not show which pool it comes from.
func BadWhichPool(ctx context.Context, pool *sqlitex.Pool) error {
	conn, err := take(ctx, pool) // want "conn is never released"
	if err != nil {
		return err
	}
	return sqlitex.ExecuteTransient(conn, "analyze", nil)
}

// BadOnlyLogged goes on without a connection.
func BadOnlyLogged(ctx context.Context, pool *pgxpool.Pool) {
	lease, err := pool.Acquire(ctx) // want "lease is never released"
	if err != nil {
		log.Print(err)
	}
	_ = lease.Ping(ctx)
}

// BadNotTested does not look at the error.
func BadNotTested(url string) int {
	resp, _ := http.Get(url) // want "resp is never released"
	return resp.StatusCode
}

// BadDropped has no name for it.
func BadDropped(ctx context.Context, db *sql.DB) error {
	_, err := db.Conn(ctx) // want "is never released"
	return err
}

// BadStillReading is used by a goroutine that nobody waits for.
func BadStillReading(addr string) error {
	conn, err := net.Dial("tcp", addr) // want "conn is never released"
	if err != nil {
		return err
	}
	go read(conn)
	return nil
}

func read(conn net.Conn) {
	buf := make([]byte, 512)
	for {
		if _, err := conn.Read(buf); err != nil {
			return
		}
	}
}

func startReading(conn net.Conn) { go read(conn) }

// BadReadingSomewhere starts it out of sight.
func BadReadingSomewhere(addr string) error {
	conn, err := net.Dial("tcp", addr) // want "conn is never released"
	if err != nil {
		return err
	}
	startReading(conn)
	return nil
}

// BadConsumer returns deliveries that end with their channel.
func BadConsumer(conn *amqp.Connection) (<-chan amqp.Delivery, error) {
	ch, err := conn.Channel() // want "ch is never released"
	if err != nil {
		return nil, err
	}
	return ch.Consume("jobs", "", true, false, false, false, nil)
}

// BadNotified asks to be told when the channel closes.
func BadNotified(conn *amqp.Connection, closed chan *amqp.Error) error {
	ch, err := conn.Channel() // want "ch is never released"
	if err != nil {
		return err
	}
	ch.NotifyClose(closed)
	return nil
}

// BadReturnFromLoop leaves the function from inside the loop.
func BadReturnFromLoop(ctx context.Context, db *sql.DB, names []string) error {
	for _, name := range names {
		conn, err := db.Conn(ctx) // want "conn is released only when the function returns"
		if err != nil {
			return err
		}
		defer conn.Close()
		if _, err := conn.ExecContext(ctx, "insert into t values (?)", name); err != nil {
			log.Print(err)
		}
	}
	return nil
}

// BadBreakInSelect breaks out of the loop by its label.
func BadBreakInSelect(ctx context.Context, pool *pgxpool.Pool, jobs <-chan string) {
work:
	for {
		lease, err := pool.Acquire(ctx) // want "lease is (not released|acquired again)"
		if err != nil {
			continue
		}
		select {
		case <-ctx.Done():
			break work
		case q := <-jobs:
			_, _ = lease.Exec(ctx, q)
		}
	}
}

// BadOtherDefers would count down too often, and too early, in a function of its own.
func BadOtherDefers(ctx context.Context, pool *pgxpool.Pool, wg *sync.WaitGroup, jobs <-chan string) {
	for job := range jobs {
		defer wg.Done()
		lease, err := pool.Acquire(ctx) // want "lease is released only when the function returns"
		if err != nil {
			continue
		}
		defer lease.Release()
		_, _ = lease.Exec(ctx, job)
	}
}

// BadField has no variable.
func (h *hub) BadField(addr string) error {
	var err error
	if h.conn != nil {
		return nil
	}
	var other hub
	other.conn, err = net.Dial("tcp", addr) // want "other.conn is never released|is never released"
	if err != nil {
		return err
	}
	_, err = other.conn.Write([]byte("x"))
	return err
}

// BadOtherReason returns with a connection in hand right at the test of its error.
func BadOtherReason(ctx context.Context, dsn string) error {
	conn, err := pgx.Connect(ctx, dsn) // want "conn is never released"
	if err != nil || ctx.Err() != nil {
		return errRefused
	}
	return conn.Ping(ctx)
}
