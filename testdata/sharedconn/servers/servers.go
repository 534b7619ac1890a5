// Package servers has one handler of each kind of server and consumer.
package servers

import (
	"context"
	"crypto/tls"
	"net/http"
	"time"

	"connectrpc.com/connect"
	"github.com/IBM/sarama"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/go-co-op/gocron/v2"
	"github.com/gorilla/rpc/v2"
	"github.com/hibiken/asynq"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/labstack/echo/v5"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/riverqueue/river"
	"github.com/robfig/cron/v3"
	"github.com/twitchtv/twirp"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/connvet/connvet/testdata/sharedconn/servers/greet"
)

// app has a connection and a pool for everything below.
type app struct {
	conn *pgx.Conn
	pool *pgxpool.Pool
}

func (a *app) BadEcho5(c *echo.Context) error {
	_, err := a.conn.Exec(c.Request().Context(), "select 1") // want "^a.conn is shared by every call of handler app.BadEcho5 without a lock"
	return err
}

func (a *app) OkEcho5(c *echo.Context) error {
	_, err := a.pool.Exec(c.Request().Context(), "select 1")
	return err
}

func echoRoutes(a *app) error {
	e := echo.New()
	e.GET("/bad", a.BadEcho5)
	g := e.Group("/api", func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c *echo.Context) error { return next(c) }
	})
	g.POST("/ok", a.OkEcho5)
	return e.Start(":8080")
}

// Greeter implements the generated service.
type Greeter struct{ conn *pgx.Conn }

// Greet is called by connect.
func (g *Greeter) Greet(ctx context.Context, _ *connect.Request[emptypb.Empty]) (*connect.Response[emptypb.Empty], error) {
	if err := g.conn.Ping(ctx); err != nil { // want "^g.conn is shared by every call of .* without a lock"
		return nil, err
	}
	return connect.NewResponse(&emptypb.Empty{}), nil
}

// PooledGreeter implements it right.
type PooledGreeter struct{ pool *pgxpool.Pool }

// Greet is called by connect.
func (g *PooledGreeter) Greet(ctx context.Context, _ *connect.Request[emptypb.Empty]) (*connect.Response[emptypb.Empty], error) {
	return connect.NewResponse(&emptypb.Empty{}), g.pool.Ping(ctx)
}

// BadConnect puts Greet over one connection into generated code.
func BadConnect(mux *http.ServeMux, conn *pgx.Conn) {
	mux.Handle(greet.NewGreetServiceHandler(&Greeter{conn: conn}))
}

func OkConnect(mux *http.ServeMux, pool *pgxpool.Pool) {
	mux.Handle(greet.NewGreetServiceHandler(&PooledGreeter{pool: pool}))
}

// Calc is a service of gorilla/rpc.
type Calc struct{ conn *pgx.Conn }

// BadSum is one of its procedures.
func (c *Calc) BadSum(r *http.Request, args *[]int, reply *int) error {
	return c.conn.QueryRow(r.Context(), "select 1").Scan(reply) // want "^c.conn is shared by every call of handler Calc.BadSum without a lock"
}

// BadRPC registers BadSum with its service.
func BadRPC(conn *pgx.Conn) http.Handler {
	s := rpc.NewServer()
	s.RegisterService(&Calc{conn: conn}, "calc")
	return s
}

// BadTwirpHooks audits every call on one connection.
func BadTwirpHooks(conn *pgx.Conn) *twirp.ServerHooks {
	return &twirp.ServerHooks{
		RequestReceived: func(ctx context.Context) (context.Context, error) {
			_, err := conn.Exec(ctx, "insert into audit default values") // want "^conn is shared by every call of .* without a lock"
			return ctx, err
		},
	}
}

func OkTwirpHooks(pool *pgxpool.Pool) *twirp.ServerHooks {
	hooks := &twirp.ServerHooks{}
	hooks.ResponseSent = func(ctx context.Context) { pool.Exec(ctx, "insert into audit default values") }
	return hooks
}

