package nofixes

import (
	"context"

	"github.com/jackc/pgx/v5"
)

func dial(dsn string) (*pgx.Conn, error) { return pgx.Connect(context.Background(), dsn) }

// BadShadowedContext: the names that a fix needs mean something else here.
func BadShadowedContext(context string) (uint32, error) {
	conn, err := dial(context) // want "conn is never released"
	if err != nil {
		return 0, err
	}
	return conn.PgConn().PID(), nil
}
