// Package brokers has consumers of brokers and workflow engines.
package brokers

import (
	"context"
	"net/http"
	"sync"

	"cloud.google.com/go/pubsub"
	pubsubv2 "cloud.google.com/go/pubsub/v2"
	mqtt "github.com/eclipse/paho.mqtt.golang"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/nsqio/go-nsq"
	"github.com/segmentio/kafka-go"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

// audit notes what was written.
type audit struct{ conn *pgx.Conn }

func (a *audit) done(ms []kafka.Message, err error) {
	a.conn.Exec(context.Background(), "insert into audit values ($1)", len(ms)) // want "^a.conn is shared by every call of handler audit.done without a lock"
}

// BadCompletion hands done to a writer.
func BadCompletion(conn *pgx.Conn) *kafka.Writer {
	a := &audit{conn}
	return &kafka.Writer{Topic: "events", Async: true, Completion: a.done}
}

// Activities are what workflows call.
type Activities struct {
	conn *pgx.Conn
	pool *pgxpool.Pool
}

// BadCharge is an activity.
func (a *Activities) BadCharge(ctx context.Context, id int) error {
	_, err := a.conn.Exec(ctx, "update accounts set charged = true where id = $1", id) // want "^a.conn is shared by every call of handler Activities.BadCharge without a lock"
	return err
}

// OkCharge is one on the pool.
func (a *Activities) OkCharge(ctx context.Context, id int) error {
	_, err := a.pool.Exec(ctx, "update accounts set charged = true where id = $1", id)
	return err
}

// OkDispute connects for itself.
func (a *Activities) OkDispute(ctx context.Context, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, "insert into disputes default values")
	return err
}

func flow(ctx workflow.Context, id int) error {
	var a *Activities
	return workflow.ExecuteActivity(ctx, a.BadCharge, id).Get(ctx, nil)
}

// Work runs the worker.
func Work(c client.Client, url string, pool *pgxpool.Pool) error {
	conn, err := pgx.Connect(context.Background(), url)
	if err != nil {
		return err
	}
	defer conn.Close(context.Background())
	w := worker.New(c, "charges", worker.Options{})
	w.RegisterWorkflow(flow)
	w.RegisterActivity(&Activities{conn: conn, pool: pool})
	return w.Run(worker.InterruptCh())
}

// BadActivityFunc registers a function literal.
func BadActivityFunc(w worker.Worker, conn *pgx.Conn) {
	w.RegisterActivity(func(ctx context.Context) error {
		return conn.Ping(ctx) // want "^conn is shared by every call of a handler without a lock"
	})
}

// ledger handles messages of NSQ.
type ledger struct{ conn *pgx.Conn }

func (l *ledger) HandleMessage(m *nsq.Message) error {
	_, err := l.conn.Exec(context.Background(), "insert into ledger values ($1)", m.Body) // want "^l.conn is shared by every call of handler ledger.HandleMessage without a lock"
	return err
}

// BadConcurrent has five handlers; HandleMessage runs on all of them.
func BadConcurrent(c *nsq.Consumer, conn *pgx.Conn) error {
	c.AddConcurrentHandlers(&ledger{conn}, 5)
	return c.ConnectToNSQD("nsq:4150")
}

// serialLedger handles one message after the other.
type serialLedger struct{ conn *pgx.Conn }

func (l *serialLedger) HandleMessage(m *nsq.Message) error {
	_, err := l.conn.Exec(context.Background(), "insert into ledger values ($1)", m.Body)
	return err
}

// OkSingle has one handler.
func OkSingle(c *nsq.Consumer, conn *pgx.Conn) error {
	c.AddHandler(&serialLedger{conn})
	return c.ConnectToNSQD("nsq:4150")
}

// OkConcurrentOne says so with a number.
func OkConcurrentOne(c *nsq.Consumer, conn *pgx.Conn) error {
	c.AddConcurrentHandlers(nsq.HandlerFunc(func(m *nsq.Message) error {
		_, err := conn.Exec(context.Background(), "insert into ledger values ($1)", m.Body)
		return err
	}), 1)
	return c.ConnectToNSQLookupd("lookup:4161")
}

