// Package owners holds types of the user's own that own connections: what
// makes one acquires it, and what closes one releases it, without any
// configuration.
package owners

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"log"
	"net/http"

	"github.com/connvet/connvet/testdata/unclosedconn/owners/lib"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

var errRefused = errors.New("refused")

// reader owns a transaction that only reads.
type reader struct {
	tx   pgx.Tx
	rows int
}

func newReader(ctx context.Context, pool *pgxpool.Pool) (*reader, error) {
	tx, err := pool.BeginTx(ctx, pgx.TxOptions{AccessMode: pgx.ReadOnly})
	if err != nil {
		return nil, err
	}
	return &reader{tx: tx}, nil
}

func (r *reader) count(ctx context.Context, table string) error {
	return r.tx.QueryRow(ctx, "select count(*) from "+pgx.Identifier{table}.Sanitize()).Scan(&r.rows)
}

func (r *reader) finish(ctx context.Context) error { return r.tx.Rollback(ctx) }

// service owns a reader, and so what the reader owns.
type service struct {
	r   *reader
	log *log.Logger
}

func newService(ctx context.Context, pool *pgxpool.Pool) (*service, error) {
	r, err := newReader(ctx, pool)
	if err != nil {
		return nil, err
	}
	if err := r.count(ctx, "jobs"); err != nil {
		return nil, errors.Join(err, r.finish(ctx))
	}
	return &service{r: r, log: log.Default()}, nil
}

func (s *service) Close(ctx context.Context) error { return s.r.finish(ctx) }

func (s *service) report() int { return s.r.rows }

// BadLeaseOfOwnType takes a session through a type of another package.
func BadLeaseOfOwnType(ctx context.Context, pool *pgxpool.Pool) error {
	l, err := lib.Take(ctx, pool, 1) // want "l is never released"
	if err != nil {
		return err
	}
	return l.Exec(ctx, "select 1")
}

// BadLeaseOnErrorPath gives the session back only when all went well.
func BadLeaseOnErrorPath(ctx context.Context, pool *pgxpool.Pool) error {
	l, err := lib.Take(ctx, pool, 2) // want "l is not released on all paths"
	if err != nil {
		return err
	}
	if err := l.Exec(ctx, "select 1"); err != nil {
		return err
	}
	l.Release()
	return nil
}

// BadPublisherPerMessage dials a broker for every message, behind an interface.
func BadPublisherPerMessage(ctx context.Context, url string, bodies [][]byte) error {
	for _, b := range bodies {
		p, err := lib.NewPublisher(url) // want "p is acquired again before it is released"
		if err != nil {
			return err
		}
		if err := p.Publish(ctx, b); err != nil {
			return errors.Join(err, p.Close())
		}
	}
	return nil
}

// BadOwnReader forgets the reader of this package when the table is empty.
func BadOwnReader(ctx context.Context, pool *pgxpool.Pool) (int, error) {
	r, err := newReader(ctx, pool) // want "r is not released on all paths"
	if err != nil {
		return 0, err
	}
	if err := r.count(ctx, "jobs"); err != nil {
		return 0, errors.Join(err, r.finish(ctx))
	}
	if r.rows == 0 {
		return 0, errRefused
	}
	return r.rows, r.finish(ctx)
}

// BadOwnerOfOwner never closes the service that owns the reader.
func BadOwnerOfOwner(ctx context.Context, pool *pgxpool.Pool) (int, error) {
	s, err := newService(ctx, pool) // want "s is never released"
	if err != nil {
		return 0, err
	}
	return s.report(), nil
}

// BadConstructorKeepsReader leaks the reader when the second step fails.
func BadConstructorKeepsReader(ctx context.Context, pool *pgxpool.Pool) (*service, error) {
	r, err := newReader(ctx, pool) // want "r is not released on all paths"
	if err != nil {
		return nil, err
	}
	if err := r.count(ctx, "jobs"); err != nil {
		return nil, err
	}
	return &service{r: r}, nil
}

// BadIterNeverRead begins to read and changes its mind.
func BadIterNeverRead(ctx context.Context, db *sql.DB, dry bool) (int, error) {
	it, err := lib.List(ctx, db) // want "it is not released on all paths"
	if err != nil {
		return 0, err
	}
	if dry {
		return 0, errRefused
	}
	defer it.Close()
	n := 0
	for it.Next() {
		n++
	}
	return n, nil
}

// BadLine dials a connection that is embedded in the type.
func BadLine(ctx context.Context, addr string) (string, error) {
	l, err := lib.Dial(ctx, addr) // want "l is never released"
	if err != nil {
		return "", err
	}
	return l.Ask("hello")
}

// BadInHandler takes a session for each request.
func BadInHandler(pool *pgxpool.Pool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		l, err := lib.Take(r.Context(), pool, 3) // want "l is never released \\(possible pool exhaustion, one more with each request\\)"
		if err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		if err := l.Exec(r.Context(), "select 1"); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	}
}

// BadHelperOnlyUses passes the session to a function that only uses it.
func BadHelperOnlyUses(ctx context.Context, pool *pgxpool.Pool) error {
	l, err := lib.Take(ctx, pool, 4) // want "l is never released"
	if err != nil {
		return err
	}
	return twice(ctx, l)
}

func twice(ctx context.Context, l *lib.Lease) error {
	return errors.Join(l.Exec(ctx, "select 1"), l.Exec(ctx, "select 2"))
}

// OkLeaseOfOwnType gives the session back.
func OkLeaseOfOwnType(ctx context.Context, pool *pgxpool.Pool) error {
	l, err := lib.Take(ctx, pool, 5)
	if err != nil {
		return err
	}
	defer l.Release()
	return twice(ctx, l)
}

