// Package lockers has connections behind locks that come from elsewhere: a
// sync.Locker, a helper of another package, a function that gives the unlock.
package lockers

import (
	"context"
	"net/http"
	"os"
	"sync"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/singleflight"

	"github.com/connvet/connvet/testdata/sharedconn/lockers/guard"
)

const touch = "update accounts set seen = now()"

func dial() *pgx.Conn {
	c, err := pgx.Connect(context.Background(), os.Getenv("DATABASE_URL"))
	if err != nil {
		panic(err)
	}
	return c
}

// withLock is how database/sql runs what it does with a connection.
func withLock(l sync.Locker, f func()) {
	l.Lock()
	defer l.Unlock()
	f()
}

// store is a Locker itself.
type store struct {
	mu   sync.Mutex
	conn *pgx.Conn
}

func (s *store) Lock()   { s.mu.Lock() }
func (s *store) Unlock() { s.mu.Unlock() }

// OkLocksItself is locked by its own methods.
func (s *store) OkLocksItself(w http.ResponseWriter, r *http.Request) {
	withLock(s, func() { s.conn.Exec(r.Context(), touch) })
}

// OkLocksMutex gives the helper the mutex in it: the same lock.
func (s *store) OkLocksMutex(w http.ResponseWriter, r *http.Request) {
	withLock(&s.mu, func() { s.conn.Exec(r.Context(), touch) })
}

// OkLocksThere has a helper of another package.
func (s *store) OkLocksThere(w http.ResponseWriter, r *http.Request) {
	guard.With(&s.mu, func() { s.conn.Exec(r.Context(), touch) })
}

// OkUnlocksLater gets the unlock from a helper of another package.
func (s *store) OkUnlocksLater(w http.ResponseWriter, r *http.Request) {
	defer guard.Hold(&s.mu)()
	s.conn.Exec(r.Context(), touch)
}

type ownLock struct{ conn *pgx.Conn }

// BadOwnLock gives the helper a mutex of the request.
func (s *ownLock) BadOwnLock(w http.ResponseWriter, r *http.Request) {
	var mu sync.Mutex
	withLock(&mu, func() { s.conn.Exec(r.Context(), touch) }) // want `^s\.conn is shared by every call of handler ownLock\.BadOwnLock without a lock \(\*pgx\.Conn is not safe for concurrent use\)`
}

type readers struct {
	mu   sync.RWMutex
	conn *pgx.Conn
}

// BadReaders gives it the side of the readers.
func (s *readers) BadReaders(w http.ResponseWriter, r *http.Request) {
	withLock(s.mu.RLocker(), func() { s.conn.Exec(r.Context(), touch) }) // want `^s\.conn is shared by every call of handler readers\.BadReaders without a lock \(\*pgx\.Conn is not safe for concurrent use\)`
}

// view is a Locker that takes the side of the readers.
type view struct {
	mu   sync.RWMutex
	conn *pgx.Conn
}

func (v *view) Lock()   { v.mu.RLock() }
func (v *view) Unlock() { v.mu.RUnlock() }

// BadView looks locked.
func (v *view) BadView(w http.ResponseWriter, r *http.Request) {
	withLock(v, func() { v.conn.Exec(r.Context(), touch) }) // want `^v\.conn is shared by every call of handler view\.BadView without a lock \(\*pgx\.Conn is not safe for concurrent use\)`
}

type gated struct {
	gate *guard.Gate
	conn *pgx.Conn
}

// OkGate enters a gate of another package, and leaves at the end.
func (s *gated) OkGate(w http.ResponseWriter, r *http.Request) {
	defer s.gate.Enter()()
	s.conn.Exec(r.Context(), touch)
}

// OkGateByHand leaves it by hand.
func (s *gated) OkGateByHand(w http.ResponseWriter, r *http.Request) {
	leave := s.gate.Enter()
	s.conn.Exec(r.Context(), touch)
	leave()
}

type gateConst struct{ gated }

// OkGateConst has a gate whose width is a named constant.
func (s *gateConst) OkGateConst(w http.ResponseWriter, r *http.Request) {
	defer s.gate.Enter()()
	s.conn.Exec(r.Context(), touch)
}

type gateWide struct{ gated }

// BadGateWide has one that lets four in.
func (s *gateWide) BadGateWide(w http.ResponseWriter, r *http.Request) {
	defer s.gate.Enter()()
	s.conn.Exec(r.Context(), touch) // want `^s\.conn is shared by every call of handler gateWide\.BadGateWide without a lock \(\*pgx\.Conn is not safe for concurrent use\)`
}

type gateLeft struct{ gated }

// BadGateLeft leaves before the use.
func (s *gateLeft) BadGateLeft(w http.ResponseWriter, r *http.Request) {
	s.gate.Enter()()
	s.conn.Exec(r.Context(), touch) // want `^s\.conn is shared by every call of handler gateLeft\.BadGateLeft without a lock \(\*pgx\.Conn is not safe for concurrent use\)`
}

type gateLate struct{ gated }

// BadGateLate forgets the second pair of parentheses: it enters at the end.
func (s *gateLate) BadGateLate(w http.ResponseWriter, r *http.Request) {
	defer s.gate.Enter()
	s.conn.Exec(r.Context(), touch) // want `^s\.conn is shared by every call of handler gateLate\.BadGateLate without a lock \(\*pgx\.Conn is not safe for concurrent use\)`
}

type flight struct {
	group singleflight.Group
	conn  *pgx.Conn
}

// OkOneFlight has one key: one call runs at a time.
func (s *flight) OkOneFlight(w http.ResponseWriter, r *http.Request) {
	s.group.Do("refresh", func() (any, error) {
		return s.conn.Exec(context.Background(), touch)
	})
}

type flights struct {
	group singleflight.Group
	conn  *pgx.Conn
}

// BadManyFlights has a key for each path.
func (s *flights) BadManyFlights(w http.ResponseWriter, r *http.Request) {
	s.group.Do(r.URL.Path, func() (any, error) {
		return s.conn.Exec(context.Background(), touch) // want `^s\.conn is shared by every call of handler flights\.BadManyFlights without a lock \(\*pgx\.Conn is not safe for concurrent use\)`
	})
}

// Serve registers the handlers.
func Serve() error {
	s := &store{conn: dial()}
	http.HandleFunc("/itself", s.OkLocksItself)
	http.HandleFunc("/mutex", s.OkLocksMutex)
	http.HandleFunc("/there", s.OkLocksThere)
	http.HandleFunc("/later", s.OkUnlocksLater)
	http.HandleFunc("/own", (&ownLock{dial()}).BadOwnLock)
	http.HandleFunc("/readers", (&readers{conn: dial()}).BadReaders)
	http.HandleFunc("/view", (&view{conn: dial()}).BadView)
	g := &gated{guard.New(), dial()}
	http.HandleFunc("/gate", g.OkGate)
	http.HandleFunc("/gate/hand", g.OkGateByHand)
	http.HandleFunc("/gate/const", (&gateConst{gated{guard.NewConst(), dial()}}).OkGateConst)
	http.HandleFunc("/gate/wide", (&gateWide{gated{guard.Wide(), dial()}}).BadGateWide)
	http.HandleFunc("/gate/left", (&gateLeft{gated{guard.New(), dial()}}).BadGateLeft)
	http.HandleFunc("/gate/late", (&gateLate{gated{guard.New(), dial()}}).BadGateLate)
	http.HandleFunc("/flight", (&flight{conn: dial()}).OkOneFlight)
	http.HandleFunc("/flights", (&flights{conn: dial()}).BadManyFlights)
	return http.ListenAndServe(":8080", nil)
}
