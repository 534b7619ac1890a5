// Package mutexes has servers with one connection and every kind of mutex
// that people put around it.
package mutexes

import (
	"context"
	"errors"
	"net/http"
	"os"
	"sync"

	"github.com/jackc/pgx/v5"

	"github.com/connvet/connvet/testdata/sharedconn/mutexes/guard"
)

func dial() *pgx.Conn {
	c, err := pgx.Connect(context.Background(), os.Getenv("DATABASE_URL"))
	if err != nil {
		panic(err)
	}
	return c
}

// BadTryLock goes on with the connection when it did not get the lock.
func (s *trying) BadTryLock(w http.ResponseWriter, r *http.Request) {
	if s.mu.TryLock() {
		defer s.mu.Unlock()
	}
	s.conn.Exec(r.Context(), "select 1") // want `^s\.conn is shared by every call of .*BadTryLock without a lock`
}

type trying struct {
	mu   sync.Mutex
	conn *pgx.Conn
}

// BadTryLockElse pings in the arm that has no lock.
func (s *tryingElse) BadTryLockElse(w http.ResponseWriter, r *http.Request) {
	if s.mu.TryLock() {
		s.conn.Exec(r.Context(), "select 1")
		s.mu.Unlock()
		return
	}
	s.conn.Ping(r.Context()) // want `^s\.conn is shared by every call of .*BadTryLockElse without s.mu, which is locked in 1 of 2 uses`
}

type tryingElse struct {
	mu   sync.Mutex
	conn *pgx.Conn
}

// OkTryLockVar keeps the answer in a variable.
func (s *tryingOk) OkTryLockVar(w http.ResponseWriter, r *http.Request) {
	got := s.mu.TryLock()
	if !got {
		http.Error(w, "busy", http.StatusTooManyRequests)
		return
	}
	defer s.mu.Unlock()
	s.conn.Exec(r.Context(), "select 1")
}

// OkTryThenLock waits for the lock when it is taken.
func (s *tryingOk) OkTryThenLock(w http.ResponseWriter, r *http.Request) {
	if !s.mu.TryLock() {
		s.mu.Lock()
	}
	defer s.mu.Unlock()
	s.conn.Exec(r.Context(), "select 2")
}

type tryingOk struct {
	mu   sync.Mutex
	conn *pgx.Conn
}

// readers has one handler that writes under the lock and one that reads beside itself.
type readers struct {
	mu   sync.RWMutex
	conn *pgx.Conn
}

func (s *readers) BadReaders(w http.ResponseWriter, r *http.Request) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	s.conn.Exec(r.Context(), "select 1") // want `^s\.conn is shared by every call of .*BadReaders without s.mu, which is locked in 1 of 2 uses`
}

func (s *readers) OkWriter(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conn.Exec(r.Context(), "insert into t values (1)")
}

// BadRLocker takes the reading side by its other name.
func (s *rlocker) BadRLocker(w http.ResponseWriter, r *http.Request) {
	l := s.mu.RLocker()
	l.Lock()
	defer l.Unlock()
	s.conn.Exec(r.Context(), "select 1") // want `^s\.conn is shared by every call of .*BadRLocker without a lock`
}

type rlocker struct {
	mu   sync.RWMutex
	conn *pgx.Conn
}

// BadDowngrade gives the exclusive lock back and reads on under the shared one.
func (s *downgrade) BadDowngrade(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.conn.Exec(r.Context(), "insert into t values (1)")
	s.mu.Unlock()
	s.mu.RLock()
	defer s.mu.RUnlock()
	s.conn.Exec(r.Context(), "select 1") // want `^s\.conn is shared by every call of .*BadDowngrade without s.mu, which is locked in 1 of 2 uses`
}

type downgrade struct {
	mu   sync.RWMutex
	conn *pgx.Conn
}

// BadView reads under the shared lock of a helper in another package.
func (s *viewer) BadView(w http.ResponseWriter, r *http.Request) {
	guard.View(&s.mu, s.conn, func(c *pgx.Conn) error {
		_, err := c.Exec(r.Context(), "select 1") // want `shared by every call of .*BadView without a lock`
		return err
	})
}

