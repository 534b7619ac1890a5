package pgx

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
)

// OkReadFirst keeps the rows in a slice.
func OkReadFirst(ctx context.Context, tx pgx.Tx) error {
	rows, err := tx.Query(ctx, "select id from job")
	if err != nil {
		return err
	}
	var ids []int
	for rows.Next() {
		var id int
		if err := rows.Scan(&id); err != nil {
			rows.Close()
			return err
		}
		ids = append(ids, id)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, id := range ids {
		if _, err := tx.Exec(ctx, "delete from job where id = $1", id); err != nil {
			return err
		}
	}
	return tx.Commit(ctx)
}

// OkDeferredClose has read to the end before it goes on.
func OkDeferredClose(ctx context.Context, conn *pgx.Conn) (n int, err error) {
	rows, err := conn.Query(ctx, "select id from job")
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		n++
	}
	if rows.Err() != nil {
		return 0, rows.Err()
	}
	_, err = conn.Exec(ctx, "insert into audit values ($1)", n)
	return n, err
}

// OkCollected is closed by the function that collects.
func OkCollected(ctx context.Context, tx pgx.Tx) error {
	rows, err := tx.Query(ctx, "select id from job")
	if err != nil {
		return err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int])
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "delete from job where id = any($1)", ids)
	return err
}

// OkForEachLocal only computes for each row.
func OkForEachLocal(ctx context.Context, tx pgx.Tx) error {
	rows, err := tx.Query(ctx, "select amount from entry")
	if err != nil {
		return err
	}
	var amount, sum int
	if _, err := pgx.ForEachRow(rows, []any{&amount}, func() error { sum += amount; return nil }); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "insert into total values ($1)", sum)
	return err
}

// OkScanned has no open row: Scan closes it.
func OkScanned(ctx context.Context, conn *pgx.Conn) error {
	row := conn.QueryRow(ctx, "select count(*) from job")
	var n int
	if err := row.Scan(&n); err != nil {
		return err
	}
	_, err := conn.Exec(ctx, "insert into audit values ($1)", n)
	return err
}

// OkOtherConnection writes with a second connection.
func OkOtherConnection(ctx context.Context, from, to *pgx.Conn) error {
	rows, err := from.Query(ctx, "select id from job")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id int
		if err := rows.Scan(&id); err != nil {
			return err
		}
		if _, err := to.Exec(ctx, "insert into job values ($1)", id); err != nil {
			return err
		}
	}
	return rows.Err()
}

// OkBatchClosed closes the results before it commits.
func OkBatchClosed(ctx context.Context, tx pgx.Tx, batch *pgx.Batch) error {
	br := tx.SendBatch(ctx, batch)
	for range batch.Len() {
		if _, err := br.Exec(); err != nil {
			return errors.Join(err, br.Close())
		}
	}
	if err := br.Close(); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

// OkBatchResults reads the results of the batch by its own methods.
func OkBatchResults(ctx context.Context, conn *pgx.Conn, batch *pgx.Batch) (err error) {
	br := conn.SendBatch(ctx, batch)
	defer func() { err = errors.Join(err, br.Close()) }()
	rows, err := br.Query()
	if err != nil {
		return err
	}
	for rows.Next() {
		if _, err := rows.Values(); err != nil {
			return err
		}
	}
	_, err = br.Exec()
	return err
}

// OkBreakClosed closes what it does not read to the end.
func OkBreakClosed(ctx context.Context, conn *pgx.Conn, want int) error {
	rows, err := conn.Query(ctx, "select id from job")
	if err != nil {
		return err
	}
	for rows.Next() {
		var id int
		if err := rows.Scan(&id); err != nil || id == want {
			break
		}
	}
	rows.Close()
	_, err = conn.Exec(ctx, "update job set taken = true where id = $1", want)
	return errors.Join(err, rows.Err())
}

// OkRollbackOnError gives up: Rollback ends the transaction with all it has open.
func OkRollbackOnError(ctx context.Context, tx pgx.Tx) error {
	rows, err := tx.Query(ctx, "select id from job")
	if err != nil {
		return errors.Join(err, tx.Rollback(ctx))
	}
	for rows.Next() {
		if _, err := rows.Values(); err != nil {
			return errors.Join(err, tx.Rollback(ctx))
		}
	}
	return tx.Commit(ctx)
}

// OkFailedQuery has no rows when the query failed.
func OkFailedQuery(ctx context.Context, conn *pgx.Conn) error {
	rows, err := conn.Query(ctx, "select id from job")
	if err != nil {
		_, err = conn.Exec(ctx, "create table job (id int)")
		return err
	}
	rows.Close()
	return rows.Err()
}

// OkFreeMethods asks the connection for what it knows without the server.
func OkFreeMethods(ctx context.Context, conn *pgx.Conn) (pid uint32, err error) {
	rows, err := conn.Query(ctx, "select id from job")
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		pid += conn.PgConn().PID()
		if conn.IsClosed() || conn.TypeMap() == nil {
			break
		}
	}
	return pid, rows.Err()
}

// OkConnectionPerTurn has a new connection for each query.
func OkConnectionPerTurn(ctx context.Context, hosts []string) error {
	for _, host := range hosts {
		conn, err := pgx.Connect(ctx, "host="+host)
		if err != nil {
			return err
		}
		defer conn.Close(ctx)
		rows, err := conn.Query(ctx, "select pg_is_in_recovery()")
		if err != nil {
			return err
		}
		if rows.Next() {
			return nil
		}
	}
	return nil
}

// OkInGoroutine is the business of other rules.
func OkInGoroutine(ctx context.Context, conn *pgx.Conn, done chan<- error) error {
	rows, err := conn.Query(ctx, "select id from job")
	if err != nil {
		return err
	}
	ready := make(chan struct{})
	go func() {
		<-ready
		_, err := conn.Exec(ctx, "vacuum")
		done <- err
	}()
	rows.Close()
	close(ready)
	return nil
}

// OkPicked may use either connection: which one is not known.
func OkPicked(ctx context.Context, a, b *pgx.Conn, second bool) error {
	conn := a
	if second {
		conn = b
	}
	rows, err := conn.Query(ctx, "select id from job")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if _, err := a.Exec(ctx, "vacuum"); err != nil {
			return err
		}
	}
	return rows.Err()
}

// OkFromSet takes each connection from a set: they are not told apart.
func OkFromSet(ctx context.Context, conns []*pgx.Conn, i, j int) error {
	rows, err := conns[i].Query(ctx, "select id from job")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if _, err := conns[j].Exec(ctx, "vacuum"); err != nil {
			return err
		}
	}
	return rows.Err()
}
