// Package broadcast writes to the connections of all clients from the handler of one.
package broadcast

import (
	"context"
	"net/http"
	"sync"

	"github.com/gorilla/websocket"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health/grpc_health_v1"
)

var upgrader = websocket.Upgrader{}

// keyed has the connections as the keys of a map; a read lock keeps nobody out.
type keyed struct {
	mu    sync.RWMutex
	conns map[*websocket.Conn]bool // rel "^declared here$"
}

func (k *keyed) BadKeys(w http.ResponseWriter, r *http.Request) {
	ws, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer ws.Close()
	k.mu.Lock()
	k.conns[ws] = true
	k.mu.Unlock()
	for {
		_, p, err := ws.ReadMessage()
		if err != nil {
			break
		}
		k.send(p)
	}
	k.mu.Lock()
	delete(k.conns, ws)
	k.mu.Unlock()
}

func (k *keyed) send(p []byte) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	for ws := range k.conns {
		ws.WriteMessage(websocket.TextMessage, p) // want "^ws is shared by every call of handler keyed.BadKeys without a lock \\(\\*websocket.Conn takes one reading and one writing goroutine"
	}
}

// exclusive holds the lock while it writes.
type exclusive struct {
	mu    sync.Mutex
	conns map[*websocket.Conn]bool
}

func (e *exclusive) OkKeys(w http.ResponseWriter, r *http.Request) {
	ws, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer ws.Close()
	e.mu.Lock()
	e.conns[ws] = true
	e.mu.Unlock()
	for {
		_, p, err := ws.ReadMessage()
		if err != nil {
			return
		}
		e.send(p)
	}
}

func (e *exclusive) send(p []byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for ws := range e.conns {
		ws.WriteMessage(websocket.TextMessage, p)
	}
}

// snapshot copies the connections under the lock and writes to them outside it.
type snapshot struct {
	mu    sync.Mutex
	conns map[string]*websocket.Conn // rel "^declared here$"
}

func (s *snapshot) serve(w http.ResponseWriter, r *http.Request) {
	ws, err := upgrader.Upgrade(w, r, nil) // rel "^connected here$"
	if err != nil {
		return
	}
	defer ws.Close()
	s.mu.Lock()
	s.conns[r.RemoteAddr] = ws
	s.mu.Unlock()
	for {
		if _, _, err := ws.ReadMessage(); err != nil {
			return
		}
	}
}

func (s *snapshot) all() []*websocket.Conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]*websocket.Conn, 0, len(s.conns))
	for _, ws := range s.conns {
		out = append(out, ws)
	}
	return out
}

func (s *snapshot) BadNotify(w http.ResponseWriter, r *http.Request) {
	for _, ws := range s.all() {
		ws.WriteJSON(r.FormValue("text")) // want "^ws is shared by every call of handler snapshot.BadNotify without a lock"
	}
}

// peer has the lock of one connection.
type peer struct {
	mu sync.Mutex
	ws *websocket.Conn
}

func (p *peer) write(b []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ws.WriteMessage(websocket.BinaryMessage, b)
}

// room copies its peers under its own lock; each peer has one more.
type room struct {
	mu    sync.Mutex
	peers map[*peer]struct{}
}

func (o *room) OkPeers(w http.ResponseWriter, r *http.Request) {
	ws, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer ws.Close()
	o.mu.Lock()
	o.peers[&peer{ws: ws}] = struct{}{}
	o.mu.Unlock()
	for {
		_, b, err := ws.ReadMessage()
		if err != nil {
			return
		}
		o.mu.Lock()
		var peers []*peer
		for p := range o.peers {
			peers = append(peers, p)
		}
		o.mu.Unlock()
		for _, p := range peers {
			p.write(b)
		}
	}
}

// feeds keeps the stream of each caller, whom a unary call tells the news.
type feeds struct {
	grpc_health_v1.UnimplementedHealthServer
	mu   sync.Mutex
	subs map[string]grpc_health_v1.Health_WatchServer
}

func (f *feeds) Watch(req *grpc_health_v1.HealthCheckRequest, stream grpc_health_v1.Health_WatchServer) error {
	f.mu.Lock()
	f.subs[req.Service] = stream
	f.mu.Unlock()
	<-stream.Context().Done()
	return nil
}

func (f *feeds) Check(context.Context, *grpc_health_v1.HealthCheckRequest) (*grpc_health_v1.HealthCheckResponse, error) {
	f.mu.Lock()
	var subs []grpc_health_v1.Health_WatchServer
	for _, s := range f.subs {
		subs = append(subs, s)
	}
	f.mu.Unlock()
	for _, s := range subs {
		s.Send(&grpc_health_v1.HealthCheckResponse{}) // want "^s is shared by every call of handler feeds.Check without a lock \\(grpc.ServerStreamingServer takes one goroutine that sends"
	}
	return &grpc_health_v1.HealthCheckResponse{}, nil
}

// lockedFeeds sends under the lock.
type lockedFeeds struct{ feeds }

func (f *lockedFeeds) Check(context.Context, *grpc_health_v1.HealthCheckRequest) (*grpc_health_v1.HealthCheckResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, s := range f.subs {
		s.Send(&grpc_health_v1.HealthCheckResponse{})
	}
	return &grpc_health_v1.HealthCheckResponse{}, nil
}

// BadFeeds sends from Check to streams that other calls hold.
func BadFeeds(s *grpc.Server) {
	grpc_health_v1.RegisterHealthServer(s, &feeds{subs: map[string]grpc_health_v1.Health_WatchServer{}})
}

func OkFeeds(s *grpc.Server) {
	grpc_health_v1.RegisterHealthServer(s, &lockedFeeds{feeds{subs: map[string]grpc_health_v1.Health_WatchServer{}}})
}

func routes(k *keyed, e *exclusive, s *snapshot, o *room) {
	http.HandleFunc("/keyed", k.BadKeys)
	http.HandleFunc("/exclusive", e.OkKeys)
	http.HandleFunc("/snapshot", s.serve)
	http.HandleFunc("/notify", s.BadNotify) // rel "^registered as a handler here$"
	http.HandleFunc("/room", o.OkPeers)
}
