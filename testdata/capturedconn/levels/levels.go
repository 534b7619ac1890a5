// Package levels has workers: one, several of one kind, one for each of many things.
package levels

import (
	"context"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/rabbitmq/amqp091-go"
	"golang.org/x/sync/errgroup"
)

// worker runs jobs on a connection.
type worker struct {
	conn *pgx.Conn
	jobs <-chan string
}

func (w *worker) run(ctx context.Context, wg *sync.WaitGroup) {
	defer wg.Done()
	for j := range w.jobs {
		w.conn.Exec(ctx, j)
	}
}

// BadPool has N workers over one connection.
func BadPool(ctx context.Context, conn *pgx.Conn, jobs <-chan string, n int) {
	var wg sync.WaitGroup
	for range n {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for j := range jobs {
				conn.Exec(ctx, j) // want "^conn.Exec may run at the same time as itself in another goroutine started on line \\d+ \\(\\*pgx.Conn is not safe for concurrent use\\)"
			}
		}()
	}
	wg.Wait()
}

// OkPool has a connection for each worker.
func OkPool(ctx context.Context, jobs <-chan string, n int) error {
	var wg sync.WaitGroup
	for range n {
		conn, err := pgx.Connect(ctx, "")
		if err != nil {
			return err
		}
		wg.Add(1)
		go (&worker{conn: conn, jobs: jobs}).run(ctx, &wg)
	}
	wg.Wait()
	return nil
}

// BadWorkers makes workers that all hold the same connection.
func BadWorkers(ctx context.Context, conn *pgx.Conn, jobs <-chan string) {
	var wg sync.WaitGroup
	for range 4 {
		w := &worker{conn: conn, jobs: jobs}
		wg.Add(1)
		go w.run(ctx, &wg) // want "^conn.Exec may run at the same time as itself in another goroutine started here \\(\\*pgx.Conn is not safe for concurrent use\\)"
	}
	wg.Wait()
}

// OkOneWorker has one worker, and nobody else.
func OkOneWorker(ctx context.Context, conn *pgx.Conn, jobs <-chan string) {
	var wg sync.WaitGroup
	wg.Add(1)
	go (&worker{conn: conn, jobs: jobs}).run(ctx, &wg)
	wg.Wait()
	conn.Close(ctx)
}

// BadPartitions consumes each partition with the channel of all.
func BadPartitions(ctx context.Context, ch *amqp091.Channel, queues []string) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, q := range queues {
		msgs, err := ch.Consume(q, "", false, false, false, false, nil) // want "^ch.Consume may run at the same time as the use on line \\d+ \\(\\*amqp091.Channel must not be shared between goroutines"
		if err != nil {
			return err
		}
		g.Go(func() error {
			for m := range msgs {
				if err := ch.PublishWithContext(ctx, "", "out", false, false, amqp091.Publishing{Body: m.Body}); err != nil { // want "^ch.PublishWithContext may run at the same time as itself in another goroutine started on line \\d+ \\(\\*amqp091.Channel must not be shared between goroutines"
					return err
				}
			}
			return nil
		})
	}
	return g.Wait()
}

// OkPartitions opens a channel for each.
func OkPartitions(ctx context.Context, mq *amqp091.Connection, queues []string) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, q := range queues {
		ch, err := mq.Channel()
		if err != nil {
			return err
		}
		g.Go(func() error {
			defer ch.Close()
			msgs, err := ch.ConsumeWithContext(ctx, q, "", false, false, false, false, nil)
			if err != nil {
				return err
			}
			for m := range msgs {
				if err := ch.PublishWithContext(ctx, "", "out", false, false, amqp091.Publishing{Body: m.Body}); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return g.Wait()
}

// runner is started by code that does not know what it does.
type runner interface {
	Run(ctx context.Context) error
}

// pinger is one.
type pinger struct{ conn *pgx.Conn }

// Run implements runner.
func (p *pinger) Run(ctx context.Context) error { return p.conn.Ping(ctx) }

// runAll runs each beside the others.
func runAll(ctx context.Context, rs ...runner) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, r := range rs {
		g.Go(func() error { return r.Run(ctx) })
	}
	return g.Wait()
}

// runEach runs one after the other.
func runEach(ctx context.Context, rs ...runner) error {
	for _, r := range rs {
		if err := r.Run(ctx); err != nil {
			return err
		}
	}
	return nil
}

// FN_RunAll has two runners over one connection: which of a list's elements
// run at once is not followed.
func FN_RunAll(ctx context.Context, conn *pgx.Conn) error {
	return runAll(ctx, &pinger{conn}, &pinger{conn})
}

// OkRunAll has runners with connections of their own.
func OkRunAll(ctx context.Context, a, b *pgx.Conn) error {
	return runAll(ctx, &pinger{a}, &pinger{b})
}

// OkRunEach runs them one after the other.
func OkRunEach(ctx context.Context, conn *pgx.Conn) error {
	return runEach(ctx, &pinger{conn}, &pinger{conn})
}

// BadRunEachBeside runs a list in a goroutine beside its owner.
func BadRunEachBeside(ctx context.Context, conn *pgx.Conn) error {
	go runEach(ctx, &pinger{conn})
	return conn.Ping(ctx) // want "^conn.Ping may run at the same time as the use on line \\d+ \\(\\*pgx.Conn is not safe for concurrent use\\)"
}

// OkSteps runs a table of functions of one connection, each before the next.
func OkSteps(ctx context.Context, conn *pgx.Conn) error {
	steps := []func(context.Context) error{conn.Ping, func(ctx context.Context) error {
		_, err := conn.Exec(ctx, "analyze")
		return err
	}}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return conn.Close(ctx)
}

// BadSteps runs the table in a goroutine while it closes the connection.
func BadSteps(ctx context.Context, conn *pgx.Conn) error {
	steps := []func(context.Context) error{conn.Ping}
	go func() {
		for _, step := range steps {
			step(ctx)
		}
	}()
	return conn.Close(ctx) // want "^conn.Close may run at the same time as the use on line \\d+ \\(\\*pgx.Conn is not safe for concurrent use\\)"
}

// OkStartThenServe uses the connection before it starts what uses it then.
func OkStartThenServe(ctx context.Context, conn *pgx.Conn) error {
	if _, err := conn.Exec(ctx, "listen events"); err != nil {
		return err
	}
	go func() {
		for {
			if _, err := conn.WaitForNotification(ctx); err != nil {
				return
			}
		}
	}()
	return nil
}

// OkLeasePerJob takes a lease for each job.
func OkLeasePerJob(ctx context.Context, pool *pgxpool.Pool, jobs []string) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, j := range jobs {
		g.Go(func() error {
			lease, err := pool.Acquire(ctx)
			if err != nil {
				return err
			}
			defer lease.Release()
			_, err = lease.Exec(ctx, j)
			return err
		})
	}
	return g.Wait()
}

// BadLeaseShared takes one lease for all jobs.
func BadLeaseShared(ctx context.Context, pool *pgxpool.Pool, jobs []string) error {
	lease, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer lease.Release()
	g, ctx := errgroup.WithContext(ctx)
	for _, j := range jobs {
		g.Go(func() error { _, err := lease.Exec(ctx, j); return err }) // want "^lease.Exec may run at the same time as itself in another goroutine started here \\(\\*pgxpool.Conn is one connection lent by the pool"
	}
	return g.Wait()
}
