package groups

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"k8s.io/client-go/util/workqueue"
)

// BadPieces runs its pieces on several goroutines.
func BadPieces(ctx context.Context, conn *pgx.Conn, names []string) {
	workqueue.ParallelizeUntil(ctx, 4, len(names), func(i int) {
		conn.Exec(ctx, "delete from t where name = $1", names[i]) // want "^conn.Exec may run at the same time as itself in another goroutine started on line \\d+"
	})
}

// OkPieces uses the connection when all pieces are done.
func OkPieces(ctx context.Context, conn *pgx.Conn, pool *pgxpool.Pool, names []string) {
	workqueue.ParallelizeUntil(ctx, 4, len(names), func(i int) {
		pool.Exec(ctx, "delete from t where name = $1", names[i])
	})
	conn.Exec(ctx, "vacuum t")
}
