// Package work has loops, goroutines, consumers and scrapes.
package work

import (
	"context"
	"database/sql"
	"log"
	"net/http"
	"sync"
	"time"

	redigo "github.com/gomodule/redigo/redis"
	"github.com/hibiken/asynq"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
	"github.com/robfig/cron/v3"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"golang.org/x/sync/errgroup"
)

const dsn = "postgres://app@db/app"

func BadPoll(ctx context.Context) {
	for {
		db, err := sql.Open("pgx", dsn) // want "db is a new pool in each turn of a loop, and never closed"
		if err != nil {
			log.Print(err)
		} else if _, err := db.ExecContext(ctx, "select drain()"); err != nil {
			log.Print(err)
		}
		time.Sleep(time.Minute)
	}
}

// BadDeferInTicker defers to the end of a function that does not end.
func BadDeferInTicker(ctx context.Context, tick *time.Ticker) {
	for range tick.C {
		rdb := redis.NewClient(&redis.Options{Addr: "cache:6379"}) // want "rdb is a new client in each turn of a loop, not closed on all paths"
		defer rdb.Close()
		if err := rdb.Publish(ctx, "tick", "now").Err(); err != nil {
			log.Print(err)
		}
	}
}

// BadPerMessage connects for each message of a channel.
func BadPerMessage(ctx context.Context, events <-chan string) {
	for e := range events {
		client, err := mongo.Connect(options.Client().ApplyURI("mongodb://logs")) // want "client is a new client in each turn of a loop, not closed on all paths"
		if err != nil {
			continue
		}
		if _, err := client.Database("app").Collection("events").InsertOne(ctx, map[string]string{"e": e}); err != nil {
			log.Print(err)
			continue
		}
		_ = client.Disconnect(ctx)
	}
}

func step(ctx context.Context) error {
	pool, err := pgxpool.New(ctx, dsn) // want "pool is a new pool in each turn of a loop, and never closed"
	if err != nil {
		return err
	}
	_, err = pool.Exec(ctx, "select step()")
	return err
}

// BadStepper makes the pool in a helper.
func stepper(ctx context.Context) {
	for ctx.Err() == nil {
		if err := step(ctx); err != nil { // rel "called in a loop here"
			log.Print(err)
		}
	}
}

// BadPerJob opens for each goroutine.
func BadPerJob(ctx context.Context, ids []int) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, id := range ids {
		g.Go(func() error { // rel "goroutine started here"
			db, err := sql.Open("pgx", dsn) // want "db is a new pool for each of many goroutines, and never closed"
			if err != nil {
				return err
			}
			_, err = db.ExecContext(ctx, "select work($1)", id)
			return err
		})
	}
	return g.Wait()
}

// BadPerWorker leaves the pool of each worker when it ends.
func BadPerWorker(ctx context.Context, jobs <-chan string, n int) {
	var wg sync.WaitGroup
	for range n {
		wg.Add(1)
		go func() {
			defer wg.Done()
			pool := &redigo.Pool{Dial: func() (redigo.Conn, error) { return redigo.Dial("tcp", "cache:6379") }} // want "pool is a new pool for each of many goroutines, and never closed"
			for job := range jobs {
				conn := pool.Get()
				_, _ = conn.Do("LPUSH", "jobs", job)
				_ = conn.Close()
			}
		}()
	}
	wg.Wait()
}

// Lag is a collector.
type Lag struct{ desc *prometheus.Desc }

// Describe tells of the metric.
func (l *Lag) Describe(ch chan<- *prometheus.Desc) { ch <- l.desc }

// Collect connects for each scrape.
func (l *Lag) Collect(ch chan<- prometheus.Metric) {
	db, err := sql.Open("pgx", dsn) // want "db is a new pool for each call of handler Lag.Collect, and never closed"
	if err != nil {
		return
	}
	var lag float64
	if err := db.QueryRow("select lag()").Scan(&lag); err == nil {
		ch <- prometheus.MustNewConstMetric(l.desc, prometheus.GaugeValue, lag)
	}
}

// BadScrape registers it.
func register(reg *prometheus.Registry) {
	reg.MustRegister(&Lag{prometheus.NewDesc("lag", "", nil, nil)})
}

// BadTask connects for each task.
func BadTask(mux *asynq.ServeMux) {
	mux.HandleFunc("mail", func(ctx context.Context, t *asynq.Task) error {
		db, err := sql.Open("pgx", dsn) // want "db is a new pool for each call of a handler, not closed on all paths"
		if err != nil {
			return err
		}
		if _, err := db.ExecContext(ctx, "insert into mails values ($1)", string(t.Payload())); err != nil {
			return err
		}
		return db.Close()
	})
}

