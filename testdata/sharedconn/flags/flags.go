// Package flags has servers that let one request, or one goroutine, at a time
// to their connection by a flag, and goroutines that are given a lock.
package flags

import (
	"context"
	"net/http"
	"os"
	"sync"
	"sync/atomic"

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

type exporter struct {
	busy atomic.Bool
	conn *pgx.Conn
}

// OkTurnedAway turns away who comes while another is at it.
func (e *exporter) OkTurnedAway(w http.ResponseWriter, r *http.Request) {
	if !e.busy.CompareAndSwap(false, true) {
		http.Error(w, "busy", http.StatusConflict)
		return
	}
	defer e.busy.Store(false)
	e.conn.Exec(r.Context(), touch)
}

// OkSwapped asks by a swap.
func (e *exporter) OkSwapped(w http.ResponseWriter, r *http.Request) {
	if e.busy.Swap(true) {
		http.Error(w, "busy", http.StatusConflict)
		return
	}
	e.conn.Exec(r.Context(), touch)
	e.busy.Store(false)
}

// enter and leave are the flag as methods.
func (e *exporter) enter() bool { return e.busy.CompareAndSwap(false, true) }
func (e *exporter) leave()      { e.busy.Store(false) }

// OkEntered asks a helper.
func (e *exporter) OkEntered(w http.ResponseWriter, r *http.Request) {
	if e.enter() {
		defer e.leave()
		e.conn.Exec(r.Context(), touch)
	}
}

type hasty struct{ exporter }

// BadNotEntered does not wait for the answer.
func (h *hasty) BadNotEntered(w http.ResponseWriter, r *http.Request) {
	h.enter()
	defer h.leave()
	h.conn.Exec(r.Context(), touch) // want `^h\.conn is shared by every call of handler hasty\.BadNotEntered without a lock \(\*pgx\.Conn is not safe for concurrent use\)`
}

type numbered struct {
	state int32
	conn  *pgx.Conn
}

// OkNumber has the flag in a plain number.
func (n *numbered) OkNumber(w http.ResponseWriter, r *http.Request) {
	if atomic.CompareAndSwapInt32(&n.state, 0, 1) {
		defer atomic.StoreInt32(&n.state, 0)
		n.conn.Exec(r.Context(), touch)
	}
}

type warned struct {
	busy atomic.Bool
	conn *pgx.Conn
}

// BadWarned says that it is busy and goes on.
func (s *warned) BadWarned(w http.ResponseWriter, r *http.Request) {
	if !s.busy.CompareAndSwap(false, true) {
		http.Error(w, "busy", http.StatusConflict)
	}
	defer s.busy.Store(false)
	s.conn.Exec(r.Context(), touch) // want `^s\.conn is shared by every call of handler warned\.BadWarned without a lock \(\*pgx\.Conn is not safe for concurrent use\)`
}

type looked struct {
	busy atomic.Bool
	conn *pgx.Conn
}

// BadLooked looks first and sets the flag later.
func (s *looked) BadLooked(w http.ResponseWriter, r *http.Request) {
	if s.busy.Load() {
		http.Error(w, "busy", http.StatusConflict)
		return
	}
	s.busy.Store(true)
	defer s.busy.Store(false)
	s.conn.Exec(r.Context(), touch) // want `^s\.conn is shared by every call of handler looked\.BadLooked without a lock \(\*pgx\.Conn is not safe for concurrent use\)`
}

// loop is a queue with one connection, whose goroutine starts with the first request.
type loop struct {
	started atomic.Bool
	once    sync.Once
	mu      sync.Mutex
	running bool
	in      chan string
	conn    *pgx.Conn
}

func (l *loop) run() {
	for path := range l.in {
		l.conn.Exec(context.Background(), touch, path)
	}
}

// OkStartedByFlag starts the goroutine when the flag was clear.
func (l *loop) OkStartedByFlag(w http.ResponseWriter, r *http.Request) {
	if l.started.CompareAndSwap(false, true) {
		go l.run()
	}
	l.in <- r.URL.Path
}

type onceLoop struct{ loop }

// OkStartedByOnce starts it in a Once.
func (l *onceLoop) OkStartedByOnce(w http.ResponseWriter, r *http.Request) {
	l.once.Do(func() { go l.run() })
	l.in <- r.URL.Path
}

type heldLoop struct{ loop }

// OkStartedByBool starts it under a mutex, when the boolean was clear.
func (l *heldLoop) OkStartedByBool(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	if !l.running {
		l.running = true
		go l.run()
	}
	l.mu.Unlock()
	l.in <- r.URL.Path
}

type everyLoop struct{ loop }

// BadStartedByEach starts one for each request.
func (l *everyLoop) BadStartedByEach(w http.ResponseWriter, r *http.Request) {
	go func() {
		for path := range l.in {
			l.conn.Exec(context.Background(), touch, path) // want `^l\.conn is shared by every call of handler everyLoop\.BadStartedByEach without a lock \(\*pgx\.Conn is not safe for concurrent use\)`
		}
	}()
	l.in <- r.URL.Path
}

type job struct {
	running atomic.Bool
	mu      sync.Mutex
	slot    chan struct{}
	conn    *pgx.Conn
}

// OkJobFlag leaves the flag to the goroutine.
func (j *job) OkJobFlag(w http.ResponseWriter, r *http.Request) {
	if !j.running.CompareAndSwap(false, true) {
		w.WriteHeader(http.StatusConflict)
		return
	}
	go func() {
		defer j.running.Store(false)
		j.conn.Exec(context.Background(), touch)
	}()
	w.WriteHeader(http.StatusAccepted)
}

type lockedJob struct{ job }

// OkJobLock leaves the mutex to it.
func (j *lockedJob) OkJobLock(w http.ResponseWriter, r *http.Request) {
	if !j.mu.TryLock() {
		w.WriteHeader(http.StatusConflict)
		return
	}
	go func() {
		defer j.mu.Unlock()
		j.conn.Exec(context.Background(), touch)
	}()
	w.WriteHeader(http.StatusAccepted)
}

type slottedJob struct{ job }

func newSlotted() *slottedJob { return &slottedJob{job{conn: dial(), slot: make(chan struct{}, 1)}} }

// OkJobSlot leaves it the only slot of a channel.
func (j *slottedJob) OkJobSlot(w http.ResponseWriter, r *http.Request) {
	j.slot <- struct{}{}
	go j.work()
}

func (j *slottedJob) work() {
	defer func() { <-j.slot }()
	j.conn.Exec(context.Background(), touch)
}

type hastyJob struct{ job }

// BadJobLeft gives the mutex back when the goroutine has hardly started.
func (j *hastyJob) BadJobLeft(w http.ResponseWriter, r *http.Request) {
	if !j.mu.TryLock() {
		w.WriteHeader(http.StatusConflict)
		return
	}
	defer j.mu.Unlock()
	go func() {
		j.conn.Exec(context.Background(), touch) // want `^j\.conn is shared by every call of handler hastyJob\.BadJobLeft without a lock \(\*pgx\.Conn is not safe for concurrent use\)`
	}()
}

// Serve registers the handlers.
func Serve() error {
	e := &exporter{conn: dial()}
	http.HandleFunc("/away", e.OkTurnedAway)
	http.HandleFunc("/swap", e.OkSwapped)
	http.HandleFunc("/enter", e.OkEntered)
	http.HandleFunc("/hasty", (&hasty{exporter{conn: dial()}}).BadNotEntered)
	http.HandleFunc("/number", (&numbered{conn: dial()}).OkNumber)
	http.HandleFunc("/warned", (&warned{conn: dial()}).BadWarned)
	http.HandleFunc("/looked", (&looked{conn: dial()}).BadLooked)
	http.HandleFunc("/flag", (&loop{conn: dial(), in: make(chan string)}).OkStartedByFlag)
	http.HandleFunc("/once", (&onceLoop{loop{conn: dial(), in: make(chan string)}}).OkStartedByOnce)
	http.HandleFunc("/bool", (&heldLoop{loop{conn: dial(), in: make(chan string)}}).OkStartedByBool)
	http.HandleFunc("/each", (&everyLoop{loop{conn: dial(), in: make(chan string)}}).BadStartedByEach)
	http.HandleFunc("/job", (&job{conn: dial()}).OkJobFlag)
	http.HandleFunc("/job/lock", (&lockedJob{job{conn: dial()}}).OkJobLock)
	http.HandleFunc("/job/slot", newSlotted().OkJobSlot)
	http.HandleFunc("/job/left", (&hastyJob{job{conn: dial()}}).BadJobLeft)
	return http.ListenAndServe(":8080", nil)
}
