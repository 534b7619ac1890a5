// Package web has handlers that make a pool for each request, and some that
// only look like it.
package web

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"

	"github.com/gin-gonic/gin"
	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jmoiron/sqlx"
	"github.com/labstack/echo/v4"
	"github.com/redis/go-redis/v9"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
	"gorm.io/gorm"
)

// Config says where the servers are.
type Config struct{ DSN, Redis, Billing string }

// BadOpenInHandler is the shape of a first web service.
func BadOpenInHandler(w http.ResponseWriter, r *http.Request) { // rel "handler declared here"
	db, err := sql.Open("pgx", "postgres://app@db/app") // want "db is a new pool for each call of handler BadOpenInHandler, and never closed .each one leaves its connections and a goroutine behind."
	if err != nil {
		http.Error(w, "no database", http.StatusServiceUnavailable)
		return
	}
	var n int
	if err := db.QueryRowContext(r.Context(), "select count(*) from users").Scan(&n); err != nil {
		http.Error(w, "no answer", http.StatusBadGateway)
		return
	}
	fmt.Fprintln(w, n)
}

// BadRegistered registers a literal.
func BadRegistered(mux *http.ServeMux, cfg Config) {
	mux.HandleFunc("/hits", func(w http.ResponseWriter, r *http.Request) { // rel "registered as a handler here"
		client := redis.NewClient(&redis.Options{Addr: cfg.Redis}) // want "client is a new client for each call of a handler, and never closed"
		n, err := client.Incr(r.Context(), "hits").Result()
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		fmt.Fprintln(w, n)
	})
}

// API keeps a configuration, not a pool.
type API struct{ cfg Config }

// Routes registers the methods.
func (a *API) Routes(r *gin.Engine) {
	r.GET("/users", a.BadGin)
	r.GET("/orders", a.BadEarlyReturn)
	r.GET("/logs", a.BadMongo)
	r.GET("/ping", a.OkPing)
}

// BadGin connects through sqlx and forgets.
func (a *API) BadGin(c *gin.Context) {
	db, err := sqlx.ConnectContext(c, "pgx", a.cfg.DSN) // want "db is a new pool for each call of handler API.BadGin, and never closed"
	if err != nil {
		c.AbortWithStatus(http.StatusServiceUnavailable)
		return
	}
	var names []string
	if err := db.SelectContext(c, &names, "select name from users"); err != nil {
		c.AbortWithStatus(http.StatusBadGateway)
		return
	}
	c.JSON(http.StatusOK, names)
}

// BadEarlyReturn closes only the pool that works.
func (a *API) BadEarlyReturn(c *gin.Context) {
	pool, err := pgxpool.New(c, a.cfg.DSN) // want "pool is a new pool for each call of handler API.BadEarlyReturn, not closed on all paths .each one left open leaves its connections and a goroutine that checks them behind."
	if err != nil {
		c.AbortWithStatus(http.StatusServiceUnavailable)
		return
	}
	if err := pool.Ping(c); err != nil {
		c.AbortWithStatus(http.StatusServiceUnavailable)
		return
	}
	defer pool.Close()
	c.Status(http.StatusNoContent)
}

// BadMongo disconnects only when the insert fails.
func (a *API) BadMongo(c *gin.Context) {
	client, err := mongo.Connect(options.Client().ApplyURI(a.cfg.DSN)) // want "client is a new client for each call of handler API.BadMongo, not closed on all paths"
	if err != nil {
		c.AbortWithStatus(http.StatusServiceUnavailable)
		return
	}
	logs := client.Database("app").Collection("logs")
	if _, err := logs.InsertOne(c, map[string]string{"path": c.FullPath()}); err != nil {
		_ = client.Disconnect(c)
		c.AbortWithStatus(http.StatusBadGateway)
	}
}

// OkPing tests a connection: it opens, pings and closes.
func (a *API) OkPing(c *gin.Context) {
	db, err := sql.Open("pgx", c.Query("dsn"))
	if err != nil {
		c.AbortWithStatus(http.StatusBadRequest)
		return
	}
	defer db.Close()
	if err := db.PingContext(c); err != nil {
		c.AbortWithStatus(http.StatusBadGateway)
		return
	}
	c.Status(http.StatusNoContent)
}

// BadEcho returns the error of the last call and leaves the rest.
func BadEcho(e *echo.Echo, cfg Config) {
	e.POST("/charge", func(c echo.Context) error {
		conn, err := grpc.NewClient(cfg.Billing, grpc.WithTransportCredentials(insecure.NewCredentials())) // want "conn is a new client for each call of a handler, and never closed .each one leaves its connection and goroutines behind."
		if err != nil {
			return err
		}
		_, err = grpc_health_v1.NewHealthClient(conn).Check(c.Request().Context(), &grpc_health_v1.HealthCheckRequest{})
		return err
	})
}

