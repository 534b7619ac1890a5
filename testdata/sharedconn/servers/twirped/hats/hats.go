// Package hats is what protoc-gen-twirp makes of a service, in short.
package hats

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/twitchtv/twirp"
)

// Size is what is asked for.
type Size struct{ Inches int }

// Hat is what is made.
type Hat struct{ Color string }

// Haberdasher is the service.
type Haberdasher interface {
	MakeHat(context.Context, *Size) (*Hat, error)
}

// TwirpServer is a handler below a path.
type TwirpServer interface {
	http.Handler
	PathPrefix() string
}

type haberdasherServer struct {
	Haberdasher
	interceptor twirp.Interceptor
	hooks       *twirp.ServerHooks
}

// NewHaberdasherServer serves an implementation.
func NewHaberdasherServer(svc Haberdasher, opts ...interface{}) TwirpServer {
	o := &twirp.ServerOptions{}
	for _, opt := range opts {
		if f, ok := opt.(twirp.ServerOption); ok {
			f(o)
		}
	}
	return &haberdasherServer{Haberdasher: svc, hooks: o.Hooks, interceptor: twirp.ChainInterceptors(o.Interceptors...)}
}

func (s *haberdasherServer) PathPrefix() string { return "/twirp/hats.Haberdasher/" }

func (s *haberdasherServer) ServeHTTP(resp http.ResponseWriter, req *http.Request) {
	switch req.URL.Path {
	case "/twirp/hats.Haberdasher/MakeHat":
		s.serveMakeHat(req.Context(), resp, req)
	default:
		http.NotFound(resp, req)
	}
}

func (s *haberdasherServer) serveMakeHat(ctx context.Context, resp http.ResponseWriter, req *http.Request) {
	size := new(Size)
	if err := json.NewDecoder(req.Body).Decode(size); err != nil {
		return
	}
	handler := s.Haberdasher.MakeHat
	if s.interceptor != nil {
		handler = func(ctx context.Context, req *Size) (*Hat, error) {
			r, err := s.interceptor(func(ctx context.Context, req interface{}) (interface{}, error) {
				return s.Haberdasher.MakeHat(ctx, req.(*Size))
			})(ctx, req)
			hat, _ := r.(*Hat)
			return hat, err
		}
	}
	hat, err := handler(ctx, size)
	if err != nil {
		return
	}
	json.NewEncoder(resp).Encode(hat)
}
