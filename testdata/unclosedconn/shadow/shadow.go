// Package shadow holds releases that reach the wrong value or come at the
// wrong time: shadowed variables, defers bound too early, results thrown away.
package shadow

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"

	"github.com/gorilla/websocket"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jmoiron/sqlx"
	amqp "github.com/rabbitmq/amqp091-go"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
)

var errStale = errors.New("stale")

// BadReplicaShadowsPrimary declares a new variable in the block: the outer one
// stays nil and is what the function closes.
func BadReplicaShadowsPrimary(ctx context.Context, primary, replica *sql.DB, read bool) error {
	var conn *sql.Conn
	if read {
		conn, err := replica.Conn(ctx) // want "conn is never released"
		if err != nil {
			return err
		}
		log.Print("replica ", conn)
	}
	if conn == nil {
		var err error
		if conn, err = primary.Conn(ctx); err != nil {
			return err
		}
	}
	defer conn.Close()
	return conn.PingContext(ctx)
}

// BadReturnsTheOuter dials again into a new variable and returns the old one.
func BadReturnsTheOuter(addr string) (conn net.Conn, err error) {
	for range 3 {
		conn, err := net.Dial("tcp", addr) // want "conn is (never|not) released|acquired again"
		if err == nil {
			log.Print("connected to ", conn.RemoteAddr())
			break
		}
	}
	return conn, err
}

// BadDeferBoundBeforeReassignment: a deferred method call keeps the receiver
// it had when the defer ran.
func BadDeferBoundBeforeReassignment(ctx context.Context, dsn, fallback string) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	if conn.Ping(ctx) != nil {
		conn, err = pgx.Connect(ctx, fallback) // want "conn is never released"
		if err != nil {
			return err
		}
	}
	_, err = conn.Exec(ctx, "select 1")
	return err
}

// BadDeferredArgument: arguments of a deferred call are read at once, too.
func BadDeferredArgument(ctx context.Context, pool *pgxpool.Pool) error {
	var conn *pgxpool.Conn
	defer func(c *pgxpool.Conn) {
		if c != nil {
			c.Release()
		}
	}(conn)
	conn, err := pool.Acquire(ctx) // want "conn is never released"
	if err != nil {
		return err
	}
	return conn.Ping(ctx)
}

// BadDeferAfterEarlyReturn has a check between the acquire and the defer.
func BadDeferAfterEarlyReturn(ctx context.Context, ch *amqp.Connection, queue string) error {
	c, err := ch.Channel() // want "c is not released on all paths"
	if err != nil {
		return err
	}
	if queue == "" {
		return errStale
	}
	defer c.Close()
	_, err = c.QueueDeclare(queue, true, false, false, false, nil)
	return err
}

// BadDeferInBranch closes only what one branch made.
func BadDeferInBranch(ctx context.Context, db *sqlx.DB, named bool) error {
	rows, err := db.QueryxContext(ctx, "select * from t") // want "rows is not released on all paths"
	if err != nil {
		return err
	}
	if named {
		defer rows.Close()
		cols, err := rows.Columns()
		log.Print(cols)
		return err
	}
	if rows.Next() {
		return rows.StructScan(&struct{ ID int }{})
	}
	return rows.Err()
}

// BadConditionalOnDebug closes only when somebody watches.
func BadConditionalOnDebug(url string, debug bool) error {
	resp, err := http.Get(url) // want "resp is not released on all paths"
	if err != nil {
		return err
	}
	if debug {
		log.Print(resp.Status)
		return resp.Body.Close()
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("status %s", resp.Status)
	}
	return resp.Body.Close()
}

// BadSecondCloseSkipped: the error of the first close ends the function before
// the second one.
func BadSecondCloseSkipped(ctx context.Context, a, b string) error {
	from, err := pgx.Connect(ctx, a)
	if err != nil {
		return err
	}
	to, err := pgx.Connect(ctx, b) // want "to is not released on all paths"
	if err != nil {
		return errors.Join(err, from.Close(ctx))
	}
	log.Print(from.Config().Host, to.Config().Host)
	if err := from.Close(ctx); err != nil {
		return err
	}
	return to.Close(ctx)
}

// BadBlankResult throws the rows of a statement away.
func BadBlankResult(ctx context.Context, db *sql.DB) error {
	_, err := db.QueryContext(ctx, "update t set n = n + 1") // want "the result of QueryContext is never released"
	return err
}

// BadIgnored starts a call and looks at nothing that it gives.
func BadIgnored(ctx context.Context, coll *mongo.Collection) {
	coll.Find(ctx, bson.D{}) // want "the result of Find is never released"
}

// BadBlankFirstOfTwo keeps only the response of the handshake.
func BadBlankFirstOfTwo(url string) (int, error) {
	_, resp, err := websocket.DefaultDialer.Dial(url, nil) // want "the result of Dial is never released"
	if err != nil {
		return 0, err
	}
	return resp.StatusCode, nil
}

