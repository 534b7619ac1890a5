// Package fields holds connections in the structs behind handlers.
package fields

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"

	"github.com/jackc/pgx/v4"
	pgx5 "github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jmoiron/sqlx"
)

// BadServer serves all requests with the one connection it was made with.
type BadServer struct {
	conn *pgx5.Conn
}

func (s *BadServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := s.conn.Ping(r.Context()); err != nil { // want "^s.conn is shared by every call of .*(ServeHTTP|BadServer) without a lock \\(\\*pgx.Conn is not safe for concurrent use\\)"
		w.WriteHeader(http.StatusServiceUnavailable)
	}
}

type api struct {
	conn *pgx.Conn
	tx   *sqlx.Tx
	pool *pgxpool.Pool
	db   *sql.DB
}

func newAPI(ctx context.Context, url string) (*api, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, err
	}
	db, err := sqlx.Open("pgx", url)
	if err != nil {
		return nil, err
	}
	tx, err := db.BeginTxx(ctx, nil)
	if err != nil {
		return nil, err
	}
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return nil, err
	}
	return &api{conn: conn, tx: tx, pool: pool, db: db.DB}, nil
}

func (a *api) register(mux *http.ServeMux) {
	mux.HandleFunc("GET /list", a.BadMethodValue)
	mux.HandleFunc("POST /add", a.BadSecondMethod)
	mux.HandleFunc("GET /tx", a.BadSharedTx)
	mux.Handle("GET /wrapped", http.HandlerFunc(a.BadWrappedMethod))
	mux.HandleFunc("GET /pool", a.OkPool)
	mux.HandleFunc("GET /db", a.OkDB)
	mux.HandleFunc("GET /sqlconn", a.OkConnOfRequest)
}

func (a *api) BadMethodValue(w http.ResponseWriter, r *http.Request) {
	rows, err := a.conn.Query(r.Context(), "select name from users") // want "^a.conn is shared by every call of .*BadMethodValue without a lock"
	if err != nil {
		return
	}
	defer rows.Close()
	for rows.Next() {
		fmt.Fprintln(w, "row")
	}
}

func (a *api) BadSecondMethod(w http.ResponseWriter, r *http.Request) {
	a.conn.Exec(r.Context(), "insert into users default values") // want "^a.conn is shared by every call of .*BadSecondMethod without a lock"
}

func (a *api) BadWrappedMethod(w http.ResponseWriter, r *http.Request) {
	a.conn.Exec(r.Context(), "delete from users") // want "^a.conn is shared by every call of .*BadWrappedMethod without a lock"
}

// BadSharedTx runs the result sets of all requests on one transaction.
func (a *api) BadSharedTx(w http.ResponseWriter, r *http.Request) {
	rows, err := a.tx.QueryContext(r.Context(), "select name from users") // want "^a.tx is shared by every call of .*BadSharedTx without a lock"
	if err != nil {
		return
	}
	defer rows.Close()
	for rows.Next() {
		fmt.Fprintln(w, "row")
	}
}

func (a *api) OkPool(w http.ResponseWriter, r *http.Request) {
	a.pool.Exec(r.Context(), "insert into users default values")
}

func (a *api) OkDB(w http.ResponseWriter, r *http.Request) {
	a.db.ExecContext(r.Context(), "insert into users default values")
}

// OkConnOfRequest keeps a session of the pool for one request.
func (a *api) OkConnOfRequest(w http.ResponseWriter, r *http.Request) {
	conn, err := a.db.Conn(r.Context())
	if err != nil {
		return
	}
	defer conn.Close()
	rows, err := conn.QueryContext(r.Context(), "select 1")
	if err != nil {
		return
	}
	defer rows.Close()
}

// OkServer is the server that a pool makes right.
type OkServer struct {
	pool *pgxpool.Pool
}

func (s *OkServer) OkServeHTTP(w http.ResponseWriter, r *http.Request) { s.ServeHTTP(w, r) }

func (s *OkServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := s.pool.Ping(r.Context()); err != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
}

// embedding promotes the connection into the handler.
type embedding struct {
	*pgx5.Conn
}

func (e embedding) BadEmbedded(w http.ResponseWriter, r *http.Request) {
	e.Exec(r.Context(), "select 1") // want "is shared by every call of .*BadEmbedded without a lock"
}

// nested reaches the connection through two more structs.
type nested struct {
	deps struct{ store *holder }
}

type holder struct{ conn *pgx5.Conn }

func (n *nested) BadNested(w http.ResponseWriter, r *http.Request) {
	n.deps.store.conn.Exec(r.Context(), "select 1") // want "^n.deps.store.conn is shared by every call of .*BadNested without a lock"
}

// perRequest is made anew by each request that it serves.
type perRequest struct {
	conn *pgx5.Conn
}

func (p *perRequest) run(ctx context.Context) error {
	_, err := p.conn.Exec(ctx, "select 1")
	return err
}

func (p *perRequest) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.conn.Exec(r.Context(), "select 2")
}

func (a *api) OkObjectOfRequest(w http.ResponseWriter, r *http.Request) {
	conn, err := pgx5.Connect(r.Context(), "")
	if err != nil {
		return
	}
	defer conn.Close(r.Context())
	p := &perRequest{conn: conn}
	if err := p.run(r.Context()); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

// OkHandlerOfRequest hands the request on to a handler made for it alone.
func (a *api) OkHandlerOfRequest(w http.ResponseWriter, r *http.Request) {
	conn, err := pgx5.Connect(r.Context(), "")
	if err != nil {
		return
	}
	defer conn.Close(r.Context())
	(&perRequest{conn: conn}).ServeHTTP(w, r)
}

// Serve starts everything.
func Serve(ctx context.Context, url string) error {
	a, err := newAPI(ctx, url)
	if err != nil {
		return err
	}
	defer a.conn.Close(ctx)
	conn, err := pgx5.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	mux := http.NewServeMux()
	a.register(mux)
	mux.Handle("GET /server", &BadServer{conn: conn})
	mux.Handle("GET /ok", &OkServer{pool: a.pool})
	other, err := pgx5.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer other.Close(ctx)
	mux.HandleFunc("GET /embedded", embedding{other}.BadEmbedded)
	n := &nested{}
	n.deps.store = &holder{conn: other}
	mux.HandleFunc("GET /nested", n.BadNested)
	mux.HandleFunc("GET /object", a.OkObjectOfRequest)
	mux.HandleFunc("GET /handler", a.OkHandlerOfRequest)
	return http.ListenAndServe(":8080", mux)
}
