// Package answers has readers that write back on the connection they read from.
package answers

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/gomodule/redigo/redis"
	"github.com/gorilla/websocket"
)

// BadPingHandler answers pings with a plain message: the handler runs inside ReadMessage.
func BadPingHandler(ws *websocket.Conn, out <-chan []byte) {
	ws.SetPingHandler(func(data string) error {
		return ws.WriteMessage(websocket.PongMessage, []byte(data)) // rel "^other use here$"
	})
	go func() { // rel "^goroutine started here$"
		for {
			if _, _, err := ws.ReadMessage(); err != nil {
				return
			}
		}
	}()
	for b := range out {
		if ws.WriteMessage(websocket.TextMessage, b) != nil { // want "^ws.WriteMessage may run at the same time as the write on line \\d+ \\(\\*websocket.Conn takes one reading and one writing goroutine"
			return
		}
	}
}

// OkPingHandler answers with a control message, which may overlap others.
func OkPingHandler(ws *websocket.Conn, out <-chan []byte) {
	ws.SetPongHandler(func(string) error { return ws.SetReadDeadline(time.Now().Add(time.Minute)) })
	ws.SetPingHandler(func(data string) error {
		return ws.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(time.Second))
	})
	go func() {
		for {
			if _, _, err := ws.ReadMessage(); err != nil {
				return
			}
		}
	}()
	for b := range out {
		if ws.WriteMessage(websocket.TextMessage, b) != nil {
			return
		}
	}
}

// OkPingHandlerAlone answers with a plain message where nobody else writes.
func OkPingHandlerAlone(ws *websocket.Conn) error {
	ws.SetPingHandler(func(data string) error { return ws.WriteMessage(websocket.PongMessage, []byte(data)) })
	for {
		kind, p, err := ws.ReadMessage()
		if err != nil {
			return err
		}
		if err := ws.WriteMessage(kind, p); err != nil {
			return err
		}
	}
}

// chat is one end of a conversation; mu is for its writers.
type chat struct {
	mu sync.Mutex
	ws *websocket.Conn
}

func (c *chat) say(v any) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ws.WriteJSON(v) // rel "^locked use here$"
}

func (c *chat) stream(v any) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	w, err := c.ws.NextWriter(websocket.TextMessage)
	if err != nil {
		return err
	}
	if err := json.NewEncoder(w).Encode(v); err != nil {
		return err
	}
	return w.Close()
}

// keepAlive forgets the lock.
func (c *chat) keepAlive(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if c.ws.WriteMessage(websocket.PingMessage, nil) != nil { // want "^c.ws.WriteMessage may run at the same time as the write on line \\d+, without c.mu, which is locked in 2 of 3 uses \\(\\*websocket.Conn takes"
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

// listen does not need the lock: it is the only reader.
func (c *chat) listen() (v any, err error) {
	err = c.ws.ReadJSON(&v)
	return v, err
}

// BadKeepAlive has every writer locked but keepAlive.
func BadKeepAlive(ctx context.Context, ws *websocket.Conn) error {
	c := &chat{ws: ws}
	go c.keepAlive(ctx) // rel "^goroutine started here$"
	for {
		v, err := c.listen()
		if err != nil {
			return err
		}
		if err := c.say(v); err != nil { // rel "^called here$"
			return err
		}
		if err := c.stream(v); err != nil {
			return err
		}
	}
}

// quiet locks around every write.
type quiet struct {
	mu sync.Mutex
	ws *websocket.Conn
}

func (q *quiet) write(kind int, p []byte) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.ws.WriteMessage(kind, p)
}

func (q *quiet) keepAlive(ctx context.Context) {
	for ctx.Err() == nil {
		time.Sleep(time.Second)
		if q.write(websocket.PingMessage, nil) != nil {
			return
		}
	}
}

// OkKeepAlive has a ticker that goes through the lock too.
func OkKeepAlive(ctx context.Context, ws *websocket.Conn) error {
	q := &quiet{ws: ws}
	go q.keepAlive(ctx)
	for {
		kind, p, err := q.ws.ReadMessage()
		if err != nil {
			return err
		}
		if err := q.write(kind, p); err != nil {
			return err
		}
	}
}

// OkHealthCheck is how redigo's own example listens: one goroutine receives, one
// pings, and the deferred Close wakes the receiver when that fails.
func OkHealthCheck(ctx context.Context, pool *redis.Pool, channels ...any) error {
	c := pool.Get()
	defer c.Close()
	psc := redis.PubSubConn{Conn: c}
	if err := psc.Subscribe(channels...); err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() {
		for {
			switch n := psc.Receive().(type) {
			case error:
				done <- n
				return
			case redis.Subscription:
				if n.Count == 0 {
					done <- nil
					return
				}
			}
		}
	}()
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if err := psc.Ping(""); err != nil {
				return err
			}
		case <-ctx.Done():
			if err := psc.Unsubscribe(); err != nil {
				return err
			}
			return <-done
		case err := <-done:
			return err
		}
	}
}

// BadHealthCheck pings by Do, which reads the answer beside the receiver.
func BadHealthCheck(pool *redis.Pool) error {
	c := pool.Get()
	defer c.Close()
	psc := redis.PubSubConn{Conn: c}
	if err := psc.Subscribe("news"); err != nil {
		return err
	}
	go func() { // rel "^goroutine started here$"
		for {
			if _, failed := psc.Receive().(error); failed { // rel "^other use here$"
				return
			}
		}
	}()
	_, err := c.Do("PING") // want "^c.Do may run at the same time as the read on line \\d+ \\(redis.Conn takes one goroutine in Receive and one in Send and Flush"
	return err
}

// OkAttach lends its connection to the pumps: what they do to each other is
// told where they start.
func OkAttach(w http.ResponseWriter, r *http.Request, out <-chan []byte) {
	ws, err := new(websocket.Upgrader).Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer ws.Close()
	BadAttachedPumps(ws, out)
}

// BadAttachedPumps locks what is sent, but the answers to pings go around the lock.
func BadAttachedPumps(ws *websocket.Conn, out <-chan []byte) {
	ended := make(chan error, 1)
	go drainInput(ws, ended)
	go sendOutput(ws, out, ended) // want "^ws.WriteMessage may run at the same time as the write on line \\d+ \\(\\*websocket.Conn takes one reading and one writing goroutine"
	<-ended
}

func drainInput(ws *websocket.Conn, ended chan<- error) {
	for {
		if _, _, err := ws.ReadMessage(); err != nil {
			ended <- err
			return
		}
	}
}

func sendOutput(ws *websocket.Conn, out <-chan []byte, ended chan<- error) {
	var mu sync.Mutex
	defer ws.Close()
	ws.SetPingHandler(func(data string) error { return ws.WriteMessage(websocket.PongMessage, []byte(data)) })
	for b := range out {
		if err := sendLocked(ws, &mu, b); err != nil {
			ended <- err
			return
		}
	}
}

func sendLocked(ws *websocket.Conn, mu *sync.Mutex, b []byte) error {
	mu.Lock()
	defer mu.Unlock()
	return ws.WriteMessage(websocket.TextMessage, b)
}