// BadGetCertificate looks certificates up during each handshake.
func BadGetCertificate(conn *pgx.Conn) *http.Server {
	srv := &http.Server{Addr: ":8080"}
	srv.Handler = http.NotFoundHandler()
	srv.TLSConfig = &tls.Config{
		GetCertificate: func(h *tls.ClientHelloInfo) (*tls.Certificate, error) {
			_, err := conn.Exec(h.Context(), "select cert") // want "^conn is shared by every call of .* without a lock"
			return nil, err
		},
	}
	return srv
}

// raw is a handler.
type raw struct{ conn *pgx.Conn }

func (h raw) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.conn.Ping(r.Context()) // want "^h.conn is shared by every call of handler raw.ServeHTTP without a lock"
}

// BadHandlerField puts the ServeHTTP of raw into a server.
func BadHandlerField(conn *pgx.Conn) error {
	srv := &http.Server{Handler: raw{conn: conn}}
	return srv.ListenAndServe()
}

// claims consumes the partitions of a topic.
type claims struct{ conn *pgx.Conn }

func (c *claims) Setup(sarama.ConsumerGroupSession) error   { return nil }
func (c *claims) Cleanup(sarama.ConsumerGroupSession) error { return nil }

// ConsumeClaim runs for each partition.
func (c *claims) ConsumeClaim(s sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for m := range claim.Messages() {
		if _, err := c.conn.Exec(s.Context(), "insert into m values ($1)", m.Value); err != nil { // want "^c.conn is shared by every call of handler claims.ConsumeClaim without a lock"
			return err
		}
		s.MarkMessage(m, "")
	}
	return nil
}

// BadPartitions uses one connection for all partitions, in ConsumeClaim.
func BadPartitions(ctx context.Context, g sarama.ConsumerGroup, conn *pgx.Conn) error {
	for ctx.Err() == nil {
		if err := g.Consume(ctx, []string{"t"}, &claims{conn: conn}); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// ownClaims connects for each partition.
type ownClaims struct{ url string }

func (c *ownClaims) Setup(sarama.ConsumerGroupSession) error   { return nil }
func (c *ownClaims) Cleanup(sarama.ConsumerGroupSession) error { return nil }

func (c *ownClaims) ConsumeClaim(s sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	conn, err := pgx.Connect(s.Context(), c.url)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(s.Context()))
	for m := range claim.Messages() {
		if _, err := conn.Exec(s.Context(), "insert into m values ($1)", m.Value); err != nil {
			return err
		}
	}
	return nil
}

func OkPartitions(ctx context.Context, g sarama.ConsumerGroup) error {
	return g.Consume(ctx, []string{"t"}, &ownClaims{url: "postgres://"})
}

// BadWatermill handles messages side by side.
func BadWatermill(r *message.Router, sub message.Subscriber, conn *pgx.Conn) {
	r.AddConsumerHandler("h", "topic", sub, func(m *message.Message) error {
		_, err := conn.Exec(m.Context(), "insert") // want "^conn is shared by every call of .* without a lock"
		return err
	})
}

func OkWatermill(r *message.Router, sub message.Subscriber, pub message.Publisher, pool *pgxpool.Pool) {
	r.AddHandler("h", "topic", sub, "out", pub, func(m *message.Message) ([]*message.Message, error) {
		_, err := pool.Exec(m.Context(), "insert")
		return nil, err
	})
}

// BadJobs has a job that may still run when it is due again.
func BadJobs(s gocron.Scheduler, conn *pgx.Conn) error {
	_, err := s.NewJob(gocron.DurationJob(time.Second), gocron.NewTask(func() {
		conn.Exec(context.Background(), "refresh") // want "^conn is shared by every call of .* without a lock"
	}))
	return err
}

// BadTwoCron has two jobs on one connection.
func BadTwoCron(c *cron.Cron, conn *pgx.Conn) {
	c.AddFunc("@hourly", func() { conn.Exec(context.Background(), "vacuum") }) // want "^conn is shared by every call of .* without a lock"
	c.AddFunc("@daily", func() { conn.Exec(context.Background(), "reindex") }) // want "^conn is shared by every call of .* without a lock"
	c.Start()
}

func OkCron(c *cron.Cron, pool *pgxpool.Pool) {
	c.AddFunc("@hourly", func() { pool.Exec(context.Background(), "vacuum") })
	c.Start()
}

// sortArgs are the arguments of a job of river.
type sortArgs struct{}

func (sortArgs) Kind() string { return "sort" }

// sorter works the jobs.
type sorter struct {
	river.WorkerDefaults[sortArgs]
	conn *pgx.Conn
}

// Work is called by river.
func (s *sorter) Work(ctx context.Context, job *river.Job[sortArgs]) error {
	_, err := s.conn.Exec(ctx, "select 1") // want "^s.conn is shared by every call of handler sorter.Work without a lock"
	return err
}

// BadRiver registers a worker, whose Work shares one connection.
func BadRiver(conn *pgx.Conn) *river.Workers {
	workers := river.NewWorkers()
	river.AddWorker(workers, &sorter{conn: conn})
	return workers
}

// pooledSorter works them right.
type pooledSorter struct {
	river.WorkerDefaults[sortArgs]
	pool *pgxpool.Pool
}

func (s *pooledSorter) Work(ctx context.Context, job *river.Job[sortArgs]) error {
	_, err := s.pool.Exec(ctx, "select 1")
	return err
}

func OkRiver(pool *pgxpool.Pool) *river.Workers {
	workers := river.NewWorkers()
	river.AddWorker(workers, &pooledSorter{pool: pool})
	return workers
}

// tasks handles tasks of asynq.
type tasks struct{ conn *pgx.Conn }

func (t *tasks) BadTask(ctx context.Context, task *asynq.Task) error {
	_, err := t.conn.Exec(ctx, "select 1") // want "^t.conn is shared by every call of handler tasks.BadTask without a lock"
	return err
}

// OkTaskOwn connects for each task.
func (t *tasks) OkTaskOwn(ctx context.Context, task *asynq.Task) error {
	conn, err := pgx.Connect(ctx, "")
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, "select 1")
	return err
}

