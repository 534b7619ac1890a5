// Package parents holds values that live on others: what ends the parent ends
// the child, and not the other way round; and releases of unusual shape.
package parents

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"os/exec"
	"time"

	"github.com/coder/websocket"
	"github.com/gomodule/redigo/redis"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jmoiron/sqlx"
	amqp "github.com/rabbitmq/amqp091-go"
	bolt "go.etcd.io/bbolt"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"golang.org/x/crypto/ssh"
	"zombiezen.com/go/sqlite/sqlitex"
)

// BadRowsOutliveNothing: ending the rows does not end the transaction.
func BadRowsClosedTxOpen(ctx context.Context, db *sql.DB) (n int, err error) {
	tx, err := db.BeginTx(ctx, nil) // want "tx is never released"
	if err != nil {
		return 0, err
	}
	rows, err := tx.QueryContext(ctx, "select id from t")
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		n++
	}
	return n, rows.Err()
}

// BadTxEndedLeaseKept: a commit does not give the session back.
func BadTxEndedLeaseKept(ctx context.Context, db *sql.DB) error {
	conn, err := db.Conn(ctx) // want "conn is never released"
	if err != nil {
		return err
	}
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, "delete from t"); err != nil {
		return err
	}
	return tx.Commit()
}

// BadStatementOfPool: the rows are closed, the statement stays prepared.
func BadStatementOfPool(ctx context.Context, db *sqlx.DB, id int) (string, error) {
	stmt, err := db.PreparexContext(ctx, "select name from t where id = $1") // want "stmt is never released"
	if err != nil {
		return "", err
	}
	var name string
	return name, stmt.GetContext(ctx, &name, id)
}

// BadChannelClosedConnectionOpen closes the smaller of the two.
func BadChannelClosedConnectionOpen(url string) error {
	conn, err := amqp.Dial(url) // want "conn is never released"
	if err != nil {
		return err
	}
	ch, err := conn.Channel()
	if err != nil {
		return err
	}
	defer ch.Close()
	return ch.Confirm(false)
}

// BadSSHSession: the session is closed, the client it runs on is not.
func BadSSHSession(addr, cmd string, conf *ssh.ClientConfig) ([]byte, error) {
	client, err := ssh.Dial("tcp", addr, conf) // want "client is never released"
	if err != nil {
		return nil, err
	}
	sess, err := client.NewSession()
	if err != nil {
		return nil, err
	}
	defer sess.Close()
	return sess.Output(cmd)
}

// BadOnlyRollbackOfInner ends the savepoint and leaves the outer one.
func BadOnlyRollbackOfInner(ctx context.Context, pool *pgxpool.Pool) error {
	tx, err := pool.Begin(ctx) // want "tx is not released on all paths"
	if err != nil {
		return err
	}
	inner, err := tx.Begin(ctx)
	if err != nil {
		return errors.Join(err, tx.Rollback(ctx))
	}
	if _, err := inner.Exec(ctx, "insert into t values (1)"); err != nil {
		return errors.Join(err, inner.Rollback(ctx))
	}
	if err := inner.Commit(ctx); err != nil {
		return errors.Join(err, tx.Rollback(ctx))
	}
	return tx.Commit(ctx)
}

// BadPutOfAnother gives the wrong connection back to the pool.
func BadPutOfAnother(ctx context.Context, pool *sqlitex.Pool) error {
	a, err := pool.Take(ctx)
	if err != nil {
		return err
	}
	defer pool.Put(a)
	b, err := pool.Take(ctx) // want "b is never released"
	if err != nil {
		return err
	}
	return errors.Join(sqlitex.Execute(a, "select 1", nil), sqlitex.Execute(b, "select 1", nil))
}

// BadHijackedAndForgotten takes the connection away from the server.
func BadHijackedAndForgotten(w http.ResponseWriter, r *http.Request) {
	h, ok := w.(http.Hijacker)
	if !ok {
		http.Error(w, "no hijacking", http.StatusNotImplemented)
		return
	}
	conn, rw, err := h.Hijack() // want "conn is not released on all paths"
	if err != nil {
		log.Print(err)
		return
	}
	if _, err := rw.WriteString("HTTP/1.1 101 Switching Protocols\r\n\r\n"); err != nil {
		return
	}
	_ = rw.Flush()
	_ = conn.Close()
}

// BadPgxHijacked takes the connection out of the pool: closing it is the
// taker's business then.
func BadPgxHijacked(ctx context.Context, pool *pgxpool.Pool) error {
	lease, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	conn := lease.Hijack() // want "conn is never released"
	_, err = conn.Exec(ctx, "listen news")
	return err
}

// BadLeaseForgottenByAccessor hands the connection inside out and forgets the lease.
func BadLeaseForgottenByAccessor(ctx context.Context, pool *pgxpool.Pool) (*pgx.Conn, error) {
	lease, err := pool.Acquire(ctx) // want "lease is never released"
	if err != nil {
		return nil, err
	}
	return lease.Conn(), nil
}

// BadCursorOfSession: the session is ended, the cursor outside of it is not.
func BadSessionEndedCursorOpen(ctx context.Context, c *mongo.Client, coll *mongo.Collection) error {
	sess, err := c.StartSession()
	if err != nil {
		return err
	}
	defer sess.EndSession(ctx)
	cur, err := coll.Find(ctx, bson.D{}) // want "cur is (never|not) released"
	if err != nil {
		return err
	}
	cur.Next(ctx)
	return sess.StartTransaction()
}

