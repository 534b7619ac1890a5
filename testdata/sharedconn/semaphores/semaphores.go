// Package semaphores has channels and semaphores that let one request at a
// time at a connection, and some that let in more.
package semaphores

import (
	"context"
	"net/http"
	"os"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/semaphore"
)

func dial() *pgx.Conn {
	c, err := pgx.Connect(context.Background(), os.Getenv("DATABASE_URL"))
	if err != nil {
		panic(err)
	}
	return c
}

var (
	one     = semaphore.NewWeighted(1)
	oneConn = dial()
)

// OkWeightOne waits for the one slot.
func OkWeightOne(w http.ResponseWriter, r *http.Request) {
	if err := one.Acquire(r.Context(), 1); err != nil {
		return
	}
	defer one.Release(1)
	oneConn.Exec(r.Context(), "select 1")
}

// OkTryAcquire gives up when the slot is taken.
func OkTryAcquire(w http.ResponseWriter, r *http.Request) {
	if !one.TryAcquire(1) {
		w.WriteHeader(http.StatusTooManyRequests)
		return
	}
	defer one.Release(1)
	oneConn.Exec(r.Context(), "select 2")
}

var (
	four     = semaphore.NewWeighted(4)
	fourConn = dial()
)

// BadWeightFour lets in four at a time.
func BadWeightFour(w http.ResponseWriter, r *http.Request) {
	if err := four.Acquire(r.Context(), 1); err != nil {
		return
	}
	defer four.Release(1)
	fourConn.Exec(r.Context(), "select 1") // want `^fourConn is shared by every call of handler BadWeightFour without a lock`
}

// BadIgnoredAcquire uses the connection though the semaphore said no.
func BadIgnoredAcquire(w http.ResponseWriter, r *http.Request) {
	if ignored.TryAcquire(1) {
		defer ignored.Release(1)
	}
	ignoredConn.Exec(r.Context(), "select 1") // want `^ignoredConn is shared by every call of handler BadIgnoredAcquire without a lock`
}

var (
	ignored     = semaphore.NewWeighted(1)
	ignoredConn = dial()
)

// whole has a semaphore of many slots, of which a writer takes all.
type whole struct {
	sem  *semaphore.Weighted
	conn *pgx.Conn
}

const slots = 8

func newWhole() *whole { return &whole{sem: semaphore.NewWeighted(slots), conn: dial()} }

// OkWholeWeight takes every slot there is.
func (s *whole) OkWholeWeight(w http.ResponseWriter, r *http.Request) {
	if s.sem.Acquire(r.Context(), slots) != nil {
		return
	}
	defer s.sem.Release(slots)
	s.conn.Exec(r.Context(), "select 1")
}

// server has its semaphore in a field, made by the constructor.
type server struct {
	sem  *semaphore.Weighted
	conn *pgx.Conn
}

func newServer(n int64) *server { return &server{sem: semaphore.NewWeighted(n), conn: dial()} }

// OkWeightFromCaller has a weight that only the caller knows.
func (s *server) OkWeightFromCaller(w http.ResponseWriter, r *http.Request) {
	if s.sem.Acquire(r.Context(), 1) != nil {
		return
	}
	defer s.sem.Release(1)
	s.conn.Exec(r.Context(), "select 1")
}

// gate is a channel of capacity one.
type gate struct {
	busy chan struct{}
	conn *pgx.Conn
}

// OkSelectGate waits for the gate or for the client to go away.
func (g *gate) OkSelectGate(w http.ResponseWriter, r *http.Request) {
	select {
	case g.busy <- struct{}{}:
	case <-r.Context().Done():
		return
	}
	defer func() { <-g.busy }()
	g.conn.Exec(r.Context(), "select 1")
}

// OkSelectDefault gives up at once.
func (g *gate) OkSelectDefault(w http.ResponseWriter, r *http.Request) {
	select {
	case g.busy <- struct{}{}:
		defer func() { <-g.busy }()
		g.conn.Exec(r.Context(), "select 2")
	default:
		w.WriteHeader(http.StatusServiceUnavailable)
	}
}

