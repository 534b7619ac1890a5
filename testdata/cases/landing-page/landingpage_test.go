package landingpage_test

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	broken "github.com/connvet/connvet/testdata/cases/landing-page/broken/api"
	fixed "github.com/connvet/connvet/testdata/cases/landing-page/fixed/api"
)

// attempts bounds how often the broken service is given the two requests of the
// page together. The first wrong answers come within a few dozen.
const attempts = 1000

// rounds is how often the fixed service must get them right.
const rounds = 200

// want is what the service answers to one request after another.
var want = map[string]string{
	"/api/stats":                 `{"postings":5000,"openings":9999}`,
	"/api/occupations/nurse":     `[{"occupation":"nurse","region":"east","openings":501},{"occupation":"nurse","region":"north","openings":499},{"occupation":"nurse","region":"south","openings":500},{"occupation":"nurse","region":"west","openings":499}]`,
	"/api/occupations/astronaut": `[]`,
}

// pairs are the requests that a browser fires at once.
var pairs = [][2]string{
	{"/api/stats", "/api/occupations/nurse"},
	{"/api/stats", "/api/occupations/astronaut"},
}

func TestMain(m *testing.M) {
	// The broken handlers log every refused query: hundreds of lines.
	log.SetOutput(io.Discard)
	os.Exit(m.Run())
}

// TestBroken asserts that the broken service answers right when asked sequentially,
// before and after, and that among at most 1000 concurrent pairs at least one
// answer is wrong although its status is 200.
func TestBroken(t *testing.T) {
	server := serve(t, broken.Handler())
	checkSequential(t, server)

	seen := map[string]int{}
	for attempt := range attempts {
		for _, wrong := range fire(t, server, pairs[attempt%len(pairs)]) {
			seen[kind(wrong)]++
		}
		if seen[zeros] > 0 && seen[otherRows] > 0 {
			break
		}
	}
	t.Logf("wrong answers by kind: %v", seen)
	if len(seen) == 0 {
		t.Errorf("%d concurrent pairs were all answered right", attempts)
	}
	checkSequential(t, server)
}

// TestFixed asserts that every one of 200 concurrent pairs is answered right.
func TestFixed(t *testing.T) {
	server := serve(t, fixed.Handler())
	checkSequential(t, server)
	for round := range rounds {
		for _, wrong := range fire(t, server, pairs[round%len(pairs)]) {
			t.Fatalf("round %d: %v", round, wrong)
		}
	}
}

// An answer is what one request got.
type answer struct {
	path, body string
	status     int
	err        error
}

func (a answer) right() bool {
	return a.err == nil && a.status == http.StatusOK && a.body == want[a.path]
}

func (a answer) String() string {
	return fmt.Sprintf("GET %s: %d %s %v, want %s", a.path, a.status, a.body, a.err, want[a.path])
}

// The kinds of wrong answers.
const (
	zeros     = "zeros"
	otherRows = "another query's rows"
)

func kind(a answer) string {
	if a.body == `{"postings":0,"openings":0}` || a.body == `[]` {
		return zeros
	}
	return otherRows
}

func serve(t *testing.T, handler http.Handler) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

func checkSequential(t *testing.T, server *httptest.Server) {
	t.Helper()
	for path := range want {
		if got := get(server, path); !got.right() {
			t.Fatalf("alone: %v", got)
		}
	}
}

// fire sends both requests at once and returns the wrong answers. A status other
// than 200, or a failed request, is an error of the test.
func fire(t *testing.T, server *httptest.Server, pair [2]string) (wrong []answer) {
	t.Helper()
	var got [len(pair)]answer
	var done sync.WaitGroup
	start := make(chan struct{})
	for i, path := range pair {
		done.Go(func() {
			<-start
			got[i] = get(server, path)
		})
	}
	close(start)
	done.Wait()

	for _, a := range got {
		if a.err != nil || a.status != http.StatusOK {
			t.Fatal(a)
		}
		if !a.right() {
			wrong = append(wrong, a)
		}
	}
	return wrong
}

func get(server *httptest.Server, path string) answer {
	response, err := server.Client().Get(server.URL + path)
	if err != nil {
		return answer{path: path, err: err}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && !json.Valid(body) {
		err = fmt.Errorf("not JSON")
	}
	return answer{path: path, status: response.StatusCode, body: strings.TrimSpace(string(body)), err: err}
}
