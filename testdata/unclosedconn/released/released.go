// Package released uses leases, sessions and transactions after their release.
package released

import (
	"context"
	"database/sql"
	"errors"

	"github.com/gomodule/redigo/redis"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jmoiron/sqlx"
	"go.etcd.io/bbolt"
	"gorm.io/gorm"
	"zombiezen.com/go/sqlite/sqlitex"
)

// BadPingReleased pings what it has given back.
func BadPingReleased(ctx context.Context, pool *pgxpool.Pool) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	conn.Release()
	return conn.Ping(ctx) // want "conn.Ping is called after Release on line \\d+ \\(nil pointer panic\\)"
}

// BadAuditCommitted writes to the transaction that it has committed.
func BadAuditCommitted(ctx context.Context, tx *sql.Tx) error {
	if err := tx.Commit(); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, "insert into audit values (1)") // want "tx.ExecContext is called after Commit on line \\d+ \\(transaction has already been committed or rolled back\\)"
	return err
}

// BadEitherWay ends the transaction on both branches.
func BadEitherWay(ctx context.Context, tx pgx.Tx, keep bool) error {
	var err error
	if keep {
		err = tx.Commit(ctx)
	} else {
		err = tx.Rollback(ctx)
	}
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "notify done") // want "tx.Exec is called after (Commit|Rollback) on line \\d+ \\(tx is closed\\)"
	return err
}

// BadSession asks a session of database/sql that is closed.
func BadSession(ctx context.Context, db *sql.DB) (n int, err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return 0, err
	}
	_, err = conn.ExecContext(ctx, "select 1")
	if err := errors.Join(err, conn.Close()); err != nil {
		return 0, err
	}
	err = conn.QueryRowContext(ctx, "select count(*) from job").Scan(&n) // want "conn.QueryRowContext is called after Close"
	return n, err
}

// BadCommitAfterRollback commits what it has rolled back.
func BadCommitAfterRollback(tx *sql.Tx, work func() error) error {
	err := work()
	if err != nil {
		_ = tx.Rollback()
	} else {
		_ = tx.Rollback()
	}
	return tx.Commit() // want "tx.Commit is called after Rollback"
}

func count(ctx context.Context, tx pgx.Tx) (n int, err error) {
	return n, tx.QueryRow(ctx, "select count(*) from job").Scan(&n)
}

// BadHelper gives the ended transaction to a helper.
func BadHelper(ctx context.Context, conn *pgx.Conn) (int, error) {
	tx, err := conn.Begin(ctx)
	if err != nil {
		return 0, err
	}
	if err := tx.Commit(ctx); err != nil {
		return 0, err
	}
	return count(ctx, tx) // want "count uses tx after Commit on line \\d+"
}

// BadPutTwice puts the connection back twice: two takers get it.
func BadPutTwice(ctx context.Context, pool *sqlitex.Pool) error {
	conn, err := pool.Take(ctx)
	if err != nil {
		return err
	}
	err = sqlitex.Execute(conn, "select 1", nil)
	pool.Put(conn)
	if err != nil {
		pool.Put(conn) // want "Put of conn is called after Put on line \\d+ \\(the connection may belong to another goroutine\\)"
		return err
	}
	return nil
}

// BadBucket looks into a transaction that is rolled back.
func BadBucket(db *bbolt.DB) (int, error) {
	tx, err := db.Begin(false)
	if err != nil {
		return 0, err
	}
	if err := tx.Rollback(); err != nil {
		return 0, err
	}
	return tx.Bucket([]byte("jobs")).Stats().KeyN, nil // want "tx.Bucket is called after Rollback"
}

// BadRedis sends on a connection that is back in its pool.
func BadRedis(pool *redis.Pool) error {
	conn := pool.Get()
	if err := conn.Close(); err != nil {
		return err
	}
	_, err := conn.Do("PING") // want "conn.Do is called after Close"
	return err
}

// BadNextTurn closes the session in the first turn of the loop.
func BadNextTurn(ctx context.Context, db *sqlx.DB, ids []int) error {
	tx, err := db.Beginx()
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "delete from job where id = any($1)", ids)
	if err := errors.Join(err, tx.Commit()); err != nil {
		return err
	}
	for range ids {
		var n int
		if err := tx.Get(&n, "select 1"); err != nil { // want "tx.Get is called after Commit"
			return err
		}
	}
	return nil
}

// BadGorm goes on with the transaction that it has rolled back.
func BadGorm(db *gorm.DB) error {
	tx := db.Begin()
	if tx.Error != nil {
		return tx.Error
	}
	tx.Rollback()
	return tx.Exec("delete from job").Error // want "tx.Exec is called after Rollback"
}

