// Package drivers has one wrong and one right service for each library.
package drivers

import (
	"context"
	"database/sql/driver"
	"net/http"
	"net/smtp"

	crawshaw "crawshaw.io/sqlite"
	"github.com/duckdb/duckdb-go/v2"
	redis8 "github.com/go-redis/redis/v8"
	"github.com/gomodule/redigo/redis"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/ncruces/go-sqlite3"
	amqp "github.com/rabbitmq/amqp091-go"
	goredis "github.com/redis/go-redis/v9"
	streadway "github.com/streadway/amqp"
	"go.etcd.io/bbolt"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

type redigo struct {
	conn redis.Conn
	pool *redis.Pool
}

func (s *redigo) BadRedigo(w http.ResponseWriter, r *http.Request) {
	s.conn.Do("INCR", "visits") // want "^s.conn is shared by every call of .*BadRedigo without a lock"
}

func (s *redigo) OkRedigo(w http.ResponseWriter, r *http.Request) {
	c, err := s.pool.GetContext(r.Context())
	if err != nil {
		return
	}
	defer c.Close()
	c.Send("INCR", "visits")
	c.Flush()
	c.Receive()
}

type rabbit struct {
	ch     *amqp.Channel
	broker *amqp.Connection
}

func (s *rabbit) BadAMQP(w http.ResponseWriter, r *http.Request) {
	s.ch.PublishWithContext(r.Context(), "", "jobs", false, false, amqp.Publishing{}) // want "^s.ch is shared by every call of .*BadAMQP without a lock"
}

// OkAMQP opens a channel of its own on the shared connection.
func (s *rabbit) OkAMQP(w http.ResponseWriter, r *http.Request) {
	ch, err := s.broker.Channel()
	if err != nil {
		return
	}
	defer ch.Close()
	ch.PublishWithContext(r.Context(), "", "jobs", false, false, amqp.Publishing{})
}

type oldRabbit struct {
	ch     *streadway.Channel
	broker *streadway.Connection
}

func (s *oldRabbit) BadOldAMQP(w http.ResponseWriter, r *http.Request) {
	s.ch.Publish("", "jobs", false, false, streadway.Publishing{}) // want "^s.ch is shared by every call of .*BadOldAMQP without a lock"
}

func (s *oldRabbit) OkOldAMQP(w http.ResponseWriter, r *http.Request) {
	ch, err := s.broker.Channel()
	if err != nil {
		return
	}
	defer ch.Close()
	ch.Publish("", "jobs", false, false, streadway.Publishing{})
}

type bolt struct {
	db *bbolt.DB
	tx *bbolt.Tx
}

// BadBolt reads all requests from one transaction, which also keeps the file from shrinking.
func (s *bolt) BadBolt(w http.ResponseWriter, r *http.Request) {
	b := s.tx.Bucket([]byte("users")) // want "^s.tx is shared by every call of .*BadBolt without a lock"
	w.Write(b.Get([]byte("name")))
}

func (s *bolt) OkBolt(w http.ResponseWriter, r *http.Request) {
	s.db.View(func(tx *bbolt.Tx) error {
		_, err := w.Write(tx.Bucket([]byte("users")).Get([]byte("name")))
		return err
	})
}

func (s *bolt) OkBoltBegin(w http.ResponseWriter, r *http.Request) {
	tx, err := s.db.Begin(false)
	if err != nil {
		return
	}
	defer tx.Rollback()
	w.Write(tx.Bucket([]byte("users")).Get([]byte("name")))
}

type mailer struct{ client *smtp.Client }

func (s *mailer) BadSMTP(w http.ResponseWriter, r *http.Request) {
	if s.client.Mail("a@example.com") != nil { // want "^s.client is shared by every call of .*BadSMTP without a lock"
		return
	}
	s.client.Rcpt("b@example.com")
}

func (s *mailer) OkSMTP(w http.ResponseWriter, r *http.Request) {
	c, err := smtp.Dial("localhost:25")
	if err != nil {
		return
	}
	defer c.Close()
	c.Mail("a@example.com")
	c.Quit()
}

type pipe struct {
	client *goredis.Client
	pipe   goredis.Pipeliner
}

// BadPipeline queues the commands of all requests in one pipeline.
func (s *pipe) BadPipeline(w http.ResponseWriter, r *http.Request) {
	s.pipe.Incr(r.Context(), "visits") // want "^s.pipe is shared by every call of .*BadPipeline without a lock"
	s.pipe.Exec(r.Context())
}

func (s *pipe) OkPipeline(w http.ResponseWriter, r *http.Request) {
	p := s.client.Pipeline()
	p.Incr(r.Context(), "visits")
	p.Exec(r.Context())
}

func (s *pipe) OkPipelined(w http.ResponseWriter, r *http.Request) {
	s.client.Pipelined(r.Context(), func(p goredis.Pipeliner) error {
		return p.Incr(r.Context(), "visits").Err()
	})
}

type pipe8 struct {
	client *redis8.Client
	pipe   redis8.Pipeliner
}

// OkSharedPipeline8 is right with version 8: its pipelines have a lock.
func (s *pipe8) OkSharedPipeline8(w http.ResponseWriter, r *http.Request) {
	s.pipe.Incr(r.Context(), "visits")
}

func (s *pipe8) OkPipeline8(w http.ResponseWriter, r *http.Request) {
	p := s.client.TxPipeline()
	p.Incr(r.Context(), "visits")
	p.Exec(r.Context())
}

type mongodb struct {
	client  *mongo.Client
	session *mongo.Session
}

func (s *mongodb) BadMongoSession(w http.ResponseWriter, r *http.Request) {
	s.session.WithTransaction(r.Context(), func(ctx context.Context) (any, error) { // want "^s.session is shared by every call of .*BadMongoSession without a lock"
		return s.client.Database("d").Collection("c").InsertOne(ctx, bson.D{})
	})
}

func (s *mongodb) OkMongoSession(w http.ResponseWriter, r *http.Request) {
	session, err := s.client.StartSession()
	if err != nil {
		return
	}
	defer session.EndSession(r.Context())
	session.WithTransaction(r.Context(), func(ctx context.Context) (any, error) {
		return s.client.Database("d").Collection("c").InsertOne(ctx, bson.D{})
	})
}

func (s *mongodb) OkMongoClient(w http.ResponseWriter, r *http.Request) {
	s.client.Database("d").Collection("c").InsertOne(r.Context(), bson.D{})
}

type duck struct {
	conn      driver.Conn
	connector *duckdb.Connector
}

func (s *duck) BadDuckDB(w http.ResponseWriter, r *http.Request) {
	stmt, err := s.conn.Prepare("select 1") // want "^s.conn is shared by every call of .*BadDuckDB without a lock"
	if err != nil {
		return
	}
	stmt.Close()
}

func (s *duck) OkDuckDB(w http.ResponseWriter, r *http.Request) {
	c, err := s.connector.Connect(r.Context())
	if err != nil {
		return
	}
	defer c.Close()
	stmt, err := c.Prepare("select 1")
	if err != nil {
		return
	}
	stmt.Close()
}

type zombie struct {
	conn *sqlite.Conn
	pool *sqlitex.Pool
}

func (s *zombie) BadZombiezen(w http.ResponseWriter, r *http.Request) {
	sqlitex.Execute(s.conn, "select 1", nil) // want "^s.conn is shared by every call of .*BadZombiezen without a lock"
}

func (s *zombie) OkZombiezen(w http.ResponseWriter, r *http.Request) {
	c, err := s.pool.Take(r.Context())
	if err != nil {
		return
	}
	defer s.pool.Put(c)
	sqlitex.Execute(c, "select 1", nil)
}

type craw struct{ conn *crawshaw.Conn }

func (s *craw) BadCrawshaw(w http.ResponseWriter, r *http.Request) {
	stmt, err := s.conn.Prepare("select 1") // want "^s.conn is shared by every call of .*BadCrawshaw without a lock"
	if err != nil {
		return
	}
	stmt.Step()
}

type ncruces struct{ conn *sqlite3.Conn }

func (s *ncruces) BadNcruces(w http.ResponseWriter, r *http.Request) {
	s.conn.Exec("select 1") // want "^s.conn is shared by every call of .*BadNcruces without a lock"
}

func (s *ncruces) OkNcruces(w http.ResponseWriter, r *http.Request) {
	c, err := sqlite3.Open(":memory:")
	if err != nil {
		return
	}
	defer c.Close()
	c.Exec("select 1")
}

type lowLevel struct{ conn *pgconn.PgConn }

func (s *lowLevel) BadPgconn(w http.ResponseWriter, r *http.Request) {
	s.conn.Exec(r.Context(), "select 1").ReadAll() // want "^s.conn is shared by every call of .*BadPgconn without a lock"
}

func (s *lowLevel) OkPgconn(w http.ResponseWriter, r *http.Request) {
	c, err := pgconn.Connect(r.Context(), "")
	if err != nil {
		return
	}
	defer c.Close(r.Context())
	c.Exec(r.Context(), "select 1").ReadAll()
}

// Register takes services that others have made: what their fields are is
// known from their types alone.
func Register(mux *http.ServeMux, a *redigo, b *rabbit, c *oldRabbit, d *bolt, e *mailer, f *pipe, g *pipe8, h *mongodb) {
	mux.HandleFunc("/1", a.BadRedigo)
	mux.HandleFunc("/2", a.OkRedigo)
	mux.HandleFunc("/3", b.BadAMQP)
	mux.HandleFunc("/4", b.OkAMQP)
	mux.HandleFunc("/5", c.BadOldAMQP)
	mux.HandleFunc("/6", c.OkOldAMQP)
	mux.HandleFunc("/7", d.BadBolt)
	mux.HandleFunc("/8", d.OkBolt)
	mux.HandleFunc("/9", d.OkBoltBegin)
	mux.HandleFunc("/10", e.BadSMTP)
	mux.HandleFunc("/11", e.OkSMTP)
	mux.HandleFunc("/12", f.BadPipeline)
	mux.HandleFunc("/13", f.OkPipeline)
	mux.HandleFunc("/14", f.OkPipelined)
	mux.HandleFunc("/15", g.OkSharedPipeline8)
	mux.HandleFunc("/16", g.OkPipeline8)
	mux.HandleFunc("/17", h.BadMongoSession)
	mux.HandleFunc("/18", h.OkMongoSession)
	mux.HandleFunc("/19", h.OkMongoClient)
}

// RegisterEmbedded makes what it registers.
func RegisterEmbedded(ctx context.Context, mux *http.ServeMux) error {
	connector, err := duckdb.NewConnector("warehouse.db", nil)
	if err != nil {
		return err
	}
	conn, err := connector.Connect(ctx)
	if err != nil {
		return err
	}
	a := &duck{conn: conn, connector: connector}
	mux.HandleFunc("/20", a.BadDuckDB)
	mux.HandleFunc("/21", a.OkDuckDB)
	z, err := sqlite.OpenConn("z.db")
	if err != nil {
		return err
	}
	pool, err := sqlitex.NewPool("z.db", sqlitex.PoolOptions{})
	if err != nil {
		return err
	}
	b := &zombie{conn: z, pool: pool}
	mux.HandleFunc("/22", b.BadZombiezen)
	mux.HandleFunc("/23", b.OkZombiezen)
	k, err := crawshaw.OpenConn("k.db", 0)
	if err != nil {
		return err
	}
	mux.HandleFunc("/24", (&craw{conn: k}).BadCrawshaw)
	n, err := sqlite3.Open("n.db")
	if err != nil {
		return err
	}
	c := &ncruces{conn: n}
	mux.HandleFunc("/25", c.BadNcruces)
	mux.HandleFunc("/26", c.OkNcruces)
	p, err := pgconn.Connect(ctx, "")
	if err != nil {
		return err
	}
	d := &lowLevel{conn: p}
	mux.HandleFunc("/27", d.BadPgconn)
	mux.HandleFunc("/28", d.OkPgconn)
	return nil
}