// OkPublisherPerMessage closes each publisher in the turn that made it.
func OkPublisherPerMessage(ctx context.Context, url string, bodies [][]byte) error {
	for _, b := range bodies {
		p, err := lib.NewPublisher(url)
		if err != nil {
			return err
		}
		if err := errors.Join(p.Publish(ctx, b), p.Close()); err != nil {
			return err
		}
	}
	return nil
}

// OkAsCloser closes it as what it is to everybody.
func OkAsCloser(ctx context.Context, url string) error {
	p, err := lib.NewPublisher(url)
	if err != nil {
		return err
	}
	defer closeAll(p)
	return p.Publish(ctx, nil)
}

func closeAll(cs ...io.Closer) {
	for _, c := range cs {
		_ = c.Close()
	}
}

// app lives as long as its maker wants.
type app struct {
	pub lib.Publisher
	svc *service
}

// OkStoredInApp keeps both where Close finds them.
func (a *app) OkStoredInApp(ctx context.Context, url string, pool *pgxpool.Pool) (err error) {
	if a.pub, err = lib.NewPublisher(url); err != nil {
		return err
	}
	a.svc, err = newService(ctx, pool)
	return err
}

// Close closes both.
func (a *app) Close(ctx context.Context) error { return errors.Join(a.pub.Close(), a.svc.Close(ctx)) }

// OkReturned gives the obligation to the caller.
func OkReturned(ctx context.Context, pool *pgxpool.Pool) (*lib.Lease, error) {
	l, err := lib.Take(ctx, pool, 6)
	if err != nil {
		return nil, err
	}
	if err := l.Exec(ctx, "set search_path to app"); err != nil {
		l.Release()
		return nil, err
	}
	return l, nil
}

// OkReturnedInside hands it on inside a function.
func OkReturnedInside(ctx context.Context, pool *pgxpool.Pool) (func(string) error, func(), error) {
	l, err := lib.Take(ctx, pool, 7)
	if err != nil {
		return nil, nil, err
	}
	return func(q string) error { return l.Exec(ctx, q) }, l.Release, nil
}

// OkRunsBeside: a goroutine of its own keeps the service.
func OkRunsBeside(ctx context.Context, pool *pgxpool.Pool) error {
	s, err := newService(ctx, pool)
	if err != nil {
		return err
	}
	go s.loop(ctx)
	return nil
}

func (s *service) loop(ctx context.Context) {
	for ctx.Err() == nil {
		if err := s.r.count(ctx, "jobs"); err != nil {
			s.log.Print(err)
		}
	}
	_ = s.Close(context.WithoutCancel(ctx))
}

// OkHandlerKeepsIt: a handler that is registered uses it from now on.
func OkHandlerKeepsIt(ctx context.Context, mux *http.ServeMux, pool *pgxpool.Pool) error {
	s, err := newService(ctx, pool)
	if err != nil {
		return err
	}
	mux.HandleFunc("/jobs", func(w http.ResponseWriter, r *http.Request) { log.Print(s.report()) })
	return nil
}

// OkIterRead reads to the end.
func OkIterRead(ctx context.Context, db *sql.DB) (sum int, err error) {
	it, err := lib.List(ctx, db)
	if err != nil {
		return 0, err
	}
	for it.Next() {
		id, err := it.ID()
		if err != nil {
			return 0, errors.Join(err, it.Close())
		}
		sum += id
	}
	return sum, nil
}

// OkLine closes through the embedded connection.
func OkLine(ctx context.Context, addr string) (string, error) {
	l, err := lib.Dial(ctx, addr)
	if err != nil {
		return "", err
	}
	defer l.Conn.Close()
	return l.Ask("hello")
}

// OkMaybeShared: the session may be everybody's, so nobody can know whether to close it.
func OkMaybeShared(ctx context.Context, db *sql.DB) error {
	s, err := lib.NewSession(ctx, db, true)
	if err != nil {
		return err
	}
	return s.Ping(ctx)
}

// OkClosesItself hangs up when the context ends.
func OkClosesItself(ctx context.Context, addr string) error {
	_, err := lib.Watch(ctx, addr)
	return err
}

// OkFieldReleased releases through the field, inside the package.
func OkFieldReleased(ctx context.Context, pool *pgxpool.Pool) (int, error) {
	r, err := newReader(ctx, pool)
	if err != nil {
		return 0, err
	}
	err = r.count(ctx, "jobs")
	return r.rows, errors.Join(err, r.tx.Commit(ctx))
}

// OkFieldTakenOut hands the transaction on and leaves the shell behind.
func OkFieldTakenOut(ctx context.Context, pool *pgxpool.Pool) (pgx.Tx, error) {
	r, err := newReader(ctx, pool)
	if err != nil {
		return nil, err
	}
	return r.tx, nil
}

// OkMethodValueDeferred defers the method as a value.
func OkMethodValueDeferred(ctx context.Context, pool *pgxpool.Pool) error {
	l, err := lib.Take(ctx, pool, 8)
	if err != nil {
		return err
	}
	done := l.Release
	defer done()
	return l.Exec(ctx, "select 1")
}

// OkAppended keeps all leases until the end.
func OkAppended(ctx context.Context, pool *pgxpool.Pool) error {
	var all []*lib.Lease
	defer func() {
		for _, l := range all {
			l.Release()
		}
	}()
	for i := range 3 {
		l, err := lib.Take(ctx, pool, i)
		if err != nil {
			return err
		}
		all = append(all, l)
	}
	return all[0].Exec(ctx, "select 1")
}