func (g *gate) enter(ctx context.Context) error {
	select {
	case g.busy <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (g *gate) leave() { <-g.busy }

// OkEnterLeave has the select in a helper that says whether it got the gate.
func (g *gate) OkEnterLeave(w http.ResponseWriter, r *http.Request) {
	if err := g.enter(r.Context()); err != nil {
		return
	}
	defer g.leave()
	g.conn.Exec(r.Context(), "select 3")
}

// BadSelectTimeout goes on after the timeout as if it had the gate.
func (g *lax) BadSelectTimeout(w http.ResponseWriter, r *http.Request) {
	select {
	case g.busy <- struct{}{}:
		defer func() { <-g.busy }()
	case <-time.After(time.Second):
	}
	g.conn.Exec(r.Context(), "select 1") // want `^g\.conn is shared by every call of .*BadSelectTimeout without a lock`
}

type lax struct {
	busy chan struct{}
	conn *pgx.Conn
}

// BadSelectDefaultArm uses the connection in the arm without the gate.
func (g *laxDefault) BadSelectDefaultArm(w http.ResponseWriter, r *http.Request) {
	select {
	case g.busy <- struct{}{}:
		g.conn.Exec(r.Context(), "select 1")
		<-g.busy
	default:
		g.conn.Ping(r.Context()) // want `^g\.conn is shared by every call of .*BadSelectDefaultArm without the lock, which other uses hold`
	}
}

type laxDefault struct {
	busy chan struct{}
	conn *pgx.Conn
}

// turnstile is a channel that holds the token; who takes it out may go in.
type turnstile struct {
	token chan struct{}
	conn  *pgx.Conn
}

func newTurnstile() *turnstile {
	t := &turnstile{token: make(chan struct{}, 1), conn: dial()}
	t.token <- struct{}{}
	return t
}

// OkTokenTaken takes the token and puts it back.
func (t *turnstile) OkTokenTaken(w http.ResponseWriter, r *http.Request) {
	<-t.token
	defer func() { t.token <- struct{}{} }()
	t.conn.Exec(r.Context(), "select 1")
}

// OkTokenSelected takes it if it is there in time.
func (t *turnstile) OkTokenSelected(w http.ResponseWriter, r *http.Request) {
	select {
	case <-t.token:
		t.conn.Exec(r.Context(), "select 2")
		t.token <- struct{}{}
	case <-time.After(time.Second):
		w.WriteHeader(http.StatusServiceUnavailable)
	}
}

// OkBoolToken has a channel of booleans for a lock.
func OkBoolToken(w http.ResponseWriter, r *http.Request) {
	boolGate <- true
	boolConn.Exec(r.Context(), "select 1")
	<-boolGate
}

var (
	boolGate = make(chan bool, 1)
	boolConn = dial()
)

// OkIntToken keeps a number in the channel: whoever has it may use the connection.
func OkIntToken(w http.ResponseWriter, r *http.Request) {
	n := <-intGate
	intConn.Exec(r.Context(), "select $1", n)
	intGate <- n + 1
}

var (
	intGate = make(chan int, 1)
	intConn = dial()
)

var (
	threeGate = make(chan struct{}, 3)
	threeConn = dial()
)

// BadCapacityThree lets in three at a time.
func BadCapacityThree(w http.ResponseWriter, r *http.Request) {
	threeGate <- struct{}{}
	defer func() { <-threeGate }()
	threeConn.Exec(r.Context(), "select 1") // want `^threeConn is shared by every call of handler BadCapacityThree without a lock`
}

// limited has its limiter in a field.
type limited struct {
	slots chan struct{}
	conn  *pgx.Conn
}

func newLimited() *limited { return &limited{slots: make(chan struct{}, 16), conn: dial()} }

// BadLimiter takes a limiter of sixteen for a lock.
func (l *limited) BadLimiter(w http.ResponseWriter, r *http.Request) {
	select {
	case l.slots <- struct{}{}:
	case <-r.Context().Done():
		return
	}
	defer func() { <-l.slots }()
	l.conn.Exec(r.Context(), "select 1") // want `^l\.conn is shared by every call of .*BadLimiter without a lock`
}

// BadGateOfRequest makes the gate for each request.
func BadGateOfRequest(w http.ResponseWriter, r *http.Request) {
	gate := make(chan struct{}, 1)
	gate <- struct{}{}
	defer func() { <-gate }()
	requestConn.Exec(r.Context(), "select 1") // want `^requestConn is shared by every call of handler BadGateOfRequest without a lock`
}

var requestConn = dial()

// Serve registers everything.
func Serve() error {
	g, t, wh, s := &gate{busy: make(chan struct{}, 1), conn: dial()}, newTurnstile(), newWhole(), newServer(int64(len(os.Args)))
	lx, lxd, lim := &lax{busy: make(chan struct{}, 1), conn: dial()}, &laxDefault{busy: make(chan struct{}, 1), conn: dial()}, newLimited()
	intGate <- 0
	http.HandleFunc("/1", OkWeightOne)
	http.HandleFunc("/2", OkTryAcquire)
	http.HandleFunc("/3", BadWeightFour)
	http.HandleFunc("/4", BadIgnoredAcquire)
	http.HandleFunc("/5", wh.OkWholeWeight)
	http.HandleFunc("/6", s.OkWeightFromCaller)
	http.HandleFunc("/7", g.OkSelectGate)
	http.HandleFunc("/8", g.OkSelectDefault)
	http.HandleFunc("/9", g.OkEnterLeave)
	http.HandleFunc("/10", lx.BadSelectTimeout)
	http.HandleFunc("/11", lxd.BadSelectDefaultArm)
	http.HandleFunc("/12", t.OkTokenTaken)
	http.HandleFunc("/13", t.OkTokenSelected)
	http.HandleFunc("/14", OkBoolToken)
	http.HandleFunc("/15", OkIntToken)
	http.HandleFunc("/16", BadCapacityThree)
	http.HandleFunc("/17", lim.BadLimiter)
	http.HandleFunc("/18", BadGateOfRequest)
	return http.ListenAndServe(":8080", nil)
}
