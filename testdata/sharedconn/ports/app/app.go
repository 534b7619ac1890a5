//golden:related

// Package app wires a service of ports and adapters: the connection is in an
// embedded base of a repository, that behind an interface, in a cache, in a use
// case, behind another interface, in a handler.
package app

import (
	"context"
	"net/http"

	"github.com/connvet/connvet/testdata/sharedconn/ports/cached"
	"github.com/connvet/connvet/testdata/sharedconn/ports/postgres"
	"github.com/connvet/connvet/testdata/sharedconn/ports/rest"
	"github.com/connvet/connvet/testdata/sharedconn/ports/usecase"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Config is read by main.
type Config struct {
	Addr   string
	DSN    string
	Cached bool
}

// App has one connection.
type App struct {
	cfg  Config
	conn *pgx.Conn
	srv  *http.Server
}

// BadNew gives the handlers one connection, four layers down.
func BadNew(ctx context.Context, cfg Config) (*App, error) {
	conn, err := pgx.Connect(ctx, cfg.DSN) // rel "^connected here$"
	if err != nil {
		return nil, err
	}
	repo := postgres.NewUsers(conn, postgres.WithTable("people"))
	if cfg.Cached {
		repo = cached.New(repo)
	}
	uc := usecase.New(usecase.Deps{Users: repo})
	return &App{cfg: cfg, conn: conn, srv: &http.Server{Addr: cfg.Addr, Handler: rest.Router(uc)}}, nil /* want "^conn is shared by every call of handler handler.create without a lock \\(\\*pgx.Conn is not safe for concurrent use\\)$" "^conn is shared by every call of handler handler.get without a lock" rel "^registered as a handler in rest.go:\\d+$" "^called in rest.go:\\d+$" "^called in usecase.go:\\d+$" "^used in users.go:\\d+$" */
}

// Run serves until it fails.
func (a *App) Run(ctx context.Context) error {
	defer a.conn.Close(ctx)
	return a.srv.ListenAndServe()
}

// Pooled has a pool.
type Pooled struct {
	pool *pgxpool.Pool
	srv  *http.Server
}

// OkNew gives them a pool by the same way.
func OkNew(ctx context.Context, cfg Config) (*Pooled, error) {
	pool, err := pgxpool.New(ctx, cfg.DSN)
	if err != nil {
		return nil, err
	}
	repo := postgres.NewUsers(pool)
	if cfg.Cached {
		repo = cached.New(repo)
	}
	return &Pooled{pool: pool, srv: &http.Server{Addr: cfg.Addr, Handler: rest.Router(usecase.New(usecase.Deps{Users: repo}))}}, nil
}

// Run serves until it fails.
func (a *Pooled) Run(ctx context.Context) error {
	defer a.pool.Close()
	return a.srv.ListenAndServe()
}
