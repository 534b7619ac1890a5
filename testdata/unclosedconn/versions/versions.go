// Package versions holds the older majors and the forks of the same drivers.
package versions

import (
	"context"
	"errors"

	redis8 "github.com/go-redis/redis/v8"
	pgx4 "github.com/jackc/pgx/v4"
	pgxpool4 "github.com/jackc/pgx/v4/pgxpool"
	"github.com/streadway/amqp"
	mongo1 "go.mongodb.org/mongo-driver/mongo"
	"nhooyr.io/websocket"
)

var errEmpty = errors.New("empty")

func BadPgx4Lease(ctx context.Context, pool *pgxpool4.Pool, q string) error {
	conn, err := pool.Acquire(ctx) // want "conn is not released"
	if err != nil {
		return err
	}
	if q == "" {
		return errEmpty
	}
	_, err = conn.Exec(ctx, q)
	conn.Release()
	return err
}

func BadPgx4Tx(ctx context.Context, conn *pgx4.Conn) error {
	tx, err := conn.Begin(ctx) // want "tx is not released"
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "update t set a = 1"); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

func BadRedis8PubSub(ctx context.Context, rdb *redis8.Client) error {
	sub := rdb.Subscribe(ctx, "news") // want "sub is never released"
	_, err := sub.ReceiveMessage(ctx)
	return err
}

func BadMongo1Session(ctx context.Context, c *mongo1.Client) error {
	sess, err := c.StartSession() // want "sess is never released"
	if err != nil {
		return err
	}
	return sess.StartTransaction()
}

func BadStreadwayChannel(conn *amqp.Connection) error {
	ch, err := conn.Channel() // want "ch is not released"
	if err != nil {
		return err
	}
	if err := ch.Qos(1, 0, false); err != nil {
		return err
	}
	return ch.Close()
}

func BadNhooyrDial(ctx context.Context, url string) error {
	conn, _, err := websocket.Dial(ctx, url, nil) // want "conn is not released"
	if err != nil {
		return err
	}
	if err := conn.Ping(ctx); err != nil {
		return err
	}
	return conn.Close(websocket.StatusNormalClosure, "")
}

func OkPgx4Lease(ctx context.Context, pool *pgxpool4.Pool, q string) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	_, err = conn.Exec(ctx, q)
	return err
}

func OkPgx4BeginFunc(ctx context.Context, pool *pgxpool4.Pool) error {
	return pool.BeginFunc(ctx, func(tx pgx4.Tx) error {
		_, err := tx.Exec(ctx, "update t set a = 1")
		return err
	})
}

func OkPgx4QueryFunc(ctx context.Context, conn *pgx4.Conn) (sum int, err error) {
	var n int
	_, err = conn.QueryFunc(ctx, "select n from t", nil, []any{&n}, func(pgx4.QueryFuncRow) error {
		sum += n
		return nil
	})
	return sum, err
}

func OkRedis8PubSub(ctx context.Context, rdb *redis8.Client) error {
	sub := rdb.Subscribe(ctx, "news")
	defer sub.Close()
	_, err := sub.ReceiveMessage(ctx)
	return err
}

func OkRedis8Conn(ctx context.Context, rdb *redis8.Client) error {
	conn := rdb.Conn(ctx)
	defer conn.Close()
	return conn.Ping(ctx).Err()
}

func OkMongo1Session(ctx context.Context, c *mongo1.Client) error {
	sess, err := c.StartSession()
	if err != nil {
		return err
	}
	defer sess.EndSession(ctx)
	return sess.StartTransaction()
}

func OkMongo1UseSession(ctx context.Context, c *mongo1.Client) error {
	return c.UseSession(ctx, func(sc mongo1.SessionContext) error { return sc.StartTransaction() })
}

func OkStreadwayChannel(conn *amqp.Connection) error {
	ch, err := conn.Channel()
	if err != nil {
		return err
	}
	defer ch.Close()
	return ch.Qos(1, 0, false)
}

func OkNhooyrDial(ctx context.Context, url string) error {
	conn, _, err := websocket.Dial(ctx, url, nil)
	if err != nil {
		return err
	}
	defer conn.Close(websocket.StatusInternalError, "")
	return conn.Ping(ctx)
}