// BadFiber runs its queries on a gorm pool of its own.
func BadFiber(app *fiber.App, dialector gorm.Dialector) {
	app.Get("/orders", func(c *fiber.Ctx) error {
		db, err := gorm.Open(dialector, &gorm.Config{}) // want "db is a new pool for each call of a handler, and never closed"
		if err != nil {
			return err
		}
		var n int64
		if err := db.Table("orders").Where("open").Count(&n).Error; err != nil {
			return err
		}
		return c.JSON(n)
	})
}

// OkGormClosed closes the pool inside the gorm handle.
func OkGormClosed(app *fiber.App, dialector gorm.Dialector) {
	app.Get("/orders", func(c *fiber.Ctx) error {
		db, err := gorm.Open(dialector, &gorm.Config{})
		if err != nil {
			return err
		}
		defer func() {
			if inner, err := db.DB(); err == nil {
				_ = inner.Close()
			}
		}()
		return db.WithContext(c.Context()).Exec("vacuum").Error
	})
}

// BadInGoroutine leaves the pool to a goroutine that uses it and drops it.
func BadInGoroutine(w http.ResponseWriter, _ *http.Request) {
	go func() {
		db, err := sql.Open("pgx", "postgres://app@db/app") // want "db is a new pool for each call of handler BadInGoroutine, and never closed"
		if err != nil {
			return
		}
		_, _ = db.Exec("refresh materialized view totals")
	}()
	w.WriteHeader(http.StatusAccepted)
}

// Tenants keeps a pool for each tenant.
type Tenants struct {
	mu    sync.Mutex
	pools map[string]*pgxpool.Pool
	last  *pgxpool.Pool
	lazy  *sql.DB
	dsn   string
}

// OkCachedPerTenant makes a pool for a tenant once, under a lock.
func (t *Tenants) OkCachedPerTenant(w http.ResponseWriter, r *http.Request) {
	tenant := r.PathValue("tenant")
	t.mu.Lock()
	defer t.mu.Unlock()
	pool := t.pools[tenant]
	if pool == nil {
		var err error
		if pool, err = pgxpool.New(r.Context(), t.dsn+"/"+tenant); err != nil {
			http.Error(w, "no database", http.StatusServiceUnavailable)
			return
		}
		if err := pool.Ping(r.Context()); err != nil {
			http.Error(w, "no database", http.StatusServiceUnavailable)
			return
		}
		t.pools[tenant] = pool
	}
	_ = json.NewEncoder(w).Encode(pool.Stat().TotalConns())
}

// OkReplaced reloads: the new pool takes the place of the old one.
func (t *Tenants) OkReplaced(w http.ResponseWriter, r *http.Request) {
	pool, err := pgxpool.New(r.Context(), r.FormValue("dsn"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	t.mu.Lock()
	old := t.last
	t.last = pool
	t.mu.Unlock()
	if old != nil {
		old.Close()
	}
}

// OkNilChecked fills its field with the first request.
func (t *Tenants) OkNilChecked(w http.ResponseWriter, r *http.Request) {
	t.mu.Lock()
	if t.lazy == nil {
		db, err := sql.Open("pgx", t.dsn)
		if err != nil {
			t.mu.Unlock()
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		t.lazy = db
	}
	db := t.lazy
	t.mu.Unlock()
	fmt.Fprintln(w, db.PingContext(r.Context()))
}

type dbKey struct{}

// OkMiddleware makes the pool when the handler is built, not when it runs.
func OkMiddleware(next http.Handler, dsn string) (http.Handler, error) {
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		return nil, err
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), dbKey{}, db)))
	}), nil
}

var (
	openOnce sync.Once
	shared   *sql.DB
	openErr  error
)

// OkOnce opens with the first request.
func OkOnce(w http.ResponseWriter, r *http.Request) {
	openOnce.Do(func() { shared, openErr = sql.Open("pgx", "postgres://app@db/app") })
	if openErr != nil {
		http.Error(w, openErr.Error(), http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, shared.PingContext(r.Context()))
}

var store = sync.OnceValues(func() (*sqlx.DB, error) {
	return sqlx.Connect("pgx", "postgres://app@db/app")
})

// OkOnceValue asks for the one pool.
func OkOnceValue(w http.ResponseWriter, r *http.Request) {
	db, err := store()
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, db.PingContext(r.Context()))
}

var clients sync.Map

// OkLoadOrStore keeps one client for each address.
func OkLoadOrStore(w http.ResponseWriter, r *http.Request) {
	addr := r.FormValue("addr")
	kept, loaded := clients.Load(addr)
	if !loaded {
		made := redis.NewClient(&redis.Options{Addr: addr})
		if kept, loaded = clients.LoadOrStore(addr, made); loaded {
			_ = made.Close()
		}
	}
	fmt.Fprintln(w, kept.(*redis.Client).Ping(r.Context()).Err())
}

// OkFromContext uses the pool that a middleware put there.
func OkFromContext(w http.ResponseWriter, r *http.Request) {
	db, ok := r.Context().Value(dbKey{}).(*sql.DB)
	if !ok {
		http.Error(w, "no database", http.StatusInternalServerError)
		return
	}
	fmt.Fprintln(w, db.PingContext(r.Context()))
}
