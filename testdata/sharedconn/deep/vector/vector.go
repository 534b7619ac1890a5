// Package vector chooses a store; who uses it does not import the store.
package vector

import (
	"context"

	"github.com/connvet/connvet/testdata/sharedconn/deep/pg"
)

// Store is any vector store.
type Store interface {
	Add(ctx context.Context, name string) error
}

// Open opens a store with one connection.
func Open(ctx context.Context, dsn string) (Store, error) {
	s, err := pg.New(ctx, dsn)
	if err != nil {
		return nil, err
	}
	return s, nil
}

// OpenPooled opens a store with a pool.
func OpenPooled(ctx context.Context, dsn string) (Store, error) {
	s, err := pg.NewPooled(ctx, dsn)
	if err != nil {
		return nil, err
	}
	return s, nil
}
