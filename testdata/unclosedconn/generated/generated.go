// Package generated begins transactions of generated clients, and of what
// users put before a pool: who begins one ends it on every path.
package generated

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/connvet/connvet/testdata/unclosedconn/generated/ent"
)

// BadCreate forgets the transaction when the first builder fails.
func BadCreate(ctx context.Context, client *ent.Client, names ...string) error {
	tx, err := client.Tx(ctx) // want "^tx is not released on all paths"
	if err != nil {
		return err
	}
	u, err := tx.User.Create().SetName(names[0]).Save(ctx)
	if err != nil {
		return fmt.Errorf("create: %w", err)
	}
	if err := tx.User.Create().SetName(u.Name + "2").Exec(ctx); err != nil {
		return undo(tx, err)
	}
	return tx.Commit()
}

// OkCreate rolls back in a helper.
func OkCreate(ctx context.Context, client *ent.Client, names ...string) error {
	tx, err := client.Tx(ctx)
	if err != nil {
		return err
	}
	u, err := tx.User.Create().SetName(names[0]).Save(ctx)
	if err != nil {
		return undo(tx, fmt.Errorf("create: %w", err))
	}
	if err := tx.User.Create().SetName(u.Name + "2").Exec(ctx); err != nil {
		return undo(tx, err)
	}
	return tx.Commit()
}

func undo(tx *ent.Tx, err error) error {
	if rerr := tx.Rollback(); rerr != nil {
		err = fmt.Errorf("%w: %v", err, rerr)
	}
	return err
}

// BadCount begins with options, and forgets it for an empty table.
func BadCount(ctx context.Context, client *ent.Client) (int, error) {
	tx, err := client.BeginTx(ctx, &sql.TxOptions{ReadOnly: true}) // want "^tx is not released on all paths"
	if err != nil {
		return 0, err
	}
	n, err := tx.User.Query().Count(ctx)
	if err != nil || n == 0 {
		return 0, err
	}
	return n, tx.Rollback()
}

// OkCount gives it back when it ends.
func OkCount(ctx context.Context, client *ent.Client) (int, error) {
	tx, err := client.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return 0, err
	}
	defer tx.Rollback()
	return tx.User.Query().Count(ctx)
}

// OkHook hands it to a hook, which the commit runs.
func OkHook(ctx context.Context, client *ent.Client, audit func(*ent.User)) error {
	tx, err := client.Tx(ctx)
	if err != nil {
		return err
	}
	u, err := tx.User.Create().Save(ctx)
	if err != nil {
		return undo(tx, err)
	}
	tx.OnCommit(func(next ent.Committer) ent.Committer {
		return ent.CommitFunc(func(ctx context.Context, tx *ent.Tx) error {
			audit(u)
			return next.Commit(ctx, tx)
		})
	})
	return tx.Commit()
}

// unit is a unit of work around a generated transaction.
type unit struct {
	tx    *ent.Tx
	users *ent.UserClient
}

func newUnit(ctx context.Context, client *ent.Client) (*unit, error) {
	tx, err := client.Tx(ctx)
	if err != nil {
		return nil, err
	}
	return &unit{tx: tx, users: tx.User}, nil
}

func (u *unit) Done() error  { return u.tx.Commit() }
func (u *unit) Close() error { return u.tx.Rollback() }

// BadUnit gives up without an end.
func BadUnit(ctx context.Context, client *ent.Client) error {
	u, err := newUnit(ctx, client) // want "^u is not released on all paths"
	if err != nil {
		return err
	}
	if err := u.users.Create().Exec(ctx); err != nil {
		return err
	}
	return u.Done()
}

func OkUnit(ctx context.Context, client *ent.Client) error {
	u, err := newUnit(ctx, client)
	if err != nil {
		return err
	}
	defer u.Close()
	if err := u.users.Create().Exec(ctx); err != nil {
		return err
	}
	return u.Done()
}

// beginner is what the service needs of a pool.
type beginner interface {
	Begin(ctx context.Context) (pgx.Tx, error)
	Ping(ctx context.Context) error
}

// BadBeginner loses what it began through an interface of its own.
func BadBeginner(ctx context.Context, db beginner) error {
	tx, err := db.Begin(ctx) // want "^tx is not released on all paths"
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "update job set done = true"); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

func OkBeginner(ctx context.Context, db beginner) error {
	tx, err := db.Begin(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback(ctx)
	if _, err := tx.Exec(ctx, "update job set done = true"); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

// current gives the transaction that somebody else began.
type current interface {
	Tx(ctx context.Context) (pgx.Tx, error)
}

func OkCurrent(ctx context.Context, c current) error {
	tx, err := c.Tx(ctx)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "update job set done = true")
	return err
}
