// Package pools takes connections out of channels and pools, and moves them
// through channels to their next owner.
package pools

import (
	"context"
	"sync"

	"github.com/jackc/pgx/v5"

	"github.com/connvet/connvet/testdata/capturedconn/pools/lend"
)

const touch = "update t set at = now()"

// OkEachTakes has each goroutine take its own.
func OkEachTakes(ctx context.Context, p *lend.Pool, ids []int) {
	var wg sync.WaitGroup
	for _, id := range ids {
		wg.Go(func() {
			c, err := p.Get(ctx)
			if err != nil {
				return
			}
			defer p.Put(c)
			_, _ = c.Exec(ctx, touch, id)
		})
	}
	wg.Wait()
}

// BadTakenOnce takes one for all goroutines.
func BadTakenOnce(ctx context.Context, p *lend.Pool, ids []int) error {
	c, err := p.Get(ctx)
	if err != nil {
		return err
	}
	defer p.Put(c)
	var wg sync.WaitGroup
	for _, id := range ids {
		wg.Go(func() {
			_, _ = c.Exec(ctx, touch, id) // want `^c\.Exec may run at the same time as itself`
		})
	}
	wg.Wait()
	return nil
}

// OkWith has the pool run the function.
func OkWith(ctx context.Context, p *lend.Pool, ids []int) {
	for _, id := range ids {
		go func() {
			_ = p.With(ctx, func(c *pgx.Conn) error {
				_, err := c.Exec(ctx, touch, id)
				return err
			})
		}()
	}
}

// BadWithSpawns starts a goroutine that outlives the loan.
func BadWithSpawns(ctx context.Context, p *lend.Pool) error {
	return p.With(ctx, func(c *pgx.Conn) error {
		go func() {
			_, _ = c.Exec(ctx, touch)
		}()
		return c.Ping(ctx) // want `^c\.Ping may run at the same time`
	})
}

// OkLoanThere takes in the loop and gives back in the goroutine.
func OkLoanThere(ctx context.Context, p *lend.Pool, ids []int) error {
	for _, id := range ids {
		c, err := p.Get(ctx)
		if err != nil {
			return err
		}
		go func() {
			defer p.Put(c)
			_, _ = c.Exec(ctx, touch, id)
		}()
	}
	return nil
}

// FN_GivenBackAndUsed uses the connection after it gave it back: whose it is
// then, the pool does not say.
func FN_GivenBackAndUsed(ctx context.Context, p *lend.Pool) error {
	c, err := p.Get(ctx)
	if err != nil {
		return err
	}
	p.Put(c)
	return c.Ping(ctx)
}

// OkSentToWorker sends the connection to a worker and forgets it.
func OkSentToWorker(ctx context.Context, dsn string, conns chan<- *pgx.Conn) error {
	c, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	if err := c.Ping(ctx); err != nil {
		_ = c.Close(ctx)
		return err
	}
	conns <- c
	return nil
}

// OkWorkerOwns uses what it is sent.
func OkWorkerOwns(ctx context.Context, conns <-chan *pgx.Conn) {
	for range 4 {
		go func() {
			for c := range conns {
				_, _ = c.Exec(ctx, touch)
				_ = c.Close(ctx)
			}
		}()
	}
}

// BadWorkerFansOut uses what it is sent in two goroutines.
func BadWorkerFansOut(ctx context.Context, conns <-chan *pgx.Conn) {
	for c := range conns {
		go func() {
			_, _ = c.Exec(ctx, touch)
		}()
		_ = c.Ping(ctx) // want `^c\.Ping may run at the same time`
	}
}

// OkJobAnswered sends the connection in a struct, and has it back with the answer.
func OkJobAnswered(ctx context.Context, conn *pgx.Conn, jobs chan<- *lend.Job) error {
	j := &lend.Job{Conn: conn, SQL: touch, Done: make(chan error)}
	jobs <- j
	if err := <-j.Done; err != nil {
		return err
	}
	return conn.Ping(ctx)
}

// OkJobsHere starts the worker of another package, and waits for its answers.
func OkJobsHere(ctx context.Context, conn *pgx.Conn) error {
	jobs := make(chan *lend.Job)
	defer close(jobs)
	go lend.Work(ctx, jobs)
	j := &lend.Job{Conn: conn, SQL: touch, Done: make(chan error)}
	jobs <- j
	if err := <-j.Done; err != nil {
		return err
	}
	return conn.Ping(ctx)
}

// FN_JobNotAwaited uses the connection while the worker may still do so. What
// goes through a channel belongs to the receiver; that the sender kept it too
// is not followed.
func FN_JobNotAwaited(ctx context.Context, conn *pgx.Conn) error {
	jobs := make(chan *lend.Job, 1)
	go lend.Work(ctx, jobs)
	jobs <- &lend.Job{Conn: conn, SQL: touch, Done: make(chan error, 1)}
	return conn.Ping(ctx)
}

// OkReplyChannel sends the connection and takes it back from a reply channel.
func OkReplyChannel(ctx context.Context, conn *pgx.Conn, work chan<- chan *pgx.Conn) error {
	reply := make(chan *pgx.Conn, 1)
	reply <- conn
	work <- reply
	conn = <-reply
	return conn.Ping(ctx)
}

// OkStack pops under a lock, and uses outside of it.
func OkStack(ctx context.Context, s *stack, n int) {
	for range n {
		go func() {
			if c := s.pop(); c != nil {
				_, _ = c.Exec(ctx, touch)
				s.push(c)
			}
		}()
	}
}

type stack struct {
	mu   sync.Mutex
	free []*pgx.Conn
}

func (s *stack) pop() *pgx.Conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.free) == 0 {
		return nil
	}
	c := s.free[0]
	s.free = s.free[1:]
	return c
}

func (s *stack) push(c *pgx.Conn) {
	s.mu.Lock()
	s.free = append(s.free, c)
	s.mu.Unlock()
}

// OkRing gives each worker the connection of its number.
func OkRing(ctx context.Context, conns []*pgx.Conn, ids []int) {
	var wg sync.WaitGroup
	for i, c := range conns {
		wg.Go(func() {
			for j := i; j < len(ids); j += len(conns) {
				_, _ = c.Exec(ctx, touch, ids[j])
			}
		})
	}
	wg.Wait()
}

// BadRingPing pings the first of them meanwhile.
func BadRingPing(ctx context.Context, conns [2]*pgx.Conn) error {
	go func() {
		_, _ = conns[0].Exec(ctx, touch)
	}()
	return conns[0].Ping(ctx) // want `may run at the same time`
}
