// Package rows holds result sets, statements, batches and single rows.
package rows

import (
	"context"
	"database/sql"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jmoiron/sqlx"
	"gorm.io/gorm"
)

var errTooMany = errors.New("too many")

func BadScanErrorInLoop(ctx context.Context, db *sql.DB) ([]int, error) {
	rows, err := db.QueryContext(ctx, "select id from t") // want "rows is not released"
	if err != nil {
		return nil, err
	}
	var out []int
	for rows.Next() {
		var id int
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		out = append(out, id)
	}
	return out, rows.Err()
}

func BadFoundInLoop(ctx context.Context, pool *pgxpool.Pool, want string) (bool, error) {
	rows, err := pool.Query(ctx, "select name from t") // want "rows is not released"
	if err != nil {
		return false, err
	}
	for rows.Next() {
		vals, err := rows.Values()
		if err != nil {
			rows.Close()
			return false, err
		}
		if vals[0] == want {
			return true, nil
		}
	}
	return false, rows.Err()
}

func BadBreakOutOfLoop(ctx context.Context, db *sql.DB) (last string, err error) {
	rows, err := db.QueryContext(ctx, "select name from t") // want "rows is not released"
	if err != nil {
		return "", err
	}
	for rows.Next() {
		if err = rows.Scan(&last); err != nil {
			break
		}
	}
	return last, err
}

func BadOnlyFirst(ctx context.Context, db *sql.DB) (name string, err error) {
	rows, err := db.QueryContext(ctx, "select name from t") // want "rows is not released"
	if err != nil {
		return "", err
	}
	if !rows.Next() {
		return "", sql.ErrNoRows
	}
	err = rows.Scan(&name)
	return name, err
}

func BadQueryInsteadOfExec(ctx context.Context, db *sql.DB) error {
	_, err := db.QueryContext(ctx, "delete from t") // want "is never released"
	return err
}

func BadRowNotScanned(ctx context.Context, db *sql.DB) error {
	row := db.QueryRowContext(ctx, "insert into t values (1) returning id") // want "row is never released"
	return row.Err()
}

func BadPgxRowDropped(ctx context.Context, pool *pgxpool.Pool) {
	pool.QueryRow(ctx, "insert into t values (1) returning id") // want "is never released"
}

func BadRowScannedOnOnePath(ctx context.Context, pool *pgxpool.Pool, need bool) (n int, err error) {
	row := pool.QueryRow(ctx, "select count(*) from t") // want "row is not released"
	if need {
		err = row.Scan(&n)
	}
	return n, err
}

func BadStmt(ctx context.Context, db *sql.DB, ids []int) error {
	stmt, err := db.PrepareContext(ctx, "delete from t where id = ?") // want "stmt is not released"
	if err != nil {
		return err
	}
	for _, id := range ids {
		if _, err := stmt.ExecContext(ctx, id); err != nil {
			return err
		}
	}
	return stmt.Close()
}

