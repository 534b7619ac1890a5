// Package handlers holds leases of handlers and goroutines.
package handlers

import (
	"context"
	"database/sql"
	"io"
	"log"
	"net/http"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/gorilla/websocket"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"
)

// Server answers with a lease of its pool.
type Server struct {
	pool *pgxpool.Pool
	db   *sql.DB
	up   websocket.Upgrader
}

func (s *Server) BadLeasePerRequest(w http.ResponseWriter, r *http.Request) {
	conn, err := s.pool.Acquire(r.Context()) // want "conn is never released"
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	if err := conn.Ping(r.Context()); err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
	}
}

func (s *Server) BadBadRequestPath(w http.ResponseWriter, r *http.Request) {
	conn, err := s.db.Conn(r.Context()) // want "conn is not released"
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	id := r.URL.Query().Get("id")
	if id == "" {
		http.Error(w, "no id", http.StatusBadRequest)
		return
	}
	_, _ = conn.ExecContext(r.Context(), "delete from t where id = ?", id)
	_ = conn.Close()
}

func (s *Server) BadGin(c *gin.Context) {
	tx, err := s.db.BeginTx(c, nil) // want "tx is not released"
	if err != nil {
		c.Status(http.StatusServiceUnavailable)
		return
	}
	if _, err := tx.ExecContext(c, "update t set n = n + 1"); err != nil {
		c.Status(http.StatusInternalServerError)
		return
	}
	_ = tx.Commit()
}

func (s *Server) BadUpgradeNotClosed(w http.ResponseWriter, r *http.Request) {
	conn, err := s.up.Upgrade(w, r, nil) // want "conn is never released"
	if err != nil {
		return
	}
	for {
		kind, msg, err := conn.ReadMessage()
		if err != nil {
			return
		}
		if err := conn.WriteMessage(kind, msg); err != nil {
			return
		}
	}
}

func BadRegisteredClosure(mux *http.ServeMux, dsn string) {
	mux.HandleFunc("/n", func(w http.ResponseWriter, r *http.Request) {
		conn, err := pgx.Connect(r.Context(), dsn) // want "conn is never released"
		if err != nil {
			return
		}
		_ = conn.Ping(r.Context())
	})
}

func BadGoroutineWorker(ctx context.Context, pool *pgxpool.Pool, jobs <-chan string) {
	go func() {
		conn, err := pool.Acquire(ctx) // want "conn is never released"
		if err != nil {
			return
		}
		for job := range jobs {
			_, _ = conn.Exec(ctx, job)
		}
	}()
}

func BadGoroutineEndsAtDone(ctx context.Context, pool *pgxpool.Pool, jobs <-chan string) {
	go func() {
		conn, err := pool.Acquire(ctx) // want "conn is not released"
		if err != nil {
			return
		}
		for {
			select {
			case <-ctx.Done():
				return
			case job, ok := <-jobs:
				if !ok {
					conn.Release()
					return
				}
				_, _ = conn.Exec(ctx, job)
			}
		}
	}()
}

func BadGoroutinePerItem(ctx context.Context, db *sql.DB, items []string) {
	var wg sync.WaitGroup
	for _, it := range items {
		wg.Go(func() {
			conn, err := db.Conn(ctx) // want "conn is never released"
			if err != nil {
				return
			}
			_, _ = conn.ExecContext(ctx, it)
		})
	}
	wg.Wait()
}

func BadErrgroup(ctx context.Context, pool *pgxpool.Pool, items []string) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, it := range items {
		g.Go(func() error {
			conn, err := pool.Acquire(ctx) // want "conn is not released"
			if err != nil {
				return err
			}
			if _, err := conn.Exec(ctx, it); err != nil {
				return err
			}
			conn.Release()
			return nil
		})
	}
	return g.Wait()
}

// BadMovedToForgetfulGoroutine: the goroutine gives back only what worked.
func BadMovedToForgetfulGoroutine(ctx context.Context, pool *pgxpool.Pool, q string) error {
	conn, err := pool.Acquire(ctx) // want "conn is not released"
	if err != nil {
		return err
	}
	go func() {
		if _, err := conn.Exec(ctx, q); err != nil {
			log.Print(err)
			return
		}
		conn.Release()
	}()
	return nil
}

