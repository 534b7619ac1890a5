// Package results has stores that give their repositories as interfaces: what
// is used is the result of an interface method.
package results

import (
	"context"
	"net/http"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/connvet/connvet/testdata/sharedconn/results/pg"
	"github.com/connvet/connvet/testdata/sharedconn/results/web"
)

// BadSingle gives the handlers a store whose repositories share one connection.
func BadSingle(ctx context.Context, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	return http.ListenAndServe(":8080", web.New(pg.Single(conn))) // want "^conn is shared by every call of handler .*user without a lock" rel "^used in pg\\.go:\\d+$"
}

// OkPooled gives them a pool, and a trail that locks.
func OkPooled(ctx context.Context, url string) error {
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return err
	}
	defer pool.Close()
	trail, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer trail.Close(ctx)
	return http.ListenAndServe(":8080", web.New(pg.Pooled(pool, trail)))
}

// OkStart uses a repository before anything is served.
func OkStart(ctx context.Context, conn *pgx.Conn) (string, error) {
	return pg.Single(conn).Users().Name(ctx, 1)
}
