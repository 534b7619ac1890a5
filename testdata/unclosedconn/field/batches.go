package field

import (
	"database/sql"
	"errors"
	"log"
)

const perBatch = 1000

// OkBatchByCount begins a transaction when the count is zero, which it is
// again only after a commit.
func OkBatchByCount(db *sql.DB, names <-chan string) error {
	var (
		tx  *sql.Tx
		err error
		n   int
	)
	for name := range names {
		if n == 0 {
			if tx, err = db.Begin(); err != nil {
				return err
			}
		}
		if _, err := tx.Exec("insert into names values ($1)", name); err != nil {
			_ = tx.Rollback()
			return err
		}
		n++
		if n%perBatch == 0 {
			if err := tx.Commit(); err != nil {
				_ = tx.Rollback()
				log.Print(err)
			}
			n = 0
		}
	}
	if n == 0 {
		return nil
	}
	return tx.Commit()
}

// BadBatchByCount forgets the transaction of the turn that begins it.
func BadBatchByCount(db *sql.DB, names <-chan string) error {
	var (
		tx  *sql.Tx
		err error
		n   int
	)
	for name := range names {
		if n == 0 {
			if tx, err = db.Begin(); err != nil { // want "tx is not released on all paths"
				return err
			}
		}
		if name == "" {
			return errors.New("no name")
		}
		if _, err := tx.Exec("insert into names values ($1)", name); err != nil {
			_ = tx.Rollback()
			return err
		}
		n++
		if n%perBatch == 0 {
			if err := tx.Commit(); err != nil {
				_ = tx.Rollback()
				log.Print(err)
			}
			n = 0
		}
	}
	if n == 0 {
		return nil
	}
	return tx.Commit()
}

// BadEveryTurn begins one in each turn and ends only the last.
func BadEveryTurn(db *sql.DB, names <-chan string) error {
	var tx *sql.Tx
	for name := range names {
		var err error
		if tx, err = db.Begin(); err != nil { // want "tx is acquired again before it is released"
			return err
		}
		if _, err := tx.Exec("insert into names values ($1)", name); err != nil {
			_ = tx.Rollback()
			return err
		}
	}
	if tx == nil {
		return nil
	}
	return tx.Commit()
}