func (s *Server) BadAPIWorker(w http.ResponseWriter, r *http.Request) {
	ctx := context.WithoutCancel(r.Context())
	go func() {
		conn, err := s.pool.Acquire(ctx) // want "conn is not released"
		if err != nil {
			return
		}
		resp, err := http.Get("https://api.example.com/rate")
		if err != nil {
			log.Print(err)
			return
		}
		defer resp.Body.Close()
		body, _ := io.ReadAll(resp.Body)
		_, _ = conn.Exec(ctx, "insert into rates values ($1)", body)
		conn.Release()
	}()
	w.WriteHeader(http.StatusAccepted)
}

func (s *Server) OkLeasePerRequest(w http.ResponseWriter, r *http.Request) {
	conn, err := s.pool.Acquire(r.Context())
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	defer conn.Release()
	if err := conn.Ping(r.Context()); err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
	}
}

func (s *Server) OkUpgrade(w http.ResponseWriter, r *http.Request) {
	conn, err := s.up.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer conn.Close()
	for {
		kind, msg, err := conn.ReadMessage()
		if err != nil {
			return
		}
		if err := conn.WriteMessage(kind, msg); err != nil {
			return
		}
	}
}

// Peer is one websocket of the hub.
type Peer struct {
	conn *websocket.Conn
	out  chan []byte
}

func (p *Peer) readPump() {
	defer func() { _ = p.conn.Close() }()
	for {
		if _, _, err := p.conn.ReadMessage(); err != nil {
			return
		}
	}
}

func (p *Peer) writePump() {
	tick := time.NewTicker(time.Minute)
	defer func() {
		tick.Stop()
		_ = p.conn.Close()
	}()
	for msg := range p.out {
		if err := p.conn.WriteMessage(websocket.TextMessage, msg); err != nil {
			return
		}
	}
}

func (s *Server) OkPumps(w http.ResponseWriter, r *http.Request) {
	conn, err := s.up.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	p := &Peer{conn: conn, out: make(chan []byte, 8)}
	go p.writePump()
	go p.readPump()
}

// Hub keeps the peers that joined.
type Hub struct{ join chan *Peer }

func (s *Server) OkSentToHub(hub *Hub) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		conn, err := s.up.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		hub.join <- &Peer{conn: conn}
	}
}

func OkGoroutineWorker(ctx context.Context, pool *pgxpool.Pool, jobs <-chan string) {
	go func() {
		conn, err := pool.Acquire(ctx)
		if err != nil {
			return
		}
		defer conn.Release()
		for job := range jobs {
			_, _ = conn.Exec(ctx, job)
		}
	}()
}

func OkErrgroup(ctx context.Context, pool *pgxpool.Pool, items []string) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, it := range items {
		g.Go(func() error {
			conn, err := pool.Acquire(ctx)
			if err != nil {
				return err
			}
			defer conn.Release()
			_, err = conn.Exec(ctx, it)
			return err
		})
	}
	return g.Wait()
}

func OkErrgroupTakesOver(ctx context.Context, pool *pgxpool.Pool, q string) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	var g errgroup.Group
	g.Go(func() error {
		defer conn.Release()
		_, err := conn.Exec(ctx, q)
		return err
	})
	return g.Wait()
}

func OkReleasedAfterJoin(ctx context.Context, pool *pgxpool.Pool, q string) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = conn.Exec(ctx, q)
	}()
	<-done
	conn.Release()
	return nil
}

func (s *Server) OkAPIWorker(w http.ResponseWriter, r *http.Request) {
	ctx := context.WithoutCancel(r.Context())
	go func() {
		resp, err := http.Get("https://api.example.com/rate")
		if err != nil {
			log.Print(err)
			return
		}
		defer resp.Body.Close()
		body, _ := io.ReadAll(resp.Body)
		conn, err := s.pool.Acquire(ctx)
		if err != nil {
			return
		}
		defer conn.Release()
		_, _ = conn.Exec(ctx, "insert into rates values ($1)", body)
	}()
	w.WriteHeader(http.StatusAccepted)
}
