// Package levels has code that runs once, many times, for each request, for
// each connection and before the server starts.
package levels

import (
	"context"
	"log"
	"net/http"
	"os"
	"sync"

	"github.com/gorilla/websocket"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/rabbitmq/amqp091-go"
)

// self is one handler, which races with itself.
type self struct{ conn *pgx.Conn }

func (s *self) BadSelf(w http.ResponseWriter, r *http.Request) {
	s.conn.Exec(r.Context(), "select 1") // want "^s.conn is shared by every call of handler self.BadSelf without a lock"
}

// two has a reader and a writer of the same websocket in two handlers: each
// direction is used by one handler, and every request runs beside the others.
type two struct{ ws *websocket.Conn }

func (t *two) BadPush(w http.ResponseWriter, r *http.Request) {
	t.ws.WriteMessage(websocket.TextMessage, []byte("push")) // want "^t.ws is shared by every call of handler two.BadPush without a lock"
}

// startup is used before the server starts, by straight-line code.
type startup struct {
	conn *pgx.Conn
	pool *pgxpool.Pool
	tbls []string
}

func (s *startup) load(ctx context.Context) error {
	rows, err := s.conn.Query(ctx, "select name from tables")
	if err != nil {
		return err
	}
	s.tbls, err = pgx.CollectRows(rows, pgx.RowTo[string])
	return err
}

func (s *startup) OkAfterStartup(w http.ResponseWriter, r *http.Request) {
	for range s.tbls {
		s.pool.Exec(r.Context(), "select 1")
	}
}

// OkStartup loads with the connection, then serves without it.
func OkStartup(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, "")
	if err != nil {
		return err
	}
	pool, err := pgxpool.New(ctx, "")
	if err != nil {
		return err
	}
	s := &startup{conn: conn, pool: pool}
	if err := s.load(ctx); err != nil {
		return err
	}
	http.HandleFunc("/startup", s.OkAfterStartup)
	err = http.ListenAndServe(":8080", nil)
	s.conn.Exec(ctx, "delete from instances")
	return err
}

// migrated is filled by init and never touched by a handler.
var migrated = connect()

func connect() *pgx.Conn {
	conn, err := pgx.Connect(context.Background(), os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	return conn
}

func init() {
	migrated.Exec(context.Background(), "create table if not exists users (name text)")
}

// OkNotMigrating knows nothing of what init did.
func OkNotMigrating(pool *pgxpool.Pool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { pool.Exec(r.Context(), "select 1") }
}

// seeded is filled by init and used by handlers.
var seeded = connect()

func BadInitialised(w http.ResponseWriter, r *http.Request) {
	seeded.Exec(r.Context(), "select 1") // want "^seeded is shared by every call of handler BadInitialised without a lock"
}

// client has its pumps for each websocket: one reads, one writes.
type client struct {
	ws   *websocket.Conn
	send chan []byte
}

func (c *client) readPump() {
	defer c.ws.Close()
	for {
		_, m, err := c.ws.ReadMessage()
		if err != nil {
			return
		}
		c.send <- m
	}
}

func (c *client) writePump() {
	for m := range c.send {
		if err := c.ws.WriteMessage(websocket.TextMessage, m); err != nil {
			return
		}
	}
}

var upgrader websocket.Upgrader

func OkPumps(w http.ResponseWriter, r *http.Request) {
	ws, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	c := &client{ws: ws, send: make(chan []byte, 16)}
	go c.writePump()
	go c.readPump()
}

// service is made anew for each request, over a connection of the request.
type service struct{ conn *pgx.Conn }

func newService(ctx context.Context) (*service, error) {
	conn, err := pgx.Connect(ctx, "")
	if err != nil {
		return nil, err
	}
	return &service{conn: conn}, nil
}

func (s *service) first(ctx context.Context)  { s.conn.Exec(ctx, "select 1") }
func (s *service) second(ctx context.Context) { s.conn.Exec(ctx, "select 2") }

func OkPerRequest(w http.ResponseWriter, r *http.Request) {
	s, err := newService(r.Context())
	if err != nil {
		return
	}
	defer s.conn.Close(r.Context())
	s.first(r.Context())
	s.second(r.Context())
}

// OkHandlerPerRequest makes a handler inside a handler.
func OkHandlerPerRequest(w http.ResponseWriter, r *http.Request) {
	s, err := newService(r.Context())
	if err != nil {
		return
	}
	defer s.conn.Close(r.Context())
	http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.first(r.Context()) }).ServeHTTP(w, r)
}

