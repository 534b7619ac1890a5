// Package closures uses the connection through function literals.
package closures

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// BadLiteral calls a literal that writes.
func BadLiteral(ctx context.Context, conn *pgx.Conn) error {
	mark := func(id int) error {
		_, err := conn.Exec(ctx, "update job set seen = true where id = $1", id) // want "conn.Exec is called while rows is open"
		return err
	}
	rows, err := conn.Query(ctx, "select id from job")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := mark(1); err != nil {
			return err
		}
	}
	return rows.Err()
}

// OkCalledLater keeps the writes for later.
func OkCalledLater(ctx context.Context, conn *pgx.Conn) error {
	var todo []func() error
	rows, err := conn.Query(ctx, "select id from job")
	if err != nil {
		return err
	}
	for rows.Next() {
		var id int
		if err := rows.Scan(&id); err != nil {
			return err
		}
		todo = append(todo, func() error {
			_, err := conn.Exec(ctx, "delete from job where id = $1", id)
			return err
		})
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, f := range todo {
		if err := f(); err != nil {
			return err
		}
	}
	return nil
}

// OkClosedInLiteral closes the rows before it writes.
func OkClosedInLiteral(ctx context.Context, conn *pgx.Conn) error {
	rows, err := conn.Query(ctx, "select id from job")
	if err != nil {
		return err
	}
	end := func() error {
		rows.Close()
		_, err := conn.Exec(ctx, "select 1")
		return err
	}
	return end()
}

// OkDeferredWrite runs after the deferred Close.
func OkDeferredWrite(ctx context.Context, conn *pgx.Conn) error {
	defer func() { _, _ = conn.Exec(ctx, "select pg_advisory_unlock_all()") }()
	rows, err := conn.Query(ctx, "select id from job")
	if err != nil {
		return err
	}
	defer rows.Close()
	if rows.Next() {
		return nil
	}
	return rows.Err()
}
