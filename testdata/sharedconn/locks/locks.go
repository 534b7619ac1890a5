// Package locks has locks that protect a shared connection, and locks that do not.
package locks

import (
	"context"
	"net/http"
	"os"
	"sync"

	"github.com/jackc/pgx/v5"
)

func dial() *pgx.Conn {
	c, err := pgx.Connect(context.Background(), os.Getenv("DATABASE_URL"))
	if err != nil {
		panic(err)
	}
	return c
}

// okServer locks its own mutex around every use.
type okServer struct {
	mu   sync.Mutex
	conn *pgx.Conn
}

func (s *okServer) OkFieldMutex(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.conn.Exec(r.Context(), "select 1")
	s.mu.Unlock()
}

func (s *okServer) OkDeferredUnlock(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Method == http.MethodGet {
		s.conn.Exec(r.Context(), "select 2")
		return
	}
	s.conn.Exec(r.Context(), "insert")
}

func (s *okServer) lock()   { s.mu.Lock() }
func (s *okServer) unlock() { s.mu.Unlock() }

func (s *okServer) OkLockHelpers(w http.ResponseWriter, r *http.Request) {
	s.lock()
	defer s.unlock()
	s.conn.Exec(r.Context(), "select 3")
}

// exec locks for its callers.
func (s *okServer) exec(ctx context.Context, query string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.conn.Exec(ctx, query)
	return err
}

func (s *okServer) OkLockedHelper(w http.ResponseWriter, r *http.Request) {
	s.exec(r.Context(), "select 4")
}

// execLocked expects its callers to hold the lock.
func (s *okServer) execLocked(ctx context.Context, query string) error {
	_, err := s.conn.Exec(ctx, query)
	return err
}

func (s *okServer) OkCallerLocks(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.execLocked(r.Context(), "select 5")
}

// withLock runs a callback under the lock.
func (s *okServer) withLock(f func(*pgx.Conn) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return f(s.conn)
}

func (s *okServer) OkCallback(w http.ResponseWriter, r *http.Request) {
	s.withLock(func(c *pgx.Conn) error {
		_, err := c.Exec(r.Context(), "select 6")
		return err
	})
}

var (
	globalMu   sync.Mutex
	globalConn = dial()
)

func OkGlobalMutex(w http.ResponseWriter, r *http.Request) {
	globalMu.Lock()
	defer globalMu.Unlock()
	globalConn.Exec(r.Context(), "select 1")
}

var (
	rw     sync.RWMutex
	rwConn = dial()
)

func OkRWMutexLock(w http.ResponseWriter, r *http.Request) {
	rw.Lock()
	defer rw.Unlock()
	rwConn.Exec(r.Context(), "select 1")
}

// embeddedLock has the mutex embedded.
type embeddedLock struct {
	sync.Mutex
	conn *pgx.Conn
}

func (e *embeddedLock) OkEmbeddedMutex(w http.ResponseWriter, r *http.Request) {
	e.Lock()
	defer e.Unlock()
	e.conn.Exec(r.Context(), "select 1")
}

// token is a channel of capacity one.
var (
	token     = make(chan struct{}, 1)
	tokenConn = dial()
)

func OkChannelLock(w http.ResponseWriter, r *http.Request) {
	token <- struct{}{}
	defer func() { <-token }()
	tokenConn.Exec(r.Context(), "select 1")
}

// tryServer gives up when the connection is in use.
var (
	tryMu   sync.Mutex
	tryConn = dial()
)

func OkTryLock(w http.ResponseWriter, r *http.Request) {
	if !tryMu.TryLock() {
		w.WriteHeader(http.StatusTooManyRequests)
		return
	}
	defer tryMu.Unlock()
	tryConn.Exec(r.Context(), "select 1")
}

var (
	readMu   sync.RWMutex
	readConn = dial()
)

// BadReadLock lets all readers in at once.
func BadReadLock(w http.ResponseWriter, r *http.Request) {
	readMu.RLock()
	defer readMu.RUnlock()
	readConn.Exec(r.Context(), "select 1") // want "^readConn is shared by every call of handler BadReadLock without a lock"
}

var perRequestConn = dial()

// BadMutexOfRequest locks a mutex that no other request knows.
func BadMutexOfRequest(w http.ResponseWriter, r *http.Request) {
	var mu sync.Mutex
	mu.Lock()
	defer mu.Unlock()
	perRequestConn.Exec(r.Context(), "select 1") // want "^perRequestConn is shared by every call of handler BadMutexOfRequest without a lock"
}

