package paths

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"net"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

func BadShadowedInner(ctx context.Context, dsn string, primary bool) error {
	var conn *pgx.Conn
	if primary {
		conn, err := pgx.Connect(ctx, dsn) // want "conn is never released"
		if err != nil {
			return err
		}
		if err := conn.Ping(ctx); err != nil {
			return err
		}
	}
	if conn != nil {
		return conn.Close(ctx)
	}
	return nil
}

func BadShadowedOuter(ctx context.Context, pool, replica *pgxpool.Pool, stale bool) error {
	conn, err := pool.Acquire(ctx) // want "conn is not released"
	if err != nil {
		return err
	}
	if stale {
		conn, err := replica.Acquire(ctx)
		if err != nil {
			return err
		}
		defer conn.Release()
		return conn.Ping(ctx)
	}
	defer conn.Release()
	return conn.Ping(ctx)
}

func BadDroppedWithBlank(ctx context.Context, pool *pgxpool.Pool) error {
	_, err := pool.Acquire(ctx) // want "is never released"
	return err
}

func BadDroppedCompletely(ctx context.Context, db *sql.DB) {
	db.Conn(ctx) // want "is never released"
}

func BadOtherOneClosed(ctx context.Context, db *sql.DB) error {
	first, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer first.Close()
	second, err := db.Conn(ctx) // want "second is never released"
	if err != nil {
		return err
	}
	defer first.Close()
	return second.PingContext(ctx)
}

func BadSecondAcquireFails(ctx context.Context, db *sql.DB) error {
	first, err := db.Conn(ctx) // want "first is not released"
	if err != nil {
		return err
	}
	second, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer first.Close()
	defer second.Close()
	return second.PingContext(ctx)
}

func BadOnlyLogged(ctx context.Context, pool *pgxpool.Pool) error {
	conn, err := pool.Acquire(ctx) // want "conn is never released"
	if err != nil {
		return err
	}
	log.Printf("got %v", conn)
	fmt.Println("conn", conn)
	return nil
}

type session struct {
	id   int
	conn *sql.Conn
}

func BadInLocalStruct(ctx context.Context, db *sql.DB) error {
	conn, err := db.Conn(ctx) // want "conn is never released"
	if err != nil {
		return err
	}
	s := session{id: 1, conn: conn}
	return s.conn.PingContext(ctx)
}

func BadThroughAlias(ctx context.Context, db *sql.DB, ping bool) error {
	conn, err := db.Conn(ctx) // want "conn is not released"
	if err != nil {
		return err
	}
	same := conn
	if ping {
		return same.PingContext(ctx)
	}
	return same.Close()
}

// BadHalfClose: shutting down one direction gives no descriptor back.
func BadHalfClose(addr *net.TCPAddr) error {
	conn, err := net.DialTCP("tcp", nil, addr) // want "conn is never released"
	if err != nil {
		return err
	}
	if _, err := conn.Write([]byte("bye")); err != nil {
		return err
	}
	return conn.CloseWrite()
}

func OkThroughAlias(ctx context.Context, db *sql.DB) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	same := conn
	defer same.Close()
	return conn.PingContext(ctx)
}

func OkShadowedBothClosed(ctx context.Context, pool, replica *pgxpool.Pool, stale bool) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	if stale {
		conn, err := replica.Acquire(ctx)
		if err != nil {
			return err
		}
		defer conn.Release()
		return conn.Ping(ctx)
	}
	return conn.Ping(ctx)
}

func OkEitherOfTwoSources(ctx context.Context, pool, replica *pgxpool.Pool, stale bool) error {
	var conn *pgxpool.Conn
	var err error
	if stale {
		conn, err = replica.Acquire(ctx)
	} else {
		conn, err = pool.Acquire(ctx)
	}
	if err != nil {
		return err
	}
	defer conn.Release()
	return conn.Ping(ctx)
}

func OkFallbackAfterFailure(ctx context.Context, primary, standby string) error {
	conn, err := pgx.Connect(ctx, primary)
	if err != nil {
		conn, err = pgx.Connect(ctx, standby)
		if err != nil {
			return err
		}
	}
	defer conn.Close(ctx)
	return conn.Ping(ctx)
}

func OkLocalStructField(ctx context.Context, db *sql.DB) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	s := session{id: 2, conn: conn}
	defer s.conn.Close()
	return s.conn.PingContext(ctx)
}

func OkTypeAssertion(ctx context.Context) error {
	var d net.Dialer
	raw, err := d.DialContext(ctx, "tcp", "db:5432")
	if err != nil {
		return err
	}
	if tcp, ok := raw.(*net.TCPConn); ok {
		if err := tcp.SetNoDelay(true); err != nil {
			tcp.Close()
			return err
		}
	}
	return raw.Close()
}

func OkPoolOwesNothing(ctx context.Context, dsn string) error {
	pool, err := pgxpool.New(ctx, dsn)
	if err != nil {
		return err
	}
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		return err
	}
	if err := db.PingContext(ctx); err != nil {
		return err
	}
	return pool.Ping(ctx)
}
