// Package rooms keeps the clients of a room in slices and sync.Maps, and writes
// to all of them.
package rooms

import (
	"net/http"
	"sync"

	"github.com/gorilla/websocket"
)

var upgrader websocket.Upgrader

// listed keeps its clients in a slice.
type listed struct {
	mu    sync.Mutex
	conns []*websocket.Conn
}

func (l *listed) join(ws *websocket.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conns = append(l.conns, ws)
}

// BadListed writes to all clients on the goroutine of each.
func (l *listed) BadListed(w http.ResponseWriter, r *http.Request) {
	ws, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer ws.Close()
	l.join(ws)
	for {
		kind, msg, err := ws.ReadMessage()
		if err != nil {
			return
		}
		for _, c := range l.conns {
			c.WriteMessage(kind, msg) // want "^c is shared by every call of handler listed.BadListed without a lock"
		}
	}
}

// OkListed writes under the lock of the room.
func (l *locked) OkListed(w http.ResponseWriter, r *http.Request) {
	ws, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer ws.Close()
	l.mu.Lock()
	l.conns = append(l.conns, ws)
	l.mu.Unlock()
	for {
		kind, msg, err := ws.ReadMessage()
		if err != nil {
			return
		}
		l.broadcast(kind, msg)
	}
}

type locked struct {
	mu    sync.Mutex
	conns []*websocket.Conn
}

func (l *locked) broadcast(kind int, msg []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.conns {
		c.WriteMessage(kind, msg)
	}
}

// mapped keeps its clients by their address.
type mapped struct{ clients sync.Map }

// BadMapped ranges over the map, which locks itself but not the connections.
func (m *mapped) BadMapped(w http.ResponseWriter, r *http.Request) {
	ws, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer ws.Close()
	m.clients.Store(r.RemoteAddr, ws)
	defer m.clients.Delete(r.RemoteAddr)
	for {
		_, msg, err := ws.ReadMessage()
		if err != nil {
			return
		}
		m.clients.Range(func(_, c any) bool {
			return c.(*websocket.Conn).WriteMessage(websocket.TextMessage, msg) == nil // want "is shared by every call of handler mapped.BadMapped without a lock"
		})
	}
}

// queued has a queue for each client, which one goroutine sends.
type queued struct{ clients sync.Map }

// OkQueued only puts messages into the queues.
func (q *queued) OkQueued(w http.ResponseWriter, r *http.Request) {
	ws, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer ws.Close()
	queue := make(chan []byte, 8)
	q.clients.Store(r.RemoteAddr, queue)
	go func() {
		for msg := range queue {
			ws.WriteMessage(websocket.TextMessage, msg)
		}
	}()
	for {
		_, msg, err := ws.ReadMessage()
		if err != nil {
			return
		}
		q.clients.Range(func(_, c any) bool {
			c.(chan []byte) <- msg
			return true
		})
	}
}

func routes() {
	http.HandleFunc("/listed", new(listed).BadListed)
	http.HandleFunc("/locked", new(locked).OkListed)
	http.HandleFunc("/mapped", new(mapped).BadMapped)
	http.HandleFunc("/queued", new(queued).OkQueued)
}
