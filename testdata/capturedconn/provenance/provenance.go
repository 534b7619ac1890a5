// Package provenance follows a connection to the goroutine that gets it by
// another name: in a context, behind an interface, out of a wrapper.
package provenance

import (
	"context"
	"database/sql"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/uptrace/bun"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"golang.org/x/sync/errgroup"
	"gorm.io/gorm"

	"github.com/connvet/connvet/testdata/capturedconn/provenance/dao"
)

// BadContextTx gives the context with the transaction to a goroutine.
func BadContextTx(ctx context.Context, pool *pgxpool.Pool) error {
	tx, err := pool.Begin(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback(ctx)
	ctx = dao.Put(ctx, tx)
	go dao.AddIn(ctx, "audit")
	if err := dao.AddIn(ctx, "user"); err != nil { // want "^tx.Exec may run at the same time as the use on line \\d+ \\(pgx.Tx runs on one connection"
		return err
	}
	return tx.Commit(ctx)
}

func OkContextTx(ctx context.Context, pool *pgxpool.Pool) error {
	tx, err := pool.Begin(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback(ctx)
	ctx = dao.Put(ctx, tx)
	if err := dao.AddIn(ctx, "user"); err != nil {
		return err
	}
	if err := dao.AddIn(ctx, "audit"); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

// BadContextSiblings has two goroutines of one group on it.
func BadContextSiblings(ctx context.Context, pool *pgxpool.Pool) error {
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		g, gctx := errgroup.WithContext(dao.Put(ctx, tx))
		g.Go(func() error { return dao.AddIn(gctx, "one") })
		g.Go(func() error { return dao.AddIn(gctx, "two") }) // want "^gctx.Exec may run at the same time as the use on line \\d+ \\(pgx.Tx runs on one connection"
		return g.Wait()
	})
}

func OkContextJoined(ctx context.Context, pool *pgxpool.Pool) error {
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		g, gctx := errgroup.WithContext(dao.Put(ctx, tx))
		g.Go(func() error { return dao.AddIn(gctx, "one") })
		if err := g.Wait(); err != nil {
			return err
		}
		return dao.AddIn(ctx, "two")
	})
}

// OkPoolBeside writes the audit on the pool while the transaction goes on.
func OkPoolBeside(ctx context.Context, pool *pgxpool.Pool) error {
	q := dao.New(pool)
	go q.Add(context.WithoutCancel(ctx), "audit")
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error { return q.WithTx(tx).Add(ctx, "user") })
}

// BadQueriesTx binds the queries to a transaction and runs them in a goroutine beside.
func BadQueriesTx(ctx context.Context, pool *pgxpool.Pool) error {
	tx, err := pool.Begin(ctx)
	if err != nil {
		return err
	}
	q := dao.New(pool).WithTx(tx)
	go q.Add(ctx, "audit")
	if _, err := q.Count(ctx); err != nil { // want "^tx.QueryRow may run at the same time as the use on line \\d+ \\(pgx.Tx runs on one connection"
		return err
	}
	return tx.Commit(ctx)
}

// BadInTx starts a goroutine inside the helper's callback.
func BadInTx(ctx context.Context, pool *pgxpool.Pool) error {
	return dao.InTx(ctx, pool, func(ctx context.Context, q *dao.Queries) error {
		go q.Add(ctx, "audit")
		return q.Add(ctx, "user") // want "^q.db.Exec may run at the same time as the use on line \\d+ \\(pgx.Tx runs on one connection"
	})
}

func OkInTx(ctx context.Context, pool *pgxpool.Pool) error {
	return dao.InTx(ctx, pool, func(ctx context.Context, q *dao.Queries) error {
		if err := q.Add(ctx, "user"); err != nil {
			return err
		}
		return dao.AddIn(ctx, "audit")
	})
}

// BadInner uses the connection inside a lease beside the lease.
func BadInner(ctx context.Context, pool *pgxpool.Pool) error {
	lease, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer lease.Release()
	go lease.Conn().Ping(ctx)
	return lease.Ping(ctx) // want "^lease.Ping may run at the same time as the use on line \\d+ \\(\\*pgxpool.Conn is one connection lent"
}

func OkInner(ctx context.Context, pool *pgxpool.Pool) error {
	lease, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer lease.Release()
	done := make(chan error)
	go func() { done <- lease.Conn().Ping(ctx) }()
	return <-done
}

// BadRawRows reads rows of a session beside its end.
func BadRawRows(ctx context.Context, db *sql.DB) error {
	session, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	go func() {
		rows, err := session.QueryContext(ctx, "select 1")
		if err != nil {
			return
		}
		defer rows.Close()
		for rows.Next() {
		}
	}()
	return session.Close() // want "^session.Close may run at the same time as the use on line \\d+ \\(\\*sql.Conn is one session"
}

func OkRaw(ctx context.Context, db *sql.DB) error {
	session, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer session.Close()
	return session.Raw(func(driver any) error {
		conn, ok := driver.(interface{ ResetSession(context.Context) error })
		if !ok {
			return nil
		}
		return conn.ResetSession(ctx)
	})
}

// BadBunTx gives bun's transaction to a goroutine.
func BadBunTx(ctx context.Context, db *bun.DB) error {
	return db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		go func() {
			rows, err := tx.QueryContext(ctx, "select 1")
			if err == nil {
				rows.Close()
			}
		}()
		_, err := tx.ExecContext(ctx, "insert") // want "^tx.ExecContext may run at the same time as the use on line \\d+ \\(bun.Tx is one session"
		return err
	})
}

