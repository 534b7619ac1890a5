// Package store has connections whose locks are for callers to take.
package store

import (
	"context"
	"sync"

	"github.com/jackc/pgx/v5"
)

// DB is a connection with a lock that its users share.
type DB struct {
	mu   sync.Mutex
	conn *pgx.Conn
}

// Open connects.
func Open(ctx context.Context, url string) (*DB, error) {
	c, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, err
	}
	return &DB{conn: c}, nil
}

// Lock takes the lock for a series of calls.
func (d *DB) Lock() { d.mu.Lock() }

// Unlock gives it back.
func (d *DB) Unlock() { d.mu.Unlock() }

// Exec is for those who have it.
func (d *DB) Exec(ctx context.Context, sql string) error {
	_, err := d.conn.Exec(ctx, sql)
	return err
}

// Guarded lends a value of any type under a lock of its own.
type Guarded[T any] struct {
	mu    sync.Mutex
	value T
}

// Guard makes one.
func Guard[T any](v T) *Guarded[T] { return &Guarded[T]{value: v} }

// Do runs f with the value.
func (g *Guarded[T]) Do(f func(T) error) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return f(g.value)
}

// Get gives the value out of the lock.
func (g *Guarded[T]) Get() T {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.value
}
