// Package guard has the locks of other packages.
package guard

import (
	"context"
	"sync"

	"github.com/jackc/pgx/v5"
)

// Session pairs a connection with the lock that everybody takes by hand.
type Session struct {
	Mu   sync.Mutex
	Conn *pgx.Conn
}

// Acquire takes the lock for the caller.
func (s *Session) Acquire() *pgx.Conn {
	s.Mu.Lock()
	return s.Conn
}

// Done gives it back.
func (s *Session) Done() { s.Mu.Unlock() }

// Do runs a function under the lock.
func (s *Session) Do(f func(*pgx.Conn) error) error {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	return f(s.Conn)
}

// View runs a function under the lock of readers, of which there are many.
func View(mu *sync.RWMutex, conn *pgx.Conn, f func(*pgx.Conn) error) error {
	mu.RLock()
	defer mu.RUnlock()
	return f(conn)
}

// Touch expects the lock to be held.
func (s *Session) Touch(ctx context.Context) error {
	_, err := s.Conn.Exec(ctx, "update sessions set seen = now()")
	return err
}

// Guard is a lock that gives back its own release.
func Guard(mu *sync.Mutex) func() {
	mu.Lock()
	return mu.Unlock
}

// Locker is a lock of any make.
type Locker interface {
	Lock()
	Unlock()
}

// Table has a lock for each name.
type Table struct{ locks sync.Map }

// For gives the lock of a name.
func (t *Table) For(name string) *sync.Mutex {
	mu, _ := t.locks.LoadOrStore(name, new(sync.Mutex))
	return mu.(*sync.Mutex)
}