// fresh serves with an instance of its own.
type fresh struct{ conn *pgx.Conn }

// OkFreshInstance is a handler method of an object that lives for one request.
func (f *fresh) OkFreshInstance(w http.ResponseWriter, r *http.Request) {
	f.conn.Exec(r.Context(), "select 1")
}

// OkFactory makes an instance for each request, as some frameworks do.
func OkFactory(w http.ResponseWriter, r *http.Request) {
	h, err := freshHandler(r.Context())
	if err != nil {
		return
	}
	h.ServeHTTP(w, r)
}

func freshHandler(ctx context.Context) (http.Handler, error) {
	conn, err := pgx.Connect(ctx, "")
	if err != nil {
		return nil, err
	}
	f := &fresh{conn: conn}
	return http.HandlerFunc(f.OkFreshInstance), nil
}

// sweeper runs beside the handlers from the start.
type sweeper struct {
	conn *pgx.Conn
	mu   sync.Mutex
}

func (s *sweeper) run(ctx context.Context) {
	for ctx.Err() == nil {
		s.conn.Exec(ctx, "delete from sessions") // want "^s.conn is shared by a goroutine and handler sweeper.BadBesideSweeper without s.mu, which is locked in 1 of 2 uses"
	}
}

// BadBesideSweeper takes a lock that the sweeper does not.
func (s *sweeper) BadBesideSweeper(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conn.Exec(r.Context(), "insert into sessions default values")
}

// deliveries is one consumer of one channel; its handler runs one delivery after the other.
type consumer struct {
	ch   *amqp091.Channel
	conn *pgx.Conn
}

// OkOneConsumer has its own connection, and nobody else touches it.
func OkOneConsumer(ctx context.Context, mq *amqp091.Connection) error {
	ch, err := mq.Channel()
	if err != nil {
		return err
	}
	conn, err := pgx.Connect(ctx, "")
	if err != nil {
		return err
	}
	c := &consumer{ch: ch, conn: conn}
	msgs, err := c.ch.Consume("q", "", false, false, false, false, nil)
	if err != nil {
		return err
	}
	go func() {
		for m := range msgs {
			c.conn.Exec(ctx, "insert into messages values ($1)", m.Body)
			m.Ack(false)
		}
	}()
	return nil
}

// Serve registers everything.
func Serve(ctx context.Context, pool *pgxpool.Pool) error {
	conn, err := pgx.Connect(ctx, "")
	if err != nil {
		return err
	}
	ws, _, err := websocket.DefaultDialer.Dial("ws://upstream", nil)
	if err != nil {
		return err
	}
	sw := &sweeper{conn: connect()}
	go sw.run(ctx)
	mux := http.NewServeMux()
	mux.HandleFunc("/1", (&self{conn: conn}).BadSelf)
	mux.HandleFunc("/2", (&two{ws: ws}).BadPush)
	mux.HandleFunc("/3", OkNotMigrating(pool))
	mux.HandleFunc("/4", BadInitialised)
	mux.HandleFunc("/5", OkPumps)
	mux.HandleFunc("/6", OkPerRequest)
	mux.HandleFunc("/7", OkHandlerPerRequest)
	mux.HandleFunc("/8", OkFactory)
	mux.HandleFunc("/9", sw.BadBesideSweeper)
	return http.ListenAndServe(":8080", mux)
}
