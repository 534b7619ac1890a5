//go:build unix

package preforkpool_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/connvet/connvet/testdata/cases/internal/postgres"
	"github.com/connvet/connvet/testdata/cases/prefork-pool/letters"
)

// patience bounds every wait. Nothing is expected to take long.
const patience = 2 * time.Minute

const schema = `
CREATE TABLE letters (id text PRIMARY KEY, body text NOT NULL);
INSERT INTO letters VALUES ('1', 'Dear Ada'), ('2', 'Dear Blaise');
CREATE TABLE starts (process int NOT NULL);`

// bodies are the letters by their id.
var bodies = map[string]string{"1": "Dear Ada", "2": "Dear Blaise"}

// newDatabase makes a database of letters.
func newDatabase(t *testing.T) *postgres.Database {
	t.Helper()
	database := postgres.New(t)
	database.Exec(t, schema)
	return database
}

// start runs a variant of the server until the end of the test, with addr to listen
// on. It returns the leader's id, and what the processes log, line by line.
func start(t *testing.T, variant, addr string, database *postgres.Database) (leader string, log <-chan string) {
	t.Helper()
	binary, err := server()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary, "-variant", variant, "-addr", addr, "-database", database.URL)
	cmd.Env = append(os.Environ(), "GOMAXPROCS=2")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.WaitDelay = patience
	read, write := io.Pipe()
	cmd.Stderr = write
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}

	var said bytes.Buffer
	lines, done := make(chan string, 100), make(chan struct{})
	go func() {
		defer close(done)
		defer close(lines)
		for scanner := bufio.NewScanner(io.TeeReader(read, &said)); scanner.Scan(); {
			select {
			case lines <- scanner.Text():
			default: // nobody waits for it
			}
		}
	}()
	t.Cleanup(func() {
		// The group is the leader and its workers.
		if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL); err != nil {
			t.Errorf("stop %s: %v", variant, err)
		}
		cmd.Wait()
		write.Close()
		<-done
		if t.Failed() {
			t.Logf("%s logged:\n%s", variant, &said)
		}
	})
	return strconv.Itoa(cmd.Process.Pid), lines
}

// server builds the server into the directory that TestMain makes.
var server = sync.OnceValues(func() (string, error) {
	binary := filepath.Join(directory, "server")
	out, err := exec.Command("go", "build", "-o", binary, "./server").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build ./server: %w\n%s", err, out)
	}
	return binary, nil
})

// listening returns the URL that the program says it listens on.
func listening(t *testing.T, lines <-chan string) string {
	t.Helper()
	deadline := time.After(patience)
	for {
		select {
		case line, ok := <-lines:
			if _, url, found := strings.Cut(line, "listening on "); found {
				return url
			}
			if !ok {
				t.Fatal("the program has ended")
			}
		case <-deadline:
			t.Fatal("the program does not listen")
		}
	}
}

// reserve returns an address for a server that cannot choose one, because its workers
// must all know it. The port is bound, but not listened on, until the end of the test,
// so that nobody takes it who does not ask to share it.
func reserve(t *testing.T) string {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	unix.CloseOnExec(fd)
	t.Cleanup(func() { unix.Close(fd) })
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1); err != nil {
		t.Fatal(err)
	}
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	bound, err := unix.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("127.0.0.1:%d", bound.(*unix.SockaddrInet4).Port)
}

// A worker is one worker process, reached on a connection of its own. It answers on
// that connection as long as it lives.
type worker struct {
	url    string
	client *http.Client
	pid    int
}

// connect opens a connection to a worker, whichever takes it.
func connect(t *testing.T, url string) *worker {
	t.Helper()
	transport := &http.Transport{MaxConnsPerHost: 1, DialContext: dialPatiently}
	t.Cleanup(transport.CloseIdleConnections)
	w := &worker{url: url, client: &http.Client{Transport: transport, Timeout: patience}}
	w.pid = w.mustQuery(t, "1").Worker
	return w
}

// dialPatiently waits for the server to come up.
func dialPatiently(ctx context.Context, network, addr string) (net.Conn, error) {
	for {
		conn, err := new(net.Dialer).DialContext(ctx, network, addr)
		if err == nil || ctx.Err() != nil {
			return conn, err
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// An answer is what a worker says to a query.
type answer struct {
	letters.Letter
	id  string
	err error // the query failed, the worker says
}

func (a answer) right() bool { return a.err == nil && a.Body == bodies[a.id] }

func (a answer) String() string {
	if a.err != nil {
		return fmt.Sprintf("letter %s: %v", a.id, a.err)
	}
	return fmt.Sprintf("letter %s: %q, want %q", a.id, a.Body, bodies[a.id])
}

func (w *worker) query(id string) answer {
	a := answer{id: id}
	a.err = w.call(http.MethodGet, "/query/"+id, &a.Letter)
	return a
}

// mustQuery makes a query that nothing disturbs.
func (w *worker) mustQuery(t *testing.T, id string) answer {
	t.Helper()
	a := w.query(id)
	if !a.right() {
		t.Fatalf("worker %d, %v", w.pid, a)
	}
	return a
}

func (w *worker) pool(t *testing.T) letters.Pool {
	t.Helper()
	var pool letters.Pool
	if err := w.call(http.MethodGet, "/pool", &pool); err != nil {
		t.Fatalf("worker %d, show pool: %v", w.pid, err)
	}
	return pool
}

func (w *worker) dispose(t *testing.T) {
	t.Helper()
	if err := w.call(http.MethodPost, "/dispose", new(struct{})); err != nil {
		t.Fatalf("worker %d, dispose: %v", w.pid, err)
	}
}

func (w *worker) call(method, path string, into any) error {
	request, err := http.NewRequest(method, w.url+path, nil)
	if err != nil {
		return err
	}
	response, err := w.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", response.Status, bytes.TrimSpace(body))
	}
	return json.Unmarshal(body, into)
}

// together makes a query on each of two workers at once.
func together(a, b *worker) [2]answer {
	var got [2]answer
	var done sync.WaitGroup
	begin := make(chan struct{})
	for i, w := range []*worker{a, b} {
		done.Go(func() {
			<-begin
			got[i] = w.query(fmt.Sprint(1 + i))
		})
	}
	close(begin)
	done.Wait()
	return got
}
