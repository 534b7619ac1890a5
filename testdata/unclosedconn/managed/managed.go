// Package managed holds transactions and leases that a library ends itself.
package managed

import (
	"context"
	"database/sql"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	goredis "github.com/redis/go-redis/v9"
	bolt "go.etcd.io/bbolt"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"gorm.io/gorm"
)

func OkBeginFunc(ctx context.Context, pool *pgxpool.Pool) error {
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "update t set a = 1")
		return err
	})
}

func OkBeginTxFunc(ctx context.Context, conn *pgx.Conn) error {
	return pgx.BeginTxFunc(ctx, conn, pgx.TxOptions{}, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "update t set a = 1")
		return err
	})
}

func OkAcquireFunc(ctx context.Context, pool *pgxpool.Pool) error {
	return pool.AcquireFunc(ctx, func(conn *pgxpool.Conn) error { return conn.Ping(ctx) })
}

func OkGormTransaction(db *gorm.DB, name string) error {
	return db.Transaction(func(tx *gorm.DB) error {
		return tx.Exec("insert into t values (?)", name).Error
	})
}

func OkBoltUpdate(db *bolt.DB, key, value []byte) error {
	return db.Update(func(tx *bolt.Tx) error {
		b, err := tx.CreateBucketIfNotExists([]byte("t"))
		if err != nil {
			return err
		}
		return b.Put(key, value)
	})
}

func OkBoltView(db *bolt.DB, key []byte) (out []byte, err error) {
	err = db.View(func(tx *bolt.Tx) error {
		out = append(out, tx.Bucket([]byte("t")).Get(key)...)
		return nil
	})
	return out, err
}

func OkMongoUseSession(ctx context.Context, c *mongo.Client) error {
	return c.UseSession(ctx, func(ctx context.Context) error {
		return mongo.SessionFromContext(ctx).StartTransaction()
	})
}

func OkRedisWatch(ctx context.Context, rdb *goredis.Client) error {
	return rdb.Watch(ctx, func(tx *goredis.Tx) error { return tx.Ping(ctx).Err() }, "k")
}

func OkConnRaw(ctx context.Context, db *sql.DB) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.Raw(func(driver any) error { return nil })
}

// withTx is the wrapper that most services have.
func withTx(ctx context.Context, db *sql.DB, f func(*sql.Tx) error) (err error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() {
		if p := recover(); p != nil {
			_ = tx.Rollback()
			panic(p)
		}
		if err != nil {
			err = errors.Join(err, tx.Rollback())
			return
		}
		err = tx.Commit()
	}()
	return f(tx)
}

func OkOwnWithTx(ctx context.Context, db *sql.DB) error {
	return withTx(ctx, db, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "update t set a = 1")
		return err
	})
}

// BadTxInsideAcquireFunc: the library ends the lease it lent, not the
// transaction begun on another pool meanwhile.
func BadTxInsideAcquireFunc(ctx context.Context, pool, other *pgxpool.Pool) error {
	return pool.AcquireFunc(ctx, func(conn *pgxpool.Conn) error {
		tx, err := other.Begin(ctx) // want "tx is not released"
		if err != nil {
			return err
		}
		if err := conn.Ping(ctx); err != nil {
			return err
		}
		return tx.Commit(ctx)
	})
}

// BadOwnWithTx forgets the rollback in the wrapper.
func BadOwnWithTx(ctx context.Context, db *sql.DB, f func(context.Context) error) error {
	tx, err := db.BeginTx(ctx, nil) // want "tx is not released"
	if err != nil {
		return err
	}
	if err := f(ctx); err != nil {
		return err
	}
	return tx.Commit()
}
