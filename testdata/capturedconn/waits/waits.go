// Package waits has goroutines that other functions, fields and packages
// start and wait for.
package waits

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/sourcegraph/conc"
	"github.com/sourcegraph/conc/pool"
	"golang.org/x/sync/errgroup"

	"github.com/connvet/connvet/testdata/capturedconn/waits/work"
)

const touch = "update t set at = now()"

// OkCrew starts and waits through the methods of another package.
func OkCrew(ctx context.Context, conn *pgx.Conn) error {
	crew := work.NewCrew()
	crew.Start(func() error {
		_, err := conn.Exec(ctx, touch)
		return err
	})
	if err := crew.Wait(); err != nil {
		return err
	}
	return conn.Ping(ctx)
}

// BadCrewStopped stops listening, which is not waiting.
func BadCrewStopped(ctx context.Context, conn *pgx.Conn) error {
	crew := work.NewCrew()
	crew.Start(func() error {
		_, err := conn.Exec(ctx, touch)
		return err
	})
	crew.Stop()
	return conn.Ping(ctx) // want `^conn\.Ping may run at the same time`
}

// BadTwoCrews waits for the other crew.
func BadTwoCrews(ctx context.Context, conn *pgx.Conn, other func() error) error {
	first, second := work.NewCrew(), work.NewCrew()
	first.Start(func() error {
		_, err := conn.Exec(ctx, touch)
		return err
	})
	second.Start(other)
	if err := second.Wait(); err != nil {
		return err
	}
	return conn.Ping(ctx) // want `^conn\.Ping may run at the same time`
}

// OkGroupPassedDown gives the group to a function of another package.
func OkGroupPassedDown(ctx context.Context, conn *pgx.Conn) error {
	var wg sync.WaitGroup
	wg.Add(1)
	go work.Touch(ctx, &wg, conn)
	wg.Wait()
	return conn.Ping(ctx)
}

// BadGroupToldEarly gives it to one that tells it before it starts.
func BadGroupToldEarly(ctx context.Context, conn *pgx.Conn) error {
	var wg sync.WaitGroup
	wg.Add(1)
	go work.TouchEarly(ctx, &wg, conn)
	wg.Wait()
	return conn.Ping(ctx) // want `^conn\.Ping may run at the same time`
}

// OkResult takes the result of a goroutine of another package.
func OkResult(ctx context.Context, conn *pgx.Conn) (int64, error) {
	n := <-work.Count(ctx, conn)
	return n, conn.Ping(ctx)
}

// BadResultLater does something else first, with the connection.
func BadResultLater(ctx context.Context, conn *pgx.Conn) (int64, error) {
	counted := work.Count(ctx, conn)
	err := conn.Ping(ctx) // want `^conn\.Ping may run at the same time`
	return <-counted, err
}

// OkJobWait waits by a method of what started the goroutine.
func OkJobWait(ctx context.Context, conn *pgx.Conn) error {
	job := work.Begin(ctx, conn)
	job.Wait()
	return conn.Ping(ctx)
}