type viewer struct {
	mu   sync.RWMutex
	conn *pgx.Conn
}

// OkSession locks by hand the mutex of another package's struct.
func (s *sessions) OkSession(w http.ResponseWriter, r *http.Request) {
	s.session.Mu.Lock()
	defer s.session.Mu.Unlock()
	s.session.Conn.Exec(r.Context(), "select 1")
}

// OkAcquireDone has the lock taken by one callee and given back by another.
func (s *sessions) OkAcquireDone(w http.ResponseWriter, r *http.Request) {
	c := s.session.Acquire()
	defer s.session.Done()
	c.Exec(r.Context(), "select 2")
}

// OkDo has another package lock around its callback.
func (s *sessions) OkDo(w http.ResponseWriter, r *http.Request) {
	s.session.Do(func(c *pgx.Conn) error {
		_, err := c.Exec(r.Context(), "select 3")
		return err
	})
}

// OkTouch holds the lock around a callee that expects it.
func (s *sessions) OkTouch(w http.ResponseWriter, r *http.Request) {
	s.session.Mu.Lock()
	defer s.session.Mu.Unlock()
	s.session.Touch(r.Context())
}

type sessions struct{ session *guard.Session }

// BadTouch calls the same helper without the lock.
func (s *careless) BadTouch(w http.ResponseWriter, r *http.Request) {
	s.session.Touch(r.Context()) // want `shared by every call of .*BadTouch without a lock`
}

type careless struct{ session *guard.Session }

// BadDoneTooEarly gives the lock back and keeps the connection.
func (s *early) BadDoneTooEarly(w http.ResponseWriter, r *http.Request) {
	c := s.session.Acquire()
	s.session.Done()
	c.Exec(r.Context(), "select 1") // want `shared by every call of .*BadDoneTooEarly without a lock`
}

type early struct{ session *guard.Session }

// OkGuardFunc has a helper that locks and gives back the unlock.
func (s *guarded) OkGuardFunc(w http.ResponseWriter, r *http.Request) {
	defer guard.Guard(&s.mu)()
	s.conn.Exec(r.Context(), "select 1")
}

// OkGuardVar keeps the unlock in a variable.
func (s *guarded) OkGuardVar(w http.ResponseWriter, r *http.Request) {
	unlock := guard.Guard(&s.mu)
	s.conn.Exec(r.Context(), "select 2")
	unlock()
}

type guarded struct {
	mu   sync.Mutex
	conn *pgx.Conn
}

// OkLockerInterface has a lock of unknown make.
func (s *anyLock) OkLockerInterface(w http.ResponseWriter, r *http.Request) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.conn.Exec(r.Context(), "select 1")
}

type anyLock struct {
	lock guard.Locker
	conn *pgx.Conn
}

// OkPerKey has a lock for each tenant, and a connection for each tenant.
func (s *tenants) OkPerKey(w http.ResponseWriter, r *http.Request) {
	mu := s.table.For(r.Host)
	mu.Lock()
	defer mu.Unlock()
	s.conn.Exec(r.Context(), "select 1")
}

type tenants struct {
	table guard.Table
	conn  *pgx.Conn
}

// BadValueReceiver locks a copy of the mutex: each call has its own.
func (s byValue) BadValueReceiver(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conn.Exec(r.Context(), "select 1") // want `^s\.conn is shared by every call of .*BadValueReceiver without a lock`
}

type byValue struct {
	mu   sync.Mutex
	conn *pgx.Conn
}

// BadCopied copies the server first.
func (s *copied) BadCopied(w http.ResponseWriter, r *http.Request) {
	mine := *s
	mine.mu.Lock()
	defer mine.mu.Unlock()
	mine.conn.Exec(r.Context(), "select 1") // want `shared by every call of .*BadCopied without a lock`
}

type copied struct {
	mu   sync.Mutex
	conn *pgx.Conn
}

// OkPointerToMutex is a copy too, but the mutex in it is one for all.
func (s shallow) OkPointerToMutex(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conn.Exec(r.Context(), "select 1")
}

type shallow struct {
	mu   *sync.Mutex
	conn *pgx.Conn
}

