// Package holders has pools inside the user's own types.
package holders

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// Store is how handlers get at the database.
type Store struct {
	db    *sql.DB
	stats map[string]int
}

// New opens a pool for the store, which has no way to close it.
func New(dsn string) (*Store, error) {
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		return nil, err
	}
	return &Store{db: db, stats: map[string]int{}}, nil
}

// Name reads one name.
func (s *Store) Name(ctx context.Context, id string) (name string, err error) {
	err = s.db.QueryRowContext(ctx, "select name from users where id = $1", id).Scan(&name)
	return name, err
}

// BadStorePerRequest makes a store for one question.
func BadStorePerRequest(w http.ResponseWriter, r *http.Request) {
	s, err := New("postgres://app@db/app") // want "the .sql.DB inside is a new pool for each call of handler BadStorePerRequest, and never closed"
	if err != nil {
		return
	}
	name, err := s.Name(r.Context(), r.FormValue("id"))
	if err == nil {
		fmt.Fprint(w, name)
	}
}

// Cache can be closed.
type Cache struct{ rdb *redis.Client }

// NewCache makes a client for the cache.
func NewCache(addr string) *Cache {
	return &Cache{rdb: redis.NewClient(&redis.Options{Addr: addr})}
}

// Get reads one key.
func (c *Cache) Get(ctx context.Context, key string) string { return c.rdb.Get(ctx, key).Val() }

// Close closes the client.
func (c *Cache) Close() error { return c.rdb.Close() }

// BadCachePerRequest does not close it.
func BadCachePerRequest(w http.ResponseWriter, r *http.Request) {
	c := NewCache("cache:6379") // want "the .redis.Client inside is a new client for each call of handler BadCachePerRequest, and never closed"
	fmt.Fprint(w, c.Get(r.Context(), "greeting"))
}

// OkCacheClosed closes it: it costs time only.
func OkCacheClosed(w http.ResponseWriter, r *http.Request) {
	c := NewCache("cache:6379")
	defer c.Close()
	fmt.Fprint(w, c.Get(r.Context(), "greeting"))
}

var (
	mu     sync.Mutex
	stores = map[string]*Store{}
)

// OkStorePerTenant keeps each store.
func OkStorePerTenant(w http.ResponseWriter, r *http.Request) {
	tenant := r.FormValue("tenant")
	mu.Lock()
	defer mu.Unlock()
	s := stores[tenant]
	if s == nil {
		var err error
		if s, err = New("postgres://app@db/" + tenant); err != nil {
			return
		}
		stores[tenant] = s
	}
	name, err := s.Name(r.Context(), "1")
	if err == nil {
		fmt.Fprint(w, name)
	}
}

// Register keeps the store for good.
func (s *Store) Register(tenant string) { stores[tenant] = s }

// OkRegistered hands the store to its own registry.
func OkRegistered(w http.ResponseWriter, r *http.Request) {
	s, err := New("postgres://app@db/app")
	if err != nil {
		return
	}
	s.Register(r.FormValue("tenant"))
}

// Watch reads the names again and again.
func (s *Store) Watch() {
	go func() {
		for range time.Tick(time.Minute) {
			_, _ = s.Name(context.Background(), "1")
		}
	}()
}

// OkWatched lives on in the store's own goroutine.
func OkWatched(w http.ResponseWriter, r *http.Request) {
	s, err := New("postgres://app@db/app")
	if err != nil {
		return
	}
	s.Watch()
}

// service has a store inside.
type service struct{ store *Store }

// OkHandler is made once, with its store.
func OkHandler(dsn string) (http.Handler, error) {
	s, err := New(dsn)
	if err != nil {
		return nil, err
	}
	return &service{store: s}, nil
}

// ServeHTTP uses the store that it was made with.
func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, err := s.store.Name(r.Context(), r.FormValue("id"))
	if err == nil {
		fmt.Fprint(w, name)
	}
}

// OkRoutes registers everything.
func OkRoutes(mux *http.ServeMux) {
	mux.HandleFunc("/a", BadStorePerRequest)
	mux.HandleFunc("/b", BadCachePerRequest)
	mux.HandleFunc("/c", OkCacheClosed)
	mux.HandleFunc("/d", OkStorePerTenant)
	mux.HandleFunc("/e", OkRegistered)
	mux.HandleFunc("/f", OkWatched)
}
