// Package web has handlers over queries that may hold a pool, a connection or
// a transaction; where they come from decides.
package web

import (
	"context"
	"database/sql"
	"net/http"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"gorm.io/gorm"

	"github.com/connvet/connvet/testdata/sharedconn/provenance/gen"
	"github.com/connvet/connvet/testdata/sharedconn/provenance/repo"
)

// users serves whatever querier it is given; BadOverConn gives it a connection.
func users(q gen.Querier) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if _, err := q.ListUsers(r.Context()); err != nil { // want "^conn is shared by every call of a handler without a lock"
			w.WriteHeader(http.StatusInternalServerError)
		}
	}
}

// BadQuerierConn puts one connection behind the queries.
func BadQuerierConn(ctx context.Context, mux *http.ServeMux) error {
	conn, err := pgx.Connect(ctx, "")
	if err != nil {
		return err
	}
	q := gen.New(conn)
	mux.HandleFunc("/conn", func(w http.ResponseWriter, r *http.Request) {
		q.AddUser(r.Context(), "name") // want "^conn is shared by every call of .* without a lock \\(\\*pgx.Conn"
	})
	return nil
}

// BadQuerierTx binds the queries to a transaction that outlives the request.
func BadQuerierTx(ctx context.Context, pool *pgxpool.Pool, mux *http.ServeMux) error {
	tx, err := pool.Begin(ctx)
	if err != nil {
		return err
	}
	q := gen.New(pool).WithTx(tx)
	mux.HandleFunc("/tx", func(w http.ResponseWriter, r *http.Request) {
		q.AddUser(r.Context(), "name") // want "^tx is shared by every call of .* without a lock \\(pgx.Tx"
	})
	return nil
}

// BadQuerierLease keeps a lease of the pool inside the repository.
func BadQuerierLease(ctx context.Context, pool *pgxpool.Pool, mux *http.ServeMux) error {
	r, err := repo.Pinned(ctx, pool)
	if err != nil {
		return err
	}
	mux.HandleFunc("/lease", func(w http.ResponseWriter, req *http.Request) {
		r.AddUser(req.Context(), "name") // want "is shared by every call of .* without a lock \\(\\*pgxpool.Conn"
	})
	return nil
}

func OkQuerierPool(pool *pgxpool.Pool, mux *http.ServeMux) {
	r := repo.New(pool)
	mux.HandleFunc("/pool", func(w http.ResponseWriter, req *http.Request) { r.AddUser(req.Context(), "name") })
}

// OkQuerierTxOfRequest binds the shared queries to a transaction of the request.
func OkQuerierTxOfRequest(pool *pgxpool.Pool, mux *http.ServeMux) {
	r := repo.New(pool)
	mux.HandleFunc("/tx/own", func(w http.ResponseWriter, req *http.Request) {
		r.InTx(req.Context(), func(q gen.Querier) error { return q.AddUser(req.Context(), "name") })
	})
}

// BadOverConn is two interfaces away from users.
func BadOverConn(ctx context.Context, mux *http.ServeMux) error {
	conn, err := pgx.Connect(ctx, "")
	if err != nil {
		return err
	}
	mux.HandleFunc("/over", users(repo.Over(gen.New(conn))))
	return nil
}

func OkOverPool(pool *pgxpool.Pool, mux *http.ServeMux) {
	mux.HandleFunc("/over/pool", users(repo.Over(gen.New(pool))))
}

// BadInner takes the connection out of a lease and keeps it.
func BadInner(ctx context.Context, pool *pgxpool.Pool, mux *http.ServeMux) error {
	lease, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	inner := lease.Conn()
	mux.HandleFunc("/inner", func(w http.ResponseWriter, r *http.Request) {
		inner.Ping(r.Context()) // want "is shared by every call of .* without a lock"
	})
	return nil
}

func OkInner(pool *pgxpool.Pool, mux *http.ServeMux) {
	mux.HandleFunc("/inner/own", func(w http.ResponseWriter, r *http.Request) {
		lease, err := pool.Acquire(r.Context())
		if err != nil {
			return
		}
		defer lease.Release()
		lease.Conn().Ping(r.Context())
	})
}

