// Package grpcsvc implements a generated gRPC service: the health service of grpc itself.
package grpcsvc

import (
	"context"
	"net"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"google.golang.org/grpc"
	health "google.golang.org/grpc/health/grpc_health_v1"
)

// badHealth asks one connection for every call.
type badHealth struct {
	health.UnimplementedHealthServer
	conn *pgx.Conn
}

func (s *badHealth) BadCheck(ctx context.Context) error {
	return s.conn.Ping(ctx) // want "^s.conn is shared by every call of .*(Check|badHealth) without a lock"
}

func (s *badHealth) Check(ctx context.Context, _ *health.HealthCheckRequest) (*health.HealthCheckResponse, error) {
	if err := s.BadCheck(ctx); err != nil {
		return nil, err
	}
	return &health.HealthCheckResponse{Status: health.HealthCheckResponse_SERVING}, nil
}

// Watch streams on one connection for all watchers.
func (s *badHealth) Watch(_ *health.HealthCheckRequest, stream health.Health_WatchServer) error {
	return s.BadWatch(stream)
}

func (s *badHealth) BadWatch(stream health.Health_WatchServer) error {
	for {
		if err := s.conn.Ping(stream.Context()); err != nil { // want "^s.conn is shared by every call of .*(Watch|badHealth) without a lock"
			return err
		}
		if err := stream.Send(&health.HealthCheckResponse{}); err != nil {
			return err
		}
	}
}

// okHealth has a pool; its streams belong to one call each.
type okHealth struct {
	health.UnimplementedHealthServer
	pool *pgxpool.Pool
}

func (s *okHealth) Check(ctx context.Context, _ *health.HealthCheckRequest) (*health.HealthCheckResponse, error) {
	return s.OkCheck(ctx)
}

func (s *okHealth) OkCheck(ctx context.Context) (*health.HealthCheckResponse, error) {
	if err := s.pool.Ping(ctx); err != nil {
		return nil, err
	}
	return &health.HealthCheckResponse{}, nil
}

func (s *okHealth) Watch(_ *health.HealthCheckRequest, stream health.Health_WatchServer) error {
	return s.OkWatch(stream)
}

func (s *okHealth) OkWatch(stream health.Health_WatchServer) error {
	for {
		if err := stream.Send(&health.HealthCheckResponse{}); err != nil {
			return err
		}
	}
}

// hubHealth remembers the streams of all watchers, and writes to them from other calls.
type hubHealth struct {
	health.UnimplementedHealthServer
	mu      sync.Mutex
	streams []health.Health_WatchServer
}

func (s *hubHealth) Watch(_ *health.HealthCheckRequest, stream health.Health_WatchServer) error {
	s.mu.Lock()
	s.streams = append(s.streams, stream)
	s.mu.Unlock()
	<-stream.Context().Done()
	return nil
}

func (s *hubHealth) Check(context.Context, *health.HealthCheckRequest) (*health.HealthCheckResponse, error) {
	return s.BadNotify()
}

func (s *hubHealth) BadNotify() (*health.HealthCheckResponse, error) {
	for _, stream := range s.streams {
		if err := stream.Send(&health.HealthCheckResponse{}); err != nil { // want "^stream is shared by every call of .*(Check|hubHealth) without a lock"
			return nil, err
		}
	}
	return &health.HealthCheckResponse{}, nil
}

// BadInterceptor logs all calls over one connection.
func BadInterceptor(conn *pgx.Conn) grpc.UnaryServerInterceptor {
	return func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
		conn.Exec(ctx, "insert into calls default values") // want "^conn is shared by every call of .* without a lock"
		return handler(ctx, req)
	}
}

// OkInterceptor logs them over a pool.
func OkInterceptor(pool *pgxpool.Pool) grpc.UnaryServerInterceptor {
	return func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
		pool.Exec(ctx, "insert into calls default values")
		return handler(ctx, req)
	}
}

// OkClient shares the client connection of grpc, which is made for it.
type OkClient struct{ cc *grpc.ClientConn }

func (c *OkClient) OkInvoke(ctx context.Context) error {
	_, err := health.NewHealthClient(c.cc).Check(ctx, &health.HealthCheckRequest{})
	return err
}

// Serve registers everything.
func Serve(ctx context.Context, url string, l net.Listener) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	audit, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer audit.Close(ctx)
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return err
	}
	defer pool.Close()
	bad := grpc.NewServer(grpc.UnaryInterceptor(BadInterceptor(audit)))
	health.RegisterHealthServer(bad, &badHealth{conn: conn})
	good := grpc.NewServer(grpc.UnaryInterceptor(OkInterceptor(pool)))
	health.RegisterHealthServer(good, &okHealth{pool: pool})
	hub := grpc.NewServer()
	health.RegisterHealthServer(hub, &hubHealth{})
	go bad.Serve(l)
	go hub.Serve(l)
	return good.Serve(l)
}
