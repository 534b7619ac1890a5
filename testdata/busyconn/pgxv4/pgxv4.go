// Package pgxv4 holds the same connections as their older version has them.
package pgxv4

import (
	"context"

	"github.com/jackc/pgx/v4"
	"github.com/jackc/pgx/v4/pgxpool"
)

// BadPrepareInLoop prepares while the rows are open.
func BadPrepareInLoop(ctx context.Context, conn *pgx.Conn) error {
	rows, err := conn.Query(ctx, "select name, body from statement")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var name, body string
		if err := rows.Scan(&name, &body); err != nil {
			return err
		}
		if _, err := conn.Prepare(ctx, name, body); err != nil { // want "conn.Prepare is called while rows is open \\(conn busy\\)"
			return err
		}
	}
	return rows.Err()
}

// BadResultReader leaves the low-level result open.
func BadResultReader(ctx context.Context, conn *pgx.Conn) error {
	res := conn.PgConn().ExecParams(ctx, "select 1", nil, nil, nil, nil)
	_, err := conn.Exec(ctx, "select 2") // want "conn.Exec is called while res is open"
	if _, closeErr := res.Close(); err == nil {
		err = closeErr
	}
	return err
}

// OkQueryFunc computes for each row.
func OkQueryFunc(ctx context.Context, tx pgx.Tx) (sum int, err error) {
	var n int
	_, err = tx.QueryFunc(ctx, "select n from t", nil, []any{&n}, func(pgx.QueryFuncRow) error { sum += n; return nil })
	return sum, err
}

// OkPoolRows is on a pool.
func OkPoolRows(ctx context.Context, pool *pgxpool.Pool) error {
	rows, err := pool.Query(ctx, "select id from job")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if _, err := pool.Exec(ctx, "notify jobs"); err != nil {
			return err
		}
	}
	return rows.Err()
}

// OkResultRead reads the low-level result to its end.
func OkResultRead(ctx context.Context, conn *pgx.Conn) error {
	res := conn.PgConn().ExecParams(ctx, "select 1", nil, nil, nil, nil).Read()
	if res.Err != nil {
		return res.Err
	}
	_, err := conn.Exec(ctx, "select 2")
	return err
}
