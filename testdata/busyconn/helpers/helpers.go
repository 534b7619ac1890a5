// Package helpers uses the connection through helpers, wrappers and interfaces.
package helpers

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

type querier interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

func finish(ctx context.Context, q querier, id int) error {
	_, err := q.Exec(ctx, "delete from job where id = $1", id)
	return err
}

func openJobs(ctx context.Context, tx pgx.Tx) (pgx.Rows, error) {
	return tx.Query(ctx, "select id from job")
}

func firstID(ctx context.Context, tx pgx.Tx) (id int, err error) {
	return id, tx.QueryRow(ctx, "select id from job limit 1").Scan(&id)
}

// BadInterface finishes each job through an interface.
func BadInterface(ctx context.Context, tx pgx.Tx) error {
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
		if err := finish(ctx, tx, id); err != nil { // want "finish uses tx while rows is open"
			return err
		}
	}
	return rows.Err()
}

// BadOpened gets the rows from a helper.
func BadOpened(ctx context.Context, tx pgx.Tx) error {
	jobs, err := openJobs(ctx, tx)
	if err != nil {
		return err
	}
	defer jobs.Close()
	for jobs.Next() {
		if _, err := firstID(ctx, tx); err != nil { // want "firstID uses tx while jobs is open"
			return err
		}
	}
	return jobs.Err()
}

type session struct {
	tx    pgx.Tx
	pool  *pgxpool.Pool
	count int
}

func (s *session) exec(ctx context.Context, sql string) error {
	_, err := s.tx.Exec(ctx, sql)
	return err
}

func (s *session) note(ctx context.Context) error {
	_, err := s.pool.Exec(ctx, "notify jobs")
	return err
}

func (s *session) inc() { s.count++ }

// BadField reads and writes with the transaction in a field.
func (s *session) BadField(ctx context.Context) error {
	rows, err := s.tx.Query(ctx, "select id from job")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if _, err := s.tx.Exec(ctx, "insert into seen values (1)"); err != nil { // want "s.tx.Exec is called while rows is open"
			return err
		}
	}
	return rows.Err()
}

// BadMethod writes through a method of the wrapper.
func (s *session) BadMethod(ctx context.Context) error {
	rows, err := s.tx.Query(ctx, "select id from job")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := s.exec(ctx, "insert into seen values (1)"); err != nil { // want "exec uses s.tx while rows is open"
			return err
		}
	}
	return rows.Err()
}

// OkMethods neither use the transaction.
func (s *session) OkMethods(ctx context.Context) error {
	rows, err := s.tx.Query(ctx, "select id from job")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		s.inc()
		if err := s.note(ctx); err != nil {
			return err
		}
	}
	return rows.Err()
}

func drain(rows pgx.Rows) (ids []int, err error) {
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

// OkDrainedByHelper is closed by the helper that reads it.
func OkDrainedByHelper(ctx context.Context, tx pgx.Tx) error {
	rows, err := tx.Query(ctx, "select id from job")
	if err != nil {
		return err
	}
	ids, err := drain(rows)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := finish(ctx, tx, id); err != nil {
			return err
		}
	}
	return nil
}

func closeThenExec(ctx context.Context, tx pgx.Tx, rows pgx.Rows) error {
	rows.Close()
	_, err := tx.Exec(ctx, "select 1")
	return err
}

// OkGivenToHelper lets the helper end the rows before it writes.
func OkGivenToHelper(ctx context.Context, tx pgx.Tx) error {
	rows, err := tx.Query(ctx, "select id from job")
	if err != nil {
		return err
	}
	return closeThenExec(ctx, tx, rows)
}

type cursor struct{ rows pgx.Rows }

// OkStored goes into a structure that is followed no further.
func OkStored(ctx context.Context, tx pgx.Tx, c *cursor) error {
	rows, err := tx.Query(ctx, "select id from job")
	if err != nil {
		return err
	}
	c.rows = rows
	c.stop()
	_, err = tx.Exec(ctx, "select 1")
	return err
}

func (c *cursor) stop() { c.rows.Close() }

// OkOtherField uses the other connection of the wrapper.
func (p *pair) OkOtherField(ctx context.Context) error {
	rows, err := p.from.Query(ctx, "select id from job")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if _, err := p.to.Exec(ctx, "insert into job values (1)"); err != nil {
			return err
		}
	}
	return rows.Err()
}

type pair struct{ from, to *pgx.Conn }

// OkRecursive reads its level to the end before it goes down.
func OkRecursive(ctx context.Context, tx pgx.Tx, parent int) error {
	rows, err := tx.Query(ctx, "select id from node where parent = $1", parent)
	if err != nil {
		return err
	}
	ids, err := drain(rows)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := OkRecursive(ctx, tx, id); err != nil {
			return err
		}
	}
	return nil
}

// OkReconnect reads the rows of the old connection and writes on the new one.
func (p *pair) OkReconnect(ctx context.Context, dsn string) error {
	rows, err := p.from.Query(ctx, "select id from job")
	if err != nil {
		return err
	}
	defer rows.Close()
	if p.from, err = pgx.Connect(ctx, dsn); err != nil {
		return err
	}
	_, err = p.from.Exec(ctx, "select 1")
	return err
}
