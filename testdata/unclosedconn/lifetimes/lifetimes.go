// Package lifetimes holds what goroutines, workers, consumers and handlers
// take for as long as they run.
package lifetimes

import (
	"context"
	"database/sql"
	"errors"
	"log"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/gomodule/redigo/redis"
	"github.com/gorilla/websocket"
	"github.com/hibiken/asynq"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	amqp "github.com/rabbitmq/amqp091-go"
	goredis "github.com/redis/go-redis/v9"
	"github.com/robfig/cron/v3"
	"golang.org/x/sync/errgroup"
)

var errStop = errors.New("stop")

// BadWorkersOfLoop takes a lease per worker and returns on done without it.
func BadWorkersOfLoop(ctx context.Context, pool *pgxpool.Pool, in <-chan string) {
	for range 8 {
		go func() {
			conn, err := pool.Acquire(ctx) // want "conn is not released on all paths \\(possible pool exhaustion, one more with each worker\\)"
			if err != nil {
				return
			}
			for {
				select {
				case <-ctx.Done():
					return
				case q, ok := <-in:
					if !ok {
						conn.Release()
						return
					}
					_, _ = conn.Exec(ctx, q)
				}
			}
		}()
	}
}

// BadAcceptedConnection: what the goroutine of each connection opens stays open.
func BadAcceptedConnection(ctx context.Context, l net.Listener, dsn string) error {
	for {
		c, err := l.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer c.Close()
			conn, err := pgx.Connect(ctx, dsn) // want "conn is never released \\(possible connection leak, one more with each connection\\)"
			if err != nil {
				return
			}
			_, _ = c.Write([]byte(conn.Config().Database))
		}()
	}
}

// BadHandlerFunc loses a transaction with each request that is refused.
func BadHandlerFunc(db *sql.DB) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		tx, err := db.BeginTx(r.Context(), nil) // want "tx is not released on all paths \\(its connection and locks stay taken, one more with each request\\)"
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		if r.FormValue("dry") != "" {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		_ = tx.Commit()
	}
}

// badServer has a method that only a handler calls.
type badServer struct{ pool *redis.Pool }

func (s *badServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if _, err := s.visits(r.URL.Path); err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
	}
}

func (s *badServer) visits(path string) (int, error) {
	conn := s.pool.Get() // want "conn is never released \\(possible connection leak, one more with each request\\)"
	return redis.Int(conn.Do("INCR", path))
}

// BadGinHandler answers an error and forgets the rows.
func BadGinHandler(db *sql.DB) gin.HandlerFunc {
	return func(c *gin.Context) {
		rows, err := db.QueryContext(c, "select name from t") // want "rows is not released on all paths \\(its connection stays busy, one more with each request\\)"
		if err != nil {
			c.AbortWithStatus(http.StatusInternalServerError)
			return
		}
		var names []string
		for rows.Next() {
			var n string
			if err := rows.Scan(&n); err != nil {
				c.AbortWithStatus(http.StatusInternalServerError)
				return
			}
			names = append(names, n)
		}
		c.JSON(http.StatusOK, names)
	}
}

// BadTask loses a connection with each task that is skipped.
func BadTask(mux *asynq.ServeMux, pool *pgxpool.Pool) {
	mux.HandleFunc("mail", func(ctx context.Context, t *asynq.Task) error {
		conn, err := pool.Acquire(ctx) // want "conn is not released on all paths \\(possible pool exhaustion, one more with each task\\)"
		if err != nil {
			return err
		}
		if len(t.Payload()) == 0 {
			return asynq.SkipRetry
		}
		defer conn.Release()
		_, err = conn.Exec(ctx, "insert into mail values ($1)", t.Payload())
		return err
	})
}

// BadCronJob runs again and again.
func BadCronJob(c *cron.Cron, dsn string) error {
	_, err := c.AddFunc("@hourly", func() {
		ctx := context.Background()
		conn, err := pgx.Connect(ctx, dsn) // want "conn is not released on all paths \\(possible connection leak, one more with each job\\)"
		if err != nil {
			return
		}
		if _, err := conn.Exec(ctx, "vacuum"); err != nil {
			log.Print(err)
			return
		}
		_ = conn.Close(ctx)
	})
	return err
}

// BadTickerTakesEachTime takes a connection with each tick.
func BadTickerTakesEachTime(ctx context.Context, rdb *goredis.Client) {
	for range time.Tick(time.Second) {
		conn := rdb.Conn() // want "conn is acquired again before it is released \\(possible pool exhaustion, one more with each iteration\\)"
		if err := conn.Ping(ctx).Err(); err != nil {
			log.Print(err)
		}
	}
}

// BadConsumerBreaks leaves the loop of its deliveries with the channel open.
func BadConsumerBreaks(conn *amqp.Connection) error {
	ch, err := conn.Channel() // want "ch is not released on all paths"
	if err != nil {
		return err
	}
	in, err := ch.Consume("jobs", "", true, false, false, false, nil)
	if err != nil {
		return errors.Join(err, ch.Close())
	}
	for d := range in {
		if string(d.Body) == "stop" {
			return errStop
		}
	}
	return ch.Close()
}

// BadErrgroupWorker returns the error of its query and keeps the lease.
func BadErrgroupWorker(ctx context.Context, pool *pgxpool.Pool, qs []string) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, q := range qs {
		g.Go(func() error {
			conn, err := pool.Acquire(ctx) // want "conn is not released on all paths \\(possible pool exhaustion, one more with each worker\\)"
			if err != nil {
				return err
			}
			if _, err := conn.Exec(ctx, q); err != nil {
				return err
			}
			conn.Release()
			return nil
		})
	}
	return g.Wait()
}