// BadLockOfClosure has a mutex per request in the closure that it locks.
func BadLockOfClosure(w http.ResponseWriter, r *http.Request) {
	var mu sync.Mutex
	locked := func(f func()) {
		mu.Lock()
		defer mu.Unlock()
		f()
	}
	locked(func() { global.Exec(r.Context(), "select 1") }) // want `^global is shared by every call of handler BadLockOfClosure without a lock`
}

var global = dial()

// OkFactory makes handlers that share the connection and the mutex.
func OkFactory() (http.HandlerFunc, http.HandlerFunc) {
	var mu sync.Mutex
	conn := dial()
	read := func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		conn.Exec(r.Context(), "select 1")
	}
	write := func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		conn.Exec(r.Context(), "insert into t values (1)")
	}
	return read, write
}

// BadFactory has one handler with the mutex and one without.
func BadFactory() (http.HandlerFunc, http.HandlerFunc) {
	var mu sync.Mutex
	conn := dial()
	read := func(w http.ResponseWriter, r *http.Request) {
		conn.Exec(r.Context(), "select 1") // want `^conn is shared by every call of .* without mu, which other uses hold`
	}
	write := func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		conn.Exec(r.Context(), "insert into t values (1)")
	}
	return read, write
}

// BadMutexPerHandler makes the handler's mutex where the handler is made, twice.
func BadMutexPerHandler(conn *pgx.Conn) http.HandlerFunc {
	var mu sync.Mutex
	return func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		conn.Exec(r.Context(), "select 1") // want `^conn is shared by every call of a handler without a common lock`
	}
}

// OkUnlockOnError gives the lock back by hand on each path.
func (s *byHand) OkUnlockOnError(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	if err := s.conn.Ping(r.Context()); err != nil {
		s.mu.Unlock()
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	_, err := s.conn.Exec(r.Context(), "select 1")
	s.mu.Unlock()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

type byHand struct {
	mu   sync.Mutex
	conn *pgx.Conn
}

// BadUnlockOnOnePath has given the lock back on the path of one error.
func (s *onePath) BadUnlockOnOnePath(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	_, err := s.conn.Exec(r.Context(), "select 1")
	if errors.Is(err, pgx.ErrNoRows) {
		s.mu.Unlock()
	}
	s.conn.Exec(r.Context(), "select 2") // want `^s\.conn is shared by every call of .*BadUnlockOnOnePath without s.mu, which is locked in 1 of 2 uses`
	if !errors.Is(err, pgx.ErrNoRows) {
		s.mu.Unlock()
	}
}

type onePath struct {
	mu   sync.Mutex
	conn *pgx.Conn
}

// BadDeferredUseAfterUnlock defers the last statement before it defers the
// unlock: the unlock runs first.
func (s *deferOrder) BadDeferredUseAfterUnlock(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.conn.Exec(r.Context(), "discard temp") // want `^s\.conn is shared by every call of .*BadDeferredUseAfterUnlock without s.mu, which is locked in 1 of 2 uses`
	defer s.mu.Unlock()
	s.conn.Exec(r.Context(), "select 1")
}

type deferOrder struct {
	mu   sync.Mutex
	conn *pgx.Conn
}

// OkDeferredUseBeforeUnlock defers them in the right order.
func (s *deferOrderOk) OkDeferredUseBeforeUnlock(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.conn.Exec(r.Context(), "discard temp")
	s.conn.Exec(r.Context(), "select 1")
}

type deferOrderOk struct {
	mu   sync.Mutex
	conn *pgx.Conn
}

// BadSpawnedUnderLock starts a goroutine, which inherits no lock.
func (s *spawning) BadSpawnedUnderLock(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	go func() {
		s.conn.Exec(context.Background(), "select 1") // want `^s\.conn is shared by every call of .*BadSpawnedUnderLock without a lock`
	}()
}

type spawning struct {
	mu   sync.Mutex
	conn *pgx.Conn
}

// OkSpawnedLocks has the goroutine take the lock itself.
func (s *spawningOk) OkSpawnedLocks(w http.ResponseWriter, r *http.Request) {
	go func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.conn.Exec(context.Background(), "select 1")
	}()
}

type spawningOk struct {
	mu   sync.Mutex
	conn *pgx.Conn
}

// OkMiddlewareLocks has the lock in a middleware around the handler.
func OkMiddlewareLocks(next http.Handler) http.Handler {
	var mu sync.Mutex
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		next.ServeHTTP(w, r)
	})
}

