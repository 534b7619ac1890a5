// Package exits holds the ways out of a function: returns, panics, calls that
// never come back, ends of goroutines and turns of loops.
package exits

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"runtime"
	"strconv"
	"testing"

	"github.com/gomodule/redigo/redis"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	bolt "go.etcd.io/bbolt"
)

var errEmpty = errors.New("empty")

// BadSecondReturnInSwitch forgets the rows in the arm that was added last.
func BadSecondReturnInSwitch(ctx context.Context, db *sql.DB, mode string) (int, error) {
	rows, err := db.QueryContext(ctx, "select id from t") // want "rows is not released on all paths"
	if err != nil {
		return 0, err
	}
	switch mode {
	case "count":
		n := 0
		for rows.Next() {
			n++
		}
		return n, rows.Close()
	case "first":
		var id int
		if rows.Next() {
			err = rows.Scan(&id)
		}
		return id, err
	}
	return 0, rows.Close()
}

// BadMarshalError leaves through an error that has nothing to do with the database.
func BadMarshalError(ctx context.Context, db *sql.DB, v any) error {
	tx, err := db.BeginTx(ctx, nil) // want "tx is not released on all paths"
	if err != nil {
		return err
	}
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("marshal: %w", err)
	}
	if _, err := tx.ExecContext(ctx, "insert into log values ($1)", text); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

// BadRecoveredPanic gives the panic back as an error and forgets the lease: the
// return after recover is a return as any other.
func BadRecoveredPanic(ctx context.Context, pool *pgxpool.Pool) (err error) {
	conn, err := pool.Acquire(ctx) // want "conn is never released"
	if err != nil {
		return err
	}
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	_, err = conn.Exec(ctx, "select 1")
	return err
}

// BadGotoOut jumps over the release.
func BadGotoOut(ctx context.Context, pool *pgxpool.Pool, ids []int) error {
	conn, err := pool.Acquire(ctx) // want "conn is not released on all paths"
	if err != nil {
		return err
	}
	for _, id := range ids {
		if id < 0 {
			goto out
		}
		if _, err = conn.Exec(ctx, "delete from t where id = $1", id); err != nil {
			break
		}
	}
	conn.Release()
out:
	return err
}

// BadLabelledContinue goes on with the outer loop and leaves the lease of the inner one.
func BadLabelledContinue(ctx context.Context, pool *pgxpool.Pool, batches [][]string) error {
outer:
	for _, batch := range batches {
		conn, err := pool.Acquire(ctx) // want "conn is (not released|acquired again)"
		if err != nil {
			return err
		}
		for _, q := range batch {
			if q == "" {
				continue outer
			}
			_, _ = conn.Exec(ctx, q)
		}
		conn.Release()
	}
	return nil
}

// BadLabelledBreak leaves both loops from inside a select.
func BadLabelledBreak(ctx context.Context, l *net.Dialer, in <-chan []byte) error {
	conn, err := l.DialContext(ctx, "tcp", "localhost:9000") // want "conn is not released on all paths"
	if err != nil {
		return err
	}
loop:
	for {
		select {
		case <-ctx.Done():
			break loop
		case b, ok := <-in:
			if !ok {
				return conn.Close()
			}
			if _, err := conn.Write(b); err != nil {
				return errors.Join(err, conn.Close())
			}
		}
	}
	return ctx.Err()
}

// BadGoexitIsNoPanic ends the goroutine on one path without the lease.
func BadGoroutineReturnsEarly(ctx context.Context, pool *pgxpool.Pool, done chan<- error) {
	go func() {
		conn, err := pool.Acquire(ctx) // want "conn is not released on all paths"
		if err != nil {
			done <- err
			return
		}
		var n int
		if err := conn.QueryRow(ctx, "select count(*) from t").Scan(&n); err != nil {
			done <- err
			return
		}
		conn.Release()
		done <- nil
	}()
}

// BadNoRowsPath: finding nothing is an exit too.
func BadNoRowsPath(ctx context.Context, pool *pgxpool.Pool, id int) (string, error) {
	conn, err := pool.Acquire(ctx) // want "conn is not released on all paths"
	if err != nil {
		return "", err
	}
	var name string
	err = conn.QueryRow(ctx, "select name from t where id = $1", id).Scan(&name)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", errEmpty
	}
	conn.Release()
	return name, err
}

