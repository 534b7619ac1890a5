// Package jobs uses connections for other packages.
package jobs

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// Run does the work.
func Run(ctx context.Context, conn *pgx.Conn) error { return step(ctx, conn) }

func step(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, "select 1")
	return err
}

// Start does it in the background.
func Start(ctx context.Context, conn *pgx.Conn) {
	go func() { _ = Run(ctx, conn) }()
}
