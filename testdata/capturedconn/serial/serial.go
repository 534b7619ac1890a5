// Package serial has connections whose calls are serialised, but whose
// conversation is one.
package serial

import (
	"context"
	"database/sql"
	"sync"

	"github.com/jmoiron/sqlx"
	"golang.org/x/sync/errgroup"
	"gorm.io/gorm"
)

const (
	insert = "insert into t values (1)"
	list   = "select id from t"
)

// BadQueries reads two result sets of one transaction at once.
func BadQueries(ctx context.Context, tx *sql.Tx) error {
	go func() {
		var id int
		_ = tx.QueryRowContext(ctx, list).Scan(&id)
	}()
	_, err := tx.ExecContext(ctx, insert) // want "tx.ExecContext may run at the same time"
	return err
}

// BadQueryHere opens the result set in the spawner.
func BadQueryHere(ctx context.Context, tx *sql.Tx) (*sql.Rows, error) {
	go func() {
		_, _ = tx.ExecContext(ctx, insert)
	}()
	return tx.QueryContext(ctx, list) // want "tx.QueryContext may run at the same time"
}

// BadQueryLoop reads one result set per goroutine.
func BadQueryLoop(ctx context.Context, tx *sql.Tx, ids []int) error {
	g, ctx := errgroup.WithContext(ctx)
	for range ids {
		g.Go(func() error {
			var id int
			return tx.QueryRowContext(ctx, list).Scan(&id) // want "tx.QueryRowContext may run at the same time as itself"
		})
	}
	return g.Wait()
}

// BadCommit commits while statements may still run.
func BadCommit(ctx context.Context, tx *sql.Tx) error {
	go func() {
		_, _ = tx.ExecContext(ctx, insert)
	}()
	return tx.Commit() // want "tx.Commit may run at the same time"
}

// BadRollback ends the transaction on the path that does not wait.
func BadRollback(ctx context.Context, tx *sql.Tx, broken bool) error {
	var g errgroup.Group
	g.Go(func() error {
		_, err := tx.ExecContext(ctx, insert)
		return err
	})
	if broken {
		return tx.Rollback() // want "tx.Rollback may run at the same time"
	}
	return g.Wait()
}

// BadConnClose gives the connection back under a running query.
func BadConnClose(ctx context.Context, conn *sql.Conn) error {
	go func() {
		_, _ = conn.ExecContext(ctx, insert)
	}()
	return conn.Close() // want "conn.Close may run at the same time"
}

// BadSqlxGet reads one row on each side.
func BadSqlxGet(ctx context.Context, tx *sqlx.Tx) error {
	go func() {
		var id int
		_ = tx.GetContext(ctx, &id, list)
	}()
	var ids []int
	return tx.SelectContext(ctx, &ids, list) // want "tx.SelectContext may run at the same time"
}

// BadSqlxCommit commits too early.
func BadSqlxCommit(db *sqlx.DB) error {
	tx, err := db.Beginx()
	if err != nil {
		return err
	}
	go func() {
		_, _ = tx.NamedExec(insert, map[string]any{})
	}()
	return tx.Commit() // want "tx.Commit may run at the same time"
}

type row struct{ ID int }

// BadGormCommit commits while the goroutine creates.
func BadGormCommit(db *gorm.DB) error {
	tx := db.Begin()
	go func() {
		tx.Create(&row{ID: 1})
	}()
	return tx.Commit().Error // want "tx.Commit may run at the same time"
}

// BadGormLoop creates the rows of a transaction at once.
func BadGormLoop(db *gorm.DB, ids []int) error {
	return db.Transaction(func(tx *gorm.DB) error {
		var g errgroup.Group
		for _, id := range ids {
			g.Go(func() error {
				return tx.Create(&row{ID: id}).Error // want "tx.Create may run at the same time"
			})
		}
		return g.Wait()
	})
}

// BadGormChain shares the conditions of a query that has begun.
func BadGormChain(db *gorm.DB) {
	query := db.Where("id > 0")
	for range 2 {
		go func() {
			var rows []row
			query.Find(&rows) // want "query.Find may run at the same time"
		}()
	}
}

// OkGormChainEach begins the query in each goroutine.
func OkGormChainEach(db *gorm.DB) {
	for range 2 {
		go func() {
			var rows []row
			db.Where("id > 0").Find(&rows)
		}()
	}
}

// OkGormChainReused makes the begun query one that can be shared.
func OkGormChainReused(db *gorm.DB) {
	query := db.Where("id > 0").Session(&gorm.Session{})
	for range 2 {
		go func() {
			var rows []row
			query.Find(&rows)
		}()
	}
}

// OkExecs runs statements at once, which database/sql serialises, and waits.
func OkExecs(ctx context.Context, tx *sql.Tx) error {
	var g errgroup.Group
	for range 4 {
		g.Go(func() error {
			_, err := tx.ExecContext(ctx, insert)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return tx.Commit()
}

// OkExecHere runs one statement on each side.
func OkExecHere(ctx context.Context, conn *sql.Conn) error {
	var wg sync.WaitGroup
	wg.Go(func() {
		_, _ = conn.ExecContext(ctx, insert)
	})
	_, err := conn.ExecContext(ctx, insert)
	wg.Wait()
	return err
}

// OkRollbackAfterWait waits before the end.
func OkRollbackAfterWait(ctx context.Context, db *sql.DB) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	var g errgroup.Group
	g.Go(func() error {
		_, err := tx.ExecContext(ctx, insert)
		return err
	})
	if err := g.Wait(); err != nil {
		return err
	}
	return tx.Commit()
}

// OkTxPerGoroutine begins a transaction per goroutine.
func OkTxPerGoroutine(ctx context.Context, db *sqlx.DB) error {
	var g errgroup.Group
	for range 4 {
		g.Go(func() error {
			tx, err := db.BeginTxx(ctx, nil)
			if err != nil {
				return err
			}
			defer tx.Rollback()
			var ids []int
			if err := tx.SelectContext(ctx, &ids, list); err != nil {
				return err
			}
			return tx.Commit()
		})
	}
	return g.Wait()
}

// OkDB shares the pool.
func OkDB(ctx context.Context, db *sql.DB) (id int, err error) {
	go func() {
		var id int
		_ = db.QueryRowContext(ctx, list).Scan(&id)
	}()
	err = db.QueryRowContext(ctx, list).Scan(&id)
	return id, err
}

// OkGormRoot shares what gorm.Open gave.
func OkGormRoot(dialector gorm.Dialector) error {
	db, err := gorm.Open(dialector)
	if err != nil {
		return err
	}
	go func() {
		db.Create(&row{ID: 1})
	}()
	return db.Create(&row{ID: 2}).Error
}

// OkGormTransaction keeps the transaction in its callback.
func OkGormTransaction(db *gorm.DB) error {
	return db.Transaction(func(tx *gorm.DB) error {
		if err := tx.Create(&row{ID: 1}).Error; err != nil {
			return err
		}
		return tx.Create(&row{ID: 2}).Error
	})
}

// OkGormSession gives the goroutine a session of its own.
func OkGormSession(ctx context.Context, db *gorm.DB) error {
	go func() {
		db.WithContext(ctx).Create(&row{ID: 1})
	}()
	return db.WithContext(ctx).Create(&row{ID: 2}).Error
}
