// Package fixes holds leaks with a mechanical fix; each file has its fixed form beside it.
package fixes

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"log"
	"net"
	"net/http"
	"time"

	"github.com/gomodule/redigo/redis"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	bolt "go.etcd.io/bbolt"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"gorm.io/gorm"
	"zombiezen.com/go/sqlite/sqlitex"
)

var errEmpty = errors.New("empty")

// BadLease: Release returns nothing, a plain defer does.
func BadLease(ctx context.Context, pool *pgxpool.Pool, dry bool) error {
	lease, err := pool.Acquire(ctx) // want "lease is not released"
	if err != nil {
		return err
	}
	if dry {
		return lease.Ping(ctx)
	}
	_, err = lease.Exec(ctx, "vacuum")
	lease.Release()
	return err
}

// BadCloseReturnsError: the deferred call says that it wants no error.
func BadCloseReturnsError(ctx context.Context, db *sql.DB) (n int, err error) {
	conn, err := db.Conn(ctx) // want "conn is never released"
	if err != nil {
		return 0, err
	} // nothing to close

	// The session's own counter.
	err = conn.QueryRowContext(ctx, "select @n").Scan(&n)
	return n, err
}

// BadRequestContext has no context but the request's.
func BadRequestContext(w http.ResponseWriter, r *http.Request, dsn string) {
	conn, err := pgx.Connect(r.Context(), dsn) // want "conn is never released"
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	if err := conn.Ping(r.Context()); err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
	}
}

func open(dsn string) (*pgx.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	return pgx.Connect(ctx, dsn)
}

// BadNoContext must make one.
func BadNoContext(dsn string) error {
	conn, err := open(dsn) // want "conn is never released"
	if err != nil {
		return err
	}
	return conn.Ping(context.TODO())
}

// BadGivenContext takes the context of the function.
func BadGivenContext(ctx context.Context, dsn string) error {
	conn, err := open(dsn) // want "conn is never released"
	if err != nil {
		return err
	}
	return conn.Ping(ctx)
}

func BadTransfer(ctx context.Context, db *sql.DB, from, to, n int) error {
	tx, err := db.BeginTx(ctx, nil) // want "tx is not released"
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "update a set n = n - ? where id = ?", n, from); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "update a set n = n + ? where id = ?", n, to); err != nil {
		return err
	}
	return tx.Commit()
}

func BadPgxTx(ctx context.Context, pool *pgxpool.Pool, names []string) error {
	tx, err := pool.BeginTx(ctx, pgx.TxOptions{}) // want "tx is not released"
	if err != nil {
		return err
	}
	for _, name := range names {
		if name == "" {
			return errEmpty
		}
		if _, err := tx.Exec(ctx, "insert into n values ($1)", name); err != nil {
			_ = tx.Rollback(ctx)
			return err
		}
	}
	return tx.Commit(ctx)
}

// BadGormTx: gorm keeps the error in a field.
func BadGormTx(db *gorm.DB, name string) error {
	tx := db.Begin() // want "tx is not released"
	if err := tx.Error; err != nil {
		return err
	}
	if err := tx.Exec("insert into n values (?)", name).Error; err != nil {
		return err
	}
	return tx.Commit().Error
}

func BadBoltTx(db *bolt.DB, key, value []byte) error {
	tx, err := db.Begin(true) // want "tx is not released"
	if err != nil {
		return err
	}
	bucket, err := tx.CreateBucketIfNotExists([]byte("t"))
	if err != nil {
		return err
	}
	if err := bucket.Put(key, value); err != nil {
		return err
	}
	return tx.Commit()
}

// BadBody decodes the answer and forgets its body.
func BadBody(url string) (rate float64, err error) {
	resp, err := http.Get(url) // want "resp is never released"
	if err != nil {
		return 0, err
	}
	err = json.NewDecoder(resp.Body).Decode(&rate)
	return rate, err
}

// BadInsideIf has the value only where there is no error.
func BadInsideIf(ctx context.Context, db *sql.DB) (first string) {
	if rows, err := db.QueryContext(ctx, "select name from t"); err == nil { // want "rows is not released"
		if rows.Next() {
			_ = rows.Scan(&first)
		}
	}
	return first
}

