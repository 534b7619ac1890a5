package loops

import (
	"context"
	"database/sql"
	"errors"
	"log"
	"net"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
)

// BadDeferInAcceptLoop keeps every connection open until the server shuts down.
func BadDeferInAcceptLoop(l net.Listener) error {
	for {
		conn, err := l.Accept() // want "conn is released only when the function returns, not when the loop turns \\(possible connection leak, one more with each iteration\\)"
		if err != nil {
			return err
		}
		defer conn.Close()
		_, _ = conn.Write([]byte("busy\n"))
	}
}

// BadDeferPerPage holds the rows of all pages at once.
func BadDeferPerPage(ctx context.Context, db *sql.DB) (n int, err error) {
	for page := 0; ; page++ {
		rows, err := db.QueryContext(ctx, "select id from t offset $1", 100*page) // want "rows is released only when the function returns"
		if err != nil {
			return n, err
		}
		defer rows.Close()
		if !rows.Next() {
			return n, rows.Err()
		}
		n++
	}
}

// BadDeferInWorkerThatNeverEnds: nobody ever runs the deferred release.
func BadDeferInWorkerThatNeverEnds(ctx context.Context, rdb *redis.Client) {
	for {
		sub := rdb.Subscribe(ctx, "news") // want "sub is released by a defer that never runs, because the loop does not end"
		defer sub.Close()
		if msg, err := sub.ReceiveMessage(ctx); err == nil {
			log.Print(msg.Payload)
		}
	}
}

// BadHalfDeferred defers only what succeeded at once; what had to be retried
// is forgotten.
func BadHalfDeferred(ctx context.Context, db *sql.DB, names []string) error {
	for _, name := range names {
		conn, err := db.Conn(ctx) // want "conn is acquired again before it is released"
		if err != nil {
			return err
		}
		if conn.PingContext(ctx) != nil {
			continue
		}
		_, _ = conn.ExecContext(ctx, "insert into t values ($1)", name)
		_ = conn.Close()
	}
	return nil
}

// OkAcceptAndHandle: the goroutine that handles the connection closes it.
func OkAcceptAndHandle(ctx context.Context, l net.Listener, handle func([]byte)) error {
	defer context.AfterFunc(ctx, func() { _ = l.Close() })()
	for {
		conn, err := l.Accept()
		if err != nil {
			return errors.Join(err, ctx.Err())
		}
		go func(c net.Conn) {
			defer func() { _ = c.Close() }()
			buf := make([]byte, 512)
			for {
				n, err := c.Read(buf)
				if err != nil {
					return
				}
				handle(buf[:n])
			}
		}(conn)
	}
}

// OkDeferThenReturn defers in the turn that is the last one.
func OkDeferThenReturn(ctx context.Context, dsns []string) error {
	for _, dsn := range dsns {
		conn, err := pgx.Connect(ctx, dsn)
		if err != nil {
			log.Print(err)
			continue
		}
		defer conn.Close(ctx)
		_, err = conn.Exec(ctx, "select 1")
		return err
	}
	return errors.New("no server")
}

// OkSameLength asks for the same length twice, in two ways.
func OkSameLength(ctx context.Context, pool *pgxpool.Pool, jobs []string) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	if len(jobs) == 0 {
		conn.Release()
	}
	_, err = pool.Exec(ctx, "select 1")
	if len(jobs) > 0 {
		conn.Release()
	}
	return err
}

// OkSameNumber compares the same number from both sides.
func OkSameNumber(ctx context.Context, pool *pgxpool.Pool, n, limit int) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	if n >= limit {
		conn.Release()
		log.Print("limit reached")
	}
	time.Sleep(time.Millisecond)
	if limit > n {
		defer conn.Release()
		return conn.Ping(ctx)
	}
	return nil
}

// BadNotTheSameNumber: the second test is not the opposite of the first.
func BadNotTheSameNumber(ctx context.Context, pool *pgxpool.Pool, n, limit int) error {
	conn, err := pool.Acquire(ctx) // want "conn is not released on all paths"
	if err != nil {
		return err
	}
	if n > limit {
		conn.Release()
		log.Print("limit passed")
	}
	time.Sleep(time.Millisecond)
	if limit > n {
		defer conn.Release()
		return conn.Ping(ctx)
	}
	return nil
}

// OkExhaustedCursor: a cursor whose id is zero has nothing left on the server.
func OkExhaustedCursor(ctx context.Context, coll *mongo.Collection) (bson.M, error) {
	cur, err := coll.Find(ctx, bson.D{})
	if err != nil {
		return nil, err
	}
	var m bson.M
	if cur.TryNext(ctx) {
		err = cur.Decode(&m)
	}
	if cur.ID() == 0 {
		return m, err
	}
	return m, errors.Join(err, cur.Close(ctx))
}

// OkLastResultSet: asking for a result set that is not there closes the rows.
func OkLastResultSet(ctx context.Context, db *sql.DB) (n int, err error) {
	rows, err := db.QueryContext(ctx, "call report()")
	if err != nil {
		return 0, err
	}
	for rows.NextResultSet() {
		n++
	}
	return n, rows.Err()
}
