package nofixes

import "github.com/jackc/pgx/v5"

type fixed struct{ dsn string }

func (f fixed) open() (*pgx.Conn, error) { return dial(f.dsn) }

// BadNoContextAtAll: Close wants a context, and the file knows none.
func BadNoContextAtAll(f fixed) (uint32, error) {
	conn, err := f.open() // want "conn is never released"
	if err != nil {
		return 0, err
	}
	return conn.PgConn().PID(), nil
}
