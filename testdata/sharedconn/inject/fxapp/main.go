// Package main lets uber/fx bring the layers together.
package main

import (
	"context"
	"net"
	"net/http"

	"github.com/jackc/pgx/v5"
	"github.com/rabbitmq/amqp091-go"
	"go.uber.org/fx"

	"github.com/connvet/connvet/testdata/sharedconn/inject/handlers"
	"github.com/connvet/connvet/testdata/sharedconn/inject/store"
)

func serve(lc fx.Lifecycle, mux *http.ServeMux) {
	srv := &http.Server{Addr: ":8080", Handler: mux}
	lc.Append(fx.Hook{
		OnStart: func(context.Context) error {
			ln, err := net.Listen("tcp", srv.Addr)
			if err != nil {
				return err
			}
			go srv.Serve(ln)
			return nil
		},
		OnStop: srv.Shutdown,
	})
}

// BadApp provides a connection where everything above asks for a store.
func BadApp() *fx.App {
	return fx.New(
		fx.Provide(store.NewConfig, store.NewConn, store.NewOnConn),
		fx.Provide(handlers.NewOnStore, handlers.NewMux), // want "^the connection is shared by every call of handler Handler.add without a lock \\(\\*pgx.Conn"
		fx.Invoke(serve),
	)
}

func OkApp() *fx.App {
	return fx.New(
		fx.Provide(store.NewConfig, store.OpenPool, store.NewOnPool),
		fx.Provide(handlers.NewOnStore, handlers.NewMux),
		fx.Invoke(serve),
	)
}

// BadInterface provides the interface by its constructor's result.
func BadInterface() *fx.App {
	return fx.New(
		fx.Provide(store.NewConfig, store.NewConn, store.NewUsers, handlers.New, http.NewServeMux),
		fx.Invoke(handlers.Register), // want "^the connection is shared by every call of handler Handler.add without a lock"
	)
}

// BadAnnotated provides the interface by an annotation.
func BadAnnotated() *fx.App {
	return fx.New(
		fx.Provide(
			store.NewConfig,
			store.NewConn,
			fx.Annotate(store.NewOnConn, fx.As(new(store.Users))),
			handlers.New,
			http.NewServeMux,
		),
		fx.Invoke(handlers.Register), // want "^the connection is shared by every call of handler Handler.add without a lock"
	)
}

func OkAnnotated() *fx.App {
	return fx.New(
		fx.Provide(
			store.NewConfig,
			store.OpenPool,
			fx.Annotate(store.NewOnPool, fx.As(new(store.Users))),
			handlers.New,
			http.NewServeMux,
		),
		fx.Invoke(handlers.Register),
	)
}

// BadModule takes the providers from the package variable of another package.
func BadModule() *fx.App {
	return fx.New(
		store.Module,
		fx.Provide(handlers.New, http.NewServeMux),
		fx.Invoke(handlers.Register), // want "is shared by every call of handler Handler.add without a lock"
	)
}

func OkModule() *fx.App {
	return fx.New(
		store.PoolModule,
		fx.Provide(handlers.New, http.NewServeMux),
		fx.Invoke(handlers.Register),
	)
}

// OkDecorated puts a lock between the store and whoever asks for it.
func OkDecorated() *fx.App {
	return fx.New(
		store.Module,
		fx.Decorate(store.NewLocked),
		fx.Provide(handlers.New, http.NewServeMux),
		fx.Invoke(handlers.Register),
	)
}

// options is a helper that brings options together.
func options() fx.Option {
	return fx.Options(fx.Provide(store.NewConfig, store.NewConn), fx.Provide(store.NewUsers))
}

// BadOptions has part of its options from a helper.
func BadOptions() *fx.App {
	return fx.New(
		options(),
		fx.Provide(handlers.New, http.NewServeMux),
		fx.Invoke(handlers.Register), // want "^the connection is shared by every call of handler Handler.add without a lock"
	)
}

// BadSupplied supplies a connection that main made.
func BadSupplied(ctx context.Context) (*fx.App, error) {
	conn, err := pgx.Connect(ctx, "")
	if err != nil {
		return nil, err
	}
	return fx.New(
		fx.Supply(conn),
		fx.Provide(store.NewUsers, handlers.New, http.NewServeMux),
		fx.Invoke(handlers.Register), // want "^conn is shared by every call of handler Handler.add without a lock"
	), nil
}

