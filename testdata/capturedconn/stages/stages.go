// Package stages has goroutines in rows: one at a time behind a limit, one
// stage after the other, both ways of a proxy, a service that is started and
// stopped.
package stages

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/gomodule/redigo/redis"
	"github.com/gorilla/websocket"
	"github.com/jackc/pgx/v5"
	amqp "github.com/rabbitmq/amqp091-go"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"
)

const touch = "update accounts set seen = now()"

// OkSlot starts the next goroutine when the one before has given its slot back.
func OkSlot(ctx context.Context, conn *pgx.Conn, ids []int) error {
	sem := make(chan struct{}, 1)
	var wg sync.WaitGroup
	for _, id := range ids {
		sem <- struct{}{}
		wg.Add(1)
		go func() {
			defer wg.Done()
			defer func() { <-sem }()
			_, _ = conn.Exec(ctx, touch, id)
		}()
	}
	wg.Wait()
	return conn.Close(ctx)
}

// BadFourSlots has four slots.
func BadFourSlots(ctx context.Context, conn *pgx.Conn, ids []int) error {
	sem := make(chan struct{}, 4)
	var wg sync.WaitGroup
	for _, id := range ids {
		sem <- struct{}{}
		wg.Add(1)
		go func() {
			defer wg.Done()
			defer func() { <-sem }()
			_, _ = conn.Exec(ctx, touch, id) // want `^conn\.Exec may run at the same time as itself in another goroutine started on line \d+ \(\*pgx\.Conn is not safe for concurrent use\)`
		}()
	}
	wg.Wait()
	return conn.Close(ctx)
}

// OkWeightOne has a semaphore of weight one, which it takes itself in the end.
func OkWeightOne(ctx context.Context, conn *pgx.Conn, ids []int) error {
	sem := semaphore.NewWeighted(1)
	for _, id := range ids {
		if err := sem.Acquire(ctx, 1); err != nil {
			return err
		}
		go func() {
			defer sem.Release(1)
			_, _ = conn.Exec(ctx, touch, id)
		}()
	}
	if err := sem.Acquire(context.Background(), 1); err != nil {
		return err
	}
	return conn.Close(ctx)
}

// BadWeightFour goes on as long as there is one of four left.
func BadWeightFour(ctx context.Context, conn *pgx.Conn) {
	sem := semaphore.NewWeighted(4)
	for sem.TryAcquire(1) {
		go func() {
			_ = conn.Ping(ctx) // want `^conn\.Ping may run at the same time as itself in another goroutine started on line \d+ \(\*pgx\.Conn is not safe for concurrent use\)`
			sem.Release(1)
		}()
	}
}