// wrapper locks its own mutex, but there are many wrappers of one connection.
type wrapper struct {
	mu   sync.Mutex
	conn *pgx.Conn
}

func (x *wrapper) exec(ctx context.Context) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.conn.Exec(ctx, "select 1") // want "is shared by every call of handler BadMutexOfWrapper without a lock"
}

var wrappedConn = dial()

func BadMutexOfWrapper(w http.ResponseWriter, r *http.Request) {
	x := &wrapper{conn: wrappedConn}
	x.exec(r.Context())
}

// halfServer locks in one handler and not in the other.
type halfServer struct {
	mu   sync.Mutex
	conn *pgx.Conn
}

// OkHalfLocked holds the lock; the finding is at the handler that does not.
func (s *halfServer) OkHalfLocked(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conn.Exec(r.Context(), "select 1")
}

func (s *halfServer) BadHalfUnlocked(w http.ResponseWriter, r *http.Request) {
	s.conn.Exec(r.Context(), "select 2") // want "^s.conn is shared by every call of .*BadHalfUnlocked without s.mu, which is locked in 1 of 2 uses"
}

type earlyServer struct {
	mu   sync.Mutex
	conn *pgx.Conn
}

// BadReleasedEarly reads the rows after it has given the lock back.
func (s *earlyServer) BadReleasedEarly(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	rows, err := s.conn.Query(r.Context(), "select name from users")
	s.mu.Unlock()
	if err != nil {
		return
	}
	for rows.Next() { // want "is shared by every call of .*BadReleasedEarly without mu, which other uses hold"
	}
	rows.Close()
}

type pathServer struct {
	mu   sync.Mutex
	conn *pgx.Conn
}

// BadOnePath locks only when it writes.
func (s *pathServer) BadOnePath(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPost {
		s.mu.Lock()
		defer s.mu.Unlock()
	}
	s.conn.Exec(r.Context(), "select 1") // want "^s.conn is shared by every call of .*BadOnePath without a lock"
}

// twoLocks has a lock for each handler.
type twoLocks struct {
	a, b sync.Mutex
	conn *pgx.Conn
}

func (s *twoLocks) BadLockA(w http.ResponseWriter, r *http.Request) {
	s.a.Lock()
	defer s.a.Unlock()
	s.conn.Exec(r.Context(), "select 1") // want "^s.conn is shared by .*BadLockA and .*BadLockB without a (common )?lock"
}

func (s *twoLocks) BadLockB(w http.ResponseWriter, r *http.Request) {
	s.b.Lock()
	defer s.b.Unlock()
	s.conn.Exec(r.Context(), "select 2") // rel "other use here"
}

// Serve registers everything.
func Serve() error {
	ok := &okServer{conn: dial()}
	emb := &embeddedLock{conn: dial()}
	half := &halfServer{conn: dial()}
	early := &earlyServer{conn: dial()}
	path := &pathServer{conn: dial()}
	two := &twoLocks{conn: dial()}
	mux := http.NewServeMux()
	mux.HandleFunc("/1", ok.OkFieldMutex)
	mux.HandleFunc("/2", ok.OkDeferredUnlock)
	mux.HandleFunc("/3", ok.OkLockHelpers)
	mux.HandleFunc("/4", ok.OkLockedHelper)
	mux.HandleFunc("/5", ok.OkCallerLocks)
	mux.HandleFunc("/6", ok.OkCallback)
	mux.HandleFunc("/7", OkGlobalMutex)
	mux.HandleFunc("/8", OkRWMutexLock)
	mux.HandleFunc("/9", emb.OkEmbeddedMutex)
	mux.HandleFunc("/10", OkChannelLock)
	mux.HandleFunc("/11", OkTryLock)
	mux.HandleFunc("/12", BadReadLock)
	mux.HandleFunc("/13", BadMutexOfRequest)
	mux.HandleFunc("/14", BadMutexOfWrapper)
	mux.HandleFunc("/15", half.OkHalfLocked)
	mux.HandleFunc("/16", half.BadHalfUnlocked)
	mux.HandleFunc("/17", early.BadReleasedEarly)
	mux.HandleFunc("/18", path.BadOnePath)
	mux.HandleFunc("/19", two.BadLockA)
	mux.HandleFunc("/20", two.BadLockB)
	return http.ListenAndServe(":8080", mux)
}
