// Package wire writes to websockets for other packages.
package wire

import (
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// Peer is a websocket with the lock of its writers.
type Peer struct {
	Mu sync.Mutex
	WS *websocket.Conn
}

// Send writes under the lock.
func (p *Peer) Send(v any) error {
	p.Mu.Lock()
	defer p.Mu.Unlock()
	return p.WS.WriteJSON(v)
}

// Ping writes a control message, which needs no lock.
func (p *Peer) Ping() error {
	return p.WS.WriteControl(websocket.PingMessage, nil, time.Now().Add(time.Second))
}

// PingMessage writes the ping as any other message, and forgets the lock.
func (p *Peer) PingMessage() error {
	return p.WS.WriteMessage(websocket.PingMessage, nil)
}

// Pump writes what comes in until there is no more.
func Pump(ws *websocket.Conn, in <-chan []byte) {
	for m := range in {
		if ws.WriteMessage(websocket.TextMessage, m) != nil {
			return
		}
	}
}

// Ack answers a message.
func Ack(ws *websocket.Conn, id int) error {
	return ws.WriteJSON(map[string]int{"ack": id})
}
