// Package drivers goes through libraries whose connections stay in one goroutine.
package drivers

import (
	"context"
	"net/smtp"

	redisv8 "github.com/go-redis/redis/v8"
	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/redis/go-redis/v9"
	"go.etcd.io/bbolt"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"google.golang.org/grpc"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// BadChannel declares a queue beside a publisher.
func BadChannel(ctx context.Context, ch *amqp.Channel, message amqp.Publishing) error {
	go func() {
		_ = ch.PublishWithContext(ctx, "", "jobs", false, false, message)
	}()
	_, err := ch.QueueDeclare("jobs", true, false, false, false, nil) // want "ch.QueueDeclare may run at the same time"
	return err
}

// BadChannelLoop declares a queue per goroutine on one channel.
func BadChannelLoop(conn *amqp.Connection, names []string) error {
	ch, err := conn.Channel()
	if err != nil {
		return err
	}
	for _, name := range names {
		go func() {
			_, _ = ch.QueueDeclare(name, true, false, false, false, nil) // want "ch.QueueDeclare may run at the same time as itself"
		}()
	}
	return nil
}

// BadBoltTx reads and writes one transaction from two goroutines.
func BadBoltTx(db *bbolt.DB, name []byte) error {
	tx, err := db.Begin(true)
	if err != nil {
		return err
	}
	go func() {
		_ = tx.DeleteBucket(name)
	}()
	return tx.Commit() // want "tx.Commit may run at the same time"
}

// BadBoltBucket uses a bucket of the transaction, which is the transaction.
func BadBoltBucket(tx *bbolt.Tx, name, key []byte) error {
	bucket := tx.Bucket(name)
	go func() {
		_ = bucket.Put(key, nil)
	}()
	return tx.Commit() // want "tx.Commit may run at the same time"
}

// BadSMTP interleaves two conversations with a mail server.
func BadSMTP(client *smtp.Client, from string) error {
	go func() {
		_ = client.Noop()
	}()
	return client.Mail(from) // want "client.Mail may run at the same time"
}

// BadSMTPQuit ends the conversation of the goroutine.
func BadSMTPQuit(client *smtp.Client, from string) error {
	go client.Mail(from)
	return client.Quit() // want "client.Quit may run at the same time"
}

// BadMongoSession commits in a goroutine and ends the session here.
func BadMongoSession(ctx context.Context, client *mongo.Client) error {
	session, err := client.StartSession()
	if err != nil {
		return err
	}
	defer session.EndSession(ctx) // want "session.EndSession may run at the same time"
	go func() {
		_ = session.CommitTransaction(ctx)
	}()
	return nil
}

// BadMongoSessions starts a transaction on both sides.
func BadMongoSessions(session *mongo.Session) error {
	go func() {
		_ = session.StartTransaction()
	}()
	return session.StartTransaction() // want "session.StartTransaction may run at the same time"
}

// BadSQLite passes one connection to two statements at once.
func BadSQLite(conn *sqlite.Conn) error {
	go func() {
		_ = sqlitex.Execute(conn, "delete from t", nil)
	}()
	return sqlitex.Execute(conn, "delete from u", nil) // want "may run at the same time"
}

// BadSQLitePut gives the connection back to the pool beside the goroutine.
func BadSQLitePut(ctx context.Context, pool *sqlitex.Pool) error {
	conn, err := pool.Take(ctx)
	if err != nil {
		return err
	}
	defer pool.Put(conn) // want "may run at the same time"
	go func() {
		_ = sqlitex.Execute(conn, "delete from t", nil)
	}()
	return nil
}

// BadPipeline queues commands from many goroutines.
func BadPipeline(ctx context.Context, client *redis.Client, keys []string) {
	pipe := client.Pipeline()
	for _, key := range keys {
		go func() {
			pipe.Get(ctx, key) // want "pipe.Get may run at the same time as itself"
		}()
	}
}

// BadPipelineExec sends the pipeline while a goroutine still fills it.
func BadPipelineExec(ctx context.Context, client *redis.Client) error {
	pipe := client.Pipeline()
	go func() {
		pipe.Incr(ctx, "n")
	}()
	_, err := pipe.Exec(ctx) // want "pipe.Exec may run at the same time"
	return err
}

// OkChannelPerGoroutine opens a channel per goroutine.
func OkChannelPerGoroutine(conn *amqp.Connection, names []string) {
	for _, name := range names {
		go func() {
			ch, err := conn.Channel()
			if err != nil {
				return
			}
			defer ch.Close()
			_, _ = ch.QueueDeclare(name, true, false, false, false, nil)
		}()
	}
}

// OkAcks acknowledges deliveries from goroutines, beside a publisher.
func OkAcks(ctx context.Context, ch *amqp.Channel, deliveries <-chan amqp.Delivery, answer amqp.Publishing) error {
	go func() {
		for d := range deliveries {
			_ = d.Ack(false)
		}
	}()
	return ch.PublishWithContext(ctx, "", "answers", false, false, answer)
}

// OkChannelClose closes the channel to end the goroutine that consumes.
func OkChannelClose(ch *amqp.Channel, handle func(amqp.Delivery)) error {
	go func() {
		deliveries, err := ch.Consume("jobs", "", true, false, false, false, nil)
		if err != nil {
			return
		}
		for d := range deliveries {
			handle(d)
		}
	}()
	return ch.Close()
}

// OkIsClosed asks a channel for its state.
func OkIsClosed(ctx context.Context, ch *amqp.Channel, message amqp.Publishing) bool {
	go func() {
		_ = ch.PublishWithContext(ctx, "", "jobs", false, false, message)
	}()
	return ch.IsClosed()
}

// OkBoltTxPerGoroutine has a transaction per goroutine.
func OkBoltTxPerGoroutine(db *bbolt.DB, names [][]byte) {
	for _, name := range names {
		go func() {
			_ = db.Update(func(tx *bbolt.Tx) error {
				return tx.DeleteBucket(name)
			})
		}()
	}
}

// OkBoltMoved gives the transaction to the goroutine, which ends it.
func OkBoltMoved(db *bbolt.DB, name []byte) error {
	tx, err := db.Begin(true)
	if err != nil {
		return err
	}
	go func() {
		defer tx.Rollback()
		if tx.DeleteBucket(name) == nil {
			_ = tx.Commit()
		}
	}()
	return nil
}

// OkSMTPClose closes the socket under the conversation, which ends it.
func OkSMTPClose(client *smtp.Client, from string) error {
	go func() {
		_ = client.Mail(from)
	}()
	return client.Close()
}

// OkMongoSessions has a session per goroutine.
func OkMongoSessions(ctx context.Context, client *mongo.Client) {
	for range 2 {
		go func() {
			session, err := client.StartSession()
			if err != nil {
				return
			}
			defer session.EndSession(ctx)
			_ = session.StartTransaction()
		}()
	}
}

// OkSQLitePool takes a connection per goroutine.
func OkSQLitePool(ctx context.Context, pool *sqlitex.Pool) {
	for range 2 {
		go func() {
			conn, err := pool.Take(ctx)
			if err != nil {
				return
			}
			defer pool.Put(conn)
			_ = sqlitex.Execute(conn, "delete from t", nil)
		}()
	}
}

// OkRedisClient shares the client.
func OkRedisClient(ctx context.Context, client *redis.Client, keys []string) error {
	for _, key := range keys {
		go func() {
			client.Get(ctx, key)
		}()
	}
	return client.Ping(ctx).Err()
}

// OkPipelineV8 shares a pipeline of version 8, which has a lock inside.
func OkPipelineV8(ctx context.Context, client *redisv8.Client, keys []string) {
	pipe := client.Pipeline()
	for _, key := range keys {
		go func() {
			pipe.Get(ctx, key)
		}()
	}
}

// OkPipelineJoined fills the pipeline in a goroutine and waits before it sends it.
func OkPipelineJoined(ctx context.Context, client *redis.Client) error {
	pipe := client.Pipeline()
	filled := make(chan struct{})
	go func() {
		defer close(filled)
		pipe.Incr(ctx, "n")
	}()
	<-filled
	_, err := pipe.Exec(ctx)
	return err
}

// OkClientConn shares the connection under the streams.
func OkClientConn(ctx context.Context, cc *grpc.ClientConn, in, out any) error {
	go func() {
		_ = cc.Invoke(ctx, "/s/M", in, out)
	}()
	return cc.Invoke(ctx, "/s/N", in, nil)
}

// BadSessionContext runs operations of one session at once: the session
// travels in a context, whose static type says nothing.
func BadSessionContext(ctx context.Context, session *mongo.Session, t *mongo.Collection) error {
	_, err := session.WithTransaction(ctx, func(ctx context.Context) (any, error) {
		done := make(chan struct{})
		go func() {
			defer close(done)
			_, _ = t.InsertOne(ctx, 1)
		}()
		_, err := t.InsertOne(ctx, 2) // want "InsertOne on ctx's session may run at the same time as the use on line \\d+ \\(context.Context carries a session"
		<-done
		return nil, err
	})
	return err
}
