// Package backend opens stores by the name of a driver.
package backend

import (
	"context"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Store keeps values.
type Store interface {
	Put(ctx context.Context, key, value string) error
}

// single is a connection and nothing else.
type single struct{ *pgx.Conn }

func (s single) Put(ctx context.Context, key, value string) error {
	_, err := s.Exec(ctx, "insert into kv values ($1, $2)", key, value)
	return err
}

// pooled is a pool.
type pooled struct{ *pgxpool.Pool }

func (p pooled) Put(ctx context.Context, key, value string) error {
	_, err := p.Exec(ctx, "insert into kv values ($1, $2)", key, value)
	return err
}

// memory needs no connection.
type memory struct {
	mu   sync.Mutex
	vals map[string]string
}

func (m *memory) Put(_ context.Context, key, value string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.vals[key] = value
	return nil
}

type opener func(ctx context.Context, dsn string) (Store, error)

// drivers has one that only a tool may use.
var drivers = map[string]opener{
	"single": func(ctx context.Context, dsn string) (Store, error) {
		conn, err := pgx.Connect(ctx, dsn)
		if err != nil {
			return nil, err
		}
		return single{conn}, nil
	},
	"pooled": openPooled,
	"memory": openMemory,
}

// shared has only those that a server may use.
var shared = map[string]opener{"pooled": openPooled, "memory": openMemory}

func openPooled(ctx context.Context, dsn string) (Store, error) {
	pool, err := pgxpool.New(ctx, dsn)
	if err != nil {
		return nil, err
	}
	return pooled{pool}, nil
}

func openMemory(context.Context, string) (Store, error) {
	return &memory{vals: map[string]string{}}, nil
}

// Open opens any.
func Open(ctx context.Context, driver, dsn string) (Store, error) {
	open, ok := drivers[driver]
	if !ok {
		return nil, fmt.Errorf("driver %q is not known", driver)
	}
	return open(ctx, dsn)
}

// OpenShared opens one for a server.
func OpenShared(ctx context.Context, driver, dsn string) (Store, error) {
	open, ok := shared[driver]
	if !ok {
		return nil, fmt.Errorf("driver %q is not for servers", driver)
	}
	return open(ctx, dsn)
}
