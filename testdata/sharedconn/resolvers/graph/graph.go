// Package graph has the resolvers that gqlgen's schema calls.
package graph

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/connvet/connvet/testdata/sharedconn/resolvers/gen"
)

// Resolver holds what all resolvers use.
type Resolver struct {
	Conn *pgx.Conn
	Pool *pgxpool.Pool
}

// Mutation gives the resolvers of mutations.
func (r *Resolver) Mutation() gen.MutationResolver { return &mutationResolver{r} }

// Query gives the resolvers of queries.
func (r *Resolver) Query() gen.QueryResolver { return &queryResolver{r} }

type (
	mutationResolver struct{ *Resolver }
	queryResolver    struct{ *Resolver }
)

// CreateTodo runs for mutations of many requests.
func (r *mutationResolver) CreateTodo(ctx context.Context, text string) (*string, error) {
	var id string
	err := r.Conn.QueryRow(ctx, "insert into todos values ($1) returning id", text).Scan(&id)
	return &id, err
}

// Count asks the pool.
func (r *queryResolver) Count(ctx context.Context) (n int, err error) {
	err = r.Pool.QueryRow(ctx, "select count(*) from todos").Scan(&n)
	return n, err
}

// Todos uses the one connection of all requests.
func (r *queryResolver) Todos(ctx context.Context) ([]string, error) {
	rows, err := r.Conn.Query(ctx, "select id from todos")
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
