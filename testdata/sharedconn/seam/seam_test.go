package seam

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"github.com/jackc/pgx/v5"
)

// TestOverride gives all handlers the connection of the fixture.
func TestOverride(t *testing.T) {
	url := os.Getenv("TEST_DATABASE_URL")
	if url == "" {
		t.Skip("no database")
	}
	ctx := context.Background()
	c, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(ctx)
	override = c
	t.Cleanup(func() { override = nil })
	t.Cleanup(SetConnForTest(c))
	s := &server{testConn: c}
	for _, h := range []http.HandlerFunc{OkOverride, OkSetter, s.OkFieldOverride} {
		h(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
	}
}
