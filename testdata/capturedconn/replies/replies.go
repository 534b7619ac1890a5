// Package replies has goroutines that answer on channels: once, once each,
// again and again, or with all they find until they close the channel.
package replies

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/sourcegraph/conc/pool"
)

const touch = "update accounts set seen = now()"

// OkBothAnswers waits for as many answers as there are goroutines.
func OkBothAnswers(ctx context.Context, conn *pgx.Conn, other func() error) error {
	answers := make(chan error, 2)
	go func() { answers <- other() }()
	go func() {
		_, err := conn.Exec(ctx, touch)
		answers <- err
	}()
	first, second := <-answers, <-answers
	return errors.Join(first, second, conn.Close(ctx))
}

// BadFirstAnswer goes on with the first of two answers.
func BadFirstAnswer(ctx context.Context, conn *pgx.Conn, other func() error) error {
	answers := make(chan error, 2)
	go func() { answers <- other() }()
	go func() {
		_, err := conn.Exec(ctx, touch)
		answers <- err
	}()
	first := <-answers
	return errors.Join(first, conn.Close(ctx)) // want `^conn\.Close may run at the same time as the use on line [0-9]+ \(\*pgx\.Conn is not safe for concurrent use\)`
}

// BadFirstOfMany goes on with the first of many.
func BadFirstOfMany(ctx context.Context, conn *pgx.Conn, others []func() error) error {
	answers := make(chan error, len(others)+1)
	for _, f := range others {
		go func() { answers <- f() }()
	}
	go func() {
		_, err := conn.Exec(ctx, touch)
		answers <- err
	}()
	first := <-answers
	return errors.Join(first, conn.Close(ctx)) // want `^conn\.Close may run at the same time as the use on line [0-9]+ \(\*pgx\.Conn is not safe for concurrent use\)`
}

// OkEitherAnswers starts one of two goroutines.
func OkEitherAnswers(ctx context.Context, conn *pgx.Conn, quick bool) error {
	answer := make(chan error, 1)
	if quick {
		go func() { answer <- conn.Ping(ctx) }()
	} else {
		go func() {
			_, err := conn.Exec(ctx, touch)
			answer <- err
		}()
	}
	return errors.Join(<-answer, conn.Close(ctx))
}

// OkTwoAnswers takes both answers of one goroutine.
func OkTwoAnswers(ctx context.Context, conn *pgx.Conn) error {
	answers := make(chan error)
	go func() {
		_, err := conn.Exec(ctx, touch)
		answers <- err
		answers <- conn.Ping(ctx)
	}()
	first := <-answers
	second := <-answers
	return errors.Join(first, second, conn.Close(ctx))
}

// BadOneOfTwoAnswers takes the first.
func BadOneOfTwoAnswers(ctx context.Context, conn *pgx.Conn) error {
	answers := make(chan error, 2)
	go func() {
		_, err := conn.Exec(ctx, touch)
		answers <- err
		answers <- conn.Ping(ctx)
		close(answers)
	}()
	first := <-answers
	return errors.Join(first, conn.Close(ctx)) // want `^conn\.Close may run at the same time as the use on line [0-9]+ \(\*pgx\.Conn is not safe for concurrent use\)`
}

// OkAllAnswers takes as many as the goroutine gives.
func OkAllAnswers(ctx context.Context, conn *pgx.Conn) error {
	answers := make(chan error)
	go func() {
		for range 3 {
			_, err := conn.Exec(ctx, touch)
			answers <- err
		}
	}()
	var errs []error
	for range 3 {
		errs = append(errs, <-answers)
	}
	return errors.Join(append(errs, conn.Close(ctx))...)
}

// OkFailsEarly gives at most one error, and closes the channel.
func OkFailsEarly(ctx context.Context, conn *pgx.Conn) error {
	failed := make(chan error, 1)
	go func() {
		defer close(failed)
		if _, err := conn.Exec(ctx, touch); err != nil {
			failed <- err
			return
		}
		if err := conn.Ping(ctx); err != nil {
			failed <- err
		}
	}()
	if err := <-failed; err != nil {
		return err
	}
	return conn.Close(ctx)
}

// produce sends what it reads until there is no more.
func produce(ctx context.Context, conn *pgx.Conn, ids chan<- int) {
	defer close(ids)
	rows, err := conn.Query(ctx, "select id from accounts")
	if err != nil {
		return
	}
	defer rows.Close()
	for rows.Next() {
		var id int
		if rows.Scan(&id) != nil {
			return
		}
		ids <- id
	}
}

// OkDrained uses the connection when the channel is closed.
func OkDrained(ctx context.Context, conn *pgx.Conn) error {
	ids := make(chan int)
	go produce(ctx, conn, ids)
	sum := 0
	for id := range ids {
		sum += id
	}
	_, err := conn.Exec(ctx, touch, sum)
	return err
}

