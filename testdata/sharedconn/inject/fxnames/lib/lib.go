// Package lib has the providers, and knows nothing of who gets what.
package lib

import (
	"context"
	"net/http"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"go.uber.org/fx"
)

// Execer is what the repository needs.
type Execer interface {
	Exec(context.Context, string, ...any) (pgconn.CommandTag, error)
}

// Repo is a repository over anything.
type Repo struct{ db Execer }

// Add adds.
func (r *Repo) Add(ctx context.Context) { r.db.Exec(ctx, "x") }

// API serves it.
type API struct{ r *Repo }

// NewAPI makes it.
func NewAPI(r *Repo) *API { return &API{r} }

func (a *API) add(w http.ResponseWriter, r *http.Request) { a.r.Add(r.Context()) }

// Routes registers the handlers.
func Routes(mux *http.ServeMux, a *API) { mux.HandleFunc("/", a.add) }

// Conn connects once.
func Conn() (*pgx.Conn, error) { return pgx.Connect(context.Background(), "") }

// Pool makes a pool.
func Pool() (*pgxpool.Pool, error) { return pgxpool.New(context.Background(), "") }

// AsExecer gives the connection as the interface.
func AsExecer(c *pgx.Conn) Execer { return c }

// Pool makes a pool.
// PoolExecer gives the pool as the interface.
func PoolExecer(p *pgxpool.Pool) Execer { return p }

// NewRepo makes a repository.
func NewRepo(db Execer) *Repo { return &Repo{db} }

// RepoParams asks by name.
type RepoParams struct {
	fx.In

	RO Execer `name:"ro"`
	RW Execer `name:"rw"`
}

// TwoRepo reads here and writes there.
type TwoRepo struct{ ro, rw Execer }

// NewTwo makes it of both.
func NewTwo(p RepoParams) *TwoRepo { return &TwoRepo{p.RO, p.RW} }

// Read is a handler.
func (t *TwoRepo) Read(w http.ResponseWriter, r *http.Request) { t.ro.Exec(r.Context(), "select") }

// Write is a handler.
func (t *TwoRepo) Write(w http.ResponseWriter, r *http.Request) { t.rw.Exec(r.Context(), "select") }

// OutDB gives by name.
type OutDB struct {
	fx.Out

	RO Execer `name:"ro"`
	RW Execer `name:"rw"`
}

// Open reads from a pool and writes on one connection.
func Open() (OutDB, error) {
	c, err := Conn()
	if err != nil {
		return OutDB{}, err
	}
	p, err := Pool()
	return OutDB{RO: p, RW: c}, err
}

// Locked locks around every statement.
type Locked struct {
	mu sync.Mutex
	DB Execer
}

// Exec executes.
func (l *Locked) Exec(ctx context.Context, q string, a ...any) (pgconn.CommandTag, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.DB.Exec(ctx, q, a...)
}
