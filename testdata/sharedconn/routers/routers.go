// Package routers has the handlers of more web frameworks.
package routers

import (
	"context"
	"net/http"

	"github.com/cloudwego/hertz/pkg/app"
	"github.com/cloudwego/hertz/pkg/app/server"
	"github.com/danielgtaylor/huma/v2"
	"github.com/emicklei/go-restful/v3"
	"github.com/go-kratos/kratos/v2/middleware"
	khttp "github.com/go-kratos/kratos/v2/transport/http"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/uptrace/bunrouter"
)

type api struct {
	conn *pgx.Conn
	pool *pgxpool.Pool
}

func (a *api) BadBun(w http.ResponseWriter, r bunrouter.Request) error {
	return a.conn.Ping(r.Context()) // want "^a.conn is shared by every call of handler api.BadBun without a lock"
}

func (a *api) OkBun(w http.ResponseWriter, r bunrouter.Request) error {
	return a.pool.Ping(r.Context())
}

func (a *api) bun() http.Handler {
	r := bunrouter.New(bunrouter.Use(func(next bunrouter.HandlerFunc) bunrouter.HandlerFunc {
		return func(w http.ResponseWriter, r bunrouter.Request) error { return next(w, r) }
	}))
	r.WithGroup("/api", func(g *bunrouter.Group) {
		g.GET("/bad", a.BadBun)
		g.POST("/ok", a.OkBun)
	})
	return r
}

// BadBunAuth looks the user up in middleware.
func (a *api) BadBunAuth(next bunrouter.HandlerFunc) bunrouter.HandlerFunc {
	return func(w http.ResponseWriter, r bunrouter.Request) error {
		if err := a.conn.Ping(r.Context()); err != nil { // want "^a.conn is shared by every call of a handler without a lock"
			return err
		}
		return next(w, r)
	}
}

func (a *api) BadHertz(c context.Context, ctx *app.RequestContext) {
	a.conn.Exec(c, "select $1", ctx.Param("id")) // want "^a.conn is shared by every call of handler api.BadHertz without a lock"
}

func (a *api) OkHertz(c context.Context, ctx *app.RequestContext) {
	a.pool.Exec(c, "select $1", ctx.Param("id"))
}

func (a *api) hertz() {
	h := server.Default()
	h.Use(func(c context.Context, ctx *app.RequestContext) { ctx.Next(c) })
	v1 := h.Group("/v1")
	v1.GET("/bad/:id", a.BadHertz)
	v1.GET("/ok/:id", a.OkHertz)
	h.Spin()
}

func (a *api) BadRestful(req *restful.Request, resp *restful.Response) {
	a.conn.Exec(req.Request.Context(), "select $1", req.PathParameter("id")) // want "^a.conn is shared by every call of handler api.BadRestful without a lock"
}

func (a *api) OkRestful(req *restful.Request, resp *restful.Response) {
	a.pool.Exec(req.Request.Context(), "select $1", req.PathParameter("id"))
}

// BadFilter runs before each route.
func (a *api) BadFilter(req *restful.Request, resp *restful.Response, chain *restful.FilterChain) {
	a.conn.Exec(req.Request.Context(), "select 1") // want "^a.conn is shared by every call of handler api.BadFilter without a lock"
	chain.ProcessFilter(req, resp)
}

func (a *api) restful() *restful.Container {
	ws := new(restful.WebService)
	ws.Path("/users").Filter(a.BadFilter)
	ws.Route(ws.GET("/{id}").To(a.BadRestful))
	ws.Route(ws.PUT("/{id}").To(a.OkRestful))
	return restful.NewContainer().Add(ws)
}

type in struct {
	ID string `path:"id"`
}

type out struct{ Body string }

func (a *api) BadHuma(ctx context.Context, i *in) (*out, error) {
	_, err := a.conn.Exec(ctx, "select $1", i.ID) // want "^a.conn is shared by every call of handler api.BadHuma without a lock"
	return &out{}, err
}

func (a *api) OkHuma(ctx context.Context, i *in) (*out, error) {
	_, err := a.pool.Exec(ctx, "select $1", i.ID)
	return &out{}, err
}

func (a *api) huma(h huma.API) {
	huma.Get(h, "/bad/{id}", a.BadHuma)
	huma.Register(h, huma.Operation{Method: http.MethodPost, Path: "/ok/{id}"}, a.OkHuma)
}

// GreeterHTTPServer is what kratos generates for a service.
type GreeterHTTPServer interface {
	SayHello(context.Context, *in) (*out, error)
}

// RegisterGreeterHTTPServer is generated beside it.
func RegisterGreeterHTTPServer(s *khttp.Server, srv GreeterHTTPServer) {
	r := s.Route("/")
	r.GET("/hello/{id}", sayHello(srv))
}

func sayHello(srv GreeterHTTPServer) func(ctx khttp.Context) error {
	return func(ctx khttp.Context) error {
		var i in
		if err := ctx.BindVars(&i); err != nil {
			return err
		}
		h := ctx.Middleware(func(ctx context.Context, req any) (any, error) { return srv.SayHello(ctx, req.(*in)) })
		o, err := h(ctx, &i)
		if err != nil {
			return err
		}
		return ctx.Result(200, o)
	}
}

type greeter struct{ conn *pgx.Conn }

func (g *greeter) SayHello(ctx context.Context, i *in) (*out, error) {
	return &out{}, g.conn.Ping(ctx) // want "^g.conn is shared by every call of a handler without a lock"
}

type pooled struct{ pool *pgxpool.Pool }

func (g *pooled) SayHello(ctx context.Context, i *in) (*out, error) { return &out{}, g.pool.Ping(ctx) }

// BadKratos serves SayHello of the greeter.
func BadKratos(conn *pgx.Conn) *khttp.Server {
	s := khttp.NewServer(khttp.Address(":8000"))
	RegisterGreeterHTTPServer(s, &greeter{conn})
	return s
}

// OkKratos serves with a pool.
func OkKratos(pool *pgxpool.Pool) *khttp.Server {
	s := khttp.NewServer(khttp.Address(":8000"))
	RegisterGreeterHTTPServer(s, &pooled{pool})
	return s
}

// BadKratosAuth is middleware of a kratos server.
func (a *api) BadKratosAuth() middleware.Middleware {
	return func(next middleware.Handler) middleware.Handler {
		return func(ctx context.Context, req any) (any, error) {
			if err := a.conn.Ping(ctx); err != nil { // want "^a.conn is shared by every call of a handler without a lock"
				return nil, err
			}
			return next(ctx, req)
		}
	}
}