// BadStreamed uses it for each value, beside the rows that are still read.
func BadStreamed(ctx context.Context, conn *pgx.Conn) error {
	ids := make(chan int)
	go produce(ctx, conn, ids)
	for id := range ids {
		if _, err := conn.Exec(ctx, touch, id); err != nil { // want `^conn\.Exec may run at the same time as the use on line [0-9]+ \(\*pgx\.Conn is not safe for concurrent use\)`
			return err
		}
	}
	return nil
}

// OkSelectClosed sees in a select that the channel is closed.
func OkSelectClosed(ctx context.Context, conn *pgx.Conn) error {
	ids := make(chan int)
	go produce(ctx, conn, ids)
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case _, ok := <-ids:
			if !ok {
				return conn.Close(ctx)
			}
		case <-tick.C:
		}
	}
}

// BadSelectStreamed uses it before it is.
func BadSelectStreamed(ctx context.Context, conn *pgx.Conn) error {
	ids := make(chan int)
	go produce(ctx, conn, ids)
	for {
		select {
		case id, ok := <-ids:
			if !ok {
				return nil
			}
			if _, err := conn.Exec(ctx, touch, id); err != nil { // want `^conn\.Exec may run at the same time as the use on line [0-9]+ \(\*pgx\.Conn is not safe for concurrent use\)`
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// serve executes what it is asked to, and answers each time.
func serve(ctx context.Context, conn *pgx.Conn, asked <-chan string, answers chan<- error) {
	for sql := range asked {
		_, err := conn.Exec(ctx, sql)
		answers <- err
	}
}

// OkAsksAndWaits has the connection to itself between an answer and the next question.
func OkAsksAndWaits(ctx context.Context, conn *pgx.Conn) error {
	asked, answers := make(chan string), make(chan error)
	go serve(ctx, conn, asked, answers)
	defer close(asked)
	for range 3 {
		asked <- touch
		if err := <-answers; err != nil {
			return err
		}
		if err := conn.Ping(ctx); err != nil {
			return err
		}
	}
	return nil
}

// BadAsksAndGoesOn does not wait for the second answer.
func BadAsksAndGoesOn(ctx context.Context, conn *pgx.Conn) error {
	asked, answers := make(chan string), make(chan error, 1)
	go serve(ctx, conn, asked, answers)
	defer close(asked)
	asked <- touch
	if err := <-answers; err != nil {
		return err
	}
	asked <- touch
	return conn.Ping(ctx) // want `^conn\.Ping may run at the same time as the use on line [0-9]+ \(\*pgx\.Conn is not safe for concurrent use\)`
}

// OkAsksInSelect asks a goroutine that may also be told to end.
func OkAsksInSelect(ctx context.Context, conn *pgx.Conn) error {
	asked, answers := make(chan string), make(chan error)
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case sql := <-asked:
				_, err := conn.Exec(ctx, sql)
				answers <- err
			}
		}
	}()
	asked <- touch
	if err := <-answers; err != nil {
		return err
	}
	return conn.Ping(ctx)
}

// BadAsksBesideTicks asks one that also uses the connection when nobody asks.
func BadAsksBesideTicks(ctx context.Context, conn *pgx.Conn) error {
	asked, answers := make(chan string), make(chan error)
	go func() {
		tick := time.NewTicker(time.Second)
		for {
			select {
			case <-tick.C:
				_ = conn.Ping(ctx)
			case sql := <-asked:
				_, err := conn.Exec(ctx, sql)
				answers <- err
			}
		}
	}()
	asked <- touch
	if err := <-answers; err != nil {
		return err
	}
	return conn.Ping(ctx) // want `^conn\.Ping may run at the same time as the use on line [0-9]+ \(\*pgx\.Conn is not safe for concurrent use\)`
}

// OkPoolOfOne has a pool of one goroutine, made of another kind of pool.
func OkPoolOfOne(ctx context.Context, conn *pgx.Conn, ids []int) error {
	p := pool.New().WithMaxGoroutines(1).WithErrors()
	for _, id := range ids {
		p.Go(func() error {
			_, err := conn.Exec(ctx, touch, id)
			return err
		})
	}
	return errors.Join(p.Wait(), conn.Close(ctx))
}

// BadPoolOfFour has four.
func BadPoolOfFour(ctx context.Context, conn *pgx.Conn, ids []int) error {
	p := pool.New().WithMaxGoroutines(4).WithErrors()
	for _, id := range ids {
		p.Go(func() error {
			_, err := conn.Exec(ctx, touch, id) // want `^conn\.Exec may run at the same time as itself in another goroutine started on line \d+ \(\*pgx\.Conn is not safe for concurrent use\)`
			return err
		})
	}
	return errors.Join(p.Wait(), conn.Close(ctx))
}

// event is what a goroutine tells while it works, and at the end.
type event struct {
	done bool
	n    int
}

// OkToldOfEnd closes the connection when the last event says so.
func OkToldOfEnd(ctx context.Context, conn *pgx.Conn) error {
	events := make(chan event)
	go func() {
		defer close(events)
		for i := range 3 {
			_, _ = conn.Exec(ctx, touch, i)
			events <- event{n: i}
		}
		events <- event{done: true}
	}()
	for e := range events {
		if e.done {
			return conn.Close(ctx)
		}
	}
	return nil
}
