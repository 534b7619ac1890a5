//go:build unix

package apiworker_test

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	broken "github.com/connvet/connvet/testdata/cases/api-worker/broken/app"
	fixed "github.com/connvet/connvet/testdata/cases/api-worker/fixed/app"
	"github.com/connvet/connvet/testdata/cases/api-worker/geocoder"
	"github.com/connvet/connvet/testdata/cases/internal/postgres"
)

// addresses is how many there are to locate. The geocoder does not know the last.
const addresses = 6

const schema = `
CREATE TABLE addresses (id int PRIMARY KEY, address text NOT NULL, lat float8, lon float8);
INSERT INTO addresses SELECT i, i || ' Main Street' FROM generate_series(1, 5) AS t(i);
INSERT INTO addresses VALUES (6, 'Nowhere');`

// An app is either of the two programs.
type app interface {
	Handler() http.Handler
	Close() error
}

func TestMain(m *testing.M) {
	log.SetOutput(io.Discard)
	os.Exit(postgres.Run(m))
}

// TestBroken asserts that every location is written and closing the service reports
// no error, and that the database cannot be dropped afterwards, because each
// lookup has left a session.
func TestBroken(t *testing.T) {
	database := postgres.New(t)
	database.Exec(t, schema)
	a, err := broken.New(database.URL, geocoder.New(serveGeocoder(t)))
	if err != nil {
		t.Fatal(err)
	}
	locateAll(t, database, a)

	runtime.GC() // does not collect what the pool remembers, and a test suite keeps its service
	err = database.Drop(t.Context())
	runtime.KeepAlive(a)
	refused := (*pgconn.PgError)(nil)
	if !errors.As(err, &refused) || refused.Code != "55006" {
		t.Fatalf("drop database: %v, want it refused because it is in use (55006)", err)
	}
	t.Logf("%s: %s", refused.Message, refused.Detail)
	if !strings.Contains(refused.Detail, fmt.Sprint(addresses)) {
		t.Errorf("detail %q, want the %d sessions in it", refused.Detail, addresses)
	}
}

// TestFixed asserts that the same requests leave nothing behind.
func TestFixed(t *testing.T) {
	database := postgres.New(t)
	database.Exec(t, schema)
	a, err := fixed.New(database.URL, geocoder.New(serveGeocoder(t)))
	if err != nil {
		t.Fatal(err)
	}
	locateAll(t, database, a)
	if err := database.Drop(t.Context()); err != nil {
		t.Errorf("drop database: %v", err)
	}
}

// locateAll asks for every address, waits for the workers, and checks what they wrote.
func locateAll(t *testing.T, database *postgres.Database, a app) {
	t.Helper()
	server := httptest.NewServer(a.Handler())
	for id := 1; id <= addresses; id++ {
		response, err := server.Client().Post(fmt.Sprintf("%s/addresses/%d/location", server.URL, id), "", nil)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusAccepted {
			t.Fatalf("address %d: %s", id, response.Status)
		}
	}
	server.Close()
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if got := database.Count(t, "lat", "addresses"); got != addresses-1 {
		t.Fatalf("%d addresses located, want %d", got, addresses-1)
	}
}

// serveGeocoder is the third party.
func serveGeocoder(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.FormValue("q"), "Main Street") {
			http.NotFound(w, r)
			return
		}
		fmt.Fprint(w, `{"lat": 53.5, "lon": 10}`)
	}))
	t.Cleanup(server.Close)
	return server.URL
}
