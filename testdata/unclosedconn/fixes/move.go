package fixes

import (
	"context"
	"database/sql"
	"log"
	"net/http"

	"github.com/jackc/pgx/v5"
)

// BadBehindReturn defers behind an early return.
func BadBehindReturn(ctx context.Context, dsn string, ready func() error) error {
	conn, err := pgx.Connect(ctx, dsn) // want "conn is not released"
	if err != nil {
		return err
	}
	if err := ready(); err != nil {
		return err
	}

	defer conn.Close(ctx) // whatever comes

	return conn.Ping(ctx)
}

// BadBehindStatus is the commonest of them.
func BadBehindStatus(url string) (status string, err error) {
	resp, err := http.Get(url) // want "resp is not released"
	if err != nil {
		return "", err
	}
	if resp.StatusCode >= http.StatusBadRequest {
		return resp.Status, nil
	}
	defer resp.Body.Close()
	return "fine", nil
}

// BadLogsItsError keeps what the user wrote.
func BadLogsItsError(ctx context.Context, db *sql.DB, skip bool) error {
	rows, err := db.QueryContext(ctx, "select 1") // want "rows is not released"
	if err != nil {
		return err
	}
	if skip {
		return nil
	}
	defer func() {
		if err := rows.Close(); err != nil {
			log.Print(err)
		}
	}()
	for rows.Next() {
		if ctx.Err() != nil {
			break
		}
	}
	return rows.Err()
}
