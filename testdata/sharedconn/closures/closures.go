// Package closures makes handlers by functions: constructors and middleware.
package closures

import (
	"context"
	"database/sql"
	"net/http"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// BadConstructor returns a handler over a connection that Serve makes once.
func BadConstructor(conn *pgx.Conn) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		conn.Exec(r.Context(), "select 1") // want "^conn is shared by every call of .* without a lock"
	}
}

func BadPlainFunc(conn *pgx.Conn, query string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, r *http.Request) {
		conn.Exec(r.Context(), query) // want "^conn is shared by every call of .* without a lock"
	}
}

func BadHandlerResult(conn *pgx.Conn) http.Handler {
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn.Exec(r.Context(), "select 3") // want "^conn is shared by every call of .* without a lock"
	})
	return h
}

// BadMiddleware asks one connection about every request.
func BadMiddleware(conn *pgx.Conn, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := conn.Ping(r.Context()); err != nil { // want "^conn is shared by every call of .* without a lock"
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// BadCurried is a middleware in the shape that routers ask for.
func BadCurried(conn *pgx.Conn) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			conn.Exec(r.Context(), "insert into visits default values") // want "^conn is shared by every call of .* without a lock"
			next.ServeHTTP(w, r)
		})
	}
}

// BadMadeInside connects in the constructor, which runs once.
func BadMadeInside(ctx context.Context, url string) (http.HandlerFunc, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, err
	}
	return func(w http.ResponseWriter, r *http.Request) {
		conn.Exec(r.Context(), "select 4") // want "^conn is shared by every call of .* without a lock"
	}, nil
}

// BadBehindMiddleware is wrapped twice before it is registered.
func BadBehindMiddleware(conn *pgx.Conn) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		conn.Exec(r.Context(), "select 5") // want "^conn is shared by every call of .* without a lock"
	}
}

func OkConstructor(pool *pgxpool.Pool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		pool.Exec(r.Context(), "select 1")
	}
}

func OkHandlerResult(db *sql.DB) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		db.ExecContext(r.Context(), "select 3")
	})
}

func OkMiddleware(pool *pgxpool.Pool, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := pool.Ping(r.Context()); err != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// OkLogging knows no connection; what it wraps is judged by itself.
func OkLogging(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r)
	})
}

// OkDialer gets a function that connects, and calls it for each request.
func OkDialer(dial func(context.Context) (*pgx.Conn, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		conn, err := dial(r.Context())
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		defer conn.Close(r.Context())
		conn.Exec(r.Context(), "select 6")
	}
}

// OkHandlerOfRequest makes a closure over a connection for one request.
func OkHandlerOfRequest(url string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		conn, err := pgx.Connect(r.Context(), url)
		if err != nil {
			return
		}
		defer conn.Close(r.Context())
		inner := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			conn.Exec(r.Context(), "select 7")
		})
		inner.ServeHTTP(w, r)
	}
}

// OkNeverRegistered is called once, by start-up code.
func OkNeverRegistered(conn *pgx.Conn) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := conn.Exec(ctx, "select 8")
		return err
	}
}

// Serve connects once and registers everything.
func Serve(ctx context.Context, url string) error {
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return err
	}
	db, err := sql.Open("pgx", url)
	if err != nil {
		return err
	}
	a, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	b, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	setup, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	if err := OkNeverRegistered(setup)(ctx); err != nil {
		return err
	}
	setup.Close(ctx)
	made, err := BadMadeInside(ctx, url)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/a", BadConstructor(a))
	mux.HandleFunc("/b", BadPlainFunc(a, "select 2"))
	mux.Handle("/c", BadHandlerResult(a))
	mux.Handle("/d", BadMiddleware(b, http.NotFoundHandler()))
	mux.Handle("/e", BadCurried(b)(http.NotFoundHandler()))
	mux.HandleFunc("/f", made)
	mux.Handle("/g", OkLogging(OkLogging(BadBehindMiddleware(a))))
	mux.Handle("/h", OkConstructor(pool))
	mux.Handle("/i", OkHandlerResult(db))
	mux.Handle("/j", OkMiddleware(pool, http.NotFoundHandler()))
	mux.Handle("/k", OkDialer(func(ctx context.Context) (*pgx.Conn, error) { return pgx.Connect(ctx, url) }))
	mux.Handle("/l", OkHandlerOfRequest(url))
	return http.ListenAndServe(":8080", mux)
}