// BadHijacked keeps a connection that it took away from its pool.
func BadHijacked(ctx context.Context, pool *pgxpool.Pool, mux *http.ServeMux) error {
	lease, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	conn := lease.Hijack()
	mux.HandleFunc("/hijacked", func(w http.ResponseWriter, r *http.Request) {
		conn.Ping(r.Context()) // want "is shared by every call of .* without a lock"
	})
	return nil
}

// BadPgConn goes below the connection.
func BadPgConn(ctx context.Context, mux *http.ServeMux) error {
	conn, err := pgx.Connect(ctx, "")
	if err != nil {
		return err
	}
	low := conn.PgConn()
	mux.HandleFunc("/low", func(w http.ResponseWriter, r *http.Request) {
		low.Exec(r.Context(), "select 1").ReadAll() // want "is shared by every call of .* without a lock"
	})
	return nil
}

// BadSessionBesideRaw shares the session that it hands to Raw.
func BadSessionBesideRaw(ctx context.Context, db *sql.DB, mux *http.ServeMux) error {
	session, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	mux.HandleFunc("/raw", func(w http.ResponseWriter, r *http.Request) {
		rows, err := session.QueryContext(r.Context(), "select 1") // want "^session is shared by every call of .* without a lock"
		if err != nil {
			return
		}
		rows.Close()
	})
	return session.Raw(func(any) error { return nil })
}

func OkRaw(db *sql.DB, mux *http.ServeMux) {
	mux.HandleFunc("/raw/own", func(w http.ResponseWriter, r *http.Request) {
		session, err := db.Conn(r.Context())
		if err != nil {
			return
		}
		defer session.Close()
		session.Raw(func(driver any) error {
			_, ok := driver.(interface{ Ping(context.Context) error })
			if !ok {
				return sql.ErrConnDone
			}
			return nil
		})
	})
}

// BadSavepoint keeps a nested transaction.
func BadSavepoint(ctx context.Context, pool *pgxpool.Pool, mux *http.ServeMux) error {
	outer, err := pool.Begin(ctx)
	if err != nil {
		return err
	}
	nested, err := outer.Begin(ctx)
	if err != nil {
		return err
	}
	mux.HandleFunc("/nested", func(w http.ResponseWriter, r *http.Request) {
		nested.Exec(r.Context(), "insert") // want "^nested is shared by every call of .* without a lock"
	})
	return nil
}

// store is a gorm repository.
type store struct{ db *gorm.DB }

func (s *store) count(ctx context.Context) (n int64) {
	s.db.WithContext(ctx).Table("users").Count(&n)
	return n
}

func (s *store) narrowed(ctx context.Context) (n int64) {
	s.db.Where("active").Count(&n) // want "^s.db is shared by every call of .*BadGormTxStore without a lock" "^s.db is shared by every call of .*BadGormChainStore without a lock"
	return n
}

type gormServer struct{ store *store }

func (s *gormServer) BadGormTxStore(w http.ResponseWriter, r *http.Request) {
	s.store.narrowed(r.Context())
}

type chainServer struct{ store *store }

func (s *chainServer) BadGormChainStore(w http.ResponseWriter, r *http.Request) {
	s.store.narrowed(r.Context())
}

type okGormServer struct{ store *store }

func (s *okGormServer) OkGormStore(w http.ResponseWriter, r *http.Request) {
	s.store.narrowed(r.Context())
	s.store.count(r.Context())
}

// OkGormTransactionStore makes the store anew over each transaction.
func (s *okGormServer) OkGormTransactionStore(w http.ResponseWriter, r *http.Request) {
	s.store.db.WithContext(r.Context()).Transaction(func(tx *gorm.DB) error {
		(&store{db: tx}).narrowed(r.Context())
		return nil
	})
}

// OkGormBegin has a transaction of the request.
func (s *okGormServer) OkGormBegin(w http.ResponseWriter, r *http.Request) {
	tx := s.store.db.Begin()
	defer tx.Rollback()
	if tx.Exec("insert").Error == nil {
		tx.Commit()
	}
}