// params are asked for field by field.
type params struct {
	fx.In

	Mux  *http.ServeMux
	Conn *pgx.Conn
}

// BadParams registers a closure over a field of a parameter struct.
func BadParams() *fx.App {
	return fx.New(
		fx.Provide(store.NewConfig, store.NewConn, http.NewServeMux),
		fx.Invoke(func(p params) {
			p.Mux.HandleFunc("/ping", func(w http.ResponseWriter, r *http.Request) {
				p.Conn.Ping(r.Context()) // want "is shared by every call of .* without a lock"
			})
		}),
	)
}

// outs are given field by field.
type outs struct {
	fx.Out

	Users store.Users
	Mux   *http.ServeMux
}

// BadOuts gives two things at once.
func BadOuts() *fx.App {
	return fx.New(
		fx.Provide(store.NewConfig, store.NewConn, handlers.New),
		fx.Provide(func(conn *pgx.Conn) outs { return outs{Users: store.NewUsers(conn), Mux: http.NewServeMux()} }),
		fx.Invoke(handlers.Register), // want "^the connection is shared by every call of handler Handler.add without a lock"
	)
}

// OkJob has one connection and one user of it, at start-up.
func OkJob() *fx.App {
	return fx.New(
		store.Module,
		fx.Provide(handlers.NewJob),
		fx.Invoke(func(lc fx.Lifecycle, job *handlers.Job) {
			lc.Append(fx.Hook{OnStart: job.Run})
		}),
	)
}

// OkNamed has two of one type, told apart by name: who gets which is not followed.
func OkNamed() *fx.App {
	return fx.New(
		fx.Provide(
			store.NewConfig,
			fx.Annotate(store.NewConn, fx.ResultTags(`name:"migrations"`)),
			store.OpenPool,
			store.NewOnPool,
			handlers.NewOnStore,
			handlers.NewMux,
		),
		fx.Invoke(serve),
	)
}

// BadGroup collects handlers of a group; they ping with pingAny.
func BadGroup() *fx.App {
	return fx.New(
		fx.Provide(
			store.NewConfig,
			store.NewConn,
			fx.Annotate(func(conn *pgx.Conn) http.HandlerFunc {
				return func(w http.ResponseWriter, r *http.Request) { pingAny(r.Context(), conn) }
			}, fx.ResultTags(`group:"routes"`)),
		),
		fx.Invoke(fx.Annotate(func(routes []http.HandlerFunc) {
			for _, h := range routes {
				http.HandleFunc("/", h)
			}
		}, fx.ParamTags(`group:"routes"`))),
	)
}

type anyPinger interface{ Ping(context.Context) error }

func pingAny(ctx context.Context, p anyPinger) error { return p.Ping(ctx) } // want "^conn is shared by every call of a handler without a lock"

// publisher is made from a channel.
type publisher struct{ ch *amqp091.Channel }

func newPublisher(ch *amqp091.Channel) *publisher { return &publisher{ch: ch} }

func newChannel() (*amqp091.Channel, error) {
	conn, err := amqp091.Dial("amqp://mq")
	if err != nil {
		return nil, err
	}
	return conn.Channel()
}

func (p *publisher) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.ch.PublishWithContext(r.Context(), "", "q", false, false, amqp091.Publishing{}) // want "^p.ch is shared by every call of .* without a lock"
}

// BadAsHandler gives the publisher as the handler that the server asks for; its
// ServeHTTP is where it goes wrong.
func BadAsHandler() *fx.App {
	return fx.New(
		fx.Provide(newChannel, fx.Annotate(newPublisher, fx.As(new(http.Handler)))),
		fx.Invoke(func(h http.Handler) { http.Handle("/publish", h) }),
	)
}

func main() {
	app, err := BadSupplied(context.Background())
	if err != nil {
		panic(err)
	}
	for _, a := range []*fx.App{
		app, BadApp(), OkApp(), BadInterface(), BadAnnotated(), OkAnnotated(), BadModule(), OkModule(), OkDecorated(),
		BadOptions(), BadParams(), BadOuts(), OkJob(), OkNamed(), BadGroup(), BadAsHandler(),
	} {
		a.Run()
	}
}
