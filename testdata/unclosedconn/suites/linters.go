package suites

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net/http"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jmoiron/sqlx"
)

var errStatus = errors.New("unexpected status")

// BadCommentedOut has a deferred function with nothing in it.
func BadCommentedOut(db *sqlx.DB, age int) (names []string, err error) {
	rows, err := db.Queryx("select name from users where age = $1", age) // want "rows is not released on all paths"
	if err != nil {
		return nil, err
	}
	defer func(r *sqlx.Rows) {
		log.Print("done")
	}(rows)
	for rows.Next() {
		var n string
		if err := rows.Scan(&n); err != nil {
			return nil, err
		}
		names = append(names, n)
	}
	return names, rows.Err()
}

// FN_HelperOnlyReads reads rows to a limit in another function and closes
// nowhere: the helper releases them where it finds their end, and when it does
// is not known to its caller.
func FN_HelperOnlyReads(db *sql.DB) ([]string, error) {
	rows, err := db.Query("select name from users")
	if err != nil {
		return nil, err
	}
	return firstNames(rows, 3)
}

func firstNames(rows *sql.Rows, n int) (names []string, err error) {
	for len(names) < n && rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		names = append(names, s)
	}
	return names, rows.Err()
}

// BadSecondQuerySameName uses the name of the closed rows for others.
func BadSecondQuerySameName(db *sql.DB) error {
	rows, err := db.Query("select 1")
	if err != nil {
		return err
	}
	if err := rows.Close(); err != nil {
		return err
	}
	rows, err = db.Query("select 2") // want "rows is never released"
	if err != nil {
		return err
	}
	cols, err := rows.Columns()
	log.Print(cols)
	return err
}

// BadStatusReturn returns before the body is closed.
func BadStatusReturn(c *http.Client, req *http.Request, v any) error {
	resp, err := c.Do(req) // want "resp is not released on all paths"
	if err != nil {
		return err
	}
	if resp.StatusCode >= 400 {
		return errStatus
	}
	defer resp.Body.Close()
	return json.NewDecoder(resp.Body).Decode(v)
}

// BadReadAllOnly reads the whole body: that is not its end.
func BadReadAllOnly(url string) ([]byte, error) {
	resp, err := http.Get(url) // want "resp is never released"
	if err != nil {
		return nil, err
	}
	return io.ReadAll(resp.Body)
}

// BadBodyWrapped limits the body and closes neither.
func BadBodyWrapped(url string) (string, error) {
	resp, err := http.Post(url, "text/plain", strings.NewReader("x")) // want "resp is never released"
	if err != nil {
		return "", err
	}
	b, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	return string(b), err
}

// BadOnlyHeader wants the header and leaves the rest.
func BadOnlyHeader(urls []string) (etags []string, err error) {
	for _, u := range urls {
		resp, err := http.Get(u) // want "resp is (acquired again before it is released|not released)"
		if err != nil {
			return etags, err
		}
		etags = append(etags, resp.Header.Get("ETag"))
	}
	return etags, nil
}