// BadReadOnlyPath commits what it writes and forgets what it only read.
func BadReadOnlyPath(db *bolt.DB, key []byte, write bool) error {
	tx, err := db.Begin(write) // want "tx is not released on all paths"
	if err != nil {
		return err
	}
	b := tx.Bucket([]byte("jobs"))
	if b == nil {
		return errors.Join(errEmpty, tx.Rollback())
	}
	if !write {
		log.Print(len(b.Get(key)))
		return nil
	}
	if err := b.Put(key, []byte("1")); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

// OkNothingDeferred releases by hand on each of its exits: not deferring is no defect.
func OkNothingDeferred(ctx context.Context, pool *pgxpool.Pool, ids []int) (int, error) {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return 0, err
	}
	sum := 0
	for i, id := range ids {
		tag, err := conn.Exec(ctx, "delete from t where id = $1", id)
		if err != nil {
			conn.Release()
			return sum, fmt.Errorf("row %d: %w", i, err)
		}
		sum += int(tag.RowsAffected())
	}
	conn.Release()
	return sum, nil
}

// OkMayPanicBetween indexes a slice while it holds the lease: a panic that
// nobody recovers is no path to judge.
func OkMayPanicBetween(ctx context.Context, pool *pgxpool.Pool, ids []string) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, ids[0])
	conn.Release()
	return err
}

// OkExplicitPanic ends the program on the path that does not release.
func OkExplicitPanic(ctx context.Context, db *sql.DB, n int) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	if n < 0 {
		panic("negative: " + strconv.Itoa(n))
	}
	_, err = conn.ExecContext(ctx, "select 1")
	return errors.Join(err, conn.Close())
}

// usage never comes back.
func usage(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format, args...)
	os.Exit(2)
}

// OkOwnUsageHelper leaves the program through a function of its own.
func OkOwnUsageHelper(ctx context.Context, dsn string, args []string) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	if len(args) == 0 {
		usage("usage: %s query\n", os.Args[0])
	}
	_, err = conn.Exec(ctx, args[0])
	return errors.Join(err, conn.Close(ctx))
}

// OkGoexit ends the goroutine after the release, and the deferred one runs on Goexit.
func OkGoexit(ctx context.Context, pool *pgxpool.Pool, in <-chan string) {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		runtime.Goexit()
	}
	defer conn.Release()
	for q := range in {
		if _, err := conn.Exec(ctx, q); err != nil {
			runtime.Goexit()
		}
	}
}

// OkFailNow is a test that stops where it stands; its cleanup releases.
func OkFailNow(t *testing.T, db *sql.DB) {
	rows, err := db.Query("select id from t")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = rows.Close() })
	if !rows.Next() {
		t.FailNow()
	}
}

// OkSkipPath leaves a test through Skip.
func OkSkipPath(t *testing.T, pool *redis.Pool) {
	conn := pool.Get()
	if _, err := conn.Do("PING"); err != nil {
		_ = conn.Close()
		t.Skipf("no redis: %v", err)
	}
	if err := conn.Close(); err != nil {
		t.Error(err)
	}
}

// OkEndlessWorker never returns, so its lease is never due.
func OkEndlessWorker(ctx context.Context, pool *pgxpool.Pool, in <-chan string) {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		log.Print(err)
		return
	}
	for q := range in {
		if _, err := conn.Exec(ctx, q); err != nil {
			log.Print(err)
		}
	}
	conn.Release()
}

// OkForever holds its connection for as long as the program runs.
func OkForever(ctx context.Context, dsn string) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	for {
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			log.Print(err)
			continue
		}
		log.Print(n.Payload)
	}
}

// OkReleasedBeforeRecoverableCode gives the lease back before anything can go wrong.
func OkReleasedBeforeDecoding(ctx context.Context, pool *pgxpool.Pool, v any) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	var text []byte
	err = conn.QueryRow(ctx, "select doc from t").Scan(&text)
	conn.Release()
	if err != nil {
		return err
	}
	return json.Unmarshal(text, v)
}

// OkEveryArmReturnsTheClose closes in the return statement itself.
func OkEveryArmReturnsTheClose(ctx context.Context, addr string, r io.Reader) error {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	switch n, err := io.Copy(conn, r); {
	case err != nil:
		return errors.Join(err, conn.Close())
	case n == 0:
		return errors.Join(errEmpty, conn.Close())
	default:
		return conn.Close()
	}
}

// OkLabelledContinueReleases releases before it goes on with the outer loop.
func OkLabelledContinueReleases(ctx context.Context, pool *pgxpool.Pool, batches [][]string) error {
outer:
	for _, batch := range batches {
		conn, err := pool.Acquire(ctx)
		if err != nil {
			return err
		}
		for _, q := range batch {
			if _, err := conn.Exec(ctx, q); err != nil {
				conn.Release()
				continue outer
			}
		}
		conn.Release()
	}
	return nil
}

// OkNamedResultAfterRecover closes in the deferred function, panic or not.
func OkNamedResultAfterRecover(ctx context.Context, db *sql.DB) (err error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() {
		switch r := recover(); {
		case r != nil:
			_ = tx.Rollback()
			panic(r)
		case err != nil:
			_ = tx.Rollback()
		default:
			err = tx.Commit()
		}
	}()
	_, err = tx.ExecContext(ctx, "update t set n = n + 1")
	return err
}