func taskRoutes(t *tasks) *asynq.ServeMux {
	mux := asynq.NewServeMux()
	mux.HandleFunc("a", t.BadTask)
	mux.HandleFunc("b", t.OkTaskOwn)
	return mux
}

// OkOneSubscription handles one message after the other.
func OkOneSubscription(nc *nats.Conn, conn *pgx.Conn) error {
	_, err := nc.Subscribe("orders", func(m *nats.Msg) {
		conn.Exec(context.Background(), "insert into orders values ($1)", m.Data)
	})
	return err
}

// BadTwoSubscriptions has a goroutine for each subscription.
func BadTwoSubscriptions(nc *nats.Conn, conn *pgx.Conn) error {
	if _, err := nc.Subscribe("orders", func(m *nats.Msg) {
		conn.Exec(context.Background(), "insert into orders values ($1)", m.Data) // want "^conn is shared by .* without a common lock"
	}); err != nil {
		return err
	}
	_, err := nc.QueueSubscribe("invoices", "q", func(m *nats.Msg) {
		conn.Exec(context.Background(), "insert into invoices values ($1)", m.Data)
	})
	return err
}

func OkJetStream(c jetstream.Consumer, conn *pgx.Conn) error {
	_, err := c.Consume(func(m jetstream.Msg) {
		if _, err := conn.Exec(context.Background(), "insert", m.Data()); err == nil {
			m.Ack()
		}
	})
	return err
}

// OkLambda is an instance that handles one event at a time.
func OkLambda(conn *pgx.Conn) {
	lambda.Start(func(ctx context.Context, event map[string]any) error {
		_, err := conn.Exec(ctx, "insert into events values ($1)", event)
		return err
	})
}

// function is a handler object of a lambda.
type function struct{ conn *pgx.Conn }

func (f *function) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	_, err := f.conn.Exec(ctx, "insert into events values ($1)", payload)
	return nil, err
}

func OkLambdaHandler(conn *pgx.Conn) { lambda.StartHandler(&function{conn: conn}) }
