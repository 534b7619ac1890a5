// Package entstore uses a generated ent client: a transaction is behind the
// builders of Tx and behind its Client, the pool behind those of the client.
package entstore

import (
	"context"
	"fmt"
	"log"

	"golang.org/x/sync/errgroup"

	"github.com/connvet/connvet/testdata/unclosedconn/generated/ent"
)

// Store keeps users.
type Store struct{ client *ent.Client }

// New makes a store.
func New(c *ent.Client) *Store { return &Store{client: c} }

// BadImport saves all users of a file at once, in one transaction.
func (s *Store) BadImport(ctx context.Context, names []string) error {
	tx, err := s.client.Tx(ctx)
	if err != nil {
		return err
	}
	g, gctx := errgroup.WithContext(ctx)
	for _, n := range names {
		g.Go(func() error {
			_, err := tx.User.Create().SetName(n).Save(gctx) // want "^tx.*(Exec|Query) may run at the same time as itself .* \\(dialect.Tx is a transaction on one connection"
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return rollback(tx, err)
	}
	return tx.Commit()
}

// OkImport saves them each on a connection of the pool.
func (s *Store) OkImport(ctx context.Context, names []string) error {
	g, gctx := errgroup.WithContext(ctx)
	for _, n := range names {
		g.Go(func() error { return s.client.User.Create().SetName(n).Exec(gctx) })
	}
	return g.Wait()
}

// BadCountBeside counts with the client of the transaction in the background.
func (s *Store) BadCountBeside(ctx context.Context) error {
	tx, err := s.client.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	c := tx.Client()
	go func() {
		if n, err := c.User.Query().Count(ctx); err == nil {
			log.Print(n)
		}
	}()
	if err := add(ctx, c, "a"); err != nil { // want "^tx.Exec may run at the same time as the use on line .* \\(dialect.Tx "
		return err
	}
	return tx.Commit()
}

// OkCountBeside counts what others see, outside of the transaction.
func (s *Store) OkCountBeside(ctx context.Context) error {
	tx, err := s.client.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	go func() {
		if n, err := s.client.Debug().User.Query().Count(ctx); err == nil {
			log.Print(n)
		}
	}()
	if err := add(ctx, tx.Client(), "a"); err != nil {
		return err
	}
	return tx.Commit()
}

// InTx runs a function in a transaction.
func InTx(ctx context.Context, client *ent.Client, fn func(tx *ent.Tx) error) error {
	tx, err := client.Tx(ctx)
	if err != nil {
		return err
	}
	defer func() {
		if v := recover(); v != nil {
			tx.Rollback()
			panic(v)
		}
	}()
	if err := fn(tx); err != nil {
		return rollback(tx, err)
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

func rollback(tx *ent.Tx, err error) error {
	if rerr := tx.Rollback(); rerr != nil {
		err = fmt.Errorf("%w: %v", err, rerr)
	}
	return err
}

func add(ctx context.Context, c *ent.Client, name string) error {
	return c.User.Create().SetName(name).Exec(ctx)
}

// BadPair adds two users side by side, to the transaction of the helper.
func (s *Store) BadPair(ctx context.Context) error {
	return InTx(ctx, s.client, func(tx *ent.Tx) error {
		g := new(errgroup.Group)
		g.Go(func() error { return add(ctx, tx.Client(), "a") }) // want "^tx.*(Exec|Query) may run at the same time as the use on line"
		g.Go(func() error { return add(ctx, tx.Client(), "b") })
		return g.Wait()
	})
}

// OkPair adds them one after the other.
func (s *Store) OkPair(ctx context.Context) error {
	return InTx(ctx, s.client, func(tx *ent.Tx) error {
		if err := add(ctx, tx.Client(), "a"); err != nil {
			return err
		}
		return add(ctx, tx.Client(), "b")
	})
}

// OkPoolPair adds them side by side, by the same helper, to the pool.
func (s *Store) OkPoolPair(ctx context.Context) error {
	g := new(errgroup.Group)
	g.Go(func() error { return add(ctx, s.client, "a") })
	g.Go(func() error { return add(ctx, s.client, "b") })
	return g.Wait()
}
