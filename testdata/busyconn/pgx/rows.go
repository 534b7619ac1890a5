// Package pgx holds rows, single rows and batches on pgx connections and transactions.
package pgx

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
)

// BadExecPerRow writes with the connection that still reads.
func BadExecPerRow(ctx context.Context, conn *pgx.Conn) error {
	rows, err := conn.Query(ctx, "select id from job")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id int
		if err := rows.Scan(&id); err != nil {
			return err
		}
		if _, err := conn.Exec(ctx, "update job set seen = true where id = $1", id); err != nil { // want "conn.Exec is called while rows is open \\(conn busy\\); read it into a slice first"
			return err
		}
	}
	return rows.Err()
}

// BadLookupPerRow asks for more about each row.
func BadLookupPerRow(ctx context.Context, tx pgx.Tx) (n int, err error) {
	accounts, err := tx.Query(ctx, "select id from account")
	if err != nil {
		return 0, err
	}
	defer accounts.Close()
	for accounts.Next() {
		var id, balance int
		if err := accounts.Scan(&id); err != nil {
			return 0, err
		}
		if err := tx.QueryRow(ctx, "select sum(amount) from entry where account = $1", id).Scan(&balance); err != nil { // want "tx.QueryRow is called while accounts is open"
			return 0, err
		}
		n += balance
	}
	return n, accounts.Err()
}

// BadFirstRowOnly stops at the first row, which does not end the result.
func BadFirstRowOnly(ctx context.Context, tx pgx.Tx, name string) error {
	rows, err := tx.Query(ctx, "select id from person where name = $1", name)
	if err != nil {
		return err
	}
	defer rows.Close()
	if !rows.Next() {
		return pgx.ErrNoRows
	}
	var id int
	if err := rows.Scan(&id); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "insert into visit values ($1)", id) // want "tx.Exec is called while rows is open \\(conn busy\\); close it first"
	return err
}

// BadBreak leaves the loop early; the deferred Close comes too late.
func BadBreak(ctx context.Context, conn *pgx.Conn, want int) error {
	rows, err := conn.Query(ctx, "select id from job order by id")
	if err != nil {
		return err
	}
	defer rows.Close()
	found := false
	for rows.Next() {
		var id int
		if err := rows.Scan(&id); err != nil {
			return err
		}
		if id == want {
			found = true
			break
		}
	}
	if !found {
		return errors.New("no such job")
	}
	_, err = conn.Exec(ctx, "update job set taken = true where id = $1", want) // want "conn.Exec (is|may be) called while rows is open"
	return err
}

// BadSecondQuery joins two results by hand.
func BadSecondQuery(ctx context.Context, tx pgx.Tx) error {
	left, err := tx.Query(ctx, "select id from a order by id")
	if err != nil {
		return err
	}
	defer left.Close()
	right, err := tx.Query(ctx, "select id from b order by id") // want "tx.Query is called while left is open"
	if err != nil {
		return err
	}
	defer right.Close()
	for left.Next() && right.Next() {
		if _, err := left.Values(); err != nil {
			return err
		}
	}
	return nil
}

// BadRowKept scans only after the next call.
func BadRowKept(ctx context.Context, conn *pgx.Conn) (n int, err error) {
	row := conn.QueryRow(ctx, "select count(*) from job")
	if _, err := conn.Exec(ctx, "delete from job"); err != nil { // want "conn.Exec is called while row is open \\(conn busy\\); scan it first"
		return 0, err
	}
	return n, row.Scan(&n)
}

// BadCommitInBatch commits while the results of the batch are open: the
// deferred Close comes after it.
func BadCommitInBatch(ctx context.Context, tx pgx.Tx, batch *pgx.Batch) error {
	br := tx.SendBatch(ctx, batch)
	defer br.Close()
	for range batch.Len() {
		if _, err := br.Exec(); err != nil {
			return err
		}
	}
	return tx.Commit(ctx) // want "tx.Commit is called while br is open \\(conn busy\\); close it first"
}

