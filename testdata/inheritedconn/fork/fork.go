//golden:related

// Package fork holds pools of servers that pre-fork: each child runs the
// program once more.
package fork

import (
	"context"
	"database/sql"
	"log"
	"os"
	"time"

	"github.com/gofiber/fiber/v2"
	fiberv3 "github.com/gofiber/fiber/v3"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jmoiron/sqlx"
	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/redis/go-redis/v9"
	"github.com/valyala/fasthttp"
	"github.com/valyala/fasthttp/prefork"
	"gorm.io/gorm"
)

// Parent and children all open the pool, and all keep what the ping opened.
func BadPinged(dsn string) {
	db, err := sql.Open("pgx", dsn) // want `db is opened and used before app.Listen starts child processes \(the parent keeps its connections, each child opens its own\)`
	if err != nil {
		log.Fatal(err)
	}
	if err := db.Ping(); err != nil { // rel "used here"
		log.Fatal(err)
	}
	app := fiber.New(fiber.Config{Prefork: true})
	app.Get("/", func(c *fiber.Ctx) error { return db.PingContext(c.Context()) })
	log.Fatal(app.Listen(":3000")) // rel "child process started here"
}

// Without Prefork there is one process.
func OkOneProcess(dsn string) {
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		log.Fatal(err)
	}
	if err := db.Ping(); err != nil {
		log.Fatal(err)
	}
	log.Fatal(fiber.New(fiber.Config{AppName: "jobs"}).Listen(":3000"))
}

// Whether it pre-forks is decided at run time.
func OkConfigured(dsn string, many bool) {
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		log.Fatal(err)
	}
	if err := db.Ping(); err != nil {
		log.Fatal(err)
	}
	log.Fatal(fiber.New(fiber.Config{Prefork: many}).Listen(":3000"))
}

// The limit counts in each child.
func BadLimited(ctx context.Context, dsn string) error {
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return err
	}
	config.MaxConns = 20
	pool, err := pgxpool.NewWithConfig(ctx, config) // want `pool is opened and used before app.Listen starts child processes \(the parent keeps its connections, each child opens up to 20\)`
	if err != nil {
		return err
	}
	defer pool.Close()
	if _, err := pool.Exec(ctx, "set timezone to 'UTC'"); err != nil { // rel "used here"
		return err
	}
	app := fiberv3.New()
	return app.Listen(":3000", fiberv3.ListenConfig{EnablePrefork: true}) // rel "child process started here"
}

// Only children open it.
func OkInChildren(ctx context.Context, dsn string) error {
	app := fiberv3.New()
	if fiberv3.IsChild() {
		pool, err := pgxpool.New(ctx, dsn)
		if err != nil {
			return err
		}
		defer pool.Close()
		if err := pool.Ping(ctx); err != nil {
			return err
		}
		app.Get("/", func(c fiberv3.Ctx) error { return pool.Ping(c.Context()) })
	}
	return app.Listen(":3000", fiberv3.ListenConfig{EnablePrefork: true})
}

// pgxpool connects when it is used, here in the children's handlers.
func OkUnused(ctx context.Context, dsn string) error {
	pool, err := pgxpool.New(ctx, dsn)
	if err != nil {
		return err
	}
	defer pool.Close()
	app := fiber.New(fiber.Config{Prefork: true})
	app.Get("/", func(c *fiber.Ctx) error { return pool.Ping(c.Context()) })
	return app.Listen(":3000")
}

