// Package sharedconn has what only the strict profile reports.
package sharedconn

import (
	"context"
	"net/http"
	"os"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

var (
	byTenant      = map[string]*pgx.Conn{}
	poolsByTenant = map[string]*pgxpool.Pool{}
)

func init() {
	for _, name := range []string{"a", "b"} {
		conn, err := pgx.Connect(context.Background(), os.Getenv("DATABASE_URL"))
		if err != nil {
			return
		}
		byTenant[name] = conn
	}
}

// BadVariableKey may give two requests of one tenant one connection.
func BadVariableKey(w http.ResponseWriter, r *http.Request) {
	byTenant[r.Host].Exec(r.Context(), "select 1") // want "is shared by every call of handler BadVariableKey without a lock"
}

// OkVariableKey gives them one pool.
func OkVariableKey(w http.ResponseWriter, r *http.Request) {
	poolsByTenant[r.Host].Exec(r.Context(), "select 1")
}
