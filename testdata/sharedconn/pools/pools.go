// Package pools has hand-made pools: a connection is taken out, used by one
// request, and put back.
package pools

import (
	"context"
	"net/http"
	"os"
	"sync"

	"github.com/gomodule/redigo/redis"
	"github.com/jackc/pgx/v5"
)

var free = make(chan *pgx.Conn, 4)

// OkChannelPool takes a connection from a channel and gives it back.
func OkChannelPool(w http.ResponseWriter, r *http.Request) {
	c := <-free
	defer func() { free <- c }()
	c.Exec(r.Context(), "select 1")
}

// OkChannelSelect gives up when the client does.
func OkChannelSelect(w http.ResponseWriter, r *http.Request) {
	select {
	case c := <-free:
		c.Exec(r.Context(), "select 1")
		free <- c
	case <-r.Context().Done():
	}
}

var syncPool = sync.Pool{New: func() any {
	c, err := pgx.Connect(context.Background(), os.Getenv("DATABASE_URL"))
	if err != nil {
		return nil
	}
	return c
}}

// OkSyncPool is no good pool, but it never gives one connection to two requests.
func OkSyncPool(w http.ResponseWriter, r *http.Request) {
	c, ok := syncPool.Get().(*pgx.Conn)
	if !ok {
		return
	}
	defer syncPool.Put(c)
	c.Exec(r.Context(), "select 1")
}

// stack is a pool with a lock around the slice, not around the connections.
type stack struct {
	mu   sync.Mutex
	free []*pgx.Conn
}

func (s *stack) pop() *pgx.Conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.free) == 0 {
		return nil
	}
	c := s.free[len(s.free)-1]
	s.free = s.free[:len(s.free)-1]
	return c
}

func (s *stack) push(c *pgx.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free = append(s.free, c)
}

func (s *stack) OkStack(w http.ResponseWriter, r *http.Request) {
	c := s.pop()
	if c == nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	defer s.push(c)
	c.Exec(r.Context(), "select 1")
}

var redisPool = &redis.Pool{Dial: func() (redis.Conn, error) { return redis.Dial("tcp", "localhost:6379") }}

// OkRedisPool takes a connection of a real pool.
func OkRedisPool(w http.ResponseWriter, r *http.Request) {
	c := redisPool.Get()
	defer c.Close()
	c.Do("INCR", "visits")
}

var kept = redisPool.Get()

// BadKeptLease took one connection of the pool, once, for all requests.
func BadKeptLease(w http.ResponseWriter, r *http.Request) {
	kept.Do("INCR", "visits") // want "^kept is shared by every call of handler BadKeptLease without a lock"
}

// Serve registers everything.
func Serve(ctx context.Context) error {
	s := &stack{}
	for range cap(free) {
		c, err := pgx.Connect(ctx, os.Getenv("DATABASE_URL"))
		if err != nil {
			return err
		}
		free <- c
		d, err := pgx.Connect(ctx, os.Getenv("DATABASE_URL"))
		if err != nil {
			return err
		}
		s.push(d)
	}
	http.HandleFunc("/1", OkChannelPool)
	http.HandleFunc("/2", OkChannelSelect)
	http.HandleFunc("/3", OkSyncPool)
	http.HandleFunc("/4", s.OkStack)
	http.HandleFunc("/5", OkRedisPool)
	http.HandleFunc("/6", BadKeptLease)
	return http.ListenAndServe(":8080", nil)
}
