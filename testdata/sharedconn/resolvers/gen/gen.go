// Package gen has the shape of what gqlgen generates: a schema that executes
// operations by calling the resolvers of the user.
package gen

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// Config is what the user gives.
type Config struct {
	Resolvers ResolverRoot
}

// ResolverRoot gives the resolvers.
type ResolverRoot interface {
	Mutation() MutationResolver
	Query() QueryResolver
}

// MutationResolver changes todos.
type MutationResolver interface {
	CreateTodo(ctx context.Context, text string) (*string, error)
}

// QueryResolver reads todos.
type QueryResolver interface {
	Count(ctx context.Context) (int, error)
	Todos(ctx context.Context) ([]string, error)
}

// NewExecutableSchema makes the schema that a server executes.
func NewExecutableSchema(cfg Config) graphql.ExecutableSchema {
	return &executableSchema{resolvers: cfg.Resolvers}
}

type executableSchema struct {
	schema    *ast.Schema
	resolvers ResolverRoot
}

func (e *executableSchema) Schema() *ast.Schema { return e.schema }

func (e *executableSchema) Complexity(ctx context.Context, typeName, field string, childComplexity int, rawArgs map[string]any) (int, bool) {
	return 0, false
}

func (e *executableSchema) Exec(ctx context.Context) graphql.ResponseHandler {
	opCtx := graphql.GetOperationContext(ctx)
	ec := executionContext{opCtx, e}
	switch opCtx.Operation.Operation {
	case ast.Query:
		return func(ctx context.Context) *graphql.Response {
			ec._Query(ctx, opCtx.Operation.SelectionSet)
			return &graphql.Response{}
		}
	case ast.Mutation:
		return func(ctx context.Context) *graphql.Response {
			ec._Mutation(ctx, opCtx.Operation.SelectionSet)
			return &graphql.Response{}
		}
	default:
		return graphql.OneShot(graphql.ErrorResponse(ctx, "unsupported GraphQL operation"))
	}
}

type executionContext struct {
	*graphql.OperationContext
	*executableSchema
}

func (ec *executionContext) _Query(ctx context.Context, sel ast.SelectionSet) graphql.Marshaler {
	fields := graphql.CollectFields(ec.OperationContext, sel, []string{"Query"})
	out := graphql.NewFieldSet(fields)
	for i, field := range fields {
		switch field.Name {
		case "todos":
			field := field
			innerFunc := func(ctx context.Context, _ *graphql.FieldSet) (res graphql.Marshaler) {
				return ec._Query_todos(ctx, field)
			}
			rrm := func(ctx context.Context) graphql.Marshaler {
				return ec.OperationContext.RootResolverMiddleware(ctx, func(ctx context.Context) graphql.Marshaler { return innerFunc(ctx, out) })
			}
			out.Concurrently(i, func(ctx context.Context) graphql.Marshaler { return rrm(ctx) })
		case "count":
			out.Concurrently(i, func(ctx context.Context) graphql.Marshaler { return ec._Query_count(ctx, field) })
		}
	}
	out.Dispatch(ctx)
	return out
}

func (ec *executionContext) _Query_todos(ctx context.Context, field graphql.CollectedField) graphql.Marshaler {
	resTmp, err := ec.ResolverMiddleware(ctx, func(rctx context.Context) (any, error) {
		return ec.resolvers.Query().Todos(rctx)
	})
	if err != nil || resTmp == nil {
		return graphql.Null
	}
	return graphql.MarshalString(field.Name)
}

func (ec *executionContext) _Query_count(ctx context.Context, field graphql.CollectedField) graphql.Marshaler {
	resTmp, err := ec.ResolverMiddleware(ctx, func(rctx context.Context) (any, error) {
		return ec.resolvers.Query().Count(rctx)
	})
	if err != nil || resTmp == nil {
		return graphql.Null
	}
	return graphql.MarshalInt(resTmp.(int))
}

func (ec *executionContext) _Mutation(ctx context.Context, sel ast.SelectionSet) graphql.Marshaler {
	fields := graphql.CollectFields(ec.OperationContext, sel, []string{"Mutation"})
	out := graphql.NewFieldSet(fields)
	for i, field := range fields {
		switch field.Name {
		case "createTodo":
			out.Values[i] = ec.OperationContext.RootResolverMiddleware(ctx, func(ctx context.Context) graphql.Marshaler {
				return ec._Mutation_createTodo(ctx, field)
			})
		}
	}
	out.Dispatch(ctx)
	return out
}

func (ec *executionContext) _Mutation_createTodo(ctx context.Context, field graphql.CollectedField) graphql.Marshaler {
	return graphql.ResolveField(ctx, ec.OperationContext, field, ec.fieldContext,
		func(ctx context.Context) (any, error) {
			return ec.resolvers.Mutation().CreateTodo(ctx, field.Name)
		},
		nil,
		func(ctx context.Context, sel ast.SelectionSet, v *string) graphql.Marshaler {
			return graphql.MarshalString(*v)
		},
		true, true)
}

func (ec *executionContext) fieldContext(ctx context.Context, field graphql.CollectedField) (*graphql.FieldContext, error) {
	return &graphql.FieldContext{Object: "Mutation", Field: field}, nil
}
