// Package deps makes what is asked for, when it is asked for.
package deps

import (
	"context"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// App is a container that somebody wrote by hand.
type App struct {
	url   string
	conn  *pgx.Conn
	pool  *pgxpool.Pool
	once  sync.Once
	users *Users
	good  *Good
}

// New knows where the database is.
func New(url string) *App { return &App{url: url} }

// Conn connects once.
func (a *App) Conn() *pgx.Conn {
	a.once.Do(func() {
		c, err := pgx.Connect(context.Background(), a.url)
		if err != nil {
			panic(err)
		}
		a.conn = c
	})
	return a.conn
}

// Pool makes a pool at first use.
func (a *App) Pool() *pgxpool.Pool {
	if a.pool == nil {
		p, err := pgxpool.New(context.Background(), a.url)
		if err != nil {
			panic(err)
		}
		a.pool = p
	}
	return a.pool
}

// Users is a repository over one connection.
type Users struct{ c *pgx.Conn }

// Add adds.
func (u *Users) Add(ctx context.Context) error { _, err := u.c.Exec(ctx, "x"); return err }

// Good is one over a pool.
type Good struct{ p *pgxpool.Pool }

// Add adds.
func (u *Good) Add(ctx context.Context) error { _, err := u.p.Exec(ctx, "x"); return err }

// Users makes the repository at first use.
func (a *App) Users() *Users {
	if a.users == nil {
		a.users = &Users{a.Conn()}
	}
	return a.users
}

// Good does so for the pool.
func (a *App) Good() *Good {
	if a.good == nil {
		a.good = &Good{a.Pool()}
	}
	return a.good
}
