// Package endpoints makes endpoints of the service's methods.
package endpoints

import (
	"context"

	"github.com/go-kit/kit/endpoint"
)

// Service is the business logic.
type Service interface {
	Count(ctx context.Context) (int, error)
}

// Set has an endpoint for each method.
type Set struct {
	Count endpoint.Endpoint
}

// New makes the endpoints of a service, with a middleware around each.
func New(svc Service, mw endpoint.Middleware) Set {
	return Set{Count: mw(makeCount(svc))}
}

func makeCount(svc Service) endpoint.Endpoint {
	return func(ctx context.Context, _ interface{}) (interface{}, error) {
		return svc.Count(ctx)
	}
}

// Logged is a middleware that only calls on.
func Logged(log func(string)) endpoint.Middleware {
	return func(next endpoint.Endpoint) endpoint.Endpoint {
		return func(ctx context.Context, req interface{}) (interface{}, error) {
			defer log("done")
			return next(ctx, req)
		}
	}
}
