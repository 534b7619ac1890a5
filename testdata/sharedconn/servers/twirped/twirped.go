// Package twirped implements a service of twirp.
package twirped

import (
	"context"
	"net/http"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/connvet/connvet/testdata/sharedconn/servers/twirped/hats"
)

type shop struct{ conn *pgx.Conn }

// MakeHat is called for each request.
func (s *shop) MakeHat(ctx context.Context, size *hats.Size) (*hats.Hat, error) {
	_, err := s.conn.Exec(ctx, "insert into hats values ($1)", size.Inches) // want "^s.conn is shared by every call of handler haberdasherServer.ServeHTTP without a lock"
	return &hats.Hat{}, err
}

// BadShop serves MakeHat over one connection.
func BadShop(ctx context.Context, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	srv := hats.NewHaberdasherServer(&shop{conn})
	mux := http.NewServeMux()
	mux.Handle(srv.PathPrefix(), srv)
	return http.ListenAndServe(":8080", mux)
}

type pooled struct{ pool *pgxpool.Pool }

// MakeHat leases what it needs.
func (s *pooled) MakeHat(ctx context.Context, size *hats.Size) (*hats.Hat, error) {
	_, err := s.pool.Exec(ctx, "insert into hats values ($1)", size.Inches)
	return &hats.Hat{}, err
}

// OkShop serves over a pool.
func OkShop(pool *pgxpool.Pool) error {
	return http.ListenAndServe(":8080", hats.NewHaberdasherServer(&pooled{pool}))
}
