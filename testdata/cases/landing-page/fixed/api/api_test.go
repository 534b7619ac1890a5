package api_test

import (
	"database/sql"
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/connvet/connvet/testdata/cases/landing-page/fixed/api"
	"github.com/connvet/connvet/testdata/cases/landing-page/fixed/warehouse"
)

// fixture holds rows that no other connection sees, as a test transaction would.
const fixture = `
CREATE TEMP TABLE postings AS
SELECT 'diver' AS occupation, 'coast' AS region, 2 AS openings FROM range(3);
CREATE TEMP VIEW scoped AS
SELECT * FROM postings
WHERE getvariable('scope') = '' OR occupation = getvariable('scope');
`

// TestOverride proves that handlers, each on its own goroutine, read the connection
// that the test injected, and the pool again afterwards.
func TestOverride(t *testing.T) {
	server := httptest.NewServer(api.Handler())
	t.Cleanup(server.Close)

	restore := warehouse.Override(fixtureConn(t))
	t.Cleanup(restore)
	for range 3 {
		check(t, server, "/api/stats", `{"postings":3,"openings":6}`)
		check(t, server, "/api/occupations/diver", `[{"occupation":"diver","region":"coast","openings":6}]`)
		check(t, server, "/api/occupations/nurse", `[]`)
	}

	restore()
	check(t, server, "/api/stats", `{"postings":5000,"openings":9999}`)
	check(t, server, "/api/occupations/diver", `[]`)
}

func fixtureConn(t *testing.T) *sql.Conn {
	t.Helper()
	connector, err := duckdb.NewConnector("", nil)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	t.Cleanup(func() { db.Close() })
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if _, err := conn.ExecContext(t.Context(), fixture); err != nil {
		t.Fatal(err)
	}
	return conn
}

func check(t *testing.T, server *httptest.Server, path, want string) {
	t.Helper()
	response, err := server.Client().Get(server.URL + path)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.TrimSpace(string(body)); got != want {
		t.Errorf("GET %s: %s, want %s", path, got, want)
	}
}
