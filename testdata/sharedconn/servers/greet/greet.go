// Package greet has what protoc-gen-connect-go generates for one service.
package greet

import (
	"context"
	"net/http"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/emptypb"
)

// GreetServiceGreetProcedure is the name of the procedure.
const GreetServiceGreetProcedure = "/greet.v1.GreetService/Greet"

// GreetServiceHandler is an implementation of the service.
type GreetServiceHandler interface {
	Greet(context.Context, *connect.Request[emptypb.Empty]) (*connect.Response[emptypb.Empty], error)
}

// NewGreetServiceHandler builds an HTTP handler from the service implementation.
func NewGreetServiceHandler(svc GreetServiceHandler, opts ...connect.HandlerOption) (string, http.Handler) {
	greetServiceGreetHandler := connect.NewUnaryHandler(
		GreetServiceGreetProcedure,
		svc.Greet,
		connect.WithHandlerOptions(opts...),
	)
	return "/greet.v1.GreetService/", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case GreetServiceGreetProcedure:
			greetServiceGreetHandler.ServeHTTP(w, r)
		default:
			http.NotFound(w, r)
		}
	})
}
