// Package lend is a pool of connections made of a channel.
package lend

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// Pool hands out one connection to one goroutine at a time.
type Pool struct{ free chan *pgx.Conn }

// New fills a pool.
func New(ctx context.Context, dsn string, n int) (*Pool, error) {
	p := &Pool{free: make(chan *pgx.Conn, n)}
	for range n {
		c, err := pgx.Connect(ctx, dsn)
		if err != nil {
			return nil, err
		}
		p.free <- c
	}
	return p, nil
}

// Get takes a connection out.
func (p *Pool) Get(ctx context.Context) (*pgx.Conn, error) {
	select {
	case c := <-p.free:
		return c, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Put gives it back.
func (p *Pool) Put(c *pgx.Conn) { p.free <- c }

// With runs a function with a connection of the pool.
func (p *Pool) With(ctx context.Context, f func(*pgx.Conn) error) error {
	c, err := p.Get(ctx)
	if err != nil {
		return err
	}
	defer p.Put(c)
	return f(c)
}

// Job goes through a channel with the connection it is to use.
type Job struct {
	Conn *pgx.Conn
	SQL  string
	Done chan error
}

// Work does the jobs that come in, and gives the connection back with the answer.
func Work(ctx context.Context, jobs <-chan *Job) {
	for j := range jobs {
		_, err := j.Conn.Exec(ctx, j.SQL)
		j.Done <- err
	}
}
