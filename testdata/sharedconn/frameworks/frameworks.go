// Package frameworks registers the same handlers with routers of many makes.
package frameworks

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	"github.com/gofiber/fiber/v2"
	"github.com/gorilla/mux"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/julienschmidt/httprouter"
	"github.com/labstack/echo/v4"
	"github.com/valyala/fasthttp"
)

type app struct {
	conn *pgx.Conn
	pool *pgxpool.Pool
}

func newApp(ctx context.Context, url string) (*app, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, err
	}
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return nil, err
	}
	return &app{conn: conn, pool: pool}, nil
}

func (a *app) BadMux(w http.ResponseWriter, r *http.Request) {
	a.conn.Exec(r.Context(), "select "+mux.Vars(r)["id"]) // want "^a.conn is shared by every call of .*BadMux without a lock"
}

func (a *app) OkMux(w http.ResponseWriter, r *http.Request) {
	a.pool.Exec(r.Context(), "select "+mux.Vars(r)["id"])
}

func (a *app) mux() *mux.Router {
	r := mux.NewRouter()
	r.HandleFunc("/bad/{id}", a.BadMux).Methods(http.MethodGet)
	r.HandleFunc("/ok/{id}", a.OkMux).Methods(http.MethodGet)
	return r
}

func (a *app) BadChi(w http.ResponseWriter, r *http.Request) {
	a.conn.Exec(r.Context(), "select "+chi.URLParam(r, "id")) // want "^a.conn is shared by every call of .*BadChi without a lock"
}

func (a *app) OkChi(w http.ResponseWriter, r *http.Request) {
	a.pool.Exec(r.Context(), "select "+chi.URLParam(r, "id"))
}

func (a *app) BadChiPost(w http.ResponseWriter, r *http.Request) {
	a.conn.Exec(r.Context(), "insert") // want "^a.conn is shared by every call of .*BadChiPost without a lock"
}

func (a *app) chi() http.Handler {
	r := chi.NewRouter()
	r.Get("/bad/{id}", a.BadChi)
	r.Get("/ok/{id}", a.OkChi)
	r.Route("/nested", func(r chi.Router) {
		r.Post("/bad", a.BadChiPost)
	})
	return r
}

func (a *app) BadGin(c *gin.Context) {
	if err := a.conn.Ping(c.Request.Context()); err != nil { // want "^a.conn is shared by every call of .*BadGin without a lock"
		c.Status(http.StatusServiceUnavailable)
	}
}

func (a *app) OkGin(c *gin.Context) {
	if err := a.pool.Ping(c.Request.Context()); err != nil {
		c.Status(http.StatusServiceUnavailable)
	}
}

func (a *app) BadGinClosure(r *gin.RouterGroup) {
	r.POST("/closure", func(c *gin.Context) {
		a.conn.Exec(c, "insert") // want "^a.conn is shared by every call of .* without a lock"
	})
}

func (a *app) gin() *gin.Engine {
	r := gin.New()
	r.GET("/bad", a.BadGin)
	r.GET("/ok", a.OkGin)
	a.BadGinClosure(r.Group("/v1"))
	return r
}

func (a *app) BadEcho(c echo.Context) error {
	return a.conn.Ping(c.Request().Context()) // want "^a.conn is shared by every call of .*BadEcho without a lock"
}

func (a *app) OkEcho(c echo.Context) error {
	return a.pool.Ping(c.Request().Context())
}

func (a *app) echo() *echo.Echo {
	e := echo.New()
	e.GET("/bad", a.BadEcho)
	e.GET("/ok", a.OkEcho)
	return e
}

func (a *app) BadFiber(c *fiber.Ctx) error {
	return a.conn.Ping(c.Context()) // want "^a.conn is shared by every call of .*BadFiber without a lock"
}

func (a *app) OkFiber(c *fiber.Ctx) error {
	return a.pool.Ping(c.Context())
}

func (a *app) fiber() *fiber.App {
	f := fiber.New()
	f.Get("/bad", a.BadFiber)
	f.Get("/ok", a.OkFiber)
	return f
}

func (a *app) BadHTTPRouter(w http.ResponseWriter, r *http.Request, p httprouter.Params) {
	a.conn.Exec(r.Context(), "select "+p.ByName("id")) // want "^a.conn is shared by every call of .*BadHTTPRouter without a lock"
}

func (a *app) OkHTTPRouter(w http.ResponseWriter, r *http.Request, p httprouter.Params) {
	a.pool.Exec(r.Context(), "select "+p.ByName("id"))
}

func (a *app) httprouter() *httprouter.Router {
	r := httprouter.New()
	r.GET("/bad/:id", a.BadHTTPRouter)
	r.GET("/ok/:id", a.OkHTTPRouter)
	return r
}

func (a *app) BadFastHTTP(ctx *fasthttp.RequestCtx) {
	if err := a.conn.Ping(ctx); err != nil { // want "^a.conn is shared by every call of .* without a lock"
		ctx.SetStatusCode(fasthttp.StatusServiceUnavailable)
	}
}

func (a *app) OkFastHTTP(ctx *fasthttp.RequestCtx) {
	if err := a.pool.Ping(ctx); err != nil {
		ctx.SetStatusCode(fasthttp.StatusServiceUnavailable)
	}
}

func (a *app) fasthttp() error {
	return fasthttp.ListenAndServe(":8081", func(ctx *fasthttp.RequestCtx) {
		switch string(ctx.Path()) {
		case "/bad":
			a.BadFastHTTP(ctx)
		default:
			a.OkFastHTTP(ctx)
		}
	})
}

// Serve starts one server of each make.
func Serve(ctx context.Context, url string) error {
	a, err := newApp(ctx, url)
	if err != nil {
		return err
	}
	defer a.conn.Close(ctx)
	http.Handle("/mux", a.mux())
	http.Handle("/chi", a.chi())
	http.Handle("/gin", a.gin())
	http.Handle("/echo", a.echo())
	http.Handle("/httprouter", a.httprouter())
	go a.fiber().Listen(":8082")
	go a.fasthttp()
	return http.ListenAndServe(":8080", nil)
}
