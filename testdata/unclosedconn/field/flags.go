package field

import (
	"context"
	"net"
	"net/http"
	"sync"

	"github.com/gorilla/websocket"
)

// tryDial says beside the connection whether there is one.
func tryDial(ctx context.Context, addr string) (conn net.Conn, ok bool) {
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, false
	}
	return c, true
}

// OkFlag looks at the flag.
func OkFlag(ctx context.Context, addr string) bool {
	conn, ok := tryDial(ctx, addr)
	if !ok {
		return false
	}
	defer conn.Close()
	_, err := conn.Write([]byte("x"))
	return err == nil
}

// BadFlag forgets the connection when there is one.
func BadFlag(ctx context.Context, addr string) bool {
	conn, ok := tryDial(ctx, addr) // want "conn is never released"
	if !ok {
		return false
	}
	_, err := conn.Write([]byte("x"))
	return err == nil
}

// hub keeps sockets as the keys of a map.
type hub struct {
	mu      sync.Mutex
	clients map[*websocket.Conn]bool
}

// OkMapKey gives the socket to the hub.
func (h *hub) OkMapKey(up *websocket.Upgrader, w http.ResponseWriter, r *http.Request) {
	ws, err := up.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	h.mu.Lock()
	h.clients[ws] = true
	h.mu.Unlock()
}
