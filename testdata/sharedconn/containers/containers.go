// Package containers keeps connections in structs, maps and slices.
package containers

import (
	"context"
	"net/http"
	"os"

	"github.com/gomodule/redigo/redis"
	"github.com/jackc/pgx/v5"
	goredis "github.com/redis/go-redis/v9"
)

// globals is one package-level struct.
var globals struct {
	conn  *pgx.Conn
	cache *goredis.Client
}

// deps is a pointer to a struct that Serve fills.
var deps *dependencies

type dependencies struct {
	db *pgx.Conn
}

func BadStruct(w http.ResponseWriter, r *http.Request) {
	globals.conn.Exec(r.Context(), "select 1") // want "^globals.conn is shared by every call of handler BadStruct without a lock"
}

func BadPointerToStruct(w http.ResponseWriter, r *http.Request) {
	deps.db.Exec(r.Context(), "select 1") // want "^deps.db is shared by every call of handler BadPointerToStruct without a lock"
}

// conns has one connection per name; all requests use the same one.
var conns = map[string]*pgx.Conn{}

func BadMapConstantKey(w http.ResponseWriter, r *http.Request) {
	conns["main"].Exec(r.Context(), "select 1") // want "is shared by every call of handler BadMapConstantKey without a lock"
}

// shards are all asked by every request.
var shards []*pgx.Conn

func BadSliceRange(w http.ResponseWriter, r *http.Request) {
	for _, shard := range shards {
		shard.Exec(r.Context(), "select 1") // want "^shard is shared by every call of handler BadSliceRange without a lock"
	}
}

func BadMapRange(w http.ResponseWriter, r *http.Request) {
	for _, tenant := range tenants {
		tenant.Exec(r.Context(), "select 1") // want "^tenant is shared by every call of handler BadMapRange without a lock"
	}
}

var tenants = map[string]*pgx.Conn{}

func BadSliceIndex(w http.ResponseWriter, r *http.Request) {
	shards[0].Exec(r.Context(), "select 2") // want "is shared by every call of handler BadSliceIndex without a lock"
}

// OkStructPool shares a client that is made for it.
func OkStructPool(w http.ResponseWriter, r *http.Request) {
	globals.cache.Get(r.Context(), "key")
}

// OkLocalMap has a map of its own.
func OkLocalMap(w http.ResponseWriter, r *http.Request) {
	c, err := pgx.Connect(r.Context(), os.Getenv("DATABASE_URL"))
	if err != nil {
		return
	}
	defer c.Close(r.Context())
	m := map[string]*pgx.Conn{"main": c}
	m["main"].Exec(r.Context(), "select 1")
	for _, c := range m {
		c.Ping(r.Context())
	}
}

// OkLocalSlice connects to all shards for one request.
func OkLocalSlice(w http.ResponseWriter, r *http.Request) {
	var cs []*pgx.Conn
	for _, url := range urls {
		c, err := pgx.Connect(r.Context(), url)
		if err != nil {
			return
		}
		defer c.Close(r.Context())
		cs = append(cs, c)
	}
	for _, c := range cs {
		c.Exec(r.Context(), "select 1")
	}
}

var urls = []string{"postgres://a", "postgres://b"}

// byUser has one connection per user, looked up by a key of the request. Two
// requests of one user do share it, but a key may as well be a unique number.
var byUser = map[string]*pgx.Conn{}

func OkVariableKey(w http.ResponseWriter, r *http.Request) {
	if c := byUser[r.Header.Get("X-Session")]; c != nil {
		c.Exec(r.Context(), "select 1")
	}
}

// pools may be shared through any container.
var pools = map[string]*redis.Pool{}

func OkPoolsInMap(w http.ResponseWriter, r *http.Request) {
	for _, p := range pools {
		c := p.Get()
		c.Do("PING")
		c.Close()
	}
	c := pools["main"].Get()
	defer c.Close()
	c.Do("PING")
}

// OkStructOfRequest copies a template and puts a connection of its own into it.
func OkStructOfRequest(w http.ResponseWriter, r *http.Request) {
	d := dependencies{}
	c, err := pgx.Connect(r.Context(), os.Getenv("DATABASE_URL"))
	if err != nil {
		return
	}
	defer c.Close(r.Context())
	d.db = c
	d.db.Exec(r.Context(), "select 1")
}

// Serve connects everything.
func Serve(ctx context.Context) error {
	var err error
	if globals.conn, err = pgx.Connect(ctx, os.Getenv("DATABASE_URL")); err != nil {
		return err
	}
	globals.cache = goredis.NewClient(&goredis.Options{Addr: "localhost:6379"})
	db, err := pgx.Connect(ctx, os.Getenv("DATABASE_URL"))
	if err != nil {
		return err
	}
	deps = &dependencies{db: db}
	if conns["main"], err = pgx.Connect(ctx, os.Getenv("DATABASE_URL")); err != nil {
		return err
	}
	for _, url := range urls {
		shard, err := pgx.Connect(ctx, url)
		if err != nil {
			return err
		}
		shards = append(shards, shard)
		if tenants[url], err = pgx.Connect(ctx, url); err != nil {
			return err
		}
		if byUser[url], err = pgx.Connect(ctx, url); err != nil {
			return err
		}
		pools[url] = &redis.Pool{Dial: func() (redis.Conn, error) { return redis.Dial("tcp", url) }}
	}
	http.HandleFunc("/1", BadStruct)
	http.HandleFunc("/2", BadPointerToStruct)
	http.HandleFunc("/3", BadMapConstantKey)
	http.HandleFunc("/4", BadSliceRange)
	http.HandleFunc("/5", BadMapRange)
	http.HandleFunc("/6", BadSliceIndex)
	http.HandleFunc("/7", OkStructPool)
	http.HandleFunc("/8", OkLocalMap)
	http.HandleFunc("/9", OkLocalSlice)
	http.HandleFunc("/10", OkVariableKey)
	http.HandleFunc("/11", OkPoolsInMap)
	http.HandleFunc("/12", OkStructOfRequest)
	return http.ListenAndServe(":8080", nil)
}