// BadCopyPerRow copies within the loop over rows.
func BadCopyPerRow(ctx context.Context, conn *pgx.Conn) error {
	rows, err := conn.Query(ctx, "select day from day")
	if err != nil {
		return err
	}
	for rows.Next() {
		vals, err := rows.Values()
		if err != nil {
			return err
		}
		_, err = conn.CopyFrom(ctx, pgx.Identifier{"log"}, []string{"day"}, pgx.CopyFromRows([][]any{vals})) // want "conn.CopyFrom is called while rows is open"
		if err != nil {
			rows.Close()
			return err
		}
	}
	return rows.Err()
}

// BadEachTurn defers the Close in the loop: the second query finds the first one's rows open.
func BadEachTurn(ctx context.Context, conn *pgx.Conn, tables []string) (all []string, err error) {
	for _, table := range tables {
		rows, err := conn.Query(ctx, "select column_name from columns where t = $1", table) // want "conn.Query may be called while rows is open"
		if err != nil {
			return nil, err
		}
		defer rows.Close()
		if rows.Next() {
			var name string
			if err := rows.Scan(&name); err != nil {
				return nil, err
			}
			all = append(all, name)
		}
	}
	return all, nil
}

// BadParent uses the connection while the transaction on it has rows open.
func BadParent(ctx context.Context, conn *pgx.Conn) error {
	tx, err := conn.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback(ctx) }()
	rows, err := tx.Query(ctx, "select id from job")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := conn.Ping(ctx); err != nil { // want "conn.Ping is called while rows is open"
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

// BadSavepoint begins a savepoint for each row.
func BadSavepoint(ctx context.Context, tx pgx.Tx, handle func(pgx.Tx, int) error) error {
	rows, err := tx.Query(ctx, "select id from job")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id int
		if err := rows.Scan(&id); err != nil {
			return err
		}
		sub, err := tx.Begin(ctx) // want "tx.Begin is called while rows is open"
		if err != nil {
			return err
		}
		if err := handle(sub, id); err != nil {
			return err
		}
	}
	return rows.Err()
}

// BadForEach runs a statement in the callback for each row.
func BadForEach(ctx context.Context, tx pgx.Tx) error {
	rows, err := tx.Query(ctx, "select id from job")
	if err != nil {
		return err
	}
	var id int
	_, err = pgx.ForEachRow(rows, []any{&id}, func() error {
		_, err := tx.Exec(ctx, "delete from job where id = $1", id) // want "tx.Exec is called while rows is open"
		return err
	})
	return err
}

// BadCollect asks again for each row that it collects.
func BadCollect(ctx context.Context, conn *pgx.Conn) ([]string, error) {
	rows, err := conn.Query(ctx, "select id from job")
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (name string, err error) {
		var id int
		if err := row.Scan(&id); err != nil {
			return "", err
		}
		return name, conn.QueryRow(ctx, "select name from job where id = $1", id).Scan(&name) // want "conn.QueryRow is called while rows is open"
	})
}

// BadBatchThenExec closes the results only at the end.
func BadBatchThenExec(ctx context.Context, conn *pgx.Conn, batch *pgx.Batch) error {
	results := conn.SendBatch(ctx, batch)
	if _, err := results.Exec(); err != nil {
		return errors.Join(err, results.Close())
	}
	if _, err := conn.Exec(ctx, "analyze job"); err != nil { // want "conn.Exec is called while results is open"
		return errors.Join(err, results.Close())
	}
	return results.Close()
}

// BadInnerConnection speaks on the connection under the transaction.
func BadInnerConnection(ctx context.Context, tx pgx.Tx) error {
	mrr := tx.Conn().PgConn().Exec(ctx, "select 1; select 2")
	_, err := tx.Exec(ctx, "select 3") // want "tx.Exec is called while mrr is open"
	return errors.Join(err, mrr.Close())
}
