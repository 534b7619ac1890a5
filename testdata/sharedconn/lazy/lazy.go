// Package lazy makes its connections when they are first asked for.
package lazy

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"net/http"
	"os"
	"sync"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// The warehouse is opened on first use and kept.
var warehouse driver.Conn

func getDB(ctx context.Context) (driver.Conn, error) {
	if warehouse != nil {
		return warehouse, nil
	}
	c, err := duckdb.NewConnector("warehouse.db", nil)
	if err != nil {
		return nil, err
	}
	warehouse, err = c.Connect(ctx)
	return warehouse, err
}

// BadAccessor asks an accessor that hands the same connection to everyone.
func BadAccessor(w http.ResponseWriter, r *http.Request) {
	db, err := getDB(r.Context())
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	stmt, err := db.Prepare("select count(*) from stats") // want "^db is shared by every call of handler BadAccessor without a lock"
	if err != nil {
		return
	}
	defer stmt.Close()
}

var (
	once    sync.Once
	oneConn *pgx.Conn
)

func getOnce() *pgx.Conn {
	once.Do(func() {
		oneConn, _ = pgx.Connect(context.Background(), os.Getenv("DATABASE_URL"))
	})
	return oneConn
}

// BadOnce is initialised safely and then used by all requests at once.
func BadOnce(w http.ResponseWriter, r *http.Request) {
	getOnce().Exec(r.Context(), "select 1") // want "is shared by every call of handler BadOnce without a lock"
}

var getValue = sync.OnceValue(func() *pgx.Conn {
	c, err := pgx.Connect(context.Background(), os.Getenv("DATABASE_URL"))
	if err != nil {
		return nil
	}
	return c
})

func BadOnceValue(w http.ResponseWriter, r *http.Request) {
	c := getValue()
	c.Exec(r.Context(), "select 1") // want "^c is shared by every call of handler BadOnceValue without a lock"
}

var getValues = sync.OnceValues(func() (*pgx.Conn, error) {
	return pgx.Connect(context.Background(), os.Getenv("DATABASE_URL"))
})

func BadOnceValues(w http.ResponseWriter, r *http.Request) {
	c, err := getValues()
	if err != nil {
		return
	}
	c.Exec(r.Context(), "select 1") // want "^c is shared by every call of handler BadOnceValues without a lock"
}

var (
	initMu sync.Mutex
	inited *pgx.Conn
)

// BadLockedInit locks only the making of the connection, not its use.
func BadLockedInit(w http.ResponseWriter, r *http.Request) {
	initMu.Lock()
	if inited == nil {
		inited, _ = pgx.Connect(r.Context(), os.Getenv("DATABASE_URL"))
	}
	initMu.Unlock()
	inited.Exec(r.Context(), "select 1") // want "^inited is shared by every call of handler BadLockedInit without a lock"
}

// session makes its connection in a method.
type session struct {
	once sync.Once
	conn *pgx.Conn
	err  error
}

func (s *session) get(ctx context.Context) (*pgx.Conn, error) {
	s.once.Do(func() {
		s.conn, s.err = pgx.Connect(ctx, os.Getenv("DATABASE_URL"))
	})
	return s.conn, s.err
}

func (s *session) BadOnceField(w http.ResponseWriter, r *http.Request) {
	c, err := s.get(r.Context())
	if err != nil {
		return
	}
	c.Exec(r.Context(), "select 1") // want "^c is shared by every call of .*BadOnceField without a lock"
}

var getPool = sync.OnceValues(func() (*pgxpool.Pool, error) {
	return pgxpool.New(context.Background(), os.Getenv("DATABASE_URL"))
})

func OkOnceValuesPool(w http.ResponseWriter, r *http.Request) {
	p, err := getPool()
	if err != nil {
		return
	}
	p.Exec(r.Context(), "select 1")
}

var (
	dbOnce sync.Once
	dbPool *sql.DB
)

func getSQL() *sql.DB {
	dbOnce.Do(func() { dbPool, _ = sql.Open("duckdb", "warehouse.db") })
	return dbPool
}

// OkAccessorPool hands out a pool, and the request takes a connection of it.
func OkAccessorPool(w http.ResponseWriter, r *http.Request) {
	c, err := getSQL().Conn(r.Context())
	if err != nil {
		return
	}
	defer c.Close()
	rows, err := c.QueryContext(r.Context(), "select 1")
	if err != nil {
		return
	}
	defer rows.Close()
}

// The connector is made once, which is right; connections are made per request.
var getConnector = sync.OnceValues(func() (*duckdb.Connector, error) {
	return duckdb.NewConnector("warehouse.db", nil)
})

func OkConnector(w http.ResponseWriter, r *http.Request) {
	connector, err := getConnector()
	if err != nil {
		return
	}
	c, err := connector.Connect(r.Context())
	if err != nil {
		return
	}
	defer c.Close()
	stmt, err := c.Prepare("select 1")
	if err != nil {
		return
	}
	defer stmt.Close()
}

// OkFresh looks like an accessor but connects each time.
func OkFresh(w http.ResponseWriter, r *http.Request) {
	c, err := open(r.Context())
	if err != nil {
		return
	}
	defer c.Close(r.Context())
	c.Exec(r.Context(), "select 1")
}

func open(ctx context.Context) (*pgx.Conn, error) {
	return pgx.Connect(ctx, os.Getenv("DATABASE_URL"))
}

var (
	lockedMu   sync.Mutex
	lockedConn *pgx.Conn
)

// OkLockedThroughout holds the lock while it makes and uses the connection.
func OkLockedThroughout(w http.ResponseWriter, r *http.Request) {
	lockedMu.Lock()
	defer lockedMu.Unlock()
	if lockedConn == nil {
		c, err := pgx.Connect(r.Context(), os.Getenv("DATABASE_URL"))
		if err != nil {
			return
		}
		lockedConn = c
	}
	lockedConn.Exec(r.Context(), "select 1")
}

// Per request, the object keeps its connection lazily.
type unit struct{ conn *pgx.Conn }

func (u *unit) get(ctx context.Context) *pgx.Conn {
	if u.conn == nil {
		u.conn, _ = pgx.Connect(ctx, os.Getenv("DATABASE_URL"))
	}
	return u.conn
}

func OkLazyObjectOfRequest(w http.ResponseWriter, r *http.Request) {
	u := &unit{}
	c := u.get(r.Context())
	defer c.Close(r.Context())
	c.Exec(r.Context(), "select 1")
	u.get(r.Context()).Exec(r.Context(), "select 2")
}

// Serve registers everything.
func Serve() error {
	s := &session{}
	http.HandleFunc("/1", BadAccessor)
	http.HandleFunc("/2", BadOnce)
	http.HandleFunc("/3", BadOnceValue)
	http.HandleFunc("/4", BadOnceValues)
	http.HandleFunc("/5", BadLockedInit)
	http.HandleFunc("/6", s.BadOnceField)
	http.HandleFunc("/7", OkOnceValuesPool)
	http.HandleFunc("/8", OkAccessorPool)
	http.HandleFunc("/9", OkConnector)
	http.HandleFunc("/10", OkFresh)
	http.HandleFunc("/11", OkLockedThroughout)
	http.HandleFunc("/12", OkLazyObjectOfRequest)
	return http.ListenAndServe(":8080", nil)
}
