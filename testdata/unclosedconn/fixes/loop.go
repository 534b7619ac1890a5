package fixes

import (
	"context"
	"database/sql"
	"log"
	"net"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// BadDeferNeverRuns has the right defer in the wrong function.
func BadDeferNeverRuns(ctx context.Context, pool *pgxpool.Pool, jobs <-chan string) {
	for {
		lease, err := pool.Acquire(ctx) // want "lease is released by a defer that never runs"
		if err != nil {
			time.Sleep(time.Second)
			continue
		}
		defer lease.Release()
		if _, err := lease.Exec(ctx, <-jobs); err != nil {
			log.Print(err)
		}
	}
}

// BadSkipsRelease forgets one continue; those of the inner loop are its own.
func BadSkipsRelease(ctx context.Context, pool *pgxpool.Pool, batches [][]string) {
	for _, batch := range batches {
		lease, err := pool.Acquire(ctx) // want "lease is (not released|acquired again)"
		if err != nil {
			continue
		}
		for _, q := range batch {
			if q == "" {
				continue
			}
			if q == "stop" {
				break
			}
			_, _ = lease.Exec(ctx, q)
		}
		if err := lease.Ping(ctx); err != nil {
			log.Print(err)
			continue
		}
		lease.Release()
	}
}

// BadNobodyCloses has no release at all.
func BadNobodyCloses(addrs []string) (reached int) {
	for _, addr := range addrs {
		peer, err := net.Dial("tcp", addr) // want "peer is (never released|acquired again)"
		if err != nil {
			continue
		}
		if _, err := peer.Write([]byte("hello")); err == nil {
			reached++
		}
	}
	return reached
}

// BadTwoPerTurn has two in one turn: the second finding is of the same loop.
func BadTwoPerTurn(ctx context.Context, db *sql.DB, names []string) {
	for _, name := range names {
		conn, err := db.Conn(ctx) // want "conn is released only when the function returns"
		if err != nil {
			continue
		}
		defer conn.Close()
		stmt, err := conn.PrepareContext(ctx, "insert into t values (?)") // want "stmt is released only when the function returns"
		if err != nil {
			continue
		}
		if _, err := stmt.ExecContext(ctx, name); err != nil {
			log.Print(err)
		}
	}
}
