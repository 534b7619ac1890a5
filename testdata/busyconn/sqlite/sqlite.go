// Package sqlite uses a driver that has any number of open statements.
package sqlite

import (
	"database/sql"

	_ "github.com/mattn/go-sqlite3"
)

// OkExecPerRow is allowed by the driver.
func OkExecPerRow(tx *sql.Tx) error {
	rows, err := tx.Query("select id from job")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id int
		if err := rows.Scan(&id); err != nil {
			return err
		}
		if _, err := tx.Exec("delete from job where id = ?", id); err != nil {
			return err
		}
	}
	return rows.Err()
}

// OkTwoResults has two results open on one connection.
func OkTwoResults(tx *sql.Tx) error {
	left, err := tx.Query("select id from a")
	if err != nil {
		return err
	}
	defer left.Close()
	right, err := tx.Query("select id from b")
	if err != nil {
		return err
	}
	defer right.Close()
	for left.Next() && right.Next() {
	}
	return nil
}
