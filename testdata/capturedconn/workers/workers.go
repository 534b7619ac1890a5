// Package workers has pools of workers of every size: one, many, and as many as a configuration says.
package workers

import (
	"context"
	"flag"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

type job struct{ id int }

type runner struct {
	conn *pgx.Conn
	jobs chan job
	wg   sync.WaitGroup
}

func (r *runner) work(ctx context.Context) {
	defer r.wg.Done()
	for j := range r.jobs {
		r.conn.Exec(ctx, "update jobs set done = true where id = $1", j.id)
	}
}

// BadStart starts as many workers as its caller says.
func (r *runner) BadStart(ctx context.Context, n int) {
	for range n {
		r.wg.Add(1)
		go r.work(ctx) // want "^r.conn.Exec may run at the same time as itself in another goroutine started here"
	}
}

// OkStop waits for them.
func (r *runner) OkStop() { close(r.jobs); r.wg.Wait() }

type single struct {
	conn *pgx.Conn
	jobs chan job
}

func (r *single) work(ctx context.Context) {
	for j := range r.jobs {
		r.conn.Exec(ctx, "update jobs set done = true where id = $1", j.id)
	}
}

// workers is what makes the loop of OkStart turn once.
const workers = 1

// OkStart has a loop for a day when there will be more of them.
func (r *single) OkStart(ctx context.Context) {
	for range workers {
		go r.work(ctx)
	}
}

// OkOne writes the number into the loop.
func (r *single) OkOne(ctx context.Context) {
	for i := 0; i < 1; i++ {
		go r.work(ctx)
	}
}

// BadFlag starts one worker, unless the flag says otherwise.
func BadFlag(ctx context.Context, conn *pgx.Conn, jobs <-chan job) {
	n := flag.Int("workers", 1, "workers")
	flag.Parse()
	var wg sync.WaitGroup
	for i := 0; i < *n; i++ {
		wg.Go(func() {
			for j := range jobs {
				conn.Exec(ctx, "x", j.id) // want "^conn.Exec may run at the same time as itself in another goroutine started on line"
			}
		})
	}
	wg.Wait()
}

// BadCPU starts a worker for each processor.
func BadCPU(ctx context.Context, url string, jobs <-chan job) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	var wg sync.WaitGroup
	for range runtime.NumCPU() {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for j := range jobs {
				conn.Exec(ctx, "x", j.id) // want "^conn.Exec may run at the same time as itself in another goroutine started on line"
			}
		}()
	}
	wg.Wait()
	return nil
}

// OkOwn lets each worker connect for itself.
func OkOwn(ctx context.Context, url string, jobs <-chan job) {
	n, _ := strconv.Atoi(os.Getenv("WORKERS"))
	var wg sync.WaitGroup
	for range max(n, runtime.NumCPU()) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			conn, err := pgx.Connect(ctx, url)
			if err != nil {
				return
			}
			defer conn.Close(ctx)
			for j := range jobs {
				conn.Exec(ctx, "x", j.id)
			}
		}()
	}
	wg.Wait()
}

// worker is an object with a connection, its own or not.
type worker struct {
	id   int
	conn *pgx.Conn
}

func (w *worker) run(ctx context.Context, jobs <-chan job) {
	for j := range jobs {
		w.conn.Exec(ctx, "x", j.id)
	}
}

type dispatcher struct {
	workers []*worker
	jobs    chan job
}

// OkDispatcher gives each worker its own.
func OkDispatcher(ctx context.Context, url string, n int) (*dispatcher, error) {
	d := &dispatcher{jobs: make(chan job)}
	for i := range n {
		conn, err := pgx.Connect(ctx, url)
		if err != nil {
			return nil, err
		}
		d.workers = append(d.workers, &worker{id: i, conn: conn})
	}
	for _, w := range d.workers {
		go w.run(ctx, d.jobs)
	}
	return d, nil
}

// BadDispatcher gives all of them the same one.
func BadDispatcher(ctx context.Context, url string, n int) (*dispatcher, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, err
	}
	d := &dispatcher{jobs: make(chan job)}
	for i := range n {
		d.workers = append(d.workers, &worker{id: i, conn: conn})
	}
	for _, w := range d.workers {
		go w.run(ctx, d.jobs) // want "^w.conn.Exec may run at the same time as itself in another goroutine started here"
	}
	return d, nil
}

// BadLeasedOnce leases a connection and then fans out.
func BadLeasedOnce(ctx context.Context, pool *pgxpool.Pool, ids []int) error {
	c, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer c.Release()
	var wg sync.WaitGroup
	for _, id := range ids {
		wg.Add(1)
		go func() {
			defer wg.Done()
			c.Exec(ctx, "x", id) // want "^c.Exec may run at the same time as itself in another goroutine started on line"
		}()
	}
	wg.Wait()
	return nil
}

// queue has handlers that only send; the one worker executes.
type queue struct {
	conn *pgx.Conn
	in   chan job
}

func (q *queue) loop(ctx context.Context) {
	for j := range q.in {
		q.conn.Exec(ctx, "x", j.id)
	}
}

// OkEnqueue hands over.
func (q *queue) OkEnqueue(w http.ResponseWriter, r *http.Request) { q.in <- job{1} }

// OkQueue starts the one worker.
func OkQueue(ctx context.Context, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	q := &queue{conn: conn, in: make(chan job)}
	go q.loop(ctx)
	http.HandleFunc("/e", q.OkEnqueue)
	return http.ListenAndServe(":1", nil)
}

// crowd is the same with several workers.
type crowd struct {
	conn *pgx.Conn
	in   chan job
}

func (q *crowd) loop(ctx context.Context) {
	for j := range q.in {
		q.conn.Exec(ctx, "x", j.id)
	}
}

func (q *crowd) Enqueue(w http.ResponseWriter, r *http.Request) { q.in <- job{1} }

// BadQueue starts them.
func BadQueue(ctx context.Context, url string, cfg struct{ Workers int }) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	q := &crowd{conn: conn, in: make(chan job)}
	for i := 0; i < cfg.Workers; i++ {
		go q.loop(ctx) // want "^conn.Exec may run at the same time as itself in another goroutine started here"
	}
	http.HandleFunc("/e", q.Enqueue)
	return http.ListenAndServe(":1", nil)
}

// two has two workers of two kinds, one of each.
type two struct{ conn *pgx.Conn }

func (t *two) flush(ctx context.Context)  { t.conn.Exec(ctx, "flush") }
func (t *two) vacuum(ctx context.Context) { t.conn.Exec(ctx, "vacuum") }

// BadTwo starts both.
func (t *two) BadTwo(ctx context.Context) {
	go func() {
		for {
			t.flush(ctx)
		}
	}()
	go func() {
		for {
			t.vacuum(ctx) // want "^t.conn.Exec may run at the same time as the use on line 261"
		}
	}()
}