// The parent alone migrates, with the pool that it needs for that.
func OkParentMigrates(dsn string) error {
	db, err := sqlx.Open("pgx", dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	if !fiber.IsChild() {
		db.MustExec("create table if not exists jobs (id int)")
	}
	app := fiber.New(fiber.Config{Prefork: true})
	return app.Listen(":3000")
}

// sqlx.Connect pings.
func BadSqlx(dsn string) error {
	db, err := sqlx.Connect("pgx", dsn) // want `db is opened and used before server.ListenAndServe starts child processes`
	if err != nil {
		return err
	}
	defer db.Close()
	server := prefork.New(&fasthttp.Server{Handler: func(ctx *fasthttp.RequestCtx) { db.MustExecContext(ctx, "select 1") }})
	return server.ListenAndServe(":8080") // rel "child process started here"
}

// The pool is closed before the children start.
func OkClosedBefore(dsn string) error {
	db, err := sqlx.Connect("pgx", dsn)
	if err != nil {
		return err
	}
	_, err = db.Exec("create table if not exists jobs (id int)")
	db.Close()
	if err != nil {
		return err
	}
	server := &prefork.Prefork{ServeFunc: (&fasthttp.Server{}).Serve}
	return server.ListenAndServe(":8080")
}

// A child has served and gone when the parent comes here.
func OkEarlyReturn(dsn string) error {
	server := prefork.New(&fasthttp.Server{})
	if !prefork.IsChild() {
		return server.ListenAndServe(":8080")
	}
	db, err := sqlx.Connect("pgx", dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	return server.ListenAndServe(":8080")
}

// The test for being a child is kept in a variable.
func OkTestInVariable(dsn string) error {
	parent := os.Getenv("FIBER_PREFORK_CHILD") == ""
	var db *sql.DB
	if !parent {
		var err error
		if db, err = sql.Open("pgx", dsn); err != nil {
			return err
		}
		if err := db.Ping(); err != nil {
			return err
		}
	}
	app := fiber.New(fiber.Config{Prefork: true})
	app.Get("/", func(c *fiber.Ctx) error { return db.PingContext(c.Context()) })
	return app.Listen(":3000")
}

// Nothing stays open after the query.
func OkNotPooled(dsn string) error {
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	db.SetMaxIdleConns(-1)
	if err := db.Ping(); err != nil {
		return err
	}
	app := fiber.New(fiber.Config{Prefork: true})
	return app.Listen(":3000")
}

// All processes work off jobs, the parent too: its connections are in use.
func OkParentWorks(ctx context.Context, dsn string) error {
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := db.Ping(); err != nil {
		return err
	}
	go func() {
		for range time.Tick(time.Minute) {
			if _, err := db.ExecContext(ctx, "delete from jobs where done"); err != nil {
				log.Print(err)
			}
		}
	}()
	app := fiber.New(fiber.Config{Prefork: true})
	return app.Listen(":3000")
}

// The server listens in a goroutine, for the sake of a graceful shutdown.
func BadGraceful(url string, stop <-chan os.Signal) error {
	conn, err := amqp.Dial(url) // want `conn is opened and used before app.Listen starts child processes`
	if err != nil {
		return err
	}
	defer conn.Close()
	app := fiber.New(serverConfig())
	go func() {
		if err := app.Listen(":3000"); err != nil { // rel "child process started here"
			log.Print(err)
		}
	}()
	<-stop
	return app.Shutdown()
}

func serverConfig() fiber.Config {
	config := fiber.Config{AppName: "jobs"}
	config.Prefork = true
	return config
}

// repository is what the handlers use.
type repository struct{ db *gorm.DB }

func newRepository(d gorm.Dialector) (*repository, error) {
	db, err := gorm.Open(d, &gorm.Config{}) // want `db is opened and used before r.app.Listen starts child processes`
	if err != nil {
		return nil, err
	}
	return &repository{db}, nil
}

func (r *repository) migrate() error { return r.db.AutoMigrate(&job{}) }

type job struct{ ID int }

type server struct {
	app   *fiber.App
	store *repository
}

func (r *server) listen() error { return r.app.Listen(":3000") } // rel "child process started here"

// Pool, use and start are in methods: newRepository opens what listen inherits.
func BadLayers(d gorm.Dialector) error {
	store, err := newRepository(d)
	if err != nil {
		return err
	}
	if err := store.migrate(); err != nil {
		return err
	}
	s := &server{app: fiber.New(fiber.Config{Prefork: true}), store: store}
	return s.listen()
}

// The listener says that the server has children: they are all on one port.
func OkCustomListener(rdb *redis.Client, app *fiber.App) error {
	if err := rdb.Ping(context.Background()).Err(); err != nil {
		return err
	}
	return app.Listen(":3000") // whether it pre-forks is the caller's business
}

// The cache is asked before the children start.
func BadRedis(ctx context.Context, addr string) error {
	rdb := redis.NewClient(&redis.Options{Addr: addr, PoolSize: 50}) // want `rdb is opened and used before app.Listen starts child processes \(the parent keeps its connections, each child opens up to 50\)`
	defer rdb.Close()
	if err := rdb.Ping(ctx).Err(); err != nil { // rel "used here"
		return err
	}
	app := fiber.New(fiber.Config{Prefork: true})
	return app.Listen(":3000") // rel "child process started here"
}

// A second server of the process takes the pool; the first has no use for it.
func OkAfterStart(dsn string) error {
	app := fiber.New(fiber.Config{Prefork: true})
	if err := app.Listen(":3000"); err != nil {
		return err
	}
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	return db.Ping()
}
