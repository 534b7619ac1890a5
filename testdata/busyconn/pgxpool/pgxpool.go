// Package pgxpool holds leases and transactions of a pool, and the pool itself.
package pgxpool

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// BadLease runs a second query on the lease.
func BadLease(ctx context.Context, pool *pgxpool.Pool) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	rows, err := conn.Query(ctx, "select name from tenant")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return err
		}
		if _, err := conn.Exec(ctx, "create schema "+name); err != nil { // want "conn.Exec is called while rows is open \\(conn busy\\)"
			return err
		}
	}
	return rows.Err()
}

// BadInner goes around the lease: it is the same connection.
func BadInner(ctx context.Context, pool *pgxpool.Pool) error {
	lease, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer lease.Release()
	rows, err := lease.Query(ctx, "listen jobs")
	if err != nil {
		return err
	}
	n, err := lease.Conn().WaitForNotification(ctx) // want "WaitForNotification is called while rows is open"
	rows.Close()
	if err != nil {
		return err
	}
	fmt.Println(n.Payload)
	return nil
}

// BadPoolTx is one connection, though a pool gave it.
func BadPoolTx(ctx context.Context, pool *pgxpool.Pool) error {
	tx, err := pool.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback(ctx) }()
	rows, err := tx.Query(ctx, "select id from job for update")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id int
		if err := rows.Scan(&id); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "delete from job where id = $1", id); err != nil { // want "tx.Exec is called while rows is open"
			return err
		}
	}
	return tx.Commit(ctx)
}

// BadManagedTx is managed by the library, and busy all the same.
func BadManagedTx(ctx context.Context, pool *pgxpool.Pool) error {
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, "select id from job")
		if err != nil {
			return err
		}
		defer rows.Close()
		if rows.Next() {
			_, err = tx.Exec(ctx, "delete from job") // want "tx.Exec is called while rows is open"
		}
		return err
	})
}

// BadTxOnLease begins a transaction on a lease that still has rows.
func BadTxOnLease(ctx context.Context, conn *pgxpool.Conn) error {
	rows, err := conn.Query(ctx, "select id from job")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error { // want "(BeginFunc|Begin).* while rows is open"
			_, err := tx.Exec(ctx, "delete from job")
			return err
		})
		if err != nil {
			return err
		}
	}
	return rows.Err()
}

// OkPool gives each call a connection of its own.
func OkPool(ctx context.Context, pool *pgxpool.Pool) error {
	rows, err := pool.Query(ctx, "select id from job")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id int
		if err := rows.Scan(&id); err != nil {
			return err
		}
		if _, err := pool.Exec(ctx, "delete from job where id = $1", id); err != nil {
			return err
		}
	}
	return rows.Err()
}

// OkPoolBeside writes through the pool while the transaction reads.
func OkPoolBeside(ctx context.Context, pool *pgxpool.Pool, tx pgx.Tx) error {
	rows, err := tx.Query(ctx, "select id from job")
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

// OkTwoLeases reads with one and writes with the other.
func OkTwoLeases(ctx context.Context, pool *pgxpool.Pool) error {
	reader, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer reader.Release()
	writer, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer writer.Release()
	rows, err := reader.Query(ctx, "select id from job")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if _, err := writer.Exec(ctx, "notify jobs"); err != nil {
			return err
		}
	}
	return rows.Err()
}

// OkLeasePerTurn releases the lease, and with it its rows.
func OkLeasePerTurn(ctx context.Context, pool *pgxpool.Pool, ids []int) error {
	for _, id := range ids {
		conn, err := pool.Acquire(ctx)
		if err != nil {
			return err
		}
		rows, err := conn.Query(ctx, "select name from job where id = $1", id)
		if err != nil {
			conn.Release()
			return err
		}
		if rows.Next() {
			fmt.Println(rows.RawValues())
		}
		conn.Release()
	}
	return nil
}

// OkReleaseOpen gives the lease back; the pool throws a busy connection away.
func OkReleaseOpen(ctx context.Context, pool *pgxpool.Pool) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	rows, err := conn.Query(ctx, "select 1")
	if err != nil {
		conn.Release()
		return err
	}
	rows.Next()
	conn.Release()
	return nil
}