// BadHelperOfLoop calls insert once per name.
func BadHelperOfLoop(ctx context.Context, db *sql.DB, names []string) {
	for _, n := range names {
		if err := insert(ctx, db, n); err != nil {
			log.Print(err)
		}
	}
}

func insert(ctx context.Context, db *sql.DB, name string) error {
	stmt, err := db.PrepareContext(ctx, "insert into t values ($1)") // want "stmt is never released \\(its connection stays busy, one more with each iteration\\)"
	if err != nil {
		return err
	}
	_, err = stmt.ExecContext(ctx, name)
	return err
}

// BadWebsocketPump stops pumping and leaves the socket open.
func BadWebsocketPump(up *websocket.Upgrader, in <-chan []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ws, err := up.Upgrade(w, r, nil) // want "ws is never released \\(possible connection leak, one more with each request\\)"
		if err != nil {
			return
		}
		for b := range in {
			if ws.WriteMessage(websocket.TextMessage, b) != nil {
				break
			}
		}
	}
}

// OkWorkersOfLoop defers in each worker.
func OkWorkersOfLoop(ctx context.Context, pool *pgxpool.Pool, in <-chan string) {
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			conn, err := pool.Acquire(ctx)
			if err != nil {
				return
			}
			defer conn.Release()
			for q := range in {
				if _, err := conn.Exec(ctx, q); err != nil {
					return
				}
			}
		})
	}
	wg.Wait()
}

// OkAcceptedConnection gives each connection to a goroutine that closes it.
func OkAcceptedConnection(ctx context.Context, l net.Listener, dsn string) error {
	for {
		c, err := l.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer c.Close()
			conn, err := pgx.Connect(ctx, dsn)
			if err != nil {
				return
			}
			defer conn.Close(ctx)
			_, _ = c.Write([]byte(conn.Config().Database))
		}()
	}
}

// OkSemaphore gives the place back and the connection, in each worker.
func OkSemaphore(l net.Listener, limit int) error {
	sem := make(chan struct{}, limit)
	for {
		c, err := l.Accept()
		if err != nil {
			return err
		}
		sem <- struct{}{}
		go func() {
			defer func() { <-sem }()
			defer c.Close()
			_ = c.SetDeadline(time.Now().Add(time.Minute))
			_, _ = c.Write([]byte("hello\n"))
		}()
	}
}

// OkBusyServerRefuses closes what it cannot serve.
func OkBusyServerRefuses(l net.Listener, jobs chan<- net.Conn) error {
	for {
		c, err := l.Accept()
		if err != nil {
			return err
		}
		select {
		case jobs <- c:
		default:
			_ = c.Close()
		}
	}
}

// OkHandlerOnEveryPath commits, rolls back or was never there.
func OkHandlerOnEveryPath(db *sql.DB) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		tx, err := db.BeginTx(r.Context(), nil)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		if _, err := tx.ExecContext(r.Context(), "update t set n = n + 1"); err != nil {
			_ = tx.Rollback()
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		if err := tx.Commit(); err != nil {
			log.Print(err)
		}
	}
}

// OkTickerReleases takes and releases with each tick.
func OkTickerReleases(ctx context.Context, rdb *goredis.Client) {
	t := time.NewTicker(time.Second)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			conn := rdb.Conn()
			log.Print(conn.Ping(ctx).Err(), conn.Close())
		}
	}
}

// OkConsumerCloses leaves its loop in several ways, all of which lead to the close.
func OkConsumerCloses(ctx context.Context, conn *amqp.Connection) error {
	ch, err := conn.Channel()
	if err != nil {
		return err
	}
	in, err := ch.Consume("jobs", "", true, false, false, false, nil)
	for err == nil {
		select {
		case <-ctx.Done():
			err = ctx.Err()
		case d, ok := <-in:
			if !ok || string(d.Body) == "stop" {
				err = errStop
			}
		}
	}
	return errors.Join(err, ch.Close())
}

// OkSupervisor dials again when the session ended; each session closes its own.
func OkSupervisor(ctx context.Context, dsn string) {
	for ctx.Err() == nil {
		if err := session(ctx, dsn); err != nil {
			log.Print(err)
			time.Sleep(time.Second)
		}
	}
}

func session(ctx context.Context, dsn string) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, "listen jobs"); err != nil {
		return err
	}
	for {
		if _, err := conn.WaitForNotification(ctx); err != nil {
			return err
		}
	}
}

// OkStopFunction gives the caller what ends the worker.
func OkStopFunction(ctx context.Context, rdb *goredis.Client) (stop func()) {
	sub := rdb.Subscribe(ctx, "news")
	done := make(chan struct{})
	go func() {
		defer close(done)
		for m := range sub.Channel() {
			log.Print(m.Payload)
		}
	}()
	return func() {
		_ = sub.Close()
		<-done
	}
}

// OkTimeoutCloses closes the connection from a timer, or at the end.
func OkTimeoutCloses(addr string, b []byte) error {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	t := time.AfterFunc(time.Minute, func() { _ = c.Close() })
	defer t.Stop()
	_, err = c.Write(b)
	return errors.Join(err, c.Close())
}

// OkContextCloses: the end of the context closes the connection.
func OkContextCloses(ctx context.Context, addr string) (int, error) {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return 0, err
	}
	context.AfterFunc(ctx, func() { _ = c.Close() })
	return c.Write([]byte("ping\n"))
}

// OkJob is registered and closes what it opens.
func OkJob(c *cron.Cron, dsn string) error {
	_, err := c.AddFunc("@daily", func() {
		if err := session(context.Background(), dsn); err != nil {
			log.Print(err)
		}
	})
	return err
}