// BadElse has it in the other branch.
func BadElse(ctx context.Context, pool *pgxpool.Pool) {
	lease, err := pool.Acquire(ctx) // want "lease is never released"
	if err != nil {
		log.Print(err)
	} else {
		log.Print(lease.Ping(ctx))
	}
}

// BadSpecialCase treats one error on its own, and measures first.
func BadSpecialCase(ctx context.Context, dsn string) error {
	start := time.Now()
	conn, err := pgx.Connect(ctx, dsn) // want "conn is never released"
	log.Print(time.Since(start))
	if errors.Is(err, context.Canceled) {
		return nil
	}
	if err != nil || conn == nil {
		return errEmpty
	}
	return conn.Ping(ctx)
}

// BadNoError gets a value that is always there.
func BadNoError(pool *redis.Pool, key string) error {
	conn := pool.Get() // want "conn is not released"
	if _, err := conn.Do("DEL", key); err != nil {
		return err
	}
	return conn.Close()
}

// BadBorrowedFromPool goes back by a method of the pool.
func BadBorrowedFromPool(ctx context.Context, pool *sqlitex.Pool) error {
	conn, err := pool.Take(ctx) // want "conn is never released"
	if err != nil {
		return err
	}
	return sqlitex.ExecuteTransient(conn, "analyze", nil)
}

func lookUp(addr string) (net.Conn, bool) {
	conn, err := net.Dial("tcp", addr)
	return conn, err == nil
}

// BadFlagged tests a flag, not an error.
func BadFlagged(addr string) bool {
	peer, ok := lookUp(addr) // want "peer is never released"
	if !ok {
		return false
	}
	_, err := peer.Write([]byte("hello"))
	return err == nil
}

func maybe(ctx context.Context, pool *pgxpool.Pool) *pgxpool.Conn {
	lease, err := pool.Acquire(ctx)
	if err != nil {
		return nil
	}
	return lease
}

// BadNilTested tests the value itself.
func BadNilTested(ctx context.Context, pool *pgxpool.Pool) error {
	lease := maybe(ctx, pool) // want "lease is never released"
	if lease == nil {
		return errEmpty
	}
	return lease.Ping(ctx)
}

func withUndo(ctx context.Context, pool *pgxpool.Pool) (*pgxpool.Conn, func(), error) {
	lease, err := pool.Acquire(ctx)
	if err != nil {
		return nil, nil, err
	}
	return lease, func() { lease.Release() }, nil
}

// BadUndo has a function that gives the lease back.
func BadUndo(ctx context.Context, pool *pgxpool.Pool) error {
	lease, giveBack, err := withUndo(ctx, pool) // want "lease is never released"
	if err != nil {
		return err
	}
	log.Print(giveBack != nil)
	return lease.Ping(ctx)
}

// BadInGoroutine leaks in the worker, not in its spawner.
func BadInGoroutine(ctx context.Context, db *sql.DB, done chan<- error) {
	go func() {
		var conn, err = db.Conn(ctx) // want "conn is never released"
		if err != nil {
			done <- err
			return
		}
		done <- conn.PingContext(ctx)
	}()
}

// BadSession ends with a context and no error.
func BadSession(ctx context.Context, client *mongo.Client) error {
	sess, err := client.StartSession() // want "sess is never released"
	if err != nil {
		return err
	}
	return sess.StartTransaction()
}

// BadTwoOfThem needs two.
func BadTwoOfThem(ctx context.Context, db *sql.DB) error {
	conn, err := db.Conn(ctx) // want "conn is never released"
	if err != nil {
		return err
	}
	stmt, err := conn.PrepareContext(ctx, "select 1") // want "stmt is never released"
	if err != nil {
		return err
	}
	_, err = stmt.ExecContext(ctx)
	return err
}

// BadRetry goes round only while it has nothing.
func BadRetry(ctx context.Context, dsn string) error {
	for {
		conn, err := pgx.Connect(ctx, dsn) // want "conn is never released"
		if err != nil {
			time.Sleep(time.Second)
			continue
		}
		return conn.Ping(ctx)
	}
}