// OkDeferredRollback is the idiom.
func OkDeferredRollback(ctx context.Context, db *sql.DB) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, "select 1"); err != nil {
		return err
	}
	return tx.Commit()
}

// OkRollbackAfterFailedCommit makes sure.
func OkRollbackAfterFailedCommit(ctx context.Context, tx pgx.Tx) error {
	if err := tx.Commit(ctx); err != nil {
		return errors.Join(err, tx.Rollback(ctx))
	}
	return nil
}

// OkReleasedTwice gives the lease back early, and once more by its defer.
func OkReleasedTwice(ctx context.Context, pool *pgxpool.Pool) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	_, err = conn.Exec(ctx, "select 1")
	conn.Release()
	return err
}

// OkOnOnePath ends the transaction only when the work failed.
func OkOnOnePath(ctx context.Context, tx *sql.Tx, work func() error) error {
	err := work()
	if err != nil {
		if e := tx.Rollback(); e != nil {
			return e
		}
	}
	if err == nil {
		_, err = tx.ExecContext(ctx, "insert into audit values (1)")
	}
	return err
}

// OkNewOne begins the next transaction in the same variable.
func OkNewOne(ctx context.Context, db *sql.DB) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	tx, err = db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "select 1")
	return errors.Join(err, tx.Commit())
}

// OkEachTurn takes a lease in each turn.
func OkEachTurn(ctx context.Context, pool *pgxpool.Pool, n int) error {
	for range n {
		conn, err := pool.Acquire(ctx)
		if err != nil {
			return err
		}
		_, err = conn.Exec(ctx, "select 1")
		conn.Release()
		if err != nil {
			return err
		}
	}
	return nil
}

// OkReconnect closes the old connection and goes on with the new one.
func OkReconnect(ctx context.Context, dsn string, conn *pgx.Conn) (*pgx.Conn, error) {
	for range 3 {
		if err := conn.Ping(ctx); err == nil {
			break
		}
		if err := conn.Close(ctx); err != nil {
			return nil, err
		}
		next, err := pgx.Connect(ctx, dsn)
		if err != nil {
			return nil, err
		}
		conn = next
	}
	return conn, nil
}

// OkReplacedByLiteral has the variable filled anew by a literal.
func OkReplacedByLiteral(ctx context.Context, pool *pgxpool.Pool) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	again := func() error {
		conn, err = pool.Acquire(ctx)
		return err
	}
	conn.Release()
	if err := again(); err != nil {
		return err
	}
	defer conn.Release()
	return conn.Ping(ctx)
}

// OkBatches commits after some rows and begins again.
func OkBatches(ctx context.Context, db *sql.DB, ids []int) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	for i, id := range ids {
		if _, err := tx.ExecContext(ctx, "delete from job where id = ?", id); err != nil {
			return errors.Join(err, tx.Rollback())
		}
		if i%100 == 99 {
			if err := tx.Commit(); err != nil {
				return err
			}
			if tx, err = db.BeginTx(ctx, nil); err != nil {
				return err
			}
		}
	}
	return tx.Commit()
}

func maybeEnd(tx *sql.Tx, end bool) error {
	if end {
		return tx.Rollback()
	}
	return nil
}

// OkMaybeEnded cannot know whether the helper has ended it.
func OkMaybeEnded(ctx context.Context, tx *sql.Tx, end bool) error {
	if err := maybeEnd(tx, end); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, "select 1")
	return err
}

// OkFreeAfterwards asks only what needs no connection.
func OkFreeAfterwards(ctx context.Context, conn *pgx.Conn) (bool, error) {
	err := conn.Close(ctx)
	return conn.IsClosed(), err
}

// OkCommitThenPool goes on with the pool.
func OkCommitThenPool(ctx context.Context, db *sql.DB) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "select 1")
	return err
}

// OkSavepoint goes on with the transaction when the savepoint is released.
func OkSavepoint(ctx context.Context, tx pgx.Tx) error {
	sub, err := tx.Begin(ctx)
	if err != nil {
		return err
	}
	if err := sub.Commit(ctx); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "select 1")
	return err
}

// OkGormCommitError reads the error of the ended transaction.
func OkGormCommitError(db *gorm.DB) error {
	tx := db.Begin()
	if err := tx.Exec("delete from job").Error; err != nil {
		tx.Rollback()
		return err
	}
	return tx.Commit().Error
}

// OkRedisDeferred closes by its defer only.
func OkRedisDeferred(pool *redis.Pool) error {
	conn := pool.Get()
	defer conn.Close()
	_, err := conn.Do("PING")
	return err
}

// OkHijacked goes on with the connection under the lease.
func OkHijacked(ctx context.Context, lease *pgxpool.Conn) error {
	conn := lease.Hijack()
	defer conn.Close(ctx)
	return conn.Ping(ctx)
}