// read sends what it reads to the next stage.
func read(ctx context.Context, conn *pgx.Conn, ids chan<- int) error {
	defer close(ids)
	rows, err := conn.Query(ctx, "select id from accounts")
	if err != nil {
		return err
	}
	defer rows.Close()
	var id int
	for rows.Next() && rows.Scan(&id) == nil {
		select {
		case ids <- id:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return rows.Err()
}

// OkStages has one stage that reads, and one that has no use for the connection.
func OkStages(ctx context.Context, conn *pgx.Conn) error {
	g, ctx := errgroup.WithContext(ctx)
	ids := make(chan int)
	g.Go(func() error { return read(ctx, conn, ids) })
	g.Go(func() error {
		for id := range ids {
			slog.Info("seen", "id", id)
		}
		return nil
	})
	if err := g.Wait(); err != nil {
		return err
	}
	return conn.Close(ctx)
}

// BadStages writes in the second while the first still reads.
func BadStages(ctx context.Context, conn *pgx.Conn) error {
	var g errgroup.Group
	ids := make(chan int)
	g.Go(func() error { return read(ctx, conn, ids) })
	g.Go(func() error {
		for id := range ids {
			if _, err := conn.Exec(ctx, touch, id); err != nil { // want `^conn\.Exec may run at the same time as the use on line [0-9]+ \(\*pgx\.Conn is not safe for concurrent use\)`
				return err
			}
		}
		return nil
	})
	return g.Wait()
}

// pump copies messages until a side fails.
func pump(to, from *websocket.Conn, failed chan<- error) {
	for {
		kind, m, err := from.ReadMessage()
		if err == nil {
			err = to.WriteMessage(kind, m)
		}
		if err != nil {
			failed <- err
			return
		}
	}
}

// OkProxy copies both ways: one reader and one writer on each side, until one fails.
func OkProxy(a, b *websocket.Conn) error {
	failed := make(chan error, 2)
	go pump(a, b, failed)
	go pump(b, a, failed)
	return errors.Join(<-failed, a.Close(), b.Close())
}

// BadProxyBye says goodbye beside the one that may still write.
func BadProxyBye(a, b *websocket.Conn) error {
	failed := make(chan error, 2)
	go pump(a, b, failed)
	go pump(b, a, failed)
	err := <-failed
	return errors.Join(err, a.WriteMessage(websocket.CloseMessage, nil), b.Close()) // want `^a\.WriteMessage may run at the same time as the write on line [0-9]+ \(\*websocket\.Conn takes one reading and one writing goroutine at a time; only Close and WriteControl may overlap them\)`
}

// service touches the accounts in the background until it is stopped.
type service struct {
	conn   *pgx.Conn
	cancel context.CancelFunc
	done   chan struct{}
	once   sync.Once
}

func (s *service) start(ctx context.Context) {
	ctx, s.cancel = context.WithCancel(ctx)
	s.done = make(chan struct{})
	go func() {
		defer close(s.done)
		for {
			select {
			case <-ctx.Done():
				return
			case <-time.After(time.Second):
				_, _ = s.conn.Exec(ctx, touch)
			}
		}
	}()
}

// stop waits for the goroutine, and closes the connection once.
func (s *service) stop(ctx context.Context) error {
	var err error
	s.once.Do(func() {
		s.cancel()
		<-s.done
		_, err = s.conn.Exec(ctx, "vacuum")
		err = errors.Join(err, s.conn.Close(ctx))
	})
	return err
}

// OkService stops it.
func OkService(ctx context.Context, conn *pgx.Conn) error {
	s := &service{conn: conn}
	s.start(ctx)
	<-ctx.Done()
	return s.stop(context.Background())
}

// BadService only tells it to stop.
func BadService(ctx context.Context, conn *pgx.Conn) error {
	s := &service{conn: conn}
	s.start(ctx)
	<-ctx.Done()
	s.cancel()
	return conn.Close(context.Background()) // want `^conn\.Close may run at the same time as the use on line [0-9]+ \(\*pgx\.Conn is not safe for concurrent use\)`
}

// OkConsumer acknowledges from several goroutines, which the channel allows.
func OkConsumer(ctx context.Context, ch *amqp.Channel) error {
	msgs, err := ch.Consume("q", "", false, false, false, false, nil)
	if err != nil {
		return err
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for m := range msgs {
				_ = m.Ack(false)
			}
		})
	}
	<-ctx.Done()
	if err := ch.Cancel("", false); err != nil {
		return err
	}
	wg.Wait()
	return ch.Close()
}

// BadReplier answers from them.
func BadReplier(ctx context.Context, ch *amqp.Channel) error {
	msgs, err := ch.Consume("q", "", false, false, false, false, nil)
	if err != nil {
		return err
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for m := range msgs {
				_ = ch.PublishWithContext(ctx, "", m.ReplyTo, false, false, amqp.Publishing{}) // want `^ch\.PublishWithContext may run at the same time as itself in another goroutine started on line \d+ \(\*amqp091\.Channel must not be shared between goroutines; only acknowledgements and Close may come from others\)`
			}
		})
	}
	wg.Wait()
	return ch.Close()
}

// OkPipeline sends beside the goroutine that receives, and waits for it on each path.
func OkPipeline(c redis.Conn, n int) error {
	done := make(chan error, 1)
	go func() {
		for range n {
			if _, err := c.Receive(); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	for range n {
		if err := c.Send("INCR", "a"); err != nil {
			return errors.Join(err, <-done)
		}
	}
	if err := c.Flush(); err != nil {
		return errors.Join(err, <-done)
	}
	if err := <-done; err != nil {
		return err
	}
	_, err := c.Do("GET", "a")
	return err
}

// BadPipeline asks and waits for the answer beside it.
func BadPipeline(c redis.Conn) error {
	done := make(chan error, 1)
	go func() {
		_, err := c.Receive()
		done <- err
	}()
	if _, err := c.Do("GET", "a"); err != nil { // want `^c\.Do may run at the same time as the read on line [0-9]+ \(redis\.Conn takes one goroutine in Receive and one in Send and Flush; Do is both\)`
		return err
	}
	return <-done
}
