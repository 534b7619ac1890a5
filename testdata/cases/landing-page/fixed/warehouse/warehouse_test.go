package warehouse

import (
	"context"
	"database/sql"
	"errors"
	"testing"
)

// TestReleasedOnEveryPath takes more failing and succeeding paths than the pool has
// connections: one that kept its connection would make the test hang, and the
// pool counts none in use at the end.
func TestReleasedOnEveryPath(t *testing.T) {
	ctx := t.Context()
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	refused := errors.New("refused")

	for range 2 * maxConns {
		if _, err := Stats(ctx); err != nil {
			t.Fatal(err)
		}
		if _, err := Openings(cancelled, "nurse"); !errors.Is(err, context.Canceled) {
			t.Fatalf("cancelled: %v", err)
		}
		if err := query(ctx, "", "SELECT nothing FROM nowhere", nil); err == nil {
			t.Fatal("a wrong statement was accepted")
		}
		err := query(ctx, "", "SELECT 1", func(*sql.Rows) error { return refused })
		if !errors.Is(err, refused) {
			t.Fatalf("refused: %v", err)
		}
	}

	db, err := pool()
	if err != nil {
		t.Fatal(err)
	}
	if used := db.Stats().InUse; used != 0 {
		t.Errorf("%d connections still in use", used)
	}
}