// OkGormScoped keeps a query that Session made shareable again.
func (s *okGormServer) OkGormScoped(w http.ResponseWriter, r *http.Request) {
	(&store{db: s.store.db.Where("tenant = 1").Session(&gorm.Session{})}).narrowed(r.Context())
}

func gormRoutes(open *gorm.DB, mux *http.ServeMux) {
	tx := open.Begin()
	chain := open.Table("users")
	mux.HandleFunc("/gorm/tx", (&gormServer{&store{tx}}).BadGormTxStore)
	mux.HandleFunc("/gorm/chain", (&chainServer{&store{chain}}).BadGormChainStore)
	ok := &okGormServer{&store{open.Session(&gorm.Session{PrepareStmt: true})}}
	mux.HandleFunc("/gorm/ok", ok.OkGormStore)
	mux.HandleFunc("/gorm/ok/tx", ok.OkGormTransactionStore)
	mux.HandleFunc("/gorm/ok/begin", ok.OkGormBegin)
	mux.HandleFunc("/gorm/ok/scoped", ok.OkGormScoped)
}

// BadBunTx keeps a bun transaction behind all requests.
func BadBunTx(ctx context.Context, db *bun.DB, mux *http.ServeMux) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	mux.HandleFunc("/bun/tx", func(w http.ResponseWriter, r *http.Request) {
		rows, err := tx.QueryContext(r.Context(), "select 1") // want "^tx is shared by every call of .* without a lock \\(bun.Tx"
		if err != nil {
			return
		}
		rows.Close()
	})
	return nil
}

// BadBunConn keeps a session of bun's pool.
func BadBunConn(ctx context.Context, db *bun.DB, mux *http.ServeMux) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	mux.HandleFunc("/bun/conn", func(w http.ResponseWriter, r *http.Request) {
		rows, err := conn.QueryContext(r.Context(), "select 1") // want "^conn is shared by every call of .* without a lock \\(bun.Conn"
		if err != nil {
			return
		}
		rows.Close()
	})
	return nil
}

// bunStore takes what all of bun's handles have in common.
type bunStore struct{ db bun.IDB }

func (s *bunStore) names(ctx context.Context) (names []string, err error) {
	err = s.db.NewSelect().Table("users").Column("name").Scan(ctx, &names)
	return names, err
}

func OkBunDB(sqldb *sql.DB, dialect schema.Dialect, mux *http.ServeMux) {
	s := &bunStore{db: bun.NewDB(sqldb, dialect)}
	mux.HandleFunc("/bun/db", func(w http.ResponseWriter, r *http.Request) { s.names(r.Context()) })
}

func OkBunTxOfRequest(db *bun.DB, mux *http.ServeMux) {
	mux.HandleFunc("/bun/run", func(w http.ResponseWriter, r *http.Request) {
		db.RunInTx(r.Context(), nil, func(ctx context.Context, tx bun.Tx) error {
			_, err := (&bunStore{db: tx}).names(ctx)
			return err
		})
	})
}

// BadMongoSession carries one session in the context of all requests.
func BadMongoSession(ctx context.Context, client *mongo.Client, mux *http.ServeMux) error {
	session, err := client.StartSession()
	if err != nil {
		return err
	}
	users := client.Database("app").Collection("users")
	mux.HandleFunc("/mongo", func(w http.ResponseWriter, r *http.Request) {
		session.WithTransaction(r.Context(), func(ctx context.Context) (any, error) { // want "^session is shared by every call of .* without a lock"
			return users.InsertOne(ctx, struct{}{})
		})
	})
	return nil
}

func OkMongoSession(client *mongo.Client, mux *http.ServeMux) {
	users := client.Database("app").Collection("users")
	mux.HandleFunc("/mongo/own", func(w http.ResponseWriter, r *http.Request) {
		session, err := client.StartSession()
		if err != nil {
			return
		}
		defer session.EndSession(r.Context())
		session.WithTransaction(r.Context(), func(ctx context.Context) (any, error) {
			return users.InsertOne(ctx, struct{}{})
		})
	})
}