// OkRollbackEndsRows: the end of the transaction ends its rows and statements.
func OkRollbackEndsRows(ctx context.Context, db *sql.DB) (n int, err error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return 0, err
	}
	defer tx.Rollback()
	stmt, err := tx.PrepareContext(ctx, "select id from t")
	if err != nil {
		return 0, err
	}
	rows, err := stmt.QueryContext(ctx)
	if err != nil {
		return 0, err
	}
	if rows.Next() {
		err = rows.Scan(&n)
	}
	return n, err
}

// OkConnCloseEndsTx: closing the connection ends the transaction on it.
func OkConnCloseEndsTx(ctx context.Context, dsn string) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	tx, err := conn.Begin(ctx)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "create temp table x (a int)"); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

// OkStatementOfStatement: rows of a statement that is closed after them.
func OkDrainedRowsOfStatement(ctx context.Context, db *sql.DB) (n int, err error) {
	stmt, err := db.PrepareContext(ctx, "select id from t")
	if err != nil {
		return 0, err
	}
	defer stmt.Close()
	rows, err := stmt.QueryContext(ctx)
	if err != nil {
		return 0, err
	}
	for rows.Next() {
		n++
	}
	return n, rows.Err()
}

// OkBoltViewOwnsItsTx: the library ends the transaction, and must be left to.
func OkBoltViewOwnsItsTx(db *bolt.DB, fn func(k, v []byte)) error {
	return db.View(func(tx *bolt.Tx) error {
		c := tx.Cursor()
		for k, v := c.First(); k != nil; k, v = c.Next() {
			fn(k, v)
		}
		return nil
	})
}

// OkDialResponseOfWebsocket: the response of coder's Dial has nothing to close.
func OkDialResponseOfWebsocket(ctx context.Context, url string) (int, error) {
	conn, resp, err := websocket.Dial(ctx, url, nil)
	if err != nil {
		return 0, err
	}
	defer conn.CloseNow()
	return resp.StatusCode, conn.Ping(ctx)
}

// OkCommandPipes belong to the command, which closes them.
func OkCommandPipes(ctx context.Context, w io.Writer) error {
	cmd := exec.CommandContext(ctx, "pg_dump")
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	if _, err := bufio.NewReader(out).WriteTo(w); err != nil {
		return errors.Join(err, cmd.Wait())
	}
	return cmd.Wait()
}

// OkCommitOrRollback releases by one of two methods.
func OkCommitOrRollback(ctx context.Context, db *sqlx.DB, fn func(*sqlx.Tx) error) error {
	tx, err := db.BeginTxx(ctx, nil)
	if err != nil {
		return err
	}
	if err := fn(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

// OkCloseWithStatus releases with arguments.
func OkCloseWithStatus(ctx context.Context, url string) error {
	conn, _, err := websocket.Dial(ctx, url, nil)
	if err != nil {
		return err
	}
	if err := conn.Write(ctx, websocket.MessageText, []byte("hi")); err != nil {
		return errors.Join(err, conn.Close(websocket.StatusInternalError, "write"))
	}
	return conn.Close(websocket.StatusNormalClosure, "")
}

// OkReleaseWithContext closes with a context of its own.
func OkReleaseWithContext(ctx context.Context, dsn string) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		if err := conn.Close(ctx); err != nil {
			log.Print(err)
		}
	}()
	return conn.Ping(ctx)
}

// OkPut gives the connection back through the pool.
func OkPut(ctx context.Context, pool *sqlitex.Pool) error {
	conn, err := pool.Take(ctx)
	if err != nil {
		return err
	}
	err = sqlitex.Execute(conn, "pragma optimize", nil)
	pool.Put(conn)
	return err
}

// OkHijackedServed gives the connection to its own goroutine.
func OkHijackedServed(w http.ResponseWriter, r *http.Request) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	go func() {
		defer conn.Close()
		_, _ = io.Copy(conn, conn)
	}()
}

// OkHijackEndsLease: after Hijack there is no lease to give back.
func OkHijackEndsLease(ctx context.Context, pool *pgxpool.Pool) (*pgx.Conn, error) {
	lease, err := pool.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	return lease.Hijack(), nil
}

// OkBorrowedInner closes nothing that the lease still has.
func OkBorrowedInner(ctx context.Context, pool *pgxpool.Pool) (uint32, error) {
	lease, err := pool.Acquire(ctx)
	if err != nil {
		return 0, err
	}
	defer lease.Release()
	inner := lease.Conn()
	return inner.PgConn().PID(), inner.Ping(ctx)
}

// OkRedisPoolOwnsNothingHere: the connection is the caller's, its use is not its end.
func OkRedisBorrowed(conn redis.Conn, key string) (string, error) {
	return redis.String(conn.Do("GET", key))
}

// OkPipeBothEnds closes the two ends of a pipe, each where it is used.
func OkPipeBothEnds(r io.Reader) (int, error) {
	a, b := net.Pipe()
	go func() {
		_, _ = io.Copy(a, r)
		_ = a.Close()
	}()
	n, err := io.Copy(io.Discard, b)
	return int(n), errors.Join(err, b.Close())
}