// BadSwapped closes the value it was given in place of its own.
func BadSwapped(ctx context.Context, pool *pgxpool.Pool, old *pgxpool.Conn) error {
	conn, err := pool.Acquire(ctx) // want "conn is never released"
	if err != nil {
		return err
	}
	defer old.Release()
	return conn.Ping(ctx)
}

// BadClosesTheCopyOfTheLoop binds every defer to the same first connection.
func BadDeferOutsideRetry(ctx context.Context, dsn string) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	for range 3 {
		if err = conn.Ping(ctx); err == nil {
			return nil
		}
		if conn, err = pgx.Connect(ctx, dsn); err != nil { // want "conn is (never released|not released|acquired again)"
			return err
		}
	}
	return err
}

// BadErrShadowedInClosure: the deferred rollback looks at an err that no
// assignment of this function ever reaches.
func BadErrShadowedInClosure(ctx context.Context, db *sql.DB) (err error) {
	tx, err := db.BeginTx(ctx, nil) // want "tx is not released on all paths"
	if err != nil {
		return err
	}
	var failed error
	defer func() {
		if failed != nil {
			_ = tx.Rollback()
		}
	}()
	if _, err := tx.ExecContext(ctx, "delete from t"); err != nil {
		return err
	}
	return tx.Commit()
}

// OkAssignedInBlock assigns to the outer variable.
func OkAssignedInBlock(ctx context.Context, primary, replica *sql.DB, read bool) error {
	var conn *sql.Conn
	var err error
	if read {
		conn, err = replica.Conn(ctx)
	} else {
		conn, err = primary.Conn(ctx)
	}
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.PingContext(ctx)
}

// OkInnerScope closes the shadowing value inside its block.
func OkInnerScope(ctx context.Context, db *sql.DB, check bool) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if check {
		conn, err := db.Conn(ctx)
		if err != nil {
			return err
		}
		if err := errors.Join(conn.PingContext(ctx), conn.Close()); err != nil {
			return err
		}
	}
	_, err = conn.ExecContext(ctx, "select 1")
	return err
}

// OkClosureBindsLate closes what the variable holds at the end, and the old
// one where it is replaced.
func OkClosureBindsLate(ctx context.Context, dsn, fallback string) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	if conn.Ping(ctx) != nil {
		next, err := pgx.Connect(ctx, fallback)
		if err != nil {
			return err
		}
		_ = conn.Close(ctx)
		conn = next
	}
	_, err = conn.Exec(ctx, "select 1")
	return err
}

// OkBothDefersBound defers a close for each value the variable ever holds.
func OkBothDefersBound(ctx context.Context, dsn, fallback string) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	if conn.Ping(ctx) != nil {
		if conn, err = pgx.Connect(ctx, fallback); err != nil {
			return err
		}
		defer conn.Close(ctx)
	}
	_, err = conn.Exec(ctx, "select 1")
	return err
}

// OkBothClosed runs both closes and joins their errors.
func OkBothClosed(ctx context.Context, a, b string) error {
	from, err := pgx.Connect(ctx, a)
	if err != nil {
		return err
	}
	to, err := pgx.Connect(ctx, b)
	if err != nil {
		return errors.Join(err, from.Close(ctx))
	}
	log.Print(from.Config().Host, to.Config().Host)
	err = from.Close(ctx)
	if err2 := to.Close(ctx); err == nil {
		err = err2
	}
	return err
}

// OkBlankDialResponse: the response of a handshake owes nothing.
func OkBlankDialResponse(url string) error {
	conn, _, err := websocket.DefaultDialer.Dial(url, nil)
	if err != nil {
		return err
	}
	return conn.Close()
}

// OkBlankErrorOfClose ignores what the release says, not the release.
func OkBlankErrorOfClose(ctx context.Context, db *sql.DB) int {
	rows, err := db.QueryContext(ctx, "select id from t")
	if err != nil {
		return 0
	}
	n := 0
	for n < 10 && rows.Next() {
		n++
	}
	_ = rows.Close()
	return n
}

// OkDeferPlacedAfterUselessCheck: nothing between the acquire and the defer can leave.
func OkDeferAfterLogging(ctx context.Context, pool *pgxpool.Pool, debug bool) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	if debug {
		log.Print("acquired ", conn.Conn().PgConn().PID())
	}
	defer conn.Release()
	return conn.Ping(ctx)
}

// OkErrReused reuses err for other steps; the release does not depend on it.
func OkErrReused(ctx context.Context, pool *pgxpool.Pool) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, "select 1")
	if err == nil {
		_, err = conn.Exec(ctx, "select 2")
	}
	conn.Release()
	return err
}

// OkSwappedBack closes the old one and gives the new one to the caller.
func OkSwappedBack(ctx context.Context, dsn string, old *pgx.Conn) (*pgx.Conn, error) {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return old, err
	}
	if old != nil {
		_ = old.Close(ctx)
	}
	old, conn = conn, nil
	log.Print(conn)
	return old, nil
}
