// Package unclosedconn has what only the strict profile reports.
package unclosedconn

import (
	"container/list"
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// BadGivenAway gives the connection to code whose source is not analysed.
func BadGivenAway(ctx context.Context, dsn string, l *list.List) error {
	conn, err := pgx.Connect(ctx, dsn) // want "conn is given to code that nobody knows and may never be released"
	if err != nil {
		return err
	}
	l.PushBack(conn)
	return nil
}

// OkReleased releases it all the same.
func OkReleased(ctx context.Context, pool *pgxpool.Pool, l *list.List) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	l.PushBack("leased")
	return conn.Ping(ctx)
}
