// Package work starts and waits for the goroutines of other packages.
package work

import (
	"context"
	"sync"

	"github.com/jackc/pgx/v5"
)

// Crew has its group in a field.
type Crew struct {
	wg   sync.WaitGroup
	errs chan error
}

// NewCrew makes a crew.
func NewCrew() *Crew { return &Crew{errs: make(chan error, 1)} }

// Start runs a function in a goroutine of the crew.
func (c *Crew) Start(f func() error) {
	c.wg.Add(1)
	go func() {
		defer c.wg.Done()
		if err := f(); err != nil {
			c.errs <- err
		}
	}()
}

// Wait waits for all of them.
func (c *Crew) Wait() error {
	c.wg.Wait()
	select {
	case err := <-c.errs:
		return err
	default:
		return nil
	}
}

// Stop forgets about them.
func (c *Crew) Stop() {
	select {
	case <-c.errs:
	default:
	}
}

// Touch runs a statement and tells the group.
func Touch(ctx context.Context, wg *sync.WaitGroup, conn *pgx.Conn) {
	defer wg.Done()
	_, _ = conn.Exec(ctx, "update t set at = now()")
}

// TouchEarly tells the group first.
func TouchEarly(ctx context.Context, wg *sync.WaitGroup, conn *pgx.Conn) {
	wg.Done()
	_, _ = conn.Exec(ctx, "update t set at = now()")
}

// Count sends what it counts.
func Count(ctx context.Context, conn *pgx.Conn) <-chan int64 {
	out := make(chan int64, 1)
	go func() {
		defer close(out)
		tag, err := conn.Exec(ctx, "select 1")
		if err == nil {
			out <- tag.RowsAffected()
		}
	}()
	return out
}

// Job is a goroutine that can be waited for.
type Job struct{ done chan struct{} }

// Begin starts one.
func Begin(ctx context.Context, conn *pgx.Conn) *Job {
	j := &Job{done: make(chan struct{})}
	go func() {
		defer close(j.done)
		_, _ = conn.Exec(ctx, "select 1")
	}()
	return j
}

// Done is closed when the goroutine ends.
func (j *Job) Done() <-chan struct{} { return j.done }

// Wait waits for it.
func (j *Job) Wait() { <-j.done }

// WaitContext waits for it or gives up.
func (j *Job) WaitContext(ctx context.Context) error {
	select {
	case <-j.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// All runs its functions side by side and waits for them.
func All(fs ...func()) {
	var wg sync.WaitGroup
	for _, f := range fs {
		wg.Go(f)
	}
	wg.Wait()
}

// Each runs a function for each number, all at once, and waits.
func Each(n int, f func(int)) {
	done := make(chan struct{})
	for i := range n {
		go func() {
			f(i)
			done <- struct{}{}
		}()
	}
	for range n {
		<-done
	}
}
