//golden:related

// Package tx holds transactions that are, or are not, ended.
package tx

import (
	"context"
	"database/sql"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jmoiron/sqlx"
	bolt "go.etcd.io/bbolt"
	"gorm.io/gorm"
)

var errRefused = errors.New("refused")

func BadNeitherCommitNorRollback(ctx context.Context, db *sql.DB) error {
	tx, err := db.BeginTx(ctx, nil) // want "tx is not released"
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "update t set a = 1"); err != nil {
		return err // rel "this return may be reached without"
	}
	return tx.Commit()
}

func BadRollbackOnlyForSecondStep(ctx context.Context, pool *pgxpool.Pool) error {
	tx, err := pool.Begin(ctx) // want "tx is not released"
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "insert into a values (1)"); err != nil {
		return err // rel "this return may be reached without"
	}
	if _, err := tx.Exec(ctx, "insert into b values (1)"); err != nil {
		_ = tx.Rollback(ctx)
		return err
	}
	return tx.Commit(ctx)
}

func BadCommitForgotten(ctx context.Context, db *sql.DB) error {
	tx, err := db.Begin() // want "tx is never released"
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "update t set a = 1")
	return err // rel "this return may be reached without"
}

func BadRefusedWithoutRollback(ctx context.Context, db *sqlx.DB, n int) error {
	tx, err := db.BeginTxx(ctx, nil) // want "tx is not released"
	if err != nil {
		return err
	}
	if n == 0 {
		return errRefused // rel "this return may be reached without"
	}
	return tx.Commit()
}

// BadGuardReadsTheOuterErr: the closure sees the outer err, which is nil
// when the inner one fails.
func BadGuardReadsTheOuterErr(ctx context.Context, db *sql.DB) error {
	tx, err := db.BeginTx(ctx, nil) // want "tx is not released"
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = tx.Rollback()
		}
	}()
	if _, err := tx.ExecContext(ctx, "update t set a = 1"); err != nil {
		return err // rel "this return may be reached without"
	}
	return tx.Commit()
}

func BadGormBegin(db *gorm.DB, name string) error {
	tx := db.Begin() // want "tx is not released"
	if tx.Error != nil {
		return tx.Error
	}
	if err := tx.Exec("insert into t values (?)", name).Error; err != nil {
		return err // rel "this return may be reached without"
	}
	return tx.Commit().Error
}

func BadBoltWrite(db *bolt.DB, key, value []byte) error {
	tx, err := db.Begin(true) // want "tx is not released"
	if err != nil {
		return err
	}
	b := tx.Bucket([]byte("t"))
	if b == nil {
		return errRefused // rel "this return may be reached without"
	}
	if err := b.Put(key, value); err != nil {
		_ = tx.Rollback()
		return err
	}
	return tx.Commit()
}

func BadBoltRead(db *bolt.DB, key []byte) ([]byte, error) {
	tx, err := db.Begin(false) // want "tx is never released"
	if err != nil {
		return nil, err
	}
	return tx.Bucket([]byte("t")).Get(key), nil // rel "this return may be reached without"
}

func BadTxOfConn(ctx context.Context, conn *pgx.Conn) error {
	tx, err := conn.Begin(ctx) // want "tx is not released"
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "select 1"); err != nil {
		return err // rel "this return may be reached without"
	}
	return tx.Commit(ctx)
}

func OkDeferredRollback(ctx context.Context, db *sql.DB) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, "update t set a = 1"); err != nil {
		return err
	}
	return tx.Commit()
}

func OkPgxDeferredRollback(ctx context.Context, pool *pgxpool.Pool) error {
	tx, err := pool.BeginTx(ctx, pgx.TxOptions{})
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback(ctx) }()
	if _, err := tx.Exec(ctx, "update t set a = 1"); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

func OkNamedResultRollback(ctx context.Context, db *sql.DB) (err error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = tx.Rollback()
			return
		}
		err = tx.Commit()
	}()
	if _, err := tx.ExecContext(ctx, "insert into a values (1)"); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "insert into b values (1)")
	return err
}

func OkRollbackOnErrorCommitAtEnd(ctx context.Context, db *sql.DB) (err error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = tx.Rollback()
		}
	}()
	if _, err = tx.ExecContext(ctx, "insert into a values (1)"); err != nil {
		return err
	}
	return tx.Commit()
}

func OkRecoverRollback(ctx context.Context, db *sqlx.DB, f func(*sqlx.Tx) error) (err error) {
	tx, err := db.BeginTxx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() {
		if p := recover(); p != nil {
			_ = tx.Rollback()
			panic(p)
		} else if err != nil {
			_ = tx.Rollback()
		} else {
			err = tx.Commit()
		}
	}()
	return f(tx)
}

func OkCommittedFlag(ctx context.Context, db *sql.DB) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	committed := false
	defer func() {
		if !committed {
			_ = tx.Rollback()
		}
	}()
	if _, err := tx.ExecContext(ctx, "insert into a values (1)"); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	committed = true
	return nil
}

func OkRollbackOnEveryError(ctx context.Context, db *sql.DB) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "insert into a values (1)"); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

func OkFailedCommitNeedsNothing(ctx context.Context, db *sql.DB) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	return nil
}

func OkGormBegin(db *gorm.DB, name string) error {
	tx := db.Begin()
	if err := tx.Error; err != nil {
		return err
	}
	defer func() {
		if r := recover(); r != nil {
			tx.Rollback()
		}
	}()
	if err := tx.Exec("insert into t values (?)", name).Error; err != nil {
		tx.Rollback()
		return err
	}
	return tx.Commit().Error
}

func OkBolt(db *bolt.DB, key, value []byte) error {
	tx, err := db.Begin(true)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := tx.Bucket([]byte("t")).Put(key, value); err != nil {
		return err
	}
	return tx.Commit()
}

func OkBoltBucketIsBorrowed(tx *bolt.Tx, key []byte) ([]byte, error) {
	b := tx.Bucket([]byte("t"))
	if b == nil {
		return nil, errRefused
	}
	return b.Get(key), nil
}

// OkLeaseCoversItsTx: a lease given back inside a transaction is destroyed.
func OkLeaseCoversItsTx(ctx context.Context, pool *pgxpool.Pool) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	tx, err := conn.Begin(ctx)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "select 1"); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

func OkTxOfSqlxConn(ctx context.Context, db *sqlx.DB) error {
	conn, err := db.Connx(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	tx, err := conn.BeginTxx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, "select 1"); err != nil {
		return err
	}
	return tx.Commit()
}

func OkSavepoint(ctx context.Context, pool *pgxpool.Pool) error {
	tx, err := pool.Begin(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback(ctx)
	sp, err := tx.Begin(ctx)
	if err != nil {
		return err
	}
	if _, err := sp.Exec(ctx, "select 1"); err != nil {
		return err
	}
	if err := sp.Commit(ctx); err != nil {
		return err
	}
	return tx.Commit(ctx)
}
