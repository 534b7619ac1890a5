package objects

import (
	"context"
	"sync"

	"github.com/jackc/pgx/v5"
)

// serialConn lets one result be open at a time.
type serialConn struct {
	mu   sync.Mutex
	conn *pgx.Conn
}

// OkQuery keeps the lock until the rows are read to their end or closed.
func (c *serialConn) OkQuery(ctx context.Context, sql string) (*handedRows, error) {
	c.mu.Lock()
	rows, err := c.conn.Query(ctx, sql)
	if err != nil {
		c.mu.Unlock()
		return nil, err
	}
	return &handedRows{rows: rows, lock: &c.mu}, nil
}

// handedRows was given the lock, and gives it back at the end.
type handedRows struct {
	rows pgx.Rows
	lock interface{ Unlock() }
}

func (r *handedRows) OkValues() ([]any, error) { return r.rows.Values() }

func (r *handedRows) OkRaw() [][]byte { return r.rows.RawValues() }

func (r *handedRows) OkNext() bool {
	if r.rows.Next() {
		return true
	}
	r.unlock()
	return false
}

func (r *handedRows) OkScan(dest ...any) error {
	err := r.rows.Scan(dest...)
	if err != nil {
		r.unlock()
	}
	return err
}

func (r *handedRows) OkErr() error {
	err := r.rows.Err()
	if err != nil {
		r.unlock()
	}
	return err
}

func (r *handedRows) OkClose() {
	r.rows.Close()
	r.unlock()
}

func (r *handedRows) unlock() {
	if r.lock != nil {
		r.lock.Unlock()
		r.lock = nil
	}
}
