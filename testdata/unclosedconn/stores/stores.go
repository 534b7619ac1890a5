// Package stores holds leases of caches, brokers and document stores.
package stores

import (
	"context"
	"errors"

	"github.com/gomodule/redigo/redis"
	amqp "github.com/rabbitmq/amqp091-go"
	goredis "github.com/redis/go-redis/v9"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

var errMissing = errors.New("missing")

func BadRedigoGet(pool *redis.Pool, key string) (string, error) {
	conn := pool.Get() // want "conn is never released"
	return redis.String(conn.Do("GET", key))
}

func BadRedigoEarlyReturn(pool *redis.Pool, key string) error {
	conn := pool.Get() // want "conn is not released"
	if _, err := conn.Do("DEL", key); err != nil {
		return err
	}
	return conn.Close()
}

func BadRedisPubSub(ctx context.Context, rdb *goredis.Client) (string, error) {
	sub := rdb.Subscribe(ctx, "news") // want "sub is never released"
	msg, err := sub.ReceiveMessage(ctx)
	if err != nil {
		return "", err
	}
	return msg.Payload, nil
}

func BadRedisConn(ctx context.Context, rdb *goredis.Client) error {
	conn := rdb.Conn() // want "conn is not released"
	if err := conn.ClientSetName(ctx, "worker").Err(); err != nil {
		return err
	}
	return conn.Close()
}

func BadMongoSession(ctx context.Context, c *mongo.Client) error {
	sess, err := c.StartSession() // want "sess is not released"
	if err != nil {
		return err
	}
	if err := sess.StartTransaction(); err != nil {
		return err
	}
	err = sess.CommitTransaction(ctx)
	sess.EndSession(ctx)
	return err
}

func BadMongoCursor(ctx context.Context, coll *mongo.Collection) (bson.M, error) {
	cur, err := coll.Find(ctx, bson.D{}) // want "cur is (not|never) released"
	if err != nil {
		return nil, err
	}
	if !cur.Next(ctx) {
		return nil, cur.Err()
	}
	var m bson.M
	err = cur.Decode(&m)
	return m, err
}

func BadAMQPChannel(ctx context.Context, conn *amqp.Connection, body []byte) error {
	ch, err := conn.Channel() // want "ch is never released"
	if err != nil {
		return err
	}
	return ch.PublishWithContext(ctx, "", "jobs", false, false, amqp.Publishing{Body: body})
}

func BadAMQPDial(url string) error {
	conn, err := amqp.Dial(url) // want "conn is not released"
	if err != nil {
		return err
	}
	ch, err := conn.Channel()
	if err != nil {
		return err
	}
	defer conn.Close()
	return ch.Qos(1, 0, false)
}

func BadZombiezenTake(ctx context.Context, pool *sqlitex.Pool, q string) error {
	conn, err := pool.Take(ctx) // want "conn is not released"
	if err != nil {
		return err
	}
	if q == "" {
		return errMissing
	}
	err = sqlitex.ExecuteTransient(conn, q, nil)
	pool.Put(conn)
	return err
}

func BadZombiezenOpen(path string) error {
	conn, err := sqlite.OpenConn(path, 0) // want "conn is never released"
	if err != nil {
		return err
	}
	return sqlitex.ExecuteScript(conn, "create table t (a)", nil)
}

func OkRedigo(pool *redis.Pool, key string) (string, error) {
	conn := pool.Get()
	defer conn.Close()
	return redis.String(conn.Do("GET", key))
}

func OkRedigoClosure(pool *redis.Pool, key string) (err error) {
	conn := pool.Get()
	defer func() { err = errors.Join(err, conn.Close()) }()
	_, err = conn.Do("DEL", key)
	return err
}

func OkRedigoPubSubConn(pool *redis.Pool) error {
	psc := redis.PubSubConn{Conn: pool.Get()}
	defer psc.Close()
	return psc.Subscribe("news")
}

func OkRedisPubSub(ctx context.Context, rdb *goredis.Client, out chan<- string) {
	sub := rdb.Subscribe(ctx, "news")
	defer sub.Close()
	for msg := range sub.Channel() {
		out <- msg.Payload
	}
}

func OkRedisPubSubReturned(ctx context.Context, rdb *goredis.Client) (*goredis.PubSub, error) {
	sub := rdb.Subscribe(ctx, "news")
	if _, err := sub.Receive(ctx); err != nil {
		_ = sub.Close()
		return nil, err
	}
	return sub, nil
}

func OkRedisConn(ctx context.Context, rdb *goredis.Client) error {
	conn := rdb.Conn()
	defer conn.Close()
	return conn.Ping(ctx).Err()
}

// OkRedisPipelines: a pipeline of the client is no lease.
func OkRedisPipelines(ctx context.Context, rdb *goredis.Client) error {
	pipe := rdb.Pipeline()
	pipe.Incr(ctx, "n")
	_, err := pipe.Exec(ctx)
	return err
}

func OkMongoSession(ctx context.Context, c *mongo.Client) error {
	sess, err := c.StartSession()
	if err != nil {
		return err
	}
	defer sess.EndSession(ctx)
	_, err = sess.WithTransaction(ctx, func(ctx context.Context) (any, error) {
		return c.Database("d").Collection("t").InsertOne(ctx, bson.D{})
	})
	return err
}

func OkMongoCursor(ctx context.Context, coll *mongo.Collection) (n int, err error) {
	cur, err := coll.Find(ctx, bson.D{})
	if err != nil {
		return 0, err
	}
	defer cur.Close(ctx)
	for cur.Next(ctx) {
		n++
	}
	return n, cur.Err()
}

func OkMongoAll(ctx context.Context, coll *mongo.Collection) (out []bson.M, err error) {
	cur, err := coll.Find(ctx, bson.D{})
	if err != nil {
		return nil, err
	}
	err = cur.All(ctx, &out)
	return out, err
}

func OkAMQP(ctx context.Context, conn *amqp.Connection, body []byte) error {
	ch, err := conn.Channel()
	if err != nil {
		return err
	}
	defer ch.Close()
	return ch.PublishWithContext(ctx, "", "jobs", false, false, amqp.Publishing{Body: body})
}

// OkAMQPConnectionCovers: closing the connection closes its channels.
func OkAMQPConnectionCovers(url string) error {
	conn, err := amqp.Dial(url)
	if err != nil {
		return err
	}
	defer conn.Close()
	ch, err := conn.Channel()
	if err != nil {
		return err
	}
	return ch.Qos(1, 0, false)
}

// Consumer owns a connection and a channel on it.
type Consumer struct {
	conn *amqp.Connection
	ch   *amqp.Channel
}

// Close closes both.
func (c *Consumer) Close() error { return errors.Join(c.ch.Close(), c.conn.Close()) }

func OkAMQPConsumer(url string) (*Consumer, error) {
	conn, err := amqp.Dial(url)
	if err != nil {
		return nil, err
	}
	ch, err := conn.Channel()
	if err != nil {
		conn.Close()
		return nil, err
	}
	return &Consumer{conn: conn, ch: ch}, nil
}

func BadAMQPConsumer(url string) (*Consumer, error) {
	conn, err := amqp.Dial(url) // want "conn is not released"
	if err != nil {
		return nil, err
	}
	ch, err := conn.Channel()
	if err != nil {
		return nil, err
	}
	return &Consumer{conn: conn, ch: ch}, nil
}

func OkZombiezen(ctx context.Context, pool *sqlitex.Pool, q string) (err error) {
	conn, err := pool.Take(ctx)
	if err != nil {
		return err
	}
	defer pool.Put(conn)
	defer sqlitex.Save(conn)(&err)
	return sqlitex.Execute(conn, q, nil)
}

func OkZombiezenOpen(path string) error {
	conn, err := sqlite.OpenConn(path, 0)
	if err != nil {
		return err
	}
	return errors.Join(sqlitex.ExecuteScript(conn, "create table t (a)", nil), conn.Close())
}
