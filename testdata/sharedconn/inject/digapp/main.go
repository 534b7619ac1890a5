// Package main lets uber/dig bring the layers together.
package main

import (
	"log"
	"net/http"

	"github.com/jackc/pgx/v5"
	"go.uber.org/dig"

	"github.com/connvet/connvet/testdata/sharedconn/inject/handlers"
	"github.com/connvet/connvet/testdata/sharedconn/inject/store"
)

// BadContainer provides a connection.
func BadContainer() error {
	c := dig.New()
	if err := c.Provide(store.NewConfig); err != nil {
		return err
	}
	if err := c.Provide(store.NewConn); err != nil {
		return err
	}
	if err := c.Provide(store.NewUsers); err != nil {
		return err
	}
	if err := c.Provide(handlers.New); err != nil {
		return err
	}
	if err := c.Provide(http.NewServeMux); err != nil {
		return err
	}
	return c.Invoke(handlers.Register) // want "^the connection is shared by every call of handler Handler.add without a lock"
}

func OkContainer() error {
	c := dig.New()
	for _, f := range []any{store.NewConfig, store.OpenPool} {
		if err := c.Provide(f); err != nil {
			return err
		}
	}
	if err := c.Provide(store.NewOnPool, dig.As(new(store.Users))); err != nil {
		return err
	}
	c.Provide(handlers.New)
	c.Provide(http.NewServeMux)
	return c.Invoke(handlers.Register)
}

// provideStore fills a container that another function made.
func provideStore(c *dig.Container) {
	c.Provide(store.NewConfig)
	c.Provide(store.NewConn)
	c.Provide(store.NewOnConn, dig.As(new(store.Users)))
}

// BadHelper lets a helper provide.
func BadHelper() error {
	c := dig.New()
	provideStore(c)
	c.Provide(handlers.New)
	c.Provide(http.NewServeMux)
	return c.Invoke(handlers.Register) // want "is shared by every call of handler Handler.add without a lock"
}

// OkDecorated locks.
func OkDecorated() error {
	c := dig.New()
	c.Provide(store.NewConfig)
	c.Provide(store.NewConn)
	c.Provide(store.NewUsers)
	c.Decorate(store.NewLocked)
	c.Provide(handlers.New)
	c.Provide(http.NewServeMux)
	return c.Invoke(handlers.Register)
}

// BadClosure registers in a closure.
func BadClosure() error {
	c := dig.New()
	c.Provide(store.NewConfig)
	c.Provide(store.NewConn)
	return c.Invoke(func(conn *pgx.Conn) error {
		http.HandleFunc("/ping", func(w http.ResponseWriter, r *http.Request) {
			conn.Ping(r.Context()) // want "^conn is shared by every call of .* without a lock"
		})
		return http.ListenAndServe(":8080", nil)
	})
}

// OkMigrate uses its connection where nothing runs at once.
func OkMigrate() error {
	c := dig.New()
	provideStore(c)
	c.Provide(handlers.NewJob)
	return c.Invoke(func(conn *pgx.Conn, job *handlers.Job) error {
		log.Print(conn.PgConn().ParameterStatus("server_version"))
		return nil
	})
}

func main() {
	for _, f := range []func() error{BadContainer, OkContainer, BadHelper, OkDecorated, BadClosure, OkMigrate} {
		if err := f(); err != nil {
			log.Fatal(err)
		}
	}
}
