// Package mysql sees its driver by the name under which it opens the pool.
package mysql

import (
	"database/sql"

	"github.com/jmoiron/sqlx"
)

// Open names the driver.
func Open(dsn string) (*sql.DB, error) { return sql.Open("mysql", dsn) }

// BadUpdatePerRow answers with a busy buffer.
func BadUpdatePerRow(tx *sql.Tx) error {
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
		if _, err := tx.Exec("update job set seen = 1 where id = ?", id); err != nil { // want "tx.Exec is called while rows is open \\(busy buffer\\)"
			return err
		}
	}
	return rows.Err()
}

// BadGet asks sqlx for one more row.
func BadGet(tx *sqlx.Tx) error {
	rows, err := tx.Queryx("select id from job")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id, n int
		if err := rows.Scan(&id); err != nil {
			return err
		}
		if err := tx.Get(&n, "select count(*) from entry where job = ?", id); err != nil { // want "tx.Get is called while rows is open \\(busy buffer\\)"
			return err
		}
	}
	return rows.Err()
}

// BadNamed reads structures and writes named arguments.
func BadNamed(tx *sqlx.Tx) error {
	rows, err := tx.NamedQuery("select id from job where kind = :kind", map[string]any{"kind": 1})
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var job struct{ ID int }
		if err := rows.StructScan(&job); err != nil {
			return err
		}
		if _, err := tx.NamedExec("delete from job where id = :id", job); err != nil { // want "tx.NamedExec is called while rows is open"
			return err
		}
	}
	return rows.Err()
}

// OkSelect reads all rows into a slice.
func OkSelect(tx *sqlx.Tx) error {
	var ids []int
	if err := tx.Select(&ids, "select id from job"); err != nil {
		return err
	}
	for _, id := range ids {
		if _, err := tx.Exec("delete from job where id = ?", id); err != nil {
			return err
		}
	}
	return nil
}

// OkSqlxPool is on the pool.
func OkSqlxPool(db *sqlx.DB) error {
	rows, err := db.Queryx("select id from job")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if _, err := db.Exec("update job set seen = 1"); err != nil {
			return err
		}
	}
	return rows.Err()
}

// OkScannedRow is used up before the next call.
func OkScannedRow(tx *sqlx.Tx) error {
	row := tx.QueryRowx("select id from job limit 1")
	var id int
	if err := row.Scan(&id); err != nil {
		return err
	}
	return tx.Get(&id, "select max(id) from job")
}
