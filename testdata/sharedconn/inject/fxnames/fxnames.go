// Package fxnames tells values of one type apart by name and by module.
package fxnames

import (
	"context"
	"net/http"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"go.uber.org/fx"

	"github.com/connvet/connvet/testdata/sharedconn/inject/fxnames/lib"
)

// BadRead gives the repository the connection by its name.
func BadRead() *fx.App {
	return fx.New(
		fx.Provide(lib.Conn, lib.Pool, http.NewServeMux, lib.NewAPI),
		fx.Provide(
			fx.Annotate(lib.AsExecer, fx.ResultTags(`name:"ro"`)),
			fx.Annotate(lib.PoolExecer, fx.ResultTags(`name:"rw"`)),
			fx.Annotate(lib.NewRepo, fx.ParamTags(`name:"ro"`)),
		),
		fx.Invoke(lib.Routes), // want "^the connection is shared by every call of handler API.add without a lock"
	)
}

// OkRead gives it the pool, which has the other name.
func OkRead() *fx.App {
	return fx.New(
		fx.Provide(lib.Conn, lib.Pool, http.NewServeMux, lib.NewAPI),
		fx.Provide(
			fx.Annotate(lib.AsExecer, fx.ResultTags(`name:"ro"`)),
			fx.Annotate(lib.PoolExecer, fx.ResultTags(`name:"rw"`)),
			fx.Annotate(lib.NewRepo, fx.ParamTags(`name:"rw"`)),
		),
		fx.Invoke(lib.Routes),
	)
}

// BadWrite has two of one type, told apart by the tags of fields; the handler writes on the connection.
func BadWrite() *fx.App {
	return fx.New(
		fx.Provide(lib.Open, lib.NewTwo, http.NewServeMux),
		fx.Invoke(func(mux *http.ServeMux, t *lib.TwoRepo) {
			mux.HandleFunc("/w", t.Write) // want "^c is shared by every call of handler TwoRepo.Write without a lock"
		}),
	)
}

// OkReadOnly has the same two, and its handler reads on the pool.
func OkReadOnly() *fx.App {
	return fx.New(
		fx.Provide(lib.Open, lib.NewTwo, http.NewServeMux),
		fx.Invoke(func(mux *http.ServeMux, t *lib.TwoRepo) {
			mux.HandleFunc("/r", t.Read)
		}),
	)
}

// BadSupplyNamed supplies one connection by its name.
func BadSupplyNamed(ctx context.Context) (*fx.App, error) {
	c, err := pgx.Connect(ctx, "")
	if err != nil {
		return nil, err
	}
	return fx.New(
		fx.Supply(fx.Annotate(c, fx.ResultTags(`name:"primary"`))),
		fx.Provide(http.NewServeMux),
		fx.Invoke(fx.Annotate(func(c *pgx.Conn, mux *http.ServeMux) {
			mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { c.Ping(r.Context()) }) // want "^c is shared by every call of a handler without a lock"
		}, fx.ParamTags(`name:"primary"`))),
	), nil
}

// BadSupplyAs supplies one connection as the interface that a store asks for.
func BadSupplyAs(ctx context.Context) (*fx.App, error) {
	c, err := pgx.Connect(ctx, "")
	if err != nil {
		return nil, err
	}
	return fx.New(
		fx.Supply(fx.Annotate(c, fx.As(new(lib.Execer)))),
		fx.Provide(http.NewServeMux, lib.NewRepo, lib.NewAPI),
		fx.Invoke(lib.Routes), // want "^c is shared by every call of handler API.add without a lock"
	), nil
}

// adminModule keeps its connection and its store to itself and to start-up.
var adminModule = fx.Module("admin",
	fx.Provide(lib.Conn, lib.AsExecer, lib.NewRepo, fx.Private),
	fx.Invoke(func(lc fx.Lifecycle, r *lib.Repo) {
		lc.Append(fx.Hook{OnStart: func(ctx context.Context) error { r.Add(ctx); return nil }})
	}),
)

// OkPrivate serves with a store of its own, on a pool; the private one of the module is another.
func OkPrivate() *fx.App {
	return fx.New(
		adminModule,
		fx.Provide(lib.Pool, lib.PoolExecer, lib.NewRepo, lib.NewAPI, http.NewServeMux),
		fx.Invoke(lib.Routes),
	)
}

// badModule serves with a store that nobody else sees.
var badModule = fx.Module("api",
	fx.Provide(lib.Conn, lib.AsExecer, lib.NewRepo, fx.Private),
	fx.Provide(lib.NewAPI),
	fx.Invoke(lib.Routes),
)

// BadPrivate brings the module in.
func BadPrivate() *fx.App {
	return fx.New( // want "^the connection is shared by every call of handler API.add without a lock"
		badModule,
		fx.Provide(http.NewServeMux),
	)
}

// OkDecorated locks what has the name.
func OkDecorated() *fx.App {
	return fx.New(
		fx.Provide(lib.Conn, http.NewServeMux, lib.NewAPI),
		fx.Provide(
			fx.Annotate(lib.AsExecer, fx.ResultTags(`name:"ro"`)),
			fx.Annotate(lib.NewRepo, fx.ParamTags(`name:"ro"`)),
		),
		fx.Decorate(fx.Annotate(func(db lib.Execer) lib.Execer { return &lib.Locked{DB: db} }, fx.ParamTags(`name:"ro"`), fx.ResultTags(`name:"ro"`))),
		fx.Invoke(lib.Routes),
	)
}

// OkReplaced puts a pool where the connection was.
func OkReplaced(p *pgxpool.Pool) *fx.App {
	return fx.New(
		fx.Provide(lib.Conn, lib.AsExecer, lib.NewRepo, http.NewServeMux, lib.NewAPI),
		fx.Replace(fx.Annotate(p, fx.As(new(lib.Execer)))),
		fx.Invoke(lib.Routes),
	)
}

// BadAnnotated names what it gives in a struct, as fx.Annotated did before fx.Annotate.
func BadAnnotated() *fx.App {
	return fx.New(
		fx.Provide(
			lib.Conn,
			fx.Annotated{Name: "ro", Target: lib.AsExecer},
			fx.Annotate(lib.NewRepo, fx.ParamTags(`name:"ro" optional:"true"`)),
			http.NewServeMux, lib.NewAPI,
		),
		fx.Invoke(lib.Routes), // want "^the connection is shared by every call of handler API.add without a lock"
	)
}

// BadScopedDecorator locks in a module that nothing else is in.
func BadScopedDecorator() *fx.App {
	return fx.New(
		fx.Provide(lib.Conn, lib.AsExecer, lib.NewRepo, http.NewServeMux, lib.NewAPI),
		fx.Module("other", fx.Decorate(func(db lib.Execer) lib.Execer { return &lib.Locked{DB: db} })),
		fx.Invoke(lib.Routes), // want "^the connection is shared by every call of handler API.add without a lock"
	)
}