// BadNightly runs on a schedule.
func BadNightly(c *cron.Cron) error {
	_, err := c.AddFunc("@daily", func() {
		pool, err := pgxpool.New(context.Background(), dsn) // want "pool is a new pool for each call of a handler, and never closed"
		if err != nil {
			return
		}
		_, _ = pool.Exec(context.Background(), "select clean()")
	})
	return err
}

// OkOnePoolForTheLoop opens before the loop.
func OkOnePoolForTheLoop(ctx context.Context, events <-chan string) error {
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	for e := range events {
		if _, err := db.ExecContext(ctx, "insert into events values ($1)", e); err != nil {
			return err
		}
	}
	return nil
}

// OkClosedEachTurn costs time, but leaves nothing.
func OkClosedEachTurn(ctx context.Context, tick <-chan time.Time) {
	for range tick {
		db, err := sql.Open("pgx", dsn)
		if err != nil {
			continue
		}
		_, _ = db.ExecContext(ctx, "select drain()")
		_ = db.Close()
	}
}

// OkRetry opens until the server answers, and gives back the one that does.
func OkRetry(ctx context.Context) (*sql.DB, error) {
	for {
		db, err := sql.Open("pgx", dsn)
		if err != nil {
			return nil, err
		}
		if db.PingContext(ctx) == nil {
			return db, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(time.Second):
		}
	}
}

// OkRetryThenServe uses what the retry found.
func OkRetryThenServe(ctx context.Context) error {
	var db *sql.DB
	for {
		var err error
		if db, err = sql.Open("pgx", dsn); err == nil && db.PingContext(ctx) == nil {
			break
		}
		time.Sleep(time.Second)
	}
	_, err := db.ExecContext(ctx, "listen jobs")
	return err
}

// OkShards fills a map at the start.
func OkShards(ctx context.Context, names []string) (map[string]*pgxpool.Pool, error) {
	shards := map[string]*pgxpool.Pool{}
	for _, name := range names {
		pool, err := pgxpool.New(ctx, dsn+"_"+name)
		if err != nil {
			return nil, err
		}
		shards[name] = pool
	}
	return shards, nil
}

// OkMigrateEach goes through a list once.
func OkMigrateEach(ctx context.Context, dsns []string) error {
	for _, d := range dsns {
		db, err := sql.Open("pgx", d)
		if err != nil {
			return err
		}
		_, err = db.ExecContext(ctx, "alter table users add column seen timestamptz")
		_ = db.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

// OkWorkersForEver have a client each for as long as they run, which is for ever.
func OkWorkersForEver(ctx context.Context, n int, jobs <-chan string) {
	for range n {
		go func() {
			rdb := redis.NewClient(&redis.Options{Addr: "cache:6379"})
			for {
				rdb.LPush(ctx, "jobs", <-jobs)
			}
		}()
	}
}

// OkWorkersShare use one client.
func OkWorkersShare(ctx context.Context, n int, jobs <-chan string) error {
	rdb := redis.NewClient(&redis.Options{Addr: "cache:6379"})
	defer rdb.Close()
	g, ctx := errgroup.WithContext(ctx)
	for range n {
		g.Go(func() error {
			for job := range jobs {
				if err := rdb.LPush(ctx, "jobs", job).Err(); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return g.Wait()
}

// OkOneGoroutine runs beside its caller, once.
func OkOneGoroutine(ctx context.Context, done chan<- error) {
	go func() {
		db, err := sql.Open("pgx", dsn)
		if err != nil {
			done <- err
			return
		}
		_, err = db.ExecContext(ctx, "select warm_up()")
		done <- err
	}()
}

var migrated sync.Once

// OkMigrateOnce drops a pool with the first request, and with that only.
func OkMigrateOnce(mux *http.ServeMux) {
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		migrated.Do(migrate)
		w.WriteHeader(http.StatusNoContent)
	})
}

func migrate() {
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		return
	}
	_, _ = db.Exec("create table if not exists t (n int)")
}

// Seeder seeds on demand.
type Seeder struct {
	mu   sync.Mutex
	done bool
}

// OkFlag seeds with the first request: the flag says that it is done.
func (s *Seeder) OkFlag(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.done {
		migrate()
		s.done = true
	}
	w.WriteHeader(http.StatusNoContent)
}
