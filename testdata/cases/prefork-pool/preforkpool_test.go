//go:build unix

package preforkpool_test

import (
	"log"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/connvet/connvet/testdata/cases/internal/postgres"
	"github.com/connvet/connvet/testdata/cases/prefork-pool/letters"
)

// attempts bounds how often the broken workers are asked together. The first wrong
// answer comes within a few dozen.
const attempts = 1000

// directory is for what the tests build.
var directory string

func TestMain(m *testing.M) {
	var err error
	if directory, err = os.MkdirTemp("", "connvet-prefork-"); err != nil {
		log.Fatal(err)
	}
	code := postgres.Run(m)
	if err := os.RemoveAll(directory); err != nil {
		log.Print(err)
	}
	os.Exit(code)
}

// two starts a server that gives each of its two workers one connection at a time,
// and connects to both.
func two(t *testing.T, variant string, database *postgres.Database) (leader string, a, b *worker) {
	t.Helper()
	leader, log := start(t, variant, "127.0.0.1:0", database)
	url := listening(t, log)
	a, b = connect(t, url), connect(t, url)
	if a.pid == b.pid {
		t.Fatalf("worker %d has taken two connections", a.pid)
	}
	return leader, a, b
}

// TestBrokenMixes asserts that both workers speak with one backend, on the leader's
// session, and that of at most 1000 pairs of queries made together at least one is
// answered wrong.
func TestBrokenMixes(t *testing.T) {
	database := newDatabase(t)
	leader, a, b := two(t, "broken", database)
	checkShared(t, leader, a, b)

	for attempt := range attempts {
		for _, got := range together(a, b) {
			if !got.right() {
				t.Logf("attempt %d, %v", attempt, got)
				return
			}
		}
	}
	t.Errorf("%d pairs of queries were all answered right", attempts)
}

// TestBrokenDispose asserts that a worker's session is gone when the other worker
// has disposed of its pool.
func TestBrokenDispose(t *testing.T) {
	database := newDatabase(t)
	leader, a, b := two(t, "broken", database)
	checkShared(t, leader, a, b)

	b.dispose(t)
	got := a.query("1")
	if got.err == nil {
		t.Fatalf("after the other worker has disposed: %+v, want a failure", got)
	}
	t.Logf("after the other worker has disposed, %v", got)
}

// checkShared asserts that the two workers speak with one backend, that it is
// PostgreSQL's only one for them, and that the leader has opened the session.
func checkShared(t *testing.T, leader string, a, b *worker) {
	t.Helper()
	backend, other := a.mustQuery(t, "1").Backend, b.mustQuery(t, "2").Backend
	if backend != other {
		t.Fatalf("workers %d and %d speak with backends %d and %d, want one", a.pid, b.pid, backend, other)
	}
	for _, w := range []*worker{a, b} {
		pool := w.pool(t)
		if want := []letters.Session{{Backend: backend, Process: leader}}; pool.Open != 1 || !slices.Equal(pool.Sessions, want) {
			t.Errorf("pool of worker %d: %+v, want the leader's session: %+v", w.pid, pool, want)
		}
	}
}

// TestFixed asserts of each way to fix it that no backend is spoken to by two
// workers, that the leader has no session, that queries made together are all answered
// right, and that a worker can dispose of its pool without harm to the other.
func TestFixed(t *testing.T) {
	for _, fix := range []struct {
		variant string
		rounds  int // fewer where each query connects
		starts  int // queries made by the leader
	}{
		{"openafter", 100, 0},
		{"closebefore", 100, 1},
		{"nopool", 10, 1},
	} {
		t.Run(fix.variant, func(t *testing.T) {
			database := newDatabase(t)
			leader, a, b := two(t, fix.variant, database)
			backends := map[int]int{}
			check := func(w *worker, got answer) {
				t.Helper()
				if !got.right() {
					t.Fatalf("worker %d, %v", w.pid, got)
				}
				if other, known := backends[got.Backend]; known && other != w.pid {
					t.Fatalf("workers %d and %d speak with backend %d", other, w.pid, got.Backend)
				}
				backends[got.Backend] = w.pid
			}
			for range fix.rounds {
				got := together(a, b)
				check(a, got[0])
				check(b, got[1])
			}
			if pool := a.pool(t); slices.ContainsFunc(pool.Sessions, func(s letters.Session) bool { return s.Process == leader }) {
				t.Errorf("sessions: %+v, want none of the leader, %s", pool.Sessions, leader)
			}
			b.dispose(t)
			check(a, a.query("1"))
			check(b, b.query("2"))
			checkStarts(t, database, fix.starts)
		})
	}
}

func checkStarts(t *testing.T, database *postgres.Database, want int) {
	t.Helper()
	if got := database.Count(t, "*", "starts"); got != want {
		t.Errorf("the query before the fork was made %d times, want %d", got, want)
	}
}

// TestFiber asserts what becomes of a pool that is opened and used before fiber
// pre-forks: every process opens and uses one, and the leader keeps a session that
// serves nobody.
func TestFiber(t *testing.T) {
	for _, variant := range []struct {
		name   string
		starts int
		leader bool // has a session
	}{
		{"unguarded", 3, true},
		{"guarded", 1, false},
	} {
		t.Run(variant.name, func(t *testing.T) {
			database := newDatabase(t)
			addr := reserve(t)
			leader, _ := start(t, variant.name, addr, database)
			workers := both(t, "http://"+addr)
			checkStarts(t, database, variant.starts)

			pool := workers[0].pool(t)
			has := slices.ContainsFunc(pool.Sessions, func(s letters.Session) bool { return s.Process == leader })
			if has != variant.leader {
				t.Errorf("sessions: %+v, one of them of the leader, %s: %v, want %v", pool.Sessions, leader, has, variant.leader)
			}
			if a, b := workers[0].mustQuery(t, "1"), workers[1].mustQuery(t, "2"); a.Backend == b.Backend {
				t.Errorf("workers %d and %d speak with backend %d", a.Worker, b.Worker, a.Backend)
			}
		})
	}
}

// both connects until each of the two workers has taken a connection. The kernel
// deals them out to those that listen already.
func both(t *testing.T, url string) []*worker {
	t.Helper()
	first := connect(t, url)
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		w := connect(t, url)
		if w.pid != first.pid {
			return []*worker{first, w}
		}
		w.client.CloseIdleConnections()
	}
	t.Fatalf("worker %d has taken every connection", first.pid)
	return nil
}
