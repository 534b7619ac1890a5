// Command process holds what lives as long as the process does.
package main

import (
	"context"
	"log"
	"net"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	amqp "github.com/rabbitmq/amqp091-go"
)

var dsn = "postgres://localhost/app"

func init() {
	conn, err := pgx.Connect(context.Background(), dsn)
	if err != nil {
		log.Print(err)
		return
	}
	_ = conn.Ping(context.Background())
}

func main() {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		log.Fatal(err)
	}
	ch := OkOnlyMainCalls()
	pool, err := pgxpool.New(ctx, dsn)
	if err != nil {
		log.Fatal(err)
	}
	go BadWorker(ctx, pool)
	go func() {
		lease, err := pool.Acquire(ctx) // want "lease is never released"
		if err != nil {
			return
		}
		_ = lease.Ping(ctx)
	}()
	for range 10 {
		peer, err := net.Dial("tcp", "peer:1") // want "peer is (never released|not released|acquired again)"
		if err != nil {
			continue
		}
		_, _ = peer.Write([]byte("hello"))
	}
	_ = conn.Ping(ctx)
	_ = ch.Qos(1, 0, false)
}

// OkOnlyMainCalls runs once, before the process serves.
func OkOnlyMainCalls() *amqp.Channel {
	conn, err := amqp.Dial("amqp://localhost")
	if err != nil {
		log.Fatal(err)
	}
	ch, err := conn.Channel()
	if err != nil {
		log.Fatal(err)
	}
	return ch
}

func BadWorker(ctx context.Context, pool *pgxpool.Pool) {
	for {
		lease, err := pool.Acquire(ctx) // want "lease is acquired again before it is released"
		if err != nil {
			time.Sleep(time.Second)
			continue
		}
		_ = lease.Ping(ctx)
		time.Sleep(time.Minute)
	}
}