func BadSqlxRows(db *sqlx.DB) (map[string]any, error) {
	rows, err := db.Queryx("select * from t") // want "rows is not released"
	if err != nil {
		return nil, err
	}
	m := map[string]any{}
	for rows.Next() {
		if err := rows.MapScan(m); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func BadSqlxNamedStmt(db *sqlx.DB, arg any) error {
	stmt, err := db.PrepareNamed("insert into t values (:id)") // want "stmt is never released"
	if err != nil {
		return err
	}
	_, err = stmt.Exec(arg)
	return err
}

func BadGormRows(db *gorm.DB) (names []string, err error) {
	rows, err := db.Raw("select name from t").Rows() // want "rows is not released"
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, rows.Err()
}

func BadBatch(ctx context.Context, pool *pgxpool.Pool, b *pgx.Batch) error {
	results := pool.SendBatch(ctx, b) // want "results is not released"
	for range b.Len() {
		if _, err := results.Exec(); err != nil {
			return err
		}
	}
	return results.Close()
}

func BadStopsAtLimit(ctx context.Context, conn *sql.Conn, limit int) error {
	rows, err := conn.QueryContext(ctx, "select id from t") // want "rows is not released"
	if err != nil {
		return err
	}
	n := 0
	for rows.Next() {
		if n++; n > limit {
			return errTooMany
		}
	}
	return rows.Close()
}

func OkDeferClose(ctx context.Context, db *sql.DB) ([]int, error) {
	rows, err := db.QueryContext(ctx, "select id from t")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []int
	for rows.Next() {
		var id int
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		out = append(out, id)
	}
	return out, rows.Err()
}

func OkDrained(ctx context.Context, db *sql.DB) (n int, err error) {
	rows, err := db.QueryContext(ctx, "select id from t")
	if err != nil {
		return 0, err
	}
	for rows.Next() {
		n++
	}
	return n, rows.Err()
}

func OkDrainedPgx(ctx context.Context, pool *pgxpool.Pool) (n int, err error) {
	rows, err := pool.Query(ctx, "select id from t")
	if err != nil {
		return 0, err
	}
	for rows.Next() {
		n++
	}
	return n, rows.Err()
}

// OkPgxScanErrorCloses: Scan of pgx closes the rows when it fails.
func OkPgxScanErrorCloses(ctx context.Context, pool *pgxpool.Pool) (ids []int, err error) {
	rows, err := pool.Query(ctx, "select id from t")
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		var id int
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

func OkCloseThenReturn(ctx context.Context, db *sql.DB, want string) (bool, error) {
	rows, err := db.QueryContext(ctx, "select name from t")
	if err != nil {
		return false, err
	}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return false, errors.Join(err, rows.Close())
		}
		if name == want {
			return true, rows.Close()
		}
	}
	return false, rows.Err()
}

func OkEmptyThenClose(ctx context.Context, db *sql.DB) (name string, err error) {
	rows, err := db.QueryContext(ctx, "select name from t")
	if err != nil {
		return "", err
	}
	if !rows.Next() {
		return "", sql.ErrNoRows
	}
	err = rows.Scan(&name)
	rows.Close()
	return name, err
}

func OkQueryRowScan(ctx context.Context, db *sql.DB) (n int, err error) {
	err = db.QueryRowContext(ctx, "select count(*) from t").Scan(&n)
	return n, err
}

func OkRowKeptAndScanned(ctx context.Context, pool *pgxpool.Pool) (n int, err error) {
	row := pool.QueryRow(ctx, "select count(*) from t")
	if err := row.Scan(&n); err != nil {
		return 0, err
	}
	return n, nil
}

func OkStmt(ctx context.Context, db *sql.DB, ids []int) error {
	stmt, err := db.PrepareContext(ctx, "delete from t where id = ?")
	if err != nil {
		return err
	}
	defer stmt.Close()
	for _, id := range ids {
		if _, err := stmt.ExecContext(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// OkStmtOfTx: the end of a transaction closes its statements.
func OkStmtOfTx(ctx context.Context, db *sql.DB, ids []int) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	stmt, err := tx.PrepareContext(ctx, "delete from t where id = ?")
	if err != nil {
		return err
	}
	for _, id := range ids {
		if _, err := stmt.ExecContext(ctx, id); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// OkRowsOfTx: the end of a transaction closes its rows.
func OkRowsOfTx(ctx context.Context, db *sql.DB) (name string, err error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return "", err
	}
	defer tx.Rollback()
	rows, err := tx.QueryContext(ctx, "select name from t")
	if err != nil {
		return "", err
	}
	if rows.Next() {
		err = rows.Scan(&name)
	}
	return name, err
}

func OkCollectRows(ctx context.Context, pool *pgxpool.Pool) ([]int, error) {
	rows, err := pool.Query(ctx, "select id from t")
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int])
}

// OkErrorIgnoredCollect: after a failed Query the rows carry the error.
func OkErrorIgnoredCollect(ctx context.Context, pool *pgxpool.Pool) (int, error) {
	rows, _ := pool.Query(ctx, "select id from t limit 1")
	return pgx.CollectOneRow(rows, pgx.RowTo[int])
}

func OkForEachRow(ctx context.Context, pool *pgxpool.Pool) (sum int, err error) {
	rows, err := pool.Query(ctx, "select n from t")
	if err != nil {
		return 0, err
	}
	var n int
	_, err = pgx.ForEachRow(rows, []any{&n}, func() error {
		sum += n
		return nil
	})
	return sum, err
}

func OkBatch(ctx context.Context, pool *pgxpool.Pool, b *pgx.Batch) (err error) {
	results := pool.SendBatch(ctx, b)
	defer func() { err = errors.Join(err, results.Close()) }()
	for range b.Len() {
		if _, err := results.Exec(); err != nil {
			return err
		}
	}
	return nil
}

func OkBatchClosedAtOnce(ctx context.Context, pool *pgxpool.Pool, b *pgx.Batch) error {
	return pool.SendBatch(ctx, b).Close()
}

func OkGormRows(db *gorm.DB) (n int, err error) {
	rows, err := db.Raw("select name from t").Rows()
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		n++
	}
	return n, rows.Err()
}

func OkSqlxSelect(ctx context.Context, db *sqlx.DB) (ids []int, err error) {
	err = db.SelectContext(ctx, &ids, "select id from t")
	return ids, err
}

func OkSqlxRows(db *sqlx.DB) (map[string]any, error) {
	rows, err := db.Queryx("select * from t")
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	m := map[string]any{}
	for rows.Next() {
		if err := rows.MapScan(m); err != nil {
			return nil, err
		}
	}
	return m, rows.Err()
}
