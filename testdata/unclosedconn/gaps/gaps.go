// Package gaps holds what the rule is known to miss (FN) or to get wrong
// (FP). A test here flips when a gap is closed.
package gaps

import (
	"context"
	"database/sql"
	"io"
	"net/http"

	"github.com/jackc/pgx/v5/pgxpool"
)

// FN_KeptInLocalMap: an element of a map is not followed; putting it there
// counts as handing it over.
func FN_KeptInLocalMap(ctx context.Context, db *sql.DB, names []string) error {
	conns := map[string]*sql.Conn{}
	for _, name := range names {
		conn, err := db.Conn(ctx)
		if err != nil {
			return err
		}
		conns[name] = conn
	}
	return nil
}

// FN_UnknownCallee: a function value that nothing explains may release.
func FN_UnknownCallee(ctx context.Context, pool *pgxpool.Pool, use func(*pgxpool.Conn)) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	use(conn)
	return nil
}

// FN_ReceivedAndDropped: what comes out of a channel was acquired elsewhere,
// and its sender handed it over.
func FN_ReceivedAndDropped(ctx context.Context, in <-chan *pgxpool.Conn) error {
	conn := <-in
	return conn.Ping(ctx)
}

// FN_UndecidedGuard: a guard on anything but nil is not decided, and an
// undecided guard counts as a release.
func FN_UndecidedGuard(ctx context.Context, db *sql.DB, n int) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() {
		if n > 0 {
			_ = conn.Close()
		}
	}()
	if n == 0 {
		return io.EOF
	}
	return conn.PingContext(ctx)
}

// bag has no closer: a field that no method releases still counts as an
// owner, because a method of another package may.
type bag struct{ conn *sql.Conn }

// FN_OwnerWithoutCloser keeps the connection in a type that never closes it.
func FN_OwnerWithoutCloser(ctx context.Context, db *sql.DB) (*bag, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return &bag{conn: conn}, nil
}

// FN_ResponseToCallback: a response handed to a function value escapes.
func FN_ResponseToCallback(url string, on func(*http.Response) error) error {
	resp, err := http.Get(url)
	if err != nil {
		return err
	}
	return on(resp)
}
