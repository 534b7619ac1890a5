// Package takeouts has servers that take their connection out of its field
// under a lock, put another there, and go on with the one they have.
package takeouts

import (
	"context"
	"net/http"
	"os"
	"sync"

	"github.com/gomodule/redigo/redis"
	"github.com/jackc/pgx/v5"
)

const touch = "update accounts set seen = now()"

func dial() *pgx.Conn {
	c, err := pgx.Connect(context.Background(), os.Getenv("DATABASE_URL"))
	if err != nil {
		panic(err)
	}
	return c
}

// slot has room for one connection.
type slot struct {
	mu   sync.Mutex
	conn *pgx.Conn
}

// OkReplaced closes the one that it replaced, when nobody finds it any more.
func (s *slot) OkReplaced(w http.ResponseWriter, r *http.Request) {
	c := dial()
	s.mu.Lock()
	old := s.conn
	s.conn = c
	s.mu.Unlock()
	if old != nil {
		old.Close(r.Context())
	}
}

// OkBorrowed takes it for the time of a query, and puts it back.
func (s *slot) OkBorrowed(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	c := s.conn
	s.conn = nil
	s.mu.Unlock()
	if c == nil {
		c = dial()
	}
	c.Exec(r.Context(), touch)
	s.put(r.Context(), c)
}

// put gives a connection back, or closes it if there is one already.
func (s *slot) put(ctx context.Context, c *pgx.Conn) {
	s.mu.Lock()
	if s.conn != nil {
		s.mu.Unlock()
		c.Close(ctx)
		return
	}
	s.conn = c
	s.mu.Unlock()
}

type kept struct {
	mu   sync.Mutex
	conn *pgx.Conn
}

// BadKept leaves it there on one of two paths.
func (k *kept) BadKept(w http.ResponseWriter, r *http.Request) {
	k.mu.Lock()
	c := k.conn
	if r.Method == http.MethodDelete {
		k.conn = nil
	}
	k.mu.Unlock()
	c.Exec(r.Context(), touch) // want `^c is shared by every call of handler kept\.BadKept without a lock \(\*pgx\.Conn is not safe for concurrent use\)`
}

type late struct {
	mu   sync.Mutex
	conn *pgx.Conn
}

// BadLate gives the lock back before it takes the connection out.
func (l *late) BadLate(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	c := l.conn
	l.mu.Unlock()
	l.mu.Lock()
	l.conn = nil
	l.mu.Unlock()
	c.Exec(r.Context(), touch) // want `^c is shared by every call of handler late\.BadLate without a lock \(\*pgx\.Conn is not safe for concurrent use\)`
}

type reading struct {
	mu   sync.RWMutex
	conn redis.Conn
}

// BadReading has the lock of readers, which several may have.
func (s *reading) BadReading(w http.ResponseWriter, r *http.Request) {
	s.mu.RLock()
	c := s.conn
	s.conn = nil
	s.mu.RUnlock()
	c.Do("PING") // want `^c is shared by every call of handler reading\.BadReading without a lock \(redis\.Conn takes one goroutine in Receive and one in Send and Flush; Do is both\)`
}

// spare is a package variable with the same care.
var (
	spareMu sync.Mutex
	spare   = dial()
)

// OkSpare takes the spare connection for good.
func OkSpare(w http.ResponseWriter, r *http.Request) {
	spareMu.Lock()
	c := spare
	spare = nil
	spareMu.Unlock()
	if c == nil {
		return
	}
	defer c.Close(r.Context())
	c.Exec(r.Context(), touch)
}

// Serve registers the handlers.
func Serve(conn redis.Conn) error {
	s := &slot{conn: dial()}
	http.HandleFunc("/replaced", s.OkReplaced)
	http.HandleFunc("/borrowed", s.OkBorrowed)
	http.HandleFunc("/kept", (&kept{conn: dial()}).BadKept)
	http.HandleFunc("/late", (&late{conn: dial()}).BadLate)
	http.HandleFunc("/reading", (&reading{conn: conn}).BadReading)
	http.HandleFunc("/spare", OkSpare)
	return http.ListenAndServe(":8080", nil)
}