// OkContextTx puts the transaction of a request into its context, two packages deep.
func OkContextTx(pool *pgxpool.Pool, mux *http.ServeMux) {
	rp := repo.New(pool)
	mux.HandleFunc("/context", func(w http.ResponseWriter, r *http.Request) {
		tx, err := pool.Begin(r.Context())
		if err != nil {
			return
		}
		defer tx.Rollback(r.Context())
		ctx := repo.With(r.Context(), tx)
		if rp.Exec(ctx, "insert") == nil && rp.Exec(ctx, "update") == nil {
			tx.Commit(r.Context())
		}
	})
}

// BadContextTx puts one transaction into the context that all requests come from.
func BadContextTx(ctx context.Context, pool *pgxpool.Pool, mux *http.ServeMux) error {
	tx, err := pool.Begin(ctx)
	if err != nil {
		return err
	}
	rp, base := repo.New(pool), repo.With(ctx, tx)
	mux.HandleFunc("/context/shared", func(w http.ResponseWriter, r *http.Request) {
		rp.Exec(base, "insert") // want "^(tx|base) is shared by every call of .* without a lock"
	})
	return nil
}

// OkDescribe reads what needs no turn.
func OkDescribe(ctx context.Context, mux *http.ServeMux) error {
	conn, err := pgx.Connect(ctx, "")
	if err != nil {
		return err
	}
	mux.HandleFunc("/describe", func(w http.ResponseWriter, r *http.Request) {
		w.Write([]byte(conn.Config().Database))
	})
	return nil
}

// tracer only looks at what it is given.
type tracer struct{}

func (tracer) TraceQueryStart(ctx context.Context, conn *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	return ctx
}

func (tracer) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// OkTracer sets up a pool whose hooks are given connections one by one.
func OkTracer(ctx context.Context, mux *http.ServeMux) error {
	cfg, err := pgxpool.ParseConfig("")
	if err != nil {
		return err
	}
	cfg.ConnConfig.Tracer = tracer{}
	cfg.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, "set statement_timeout = 1000")
		return err
	}
	cfg.BeforeAcquire = func(ctx context.Context, conn *pgx.Conn) bool { return conn.Ping(ctx) == nil }
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return err
	}
	mux.HandleFunc("/hooks", func(w http.ResponseWriter, r *http.Request) { pool.Exec(r.Context(), "select 1") })
	return nil
}

var _ pgconn.CommandTag

// Serve registers everything.
func Serve(ctx context.Context, pool *pgxpool.Pool, db *sql.DB, orm *gorm.DB, b *bun.DB, m *mongo.Client) error {
	mux := http.NewServeMux()
	for _, f := range []func(context.Context, *http.ServeMux) error{BadQuerierConn, BadOverConn, BadPgConn, OkDescribe, OkTracer} {
		if err := f(ctx, mux); err != nil {
			return err
		}
	}
	for _, f := range []func(context.Context, *pgxpool.Pool, *http.ServeMux) error{
		BadQuerierTx, BadQuerierLease, BadInner, BadHijacked, BadSavepoint, BadContextTx,
	} {
		if err := f(ctx, pool, mux); err != nil {
			return err
		}
	}
	for _, f := range []func(*pgxpool.Pool, *http.ServeMux){OkQuerierPool, OkQuerierTxOfRequest, OkOverPool, OkInner, OkContextTx} {
		f(pool, mux)
	}
	OkRaw(db, mux)
	gormRoutes(orm, mux)
	OkBunDB(db, nil, mux)
	OkBunTxOfRequest(b, mux)
	OkMongoSession(m, mux)
	if err := BadSessionBesideRaw(ctx, db, mux); err != nil {
		return err
	}
	if err := BadBunTx(ctx, b, mux); err != nil {
		return err
	}
	if err := BadBunConn(ctx, b, mux); err != nil {
		return err
	}
	if err := BadMongoSession(ctx, m, mux); err != nil {
		return err
	}
	return http.ListenAndServe(":8080", mux)
}
