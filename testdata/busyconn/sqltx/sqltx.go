// Package sqltx holds transactions and connections of database/sql on Postgres.
package sqltx

import (
	"context"
	"database/sql"

	_ "github.com/lib/pq"
)

// BadExecPerRow writes with the transaction that still reads.
func BadExecPerRow(ctx context.Context, tx *sql.Tx) error {
	rows, err := tx.QueryContext(ctx, "select id from job")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id int
		if err := rows.Scan(&id); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "delete from job where id = $1", id) // want "tx.ExecContext is called while rows is open \\(pq: there is already a query being processed on this connection\\); read it into a slice first"
		if err != nil {
			return err
		}
	}
	return rows.Err()
}

// BadPrepared executes a statement of the transaction while its rows are open.
func BadPrepared(ctx context.Context, tx *sql.Tx) error {
	stmt, err := tx.PrepareContext(ctx, "delete from job where id = $1")
	if err != nil {
		return err
	}
	defer stmt.Close()
	rows, err := tx.QueryContext(ctx, "select id from job")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id int
		if err := rows.Scan(&id); err != nil {
			return err
		}
		if _, err := stmt.ExecContext(ctx, id); err != nil { // want "stmt.ExecContext is called while rows is open"
			return err
		}
	}
	return rows.Err()
}

// BadConn is one session, not a pool.
func BadConn(ctx context.Context, db *sql.DB) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	rows, err := conn.QueryContext(ctx, "select pg_try_advisory_lock(1)")
	if err != nil {
		return err
	}
	defer rows.Close()
	if rows.Next() {
		_, err = conn.ExecContext(ctx, "select work()") // want "conn.ExecContext is called while rows is open"
	}
	return err
}

// BadRowKept scans only after the next call.
func BadRowKept(tx *sql.Tx) (n int, err error) {
	row := tx.QueryRow("select count(*) from job")
	if _, err := tx.Exec("delete from job"); err != nil { // want "tx.Exec is called while row is open .*; scan it first"
		return 0, err
	}
	err = row.Scan(&n)
	return n, err
}

// BadTxOfFunction begins the transaction and captures it in the deferred end.
func BadTxOfFunction(db *sql.DB) (err error) {
	tx, err := db.Begin()
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
	rows, err := tx.Query("select id from job")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id int
		if err = rows.Scan(&id); err != nil {
			return err
		}
		if _, err = tx.Exec("delete from job where id = $1", id); err != nil { // want "tx.Exec is called while rows is open"
			return err
		}
	}
	return rows.Err()
}

// OkPool gives each call a connection of its own.
func OkPool(db *sql.DB) error {
	rows, err := db.Query("select id from job")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id int
		if err := rows.Scan(&id); err != nil {
			return err
		}
		if _, err := db.Exec("delete from job where id = $1", id); err != nil {
			return err
		}
	}
	return rows.Err()
}

// OkPoolStatement is prepared on the pool.
func OkPoolStatement(db *sql.DB) error {
	stmt, err := db.Prepare("delete from job where id = $1")
	if err != nil {
		return err
	}
	defer stmt.Close()
	rows, err := db.Query("select id from job")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if _, err := stmt.Exec(1); err != nil {
			return err
		}
	}
	return rows.Err()
}

// OkCommitOpen commits with open rows: database/sql closes them itself.
func OkCommitOpen(tx *sql.Tx) error {
	rows, err := tx.Query("select id from job")
	if err != nil {
		return err
	}
	defer rows.Close()
	if rows.Next() {
		return tx.Commit()
	}
	return rows.Err()
}

// OkReadFirst keeps the rows in a slice.
func OkReadFirst(tx *sql.Tx) error {
	ids, err := readIDs(tx)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if _, err := tx.Exec("delete from job where id = $1", id); err != nil {
			return err
		}
	}
	return nil
}

func readIDs(tx *sql.Tx) (ids []int, err error) {
	rows, err := tx.Query("select id from job")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id int
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// OkNextResultSet reads all result sets.
func OkNextResultSet(tx *sql.Tx) error {
	rows, err := tx.Query("select 1; select 2")
	if err != nil {
		return err
	}
	for {
		for rows.Next() {
		}
		if !rows.NextResultSet() {
			break
		}
	}
	if err := rows.Close(); err != nil {
		return err
	}
	_, err = tx.Exec("select 3")
	return err
}

// OkErrorOfFirst skips the loop when the query failed and has another go.
func OkErrorOfFirst(tx *sql.Tx) (n int, err error) {
	rows, err := tx.Query("select id from job")
	if err == nil {
		for rows.Next() {
			n++
		}
		err = rows.Close()
	}
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec("insert into audit values ($1)", n)
	return n, err
}

// OkOpenElsewhere reads with the pool and writes with the transaction.
func OkOpenElsewhere(db *sql.DB, tx *sql.Tx) error {
	rows, err := db.Query("select id from job")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if _, err := tx.Exec("insert into copy values (1)"); err != nil {
			return err
		}
	}
	return rows.Err()
}
