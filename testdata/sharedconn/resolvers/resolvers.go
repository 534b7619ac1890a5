// Package resolvers serves GraphQL by three libraries.
package resolvers

import (
	"context"
	"net/http"

	"github.com/99designs/gqlgen/graphql/handler"
	gophers "github.com/graph-gophers/graphql-go"
	"github.com/graphql-go/graphql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/connvet/connvet/testdata/sharedconn/resolvers/gen"
	"github.com/connvet/connvet/testdata/sharedconn/resolvers/graph"
)

// BadGenerated gives the resolvers one connection.
func BadGenerated(ctx context.Context, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return err
	}
	root := &graph.Resolver{Conn: conn, Pool: pool}
	srv := handler.NewDefaultServer(gen.NewExecutableSchema(gen.Config{Resolvers: root})) // want "^Resolver.Conn is shared by every call of a handler without a lock"
	http.Handle("/query", srv)
	return http.ListenAndServe(":8080", nil)
}

type query struct {
	conn *pgx.Conn
	pool *pgxpool.Pool
}

// Title is called by graph-gophers for each query that asks for it.
func (q *query) Title(ctx context.Context) (s string, err error) {
	err = q.conn.QueryRow(ctx, "select title from books").Scan(&s) // want "^q.conn is shared by every call of handler query.Title without a lock"
	return s, err
}

// Author is a resolver that asks the pool.
func (q *query) Author(ctx context.Context) (s string, err error) {
	err = q.pool.QueryRow(ctx, "select author from books").Scan(&s)
	return s, err
}

func schema(ctx context.Context, sdl, url string) (*gophers.Schema, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, err
	}
	return gophers.ParseSchema(sdl, &query{conn: conn})
}

// BadField has a resolver that every request calls.
func BadField(conn *pgx.Conn) *graphql.Field {
	return &graphql.Field{
		Type: graphql.String,
		Resolve: func(p graphql.ResolveParams) (any, error) {
			var s string
			err := conn.QueryRow(p.Context, "select title from books").Scan(&s) // want "^conn is shared by every call of a handler without a lock"
			return s, err
		},
	}
}

// OkField connects for each request.
func OkField(url string) *graphql.Field {
	return &graphql.Field{
		Type: graphql.String,
		Resolve: func(p graphql.ResolveParams) (any, error) {
			conn, err := pgx.Connect(p.Context, url)
			if err != nil {
				return nil, err
			}
			defer conn.Close(p.Context)
			var s string
			err = conn.QueryRow(p.Context, "select title from books").Scan(&s)
			return s, err
		},
	}
}