// BadTwoConsumers has two consumers of one handler each, and one connection.
func BadTwoConsumers(a, b *nsq.Consumer, conn *pgx.Conn) {
	a.AddHandler(nsq.HandlerFunc(func(m *nsq.Message) error {
		_, err := conn.Exec(context.Background(), "insert into ledger values ($1)", m.Body) // want "^conn is shared by a handler and another handler without a common lock"
		return err
	}))
	b.AddHandler(nsq.HandlerFunc(func(m *nsq.Message) error {
		_, err := conn.Exec(context.Background(), "delete from ledger where id = $1", m.Body)
		return err
	}))
}

// BadReceive handles messages of Pub/Sub.
func BadReceive(ctx context.Context, sub *pubsub.Subscription, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	return sub.Receive(ctx, func(ctx context.Context, m *pubsub.Message) {
		if _, err := conn.Exec(ctx, "insert into messages values ($1)", m.Data); err != nil { // want "^conn is shared by every call of a handler without a lock"
			m.Nack()
			return
		}
		m.Ack()
	})
}

// inbox handles messages of the second version.
type inbox struct {
	conn *pgx.Conn
	pool *pgxpool.Pool
}

func (i *inbox) handle(ctx context.Context, m *pubsubv2.Message) {
	tx, err := i.conn.Begin(ctx) // want "^i.conn is shared by every call of handler inbox.handle without a lock"
	if err != nil {
		m.Nack()
		return
	}
	defer tx.Rollback(ctx)
	tx.Exec(ctx, "insert into messages values ($1)", m.Data)
	tx.Commit(ctx)
	m.Ack()
}

func (i *inbox) handlePooled(ctx context.Context, m *pubsubv2.Message) {
	i.pool.Exec(ctx, "insert into messages values ($1)", m.Data)
	m.Ack()
}

// BadSubscriber receives with handle.
func BadSubscriber(ctx context.Context, s *pubsubv2.Subscriber, i *inbox) error {
	return s.Receive(ctx, i.handle)
}

// OkSubscriber receives with the pool.
func OkSubscriber(ctx context.Context, s *pubsubv2.Subscriber, i *inbox) error {
	return s.Receive(ctx, i.handlePooled)
}

// sensors subscribes to topics of an MQTT broker, which come one after the other.
type sensors struct {
	conn *pgx.Conn
}

func (s *sensors) temperature(_ mqtt.Client, m mqtt.Message) {
	s.conn.Exec(context.Background(), "insert into temperatures values ($1)", m.Payload())
}

func (s *sensors) humidity(_ mqtt.Client, m mqtt.Message) {
	s.conn.Exec(context.Background(), "insert into humidities values ($1)", m.Payload())
}

// OkSensors has two topics and one goroutine.
func OkSensors(c mqtt.Client, conn *pgx.Conn) {
	s := &sensors{conn}
	c.Subscribe("temperature", 1, s.temperature)
	c.Subscribe("humidity", 1, s.humidity)
}

// gauge is read by a handler beside the subscription.
type gauge struct {
	mu   sync.Mutex
	conn *pgx.Conn
}

func (g *gauge) update(_ mqtt.Client, m mqtt.Message) {
	g.conn.Exec(context.Background(), "update gauge set v = $1", m.Payload()) // want "^g.conn is shared by handler gauge.update and handler gauge.read without g.mu, which is locked in 1 of 2 uses"
}

func (g *gauge) read(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.conn.Exec(r.Context(), "select v from gauge")
}

// BadGauge runs update and read.
func BadGauge(c mqtt.Client, conn *pgx.Conn) error {
	g := &gauge{conn: conn}
	c.Subscribe("gauge", 1, g.update)
	http.HandleFunc("/gauge", g.read)
	return http.ListenAndServe(":8080", nil)
}