// BadStmtInLoop prepares in each turn and defers nothing.
func BadStmtInLoop(ctx context.Context, db *sql.DB, ids []int) error {
	for _, id := range ids {
		stmt, err := db.PrepareContext(ctx, "delete from t where id = $1") // want "stmt is (acquired again before it is released|not released)"
		if err != nil {
			return err
		}
		if _, err := stmt.ExecContext(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// BadGenericReads is generic in what it reads, and closes nothing.
func BadGenericReads[T any](ctx context.Context, pool *pgxpool.Pool, q string, scan func(pgx.Rows) (T, error)) (out T, err error) {
	rows, err := pool.Query(ctx, q) // want "rows is not released on all paths"
	if err != nil {
		return out, err
	}
	if !rows.Next() {
		return out, pgx.ErrNoRows
	}
	if err := rows.Scan(&out); err != nil {
		return out, err
	}
	return out, nil
}

// BadBatchResults reads one of two results.
func BadBatchResults(ctx context.Context, pool *pgxpool.Pool) error {
	b := &pgx.Batch{}
	b.Queue("select 1")
	b.Queue("select 2")
	res := pool.SendBatch(ctx, b) // want "res is not released on all paths"
	if _, err := res.Exec(); err != nil {
		return err
	}
	return res.Close()
}

// OkCloserOfFunction defers a function that gets the method as a value.
func OkCloserOfFunction(db *sql.DB) error {
	rows, err := db.Query("select 1")
	if err != nil {
		return err
	}
	defer closer("rows", rows.Close)
	_, err = firstNames(rows, 1)
	return err
}

func closer(name string, fn func() error) {
	if err := fn(); err != nil {
		log.Print(name, err)
	}
}

// OkLoopOverSeveral closes what it opened in a loop over a literal.
func OkLoopOverSeveral(db *sql.DB) (err error) {
	ids, err := db.Query("select id from t")
	if err != nil {
		return err
	}
	names, err := db.Query("select name from t")
	if err != nil {
		return errors.Join(err, ids.Close())
	}
	log.Print(ids.Columns())
	log.Print(names.Columns())
	for _, r := range []*sql.Rows{ids, names} {
		err = errors.Join(err, r.Close())
	}
	return err
}

// BadLoopOverSeveral only looks at each of them.
func BadLoopOverSeveral(db *sql.DB) error {
	ids, err := db.Query("select id from t") // want "ids is never released"
	if err != nil {
		return err
	}
	for _, r := range []*sql.Rows{ids} {
		log.Print(r.Columns())
	}
	return nil
}

// OkReadAndClose gives the rows to a function that closes them.
func OkReadAndClose(db *sql.DB) ([]string, error) {
	rows, err := db.Query("select name from users")
	if err != nil {
		return nil, err
	}
	return readAndClose(rows)
}

func readAndClose(rows *sql.Rows) ([]string, error) {
	defer rows.Close()
	return firstNames(rows, 10)
}

// OkStatementReturned gives the statement to the caller.
func OkStatementReturned(ctx context.Context, db *sql.DB) (*sql.Stmt, error) {
	return db.PrepareContext(ctx, "select 1")
}

// global is prepared once.
var global *sql.Stmt

// OkGlobalStatement keeps the statement for good.
func OkGlobalStatement(ctx context.Context, db *sql.DB) (err error) {
	global, err = db.PrepareContext(ctx, "select 1")
	return err
}

// OkBodyInDeferredHelper closes and drains in a helper.
func OkBodyInDeferredHelper(c *http.Client, req *http.Request) (int, error) {
	resp, err := c.Do(req)
	if err != nil {
		return 0, err
	}
	defer drain(resp)
	return resp.StatusCode, nil
}

func drain(resp *http.Response) {
	if resp == nil || resp.Body == nil {
		return
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 4096))
	_ = resp.Body.Close()
}

// OkBodyInStruct returns a value whose Close closes the body.
type download struct {
	io.ReadCloser
	size int64
}

func OkBodyInStruct(url string) (*download, error) {
	resp, err := http.Get(url)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, errors.Join(errStatus, resp.Body.Close())
	}
	return &download{ReadCloser: resp.Body, size: resp.ContentLength}, nil
}

// OkBodyOfDownload closes what it downloaded.
func OkBodyOfDownload(url string, w io.Writer) error {
	d, err := OkBodyInStruct(url)
	if err != nil {
		return err
	}
	defer d.Close()
	_, err = io.CopyN(w, d, d.size)
	return err
}

// BadBodyOfDownload forgets what it downloaded.
func BadBodyOfDownload(url string, w io.Writer) error {
	d, err := OkBodyInStruct(url) // want "d is never released \\(its connection may not be reused\\)"
	if err != nil {
		return err
	}
	_, err = io.CopyN(w, d, d.size)
	return err
}

// OkFunctionType calls a function value that makes the response and closes it here.
func OkFunctionType(get func(string) (*http.Response, error), url string) error {
	resp, err := get(url)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// OkClosedInGoroutine reads in a goroutine, which closes.
func OkClosedInGoroutine(url string, out chan<- []byte) error {
	resp, err := http.Get(url)
	if err != nil {
		return err
	}
	go func() {
		defer resp.Body.Close()
		b, _ := io.ReadAll(resp.Body)
		out <- b
	}()
	return nil
}

// OkNilResponseOfError looks at the response in spite of the error.
func OkNilResponseOfError(url string) (code int, err error) {
	resp, err := http.Get(url)
	if resp != nil {
		defer resp.Body.Close()
		code = resp.StatusCode
	}
	return code, err
}

// OkQueriesOneAfterTheOther closes each before the next.
func OkQueriesOneAfterTheOther(db *sql.DB) error {
	rows, err := db.Query("select 1")
	if err != nil {
		return err
	}
	_, err = firstNames(rows, 1)
	rows.Close()
	if err != nil {
		return err
	}
	rows, err = db.Query("select 2")
	if err != nil {
		return err
	}
	defer rows.Close()
	_, err = firstNames(rows, 2)
	return err
}

// OkGenericCollect is generic and gives the rows to the library.
func OkGenericCollect[T any](ctx context.Context, pool *pgxpool.Pool, q string) ([]T, error) {
	rows, err := pool.Query(ctx, q)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[T])
}

// OkBatchClosed closes the results on both paths.
func OkBatchClosed(ctx context.Context, pool *pgxpool.Pool, b *pgx.Batch) error {
	res := pool.SendBatch(ctx, b)
	for range b.Len() {
		if _, err := res.Exec(); err != nil {
			return errors.Join(err, res.Close())
		}
	}
	return res.Close()
}

// OkRowScannedByHelper uses the one row up in a helper.
func OkRowScannedByHelper(ctx context.Context, db *sql.DB) (string, error) {
	return scanName(db.QueryRowContext(ctx, "select name from users limit 1"))
}

type scanner interface{ Scan(...any) error }

func scanName(s scanner) (name string, err error) { return name, s.Scan(&name) }

// OkRetryClosesBody closes the body of every try but the last, which it returns.
func OkRetryClosesBody(c *http.Client, req *http.Request) (*http.Response, error) {
	for try := 0; ; try++ {
		resp, err := c.Do(req)
		if err != nil {
			return nil, err
		}
		if resp.StatusCode < 500 || try == 3 {
			return resp, nil
		}
		_ = resp.Body.Close()
	}
}