func OkBunDB(ctx context.Context, db *bun.DB) error {
	go db.ExecContext(ctx, "insert into audit default values")
	return db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.ExecContext(ctx, "insert")
		return err
	})
}

// BadGormTx runs a chain of the transaction in a goroutine.
func BadGormTx(db *gorm.DB) error {
	return db.Transaction(func(tx *gorm.DB) error {
		go tx.Exec("update")
		return tx.Exec("insert").Error // want "^tx.Exec may run at the same time as the use on line \\d+ \\(\\*gorm.DB of a transaction runs on one connection"
	})
}

// BadGormSession makes a session of a transaction, which is still the transaction.
func BadGormSession(ctx context.Context, db *gorm.DB) error {
	tx := db.Begin()
	s := tx.WithContext(ctx)
	go s.Exec("update")
	return tx.Commit().Error // want "^tx.Commit may run at the same time as the use on line \\d+ \\(\\*gorm.DB of a transaction"
}

func OkGormSession(ctx context.Context, db *gorm.DB) error {
	s := db.WithContext(ctx)
	go s.Exec("update")
	return s.Exec("insert").Error
}

// BadMongoContext runs two operations of one transaction side by side: the
// session is in the context that the library gives the callback.
func BadMongoContext(ctx context.Context, s *mongo.Session, users *mongo.Collection) error {
	_, err := s.WithTransaction(ctx, func(ctx context.Context) (any, error) {
		g := new(errgroup.Group)
		g.Go(func() error { _, err := users.InsertOne(ctx, struct{}{}); return err })
		_, err := users.DeleteOne(ctx, struct{}{}) // want "DeleteOne on ctx's session may run at the same time as the use on line \\d+ \\(context.Context carries a session, which is not safe"
		if werr := g.Wait(); werr != nil {
			return nil, werr
		}
		return nil, err
	})
	return err
}

// BadMongoDerived does so with contexts that are made from the session's.
func BadMongoDerived(ctx context.Context, s *mongo.Session, users *mongo.Collection) error {
	_, err := s.WithTransaction(ctx, func(sctx context.Context) (any, error) {
		g, gctx := errgroup.WithContext(context.WithValue(sctx, traceKey{}, "import"))
		for range 3 {
			g.Go(func() error { return insert(gctx, users) }) // want "InsertOne on sctx's session may run at the same time as itself in another goroutine started here \\(context.Context carries a session"
		}
		return nil, g.Wait()
	})
	return err
}

type traceKey struct{}

func insert(ctx context.Context, users *mongo.Collection) error {
	_, err := users.InsertOne(ctx, struct{}{})
	return err
}

// OkMongoPlain runs operations side by side with a context that carries no session.
func OkMongoPlain(ctx context.Context, users *mongo.Collection) error {
	g, gctx := errgroup.WithContext(context.WithValue(ctx, traceKey{}, "import"))
	for range 3 {
		g.Go(func() error { return insert(gctx, users) })
	}
	if err := insert(ctx, users); err != nil {
		return err
	}
	return g.Wait()
}

// OkMongoSessions gives each goroutine a session of its own.
func OkMongoSessions(ctx context.Context, client *mongo.Client, users *mongo.Collection) error {
	g, gctx := errgroup.WithContext(ctx)
	for range 3 {
		g.Go(func() error {
			return client.UseSession(gctx, func(ctx context.Context) error { return insert(ctx, users) })
		})
	}
	return g.Wait()
}

// OkMongoJoined waits for the operation on a context derived from the session's before the next one.
func OkMongoJoined(ctx context.Context, s *mongo.Session, users *mongo.Collection) error {
	return mongo.WithSession(ctx, s, func(sctx context.Context) error {
		timed, cancel := context.WithTimeout(sctx, time.Second)
		defer cancel()
		done := make(chan error, 1)
		go func() { done <- insert(timed, users) }()
		if err := <-done; err != nil {
			return err
		}
		return insert(sctx, users)
	})
}

func OkMongoContext(ctx context.Context, s *mongo.Session, users *mongo.Collection) error {
	_, err := s.WithTransaction(ctx, func(ctx context.Context) (any, error) {
		if _, err := users.InsertOne(ctx, struct{}{}); err != nil {
			return nil, err
		}
		return users.DeleteOne(ctx, struct{}{})
	})
	return err
}

// OkMongoOutside uses the context that carries no session.
func OkMongoOutside(ctx context.Context, s *mongo.Session, users *mongo.Collection) error {
	_, err := s.WithTransaction(ctx, func(sctx context.Context) (any, error) {
		done := make(chan error, 1)
		go func() { _, err := users.DeleteOne(ctx, struct{}{}); done <- err }()
		if _, err := users.InsertOne(sctx, struct{}{}); err != nil {
			return nil, err
		}
		return nil, <-done
	})
	return err
}

// OkDetached takes the transaction out of the context before it goes.
func OkDetached(ctx context.Context, pool *pgxpool.Pool) error {
	return dao.InTx(ctx, pool, func(ctx context.Context, q *dao.Queries) error {
		go dao.New(pool).Add(dao.Detach(ctx), "audit")
		return q.Add(ctx, "user")
	})
}
