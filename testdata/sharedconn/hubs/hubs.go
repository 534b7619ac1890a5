// Package hubs has servers whose connection belongs to one goroutine.
package hubs

import (
	"context"
	"net/http"
	"os"

	"github.com/gorilla/websocket"
	"github.com/jackc/pgx/v5"

	"github.com/connvet/connvet/testdata/sharedconn/hubs/mail"
)

func dial() *pgx.Conn {
	c, err := pgx.Connect(context.Background(), os.Getenv("DATABASE_URL"))
	if err != nil {
		panic(err)
	}
	return c
}

type server struct {
	actor *mail.Actor
	funcs *mail.Funcs
}

// OkOrder sends an order to the actor of another package.
func (s *server) OkOrder(w http.ResponseWriter, r *http.Request) {
	if err := s.actor.Exec(r.Context(), "select 1"); err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
	}
}

// OkFunc has the actor run a function.
func (s *server) OkFunc(w http.ResponseWriter, r *http.Request) {
	s.funcs.Do(func(c *pgx.Conn) {
		c.Exec(r.Context(), "select 2")
	})
}

// queue writes what handlers put into its channel.
type queue struct {
	in   chan string
	conn *pgx.Conn
}

func (q *queue) run(ctx context.Context) {
	batch := make([]string, 0, 16)
	for s := range q.in {
		batch = append(batch, s)
		if len(batch) == cap(batch) {
			q.flush(ctx, batch)
			batch = batch[:0]
		}
	}
}

func (q *queue) flush(ctx context.Context, batch []string) {
	for _, s := range batch {
		q.conn.Exec(ctx, "insert into log values ($1)", s)
	}
}

// OkQueued leaves the write to the queue's goroutine.
func (q *queue) OkQueued(w http.ResponseWriter, r *http.Request) { q.in <- r.URL.Path }

// forced is a queue that one handler flushes by hand.
type forced struct {
	in   chan string
	conn *pgx.Conn
}

func (q *forced) run(ctx context.Context) {
	for s := range q.in {
		q.conn.Exec(ctx, "insert into log values ($1)", s)
	}
}

// BadFlush writes past the queue.
func (q *forced) BadFlush(w http.ResponseWriter, r *http.Request) {
	q.conn.Exec(r.Context(), "commit") // want `^q\.conn is shared by every call of .*BadFlush without a lock`
}

// room is a hub: its goroutine alone writes to the sockets.
type room struct {
	join chan *websocket.Conn
	say  chan string
}

func (m *room) run() {
	sockets := map[*websocket.Conn]bool{}
	for {
		select {
		case ws := <-m.join:
			sockets[ws] = true
		case text := <-m.say:
			for ws := range sockets {
				if ws.WriteMessage(websocket.TextMessage, []byte(text)) != nil {
					delete(sockets, ws)
				}
			}
		}
	}
}

var upgrader websocket.Upgrader

// OkRoom hands the socket to the hub and only reads from it.
func (m *room) OkRoom(w http.ResponseWriter, r *http.Request) {
	ws, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer ws.Close()
	m.join <- ws
	for {
		_, text, err := ws.ReadMessage()
		if err != nil {
			return
		}
		m.say <- string(text)
	}
}

// FN_RoomGreets writes a greeting after it has handed the socket over. What
// the hub does with what it received is not followed back to the sender.
func (m *room) FN_RoomGreets(w http.ResponseWriter, r *http.Request) {
	ws, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer ws.Close()
	m.join <- ws
	ws.WriteMessage(websocket.TextMessage, []byte("hello"))
}

// Serve starts everything.
func Serve(ctx context.Context) error {
	actor, err := mail.Start(ctx, os.Getenv("DATABASE_URL"))
	if err != nil {
		return err
	}
	s := &server{actor: actor, funcs: mail.NewFuncs(dial())}
	q, f := &queue{in: make(chan string), conn: dial()}, &forced{in: make(chan string), conn: dial()}
	m := &room{join: make(chan *websocket.Conn), say: make(chan string)}
	go q.run(ctx)
	go f.run(ctx)
	go m.run()
	http.HandleFunc("/1", s.OkOrder)
	http.HandleFunc("/2", s.OkFunc)
	http.HandleFunc("/3", q.OkQueued)
	http.HandleFunc("/4", f.BadFlush)
	http.HandleFunc("/5", m.OkRoom)
	http.HandleFunc("/6", m.FN_RoomGreets)
	return http.ListenAndServe(":8080", nil)
}
