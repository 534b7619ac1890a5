package field

import (
	"context"

	"github.com/jackc/pgx/v5/pgxpool"
)

// OkSavepointPerTurn leaves each savepoint to the end of the transaction.
func OkSavepointPerTurn(ctx context.Context, pool *pgxpool.Pool, batches []string) error {
	tx, err := pool.Begin(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback(ctx)
	for _, b := range batches {
		sp := tx
		if len(batches) > 1 {
			sp, err = tx.Begin(ctx)
			if err != nil {
				return err
			}
		}
		if _, err := sp.Exec(ctx, b); err != nil {
			if err := sp.Rollback(ctx); err != nil {
				return err
			}
		}
	}
	return tx.Commit(ctx)
}

// BadTxPerTurn leaves the transaction of each turn to the pool.
func BadTxPerTurn(ctx context.Context, pool *pgxpool.Pool, batches []string) error {
	for _, b := range batches {
		tx, err := pool.Begin(ctx) // want "tx is released only when the function returns"
		if err != nil {
			return err
		}
		defer tx.Rollback(ctx)
		if _, err := tx.Exec(ctx, b); err != nil {
			return err
		}
	}
	return nil
}
