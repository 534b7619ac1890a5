// Package containers has connections in structs, slices and maps.
package containers

import (
	"context"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

const touch = "update t set at = now()"

type repo struct {
	conn *pgx.Conn
	name string
}

func (r *repo) touch(ctx context.Context) error {
	_, err := r.conn.Exec(ctx, touch)
	return err
}

// BadField captures the struct that holds the connection.
func BadField(ctx context.Context, r *repo) error {
	go func() {
		_, _ = r.conn.Exec(ctx, touch)
	}()
	return r.conn.Ping(ctx) // want "conn.Ping may run at the same time"
}

// BadMethod starts a method of the struct.
func BadMethod(ctx context.Context, r *repo) error {
	go r.touch(ctx)
	return r.conn.Ping(ctx) // want "conn.Ping may run at the same time"
}

// BadMethods has a method on each side.
func BadMethods(ctx context.Context, r *repo) error {
	go r.touch(ctx)
	return r.touch(ctx) // want "may run at the same time"
}

// BadStored uses the connection beside the struct it was stored in.
func BadStored(ctx context.Context, conn *pgx.Conn) error {
	r := &repo{conn: conn}
	go func() {
		_ = r.touch(ctx)
	}()
	return conn.Ping(ctx) // want "conn.Ping may run at the same time"
}

// BadCopy copies the struct, which copies the pointer.
func BadCopy(ctx context.Context, conn *pgx.Conn) error {
	r := repo{conn: conn}
	other := r
	go func() {
		_ = other.touch(ctx)
	}()
	return r.conn.Ping(ctx) // want "conn.Ping may run at the same time"
}

// BadSlice captures a slice of one.
func BadSlice(ctx context.Context, conns []*pgx.Conn) error {
	go func() {
		_, _ = conns[0].Exec(ctx, touch)
	}()
	return conns[0].Ping(ctx) // want "Ping may run at the same time"
}

// BadMap captures a map and uses one key.
func BadMap(ctx context.Context, conns map[string]*pgx.Conn) error {
	go func() {
		_, _ = conns["main"].Exec(ctx, touch)
	}()
	return conns["main"].Ping(ctx) // want "Ping may run at the same time"
}

// BadNested goes two structs down.
func BadNested(ctx context.Context, s *service) error {
	go func() {
		_ = s.repo.touch(ctx)
	}()
	return s.repo.conn.Ping(ctx) // want "conn.Ping may run at the same time"
}

type service struct {
	repo     *repo
	replica  *pgx.Conn
	pool     *pgxpool.Pool
	wg       sync.WaitGroup
	shutdown chan struct{}
}

// BadOwnMethod starts a method of its receiver and goes on.
func (s *service) BadOwnMethod(ctx context.Context) error {
	go s.loop(ctx)
	return s.replica.Ping(ctx) // want "replica.Ping may run at the same time"
}

func (s *service) loop(ctx context.Context) {
	_, _ = s.replica.Exec(ctx, touch)
}

// OkTwoFields has one connection per side.
func OkTwoFields(ctx context.Context, s *service) error {
	go func() {
		_, _ = s.replica.Exec(ctx, touch)
	}()
	return s.repo.conn.Ping(ctx)
}

// OkPoolField shares the pool of the struct.
func OkPoolField(ctx context.Context, s *service) error {
	go func() {
		_, _ = s.pool.Exec(ctx, touch)
	}()
	return s.pool.Ping(ctx)
}

// OkOtherField captures the struct for another field.
func OkOtherField(ctx context.Context, r *repo, report func(string)) error {
	go func() {
		report(r.name)
	}()
	return r.touch(ctx)
}

// OkMoved gives the struct away.
func OkMoved(ctx context.Context, conn *pgx.Conn) {
	r := &repo{conn: conn}
	go r.touch(ctx)
}

// OkDifferentElements uses another element on each side.
func OkDifferentElements(ctx context.Context, conns []*pgx.Conn) error {
	go func() {
		_, _ = conns[0].Exec(ctx, touch)
	}()
	return conns[1].Ping(ctx)
}

// OkDifferentKeys uses another key on each side.
func OkDifferentKeys(ctx context.Context, conns map[string]*pgx.Conn) error {
	go func() {
		_, _ = conns["main"].Exec(ctx, touch)
	}()
	return conns["replica"].Ping(ctx)
}

// OkElementPerGoroutine gives each goroutine its element.
func OkElementPerGoroutine(ctx context.Context, conns []*pgx.Conn) {
	for _, conn := range conns {
		go func() {
			_, _ = conn.Exec(ctx, touch)
		}()
	}
}

// OkIndexPerGoroutine does so by index.
func OkIndexPerGoroutine(ctx context.Context, conns []*pgx.Conn) {
	for i := range conns {
		go func() {
			_, _ = conns[i].Exec(ctx, touch)
		}()
	}
}

// OkElementsJoined waits before it closes them all.
func OkElementsJoined(ctx context.Context, conns []*pgx.Conn) {
	var wg sync.WaitGroup
	for _, conn := range conns {
		wg.Go(func() {
			_, _ = conn.Exec(ctx, touch)
		})
	}
	wg.Wait()
	for _, conn := range conns {
		_ = conn.Close(ctx)
	}
}

// OkFreshPerGoroutine puts a new connection into a struct per goroutine.
func OkFreshPerGoroutine(ctx context.Context, dsn string) error {
	for range 3 {
		conn, err := pgx.Connect(ctx, dsn)
		if err != nil {
			return err
		}
		r := &repo{conn: conn}
		go func() {
			defer r.conn.Close(ctx)
			_ = r.touch(ctx)
		}()
	}
	return nil
}

// OkReplaced stores another connection in the field after the goroutine got the first.
func OkReplaced(ctx context.Context, r *repo, dsn string) error {
	go func(old *pgx.Conn) {
		_ = old.Close(ctx)
	}(r.conn)
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	r.conn = conn
	return r.conn.Ping(ctx)
}

// OkFieldGroup starts and waits with the group of the struct.
func (s *service) OkFieldGroup(ctx context.Context) error {
	s.wg.Go(func() { s.loop(ctx) })
	s.wg.Wait()
	return s.replica.Ping(ctx)
}

// OkFieldChannel waits for a channel of the struct.
func (s *service) OkFieldChannel(ctx context.Context) error {
	s.shutdown = make(chan struct{})
	go func() {
		defer close(s.shutdown)
		s.loop(ctx)
	}()
	<-s.shutdown
	return s.replica.Ping(ctx)
}

// FN_VariableKey uses two keys that may be the same: elements found by a
// variable are not compared.
func FN_VariableKey(ctx context.Context, conns map[string]*pgx.Conn, a, b string) error {
	go func() {
		_, _ = conns[a].Exec(ctx, touch)
	}()
	return conns[b].Ping(ctx)
}
