// Package warehouse reads job postings from DuckDB.
package warehouse

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"

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

// The connection to the warehouse, made at first use and kept.
var (
	connector *duckdb.Connector
	conn      *duckdb.Conn
)

// getDB returns the connection, making it when nobody has.
func getDB(ctx context.Context) (*duckdb.Conn, error) {
	if conn != nil {
		return conn, nil
	}
	made, err := duckdb.NewConnector("", func(c driver.ExecerContext) error {
		_, err := c.ExecContext(ctx, schema, nil)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("open warehouse: %w", err)
	}
	c, err := made.Connect(ctx)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("connect to warehouse: %w", err), made.Close())
	}
	connector, conn = made, c.(*duckdb.Conn)
	return conn, nil
}

// Stats reads the totals over all postings.
func Stats(ctx context.Context) (Totals, error) {
	var totals Totals
	rows, err := query(ctx, "", `SELECT count(*), coalesce(sum(openings), 0)::BIGINT FROM scoped`)
	for _, row := range rows {
		totals = Totals{row[0].(int64), row[1].(int64)}
	}
	return totals, err
}

// Openings reads the demand for one occupation, by region.
func Openings(ctx context.Context, occupation string) ([]Opening, error) {
	rows, err := query(ctx, occupation, `
		SELECT occupation, region, sum(openings)::BIGINT FROM scoped
		GROUP BY ALL ORDER BY ALL`)
	openings := make([]Opening, 0, len(rows))
	for _, row := range rows {
		openings = append(openings, Opening{row[0].(string), row[1].(string), row[2].(int64)})
	}
	return openings, err
}

// query sets the session's scope and reads the rows of one statement.
func query(ctx context.Context, scope, text string) ([][]driver.Value, error) {
	c, err := getDB(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := c.ExecContext(ctx, `SET VARIABLE scope = ?`, []driver.NamedValue{{Ordinal: 1, Value: scope}}); err != nil {
		return nil, fmt.Errorf("set scope: %w", err)
	}
	rows, err := c.QueryContext(ctx, text, nil)
	if err != nil {
		return nil, fmt.Errorf("query: %w", err)
	}
	read, err := readAll(rows)
	return read, errors.Join(err, rows.Close())
}

func readAll(rows driver.Rows) ([][]driver.Value, error) {
	var all [][]driver.Value
	for {
		row := make([]driver.Value, len(rows.Columns()))
		err := rows.Next(row)
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, fmt.Errorf("next row: %w", err)
		}
		all = append(all, row)
	}
}
