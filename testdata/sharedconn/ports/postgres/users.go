// Package postgres keeps users in PostgreSQL, on whatever executes its statements.
package postgres

import (
	"context"
	"errors"

	"github.com/connvet/connvet/testdata/sharedconn/ports/domain"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

type executor interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

type base struct {
	db executor
}

type users struct {
	base
	table string
}

// Option changes a repository.
type Option func(*users)

// WithTable names the table.
func WithTable(t string) Option { return func(u *users) { u.table = t } }

// NewUsers makes a repository.
func NewUsers(db executor, opts ...Option) domain.UserRepository {
	u := &users{base: base{db: db}, table: "users"}
	for _, o := range opts {
		o(u)
	}
	return u
}

func (u *users) ByID(ctx context.Context, id int64) (*domain.User, error) {
	var out domain.User
	err := u.db.QueryRow(ctx, "select id,name from "+u.table+" where id=$1", id).Scan(&out.ID, &out.Name)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &out, nil
}

func (u *users) Save(ctx context.Context, x *domain.User) error {
	_, err := u.db.Exec(ctx, "insert into "+u.table+" values ($1,$2)", x.ID, x.Name)
	return err
}