// Serve registers everything.
func Serve() error {
	session := &guard.Session{Conn: dial()}
	ses := &sessions{session: session}
	car := &careless{session: &guard.Session{Conn: dial()}}
	ear := &early{session: &guard.Session{Conn: dial()}}
	try, tryElse, tryOk := &trying{conn: dial()}, &tryingElse{conn: dial()}, &tryingOk{conn: dial()}
	rd, rl, dg, vw := &readers{conn: dial()}, &rlocker{conn: dial()}, &downgrade{conn: dial()}, &viewer{conn: dial()}
	gd, al, tn := &guarded{conn: dial()}, &anyLock{lock: new(sync.Mutex), conn: dial()}, &tenants{conn: dial()}
	bv, cp, sh := byValue{conn: dial()}, &copied{conn: dial()}, shallow{mu: new(sync.Mutex), conn: dial()}
	hand, one := &byHand{conn: dial()}, &onePath{conn: dial()}
	do, doOk := &deferOrder{conn: dial()}, &deferOrderOk{conn: dial()}
	sp, spOk := &spawning{conn: dial()}, &spawningOk{conn: dial()}

	mux := http.NewServeMux()
	mux.HandleFunc("/try", try.BadTryLock)
	mux.HandleFunc("/try/else", tryElse.BadTryLockElse)
	mux.HandleFunc("/try/var", tryOk.OkTryLockVar)
	mux.HandleFunc("/try/lock", tryOk.OkTryThenLock)
	mux.HandleFunc("/readers", rd.BadReaders)
	mux.HandleFunc("/writer", rd.OkWriter)
	mux.HandleFunc("/rlocker", rl.BadRLocker)
	mux.HandleFunc("/downgrade", dg.BadDowngrade)
	mux.HandleFunc("/view", vw.BadView)
	mux.HandleFunc("/session", ses.OkSession)
	mux.HandleFunc("/acquire", ses.OkAcquireDone)
	mux.HandleFunc("/do", ses.OkDo)
	mux.HandleFunc("/touch", ses.OkTouch)
	mux.HandleFunc("/careless", car.BadTouch)
	mux.HandleFunc("/early", ear.BadDoneTooEarly)
	mux.HandleFunc("/guard", gd.OkGuardFunc)
	mux.HandleFunc("/guard/var", gd.OkGuardVar)
	mux.HandleFunc("/locker", al.OkLockerInterface)
	mux.HandleFunc("/tenant", tn.OkPerKey)
	mux.HandleFunc("/value", bv.BadValueReceiver)
	mux.HandleFunc("/copied", cp.BadCopied)
	mux.HandleFunc("/shallow", sh.OkPointerToMutex)
	mux.HandleFunc("/closure", BadLockOfClosure)
	read, write := OkFactory()
	mux.HandleFunc("GET /factory", read)
	mux.HandleFunc("POST /factory", write)
	read, write = BadFactory()
	mux.HandleFunc("GET /bad", read)
	mux.HandleFunc("POST /bad", write)
	shared := dial()
	mux.HandleFunc("/a", BadMutexPerHandler(shared))
	mux.HandleFunc("/b", BadMutexPerHandler(shared))
	mux.HandleFunc("/hand", hand.OkUnlockOnError)
	mux.HandleFunc("/one", one.BadUnlockOnOnePath)
	mux.HandleFunc("/order", do.BadDeferredUseAfterUnlock)
	mux.HandleFunc("/order/ok", doOk.OkDeferredUseBeforeUnlock)
	mux.HandleFunc("/spawn", sp.BadSpawnedUnderLock)
	mux.HandleFunc("/spawn/ok", spOk.OkSpawnedLocks)
	plain := dial()
	mux.Handle("/middleware", OkMiddlewareLocks(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		plain.Exec(r.Context(), "select 1")
	})))
	return http.ListenAndServe(":8080", mux)
}
