// Package sockets has connections that live as long as one client.
package sockets

import (
	"log"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

var upgrader websocket.Upgrader

// OkEcho reads and writes on the goroutine of the request.
func OkEcho(w http.ResponseWriter, r *http.Request) {
	ws, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer ws.Close()
	for {
		kind, data, err := ws.ReadMessage()
		if err != nil {
			return
		}
		if ws.WriteMessage(kind, data) != nil {
			return
		}
	}
}

// client is made for each connection; one goroutine reads, one writes.
type client struct {
	ws   *websocket.Conn
	send chan []byte
}

func (c *client) readPump(h *hub) {
	defer func() {
		h.leave <- c
		c.ws.Close()
	}()
	for {
		_, data, err := c.ws.ReadMessage()
		if err != nil {
			return
		}
		h.broadcast <- data
	}
}

func (c *client) writePump() {
	ticker := time.NewTicker(time.Minute)
	defer ticker.Stop()
	for {
		select {
		case data, ok := <-c.send:
			if !ok {
				c.ws.WriteMessage(websocket.CloseMessage, nil)
				return
			}
			if c.ws.WriteMessage(websocket.TextMessage, data) != nil {
				return
			}
		case <-ticker.C:
			if c.ws.WriteMessage(websocket.PingMessage, nil) != nil {
				return
			}
		}
	}
}

// hub knows all clients, and talks to them by channels only.
type hub struct {
	join, leave chan *client
	broadcast   chan []byte
	clients     map[*client]bool
}

func (h *hub) run() {
	for {
		select {
		case c := <-h.join:
			h.clients[c] = true
		case c := <-h.leave:
			delete(h.clients, c)
			close(c.send)
		case data := <-h.broadcast:
			for c := range h.clients {
				select {
				case c.send <- data:
				default:
				}
			}
		}
	}
}

func (h *hub) OkPumps(w http.ResponseWriter, r *http.Request) {
	ws, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		log.Print(err)
		return
	}
	c := &client{ws: ws, send: make(chan []byte, 16)}
	h.join <- c
	go c.writePump()
	go c.readPump(h)
}

// room writes to the sockets of others straight from its handlers.
type room struct {
	mu      sync.Mutex
	sockets map[*websocket.Conn]bool
}

func (m *room) OkJoin(w http.ResponseWriter, r *http.Request) {
	ws, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	m.mu.Lock()
	m.sockets[ws] = true
	m.mu.Unlock()
	for {
		if _, _, err := ws.ReadMessage(); err != nil {
			break
		}
	}
	m.mu.Lock()
	delete(m.sockets, ws)
	m.mu.Unlock()
	ws.Close()
}

// OkBroadcast holds the lock while it writes.
func (m *room) OkBroadcast(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for ws := range m.sockets {
		ws.WriteMessage(websocket.TextMessage, []byte(r.FormValue("text")))
	}
}

// open has no lock at all around the writes.
type open struct {
	mu      sync.Mutex
	sockets []*websocket.Conn
}

func (o *open) OkJoin(w http.ResponseWriter, r *http.Request) {
	ws, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	o.mu.Lock()
	o.sockets = append(o.sockets, ws)
	o.mu.Unlock()
}

func (o *open) BadBroadcast(w http.ResponseWriter, r *http.Request) {
	for _, ws := range o.sockets {
		ws.WriteMessage(websocket.TextMessage, []byte(r.FormValue("text"))) // want "^ws is shared by every call of .*BadBroadcast without a lock \\(\\*websocket.Conn "
	}
}

// relay has one upstream socket for all requests.
type relay struct {
	upstream *websocket.Conn
	guarded  *websocket.Conn
	readers  *websocket.Conn
	mu       sync.Mutex
}

func (y *relay) BadForward(w http.ResponseWriter, r *http.Request) {
	y.upstream.WriteMessage(websocket.TextMessage, []byte(r.FormValue("text"))) // want "^y.upstream is shared by every call of .*BadForward without a lock"
}

func (y *relay) OkForwardLocked(w http.ResponseWriter, r *http.Request) {
	y.mu.Lock()
	defer y.mu.Unlock()
	y.guarded.WriteMessage(websocket.TextMessage, []byte(r.FormValue("text")))
}

// OkReadLoop is the only reader, beside the locked writers above.
func (y *relay) OkReadLoop() {
	for {
		if _, _, err := y.guarded.ReadMessage(); err != nil {
			return
		}
	}
}

// OkControl uses what gorilla allows at any time.
func (y *relay) OkControl(w http.ResponseWriter, r *http.Request) {
	y.readers.WriteControl(websocket.PingMessage, nil, time.Now().Add(time.Second))
}

// Serve registers everything.
func Serve() error {
	dial := func() *websocket.Conn {
		ws, _, err := websocket.DefaultDialer.Dial("ws://localhost/upstream", nil)
		if err != nil {
			log.Fatal(err)
		}
		return ws
	}
	h := &hub{join: make(chan *client), leave: make(chan *client), broadcast: make(chan []byte), clients: make(map[*client]bool)}
	go h.run()
	m := &room{sockets: make(map[*websocket.Conn]bool)}
	o := &open{}
	y := &relay{upstream: dial(), guarded: dial(), readers: dial()}
	go y.OkReadLoop()
	http.HandleFunc("/1", OkEcho)
	http.HandleFunc("/2", h.OkPumps)
	http.HandleFunc("/3", m.OkJoin)
	http.HandleFunc("/4", m.OkBroadcast)
	http.HandleFunc("/5", o.OkJoin)
	http.HandleFunc("/6", o.BadBroadcast)
	http.HandleFunc("/7", y.BadForward)
	http.HandleFunc("/8", y.OkForwardLocked)
	http.HandleFunc("/9", y.OkControl)
	return http.ListenAndServe(":8080", nil)
}