// OkJobDone waits on the channel that a method gives out.
func OkJobDone(ctx context.Context, conn *pgx.Conn) error {
	job := work.Begin(ctx, conn)
	select {
	case <-job.Done():
		return conn.Ping(ctx)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// BadJobTimeout pings the server to see why the job takes so long.
func BadJobTimeout(ctx context.Context, conn *pgx.Conn) error {
	job := work.Begin(ctx, conn)
	select {
	case <-job.Done():
		return nil
	case <-time.After(time.Minute):
		return conn.Ping(ctx) // want `^conn\.Ping may run at the same time`
	}
}

// OkJobContext uses the connection only if the job is done.
func OkJobContext(ctx context.Context, conn *pgx.Conn) error {
	job := work.Begin(ctx, conn)
	if err := job.WaitContext(ctx); err != nil {
		return err
	}
	return conn.Ping(ctx)
}

// BadJobGivenUp has given up on the job and uses the connection.
func BadJobGivenUp(ctx context.Context, conn *pgx.Conn) error {
	job := work.Begin(ctx, conn)
	if err := job.WaitContext(ctx); err != nil {
		return conn.Ping(context.Background()) // want `^conn\.Ping may run at the same time`
	}
	return nil
}

// waitTimeout reports whether the group was done in time.
func waitTimeout(wg *sync.WaitGroup, limit time.Duration) bool {
	done := make(chan struct{})
	go func() {
		wg.Wait()
		close(done)
	}()
	select {
	case <-done:
		return true
	case <-time.After(limit):
		return false
	}
}

// OkWaitTimeout goes on only if the group was done.
func OkWaitTimeout(ctx context.Context, conn *pgx.Conn) error {
	var wg sync.WaitGroup
	wg.Go(func() { _, _ = conn.Exec(ctx, touch) })
	if !waitTimeout(&wg, time.Second) {
		return context.DeadlineExceeded
	}
	return conn.Ping(ctx)
}

// BadWaitTimeout goes on in any case.
func BadWaitTimeout(ctx context.Context, conn *pgx.Conn) error {
	var wg sync.WaitGroup
	wg.Go(func() { _, _ = conn.Exec(ctx, touch) })
	waitTimeout(&wg, time.Second)
	return conn.Ping(ctx) // want `^conn\.Ping may run at the same time`
}

// OkAll has another package start and wait.
func OkAll(ctx context.Context, conn *pgx.Conn, other func()) error {
	work.All(func() { _, _ = conn.Exec(ctx, touch) }, other)
	return conn.Ping(ctx)
}

// FN_AllSiblings gives two functions that use the connection. Which elements
// of a list a callee starts side by side is not followed.
func FN_AllSiblings(ctx context.Context, conn *pgx.Conn) {
	work.All(
		func() { _, _ = conn.Exec(ctx, touch) },
		func() { _ = conn.Ping(ctx) },
	)
}

// BadEachCallback has another package run its function several times at once.
func BadEachCallback(ctx context.Context, conn *pgx.Conn, ids []int) {
	work.Each(len(ids), func(i int) {
		_, _ = conn.Exec(ctx, touch, ids[i]) // want `^conn\.Exec may run at the same time as itself`
	})
}

// OkEachOwn gives each call a connection of its own.
func OkEachOwn(ctx context.Context, dsn string, ids []int) {
	work.Each(len(ids), func(i int) {
		conn, err := pgx.Connect(ctx, dsn)
		if err != nil {
			return
		}
		defer conn.Close(ctx)
		_, _ = conn.Exec(ctx, touch, ids[i])
	})
}

// OkEachThen uses the connection when all calls are back.
func OkEachThen(ctx context.Context, conn *pgx.Conn, ids []int, work2 func(int)) error {
	work.Each(len(ids), work2)
	return conn.Ping(ctx)
}

// runner has its group in a field; one method starts, another waits.
type runner struct {
	wg   sync.WaitGroup
	conn *pgx.Conn
}

func (r *runner) start(ctx context.Context) {
	r.wg.Go(func() {
		_, _ = r.conn.Exec(ctx, touch)
	})
}

func (r *runner) stop() { r.wg.Wait() }

// OkRunnerStopped waits by the method.
func (r *runner) OkRunnerStopped(ctx context.Context) error {
	r.start(ctx)
	r.stop()
	return r.conn.Ping(ctx)
}

// OkRunnerDeferred closes after the deferred wait.
func (r *runner) OkRunnerDeferred(ctx context.Context) {
	defer r.conn.Close(ctx)
	defer r.stop()
	r.start(ctx)
}

// BadRunnerClosed closes first.
func (r *runner) BadRunnerClosed(ctx context.Context) {
	defer r.stop()
	defer r.conn.Close(ctx) // want `^r\.conn\.Close may run at the same time`
	r.start(ctx)
}

// BadRunnerStarted goes on without waiting.
func (r *runner) BadRunnerStarted(ctx context.Context) error {
	r.start(ctx)
	return r.conn.Ping(ctx) // want `^r\.conn\.Ping may run at the same time`
}

// OkGroupOfCaller adds to the group of its caller, who waits.
func OkGroupOfCaller(ctx context.Context, conn *pgx.Conn) error {
	var wg sync.WaitGroup
	spawn(ctx, conn, &wg)
	wg.Wait()
	return conn.Close(ctx)
}

func spawn(ctx context.Context, conn *pgx.Conn, wg *sync.WaitGroup) {
	wg.Add(1)
	go func() {
		defer wg.Done()
		_, _ = conn.Exec(ctx, touch)
	}()
}

// OkConcPool waits for a pool of conc.
func OkConcPool(ctx context.Context, conn *pgx.Conn) error {
	p := pool.New().WithErrors().WithContext(ctx)
	p.Go(func(ctx context.Context) error {
		_, err := conn.Exec(ctx, touch)
		return err
	})
	if err := p.Wait(); err != nil {
		return err
	}
	return conn.Ping(ctx)
}

// BadConcScope has two functions in one scope.
func BadConcScope(ctx context.Context, conn *pgx.Conn) {
	var wg conc.WaitGroup
	defer wg.Wait()
	wg.Go(func() { _, _ = conn.Exec(ctx, touch) })
	wg.Go(func() { _ = conn.Ping(ctx) }) // want `^conn\.Ping may run at the same time`
}

// OkErrgroupOneTask has one task of several that uses the connection.
func OkErrgroupOneTask(ctx context.Context, conn *pgx.Conn, others []func() error) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, f := range others {
		g.Go(f)
	}
	g.Go(func() error {
		_, err := conn.Exec(ctx, touch)
		return err
	})
	return g.Wait()
}

// BadErrgroupCleanup rolls back in a deferred call that comes before the wait.
func BadErrgroupCleanup(ctx context.Context, tx pgx.Tx, check func() error) error {
	defer tx.Rollback(ctx) // want `^tx\.Rollback may run at the same time`
	var g errgroup.Group
	g.Go(func() error {
		_, err := tx.Exec(ctx, touch)
		return err
	})
	if err := check(); err != nil {
		return err
	}
	return g.Wait()
}

// OkErrgroupCleanup waits on both paths.
func OkErrgroupCleanup(ctx context.Context, tx pgx.Tx, check func() error) error {
	defer tx.Rollback(ctx)
	var g errgroup.Group
	g.Go(func() error {
		_, err := tx.Exec(ctx, touch)
		return err
	})
	return errors.Join(check(), g.Wait())
}

// OkSelectLoop waits in a loop until the goroutine says it is done.
func OkSelectLoop(ctx context.Context, conn *pgx.Conn, tick <-chan time.Time, report func()) error {
	done := make(chan error, 1)
	go func() {
		_, err := conn.Exec(ctx, touch)
		done <- err
	}()
	for {
		select {
		case err := <-done:
			if err != nil {
				return err
			}
			return conn.Ping(ctx)
		case <-tick:
			report()
		}
	}
}

// BadSelectLoopTick uses the connection at each tick meanwhile.
func BadSelectLoopTick(ctx context.Context, conn *pgx.Conn, tick <-chan time.Time) error {
	done := make(chan error, 1)
	go func() {
		_, err := conn.Exec(ctx, touch)
		done <- err
	}()
	for {
		select {
		case err := <-done:
			return err
		case <-tick:
			_ = conn.Ping(ctx) // want `^conn\.Ping may run at the same time`
		}
	}
}

// OkTimeoutThenWait waits again, without a limit, before it goes on.
func OkTimeoutThenWait(ctx context.Context, conn *pgx.Conn, warn func()) error {
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = conn.Exec(ctx, touch)
	}()
	select {
	case <-done:
	case <-time.After(time.Second):
		warn()
		<-done
	}
	return conn.Ping(ctx)
}

// OkReadyAndDone takes two messages: the second is the last.
func OkReadyAndDone(ctx context.Context, conn *pgx.Conn) error {
	ready, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		close(ready)
		_, _ = conn.Exec(ctx, touch)
	}()
	<-ready
	<-done
	return conn.Ping(ctx)
}

// OkDeferredReceive closes when the goroutine is done, whatever happens.
func OkDeferredReceive(ctx context.Context, dsn string, check func() error) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = conn.Exec(ctx, touch)
	}()
	defer func() {
		<-done
		_ = conn.Close(ctx)
	}()
	return check()
}
