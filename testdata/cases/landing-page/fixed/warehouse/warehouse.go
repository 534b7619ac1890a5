// Package warehouse reads job postings from DuckDB.
package warehouse

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"github.com/duckdb/duckdb-go/v2"
)

// Totals are the numbers on top of the landing page.
type Totals struct {
	Postings int64 `json:"postings"`
	Openings int64 `json:"openings"`
}

// Opening is the demand for one occupation in one region.
type Opening struct {
	Occupation string `json:"occupation"`
	Region     string `json:"region"`
	Openings   int64  `json:"openings"`
}

// schema fills the warehouse. The view shows what the session's scope selects.
const schema = `
CREATE TABLE postings AS
SELECT ['nurse', 'welder', 'cook', 'pilot', 'clerk'][i % 5 + 1] AS occupation,
       ['north', 'east', 'south', 'west'][i % 4 + 1] AS region,
       i % 3 + 1 AS openings
FROM range(5000) AS t(i);
CREATE VIEW scoped AS
SELECT * FROM postings
WHERE getvariable('scope') = '' OR occupation = getvariable('scope');
`

// maxConns bounds how many requests read at the same time; the others wait.
const maxConns = 8

// pool is the warehouse, opened at first use.
var pool = sync.OnceValues(open)

func open() (*sql.DB, error) {
	connector, err := duckdb.NewConnector("", nil)
	if err != nil {
		return nil, fmt.Errorf("open warehouse: %w", err)
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(maxConns)
	if _, err := db.Exec(schema); err != nil {
		return nil, errors.Join(fmt.Errorf("fill warehouse: %w", err), db.Close())
	}
	return db, nil
}

// override, when set, answers every read in place of the pool. Handlers run on
// goroutines that a test does not start, so only a global reaches them.
var override *sql.Conn

// Override makes every read use c until restore is called. It is for tests, which
// must send one request at a time meanwhile.
func Override(c *sql.Conn) (restore func()) {
	override = c
	return func() { override = nil }
}

// getDB lends the caller a connection of its own until release is called.
func getDB(ctx context.Context) (c *sql.Conn, release func() error, err error) {
	if override != nil {
		return override, func() error { return nil }, nil
	}
	db, err := pool()
	if err != nil {
		return nil, nil, err
	}
	if c, err = db.Conn(ctx); err != nil {
		return nil, nil, fmt.Errorf("connect to warehouse: %w", err)
	}
	return c, c.Close, nil
}

// Stats reads the totals over all postings.
func Stats(ctx context.Context) (totals Totals, err error) {
	err = query(ctx, "", `SELECT count(*), coalesce(sum(openings), 0)::BIGINT FROM scoped`,
		func(rows *sql.Rows) error { return rows.Scan(&totals.Postings, &totals.Openings) })
	return totals, err
}

// Openings reads the demand for one occupation, by region.
func Openings(ctx context.Context, occupation string) ([]Opening, error) {
	openings := []Opening{}
	err := query(ctx, occupation, `
		SELECT occupation, region, sum(openings)::BIGINT FROM scoped
		GROUP BY ALL ORDER BY ALL`,
		func(rows *sql.Rows) error {
			var o Opening
			if err := rows.Scan(&o.Occupation, &o.Region, &o.Openings); err != nil {
				return err
			}
			openings = append(openings, o)
			return nil
		})
	return openings, err
}

// query sets the session's scope and calls each with every row of one statement.
func query(ctx context.Context, scope, text string, each func(*sql.Rows) error) (err error) {
	c, release, err := getDB(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()

	if _, err := c.ExecContext(ctx, `SET VARIABLE scope = ?`, scope); err != nil {
		return fmt.Errorf("set scope: %w", err)
	}
	rows, err := c.QueryContext(ctx, text)
	if err != nil {
		return fmt.Errorf("query: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()

	for rows.Next() {
		if err := each(rows); err != nil {
			return fmt.Errorf("scan: %w", err)
		}
	}
	return rows.Err()
}
