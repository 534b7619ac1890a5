// Package letters is what the pre-forking servers of this incident have in common:
// how a process opens its pool, and the routes that its workers answer.
package letters

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// timeout bounds the statements of one request.
const timeout = 5 * time.Second

// Config reads the URL of the database. pg_stat_activity shows the sessions that this
// process opens under its id.
func Config(database string) (*pgx.ConnConfig, error) {
	config, err := pgx.ParseConfig(database)
	if err != nil {
		return nil, fmt.Errorf("database: %w", err)
	}
	config.RuntimeParams["application_name"] = strconv.Itoa(os.Getpid())
	// One round trip for each statement, and nothing kept in the session.
	config.DefaultQueryExecMode = pgx.QueryExecModeExec
	return config, nil
}

// Open opens a pool. Like most drivers, and unlike pgx by default, it takes a pooled
// connection for alive without asking.
func Open(config *pgx.ConnConfig) *sql.DB {
	never := func(context.Context, stdlib.ShouldPingParams) bool { return false }
	return stdlib.OpenDB(*config, stdlib.OptionShouldPing(never))
}

// RecordStart is the query that a server makes before it pre-forks.
func RecordStart(ctx context.Context, db *sql.DB) error {
	if _, err := db.ExecContext(ctx, `INSERT INTO starts (process) VALUES ($1)`, os.Getpid()); err != nil {
		return fmt.Errorf("record start: %w", err)
	}
	return nil
}

// Letter is the answer to a query.
type Letter struct {
	Worker  int    `json:"worker"`  // the process that answers
	Backend int    `json:"backend"` // the process of PostgreSQL that it spoke with
	Body    string `json:"body"`
}

// Pool is what a worker knows of its pool, and PostgreSQL of its clients.
type Pool struct {
	Worker   int       `json:"worker"`
	Open     int       `json:"open"`
	Idle     int       `json:"idle"`
	Sessions []Session `json:"sessions"`
}

// Session is one row of pg_stat_activity.
type Session struct {
	Backend int    `json:"backend"`
	Process string `json:"process"` // that has opened it
}

// Handler routes the incident: show the pool, make a query, dispose.
func Handler(db *sql.DB) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /pool", func(w http.ResponseWriter, r *http.Request) {
		pool, err := show(r.Context(), db)
		answer(w, pool, err)
	})
	mux.HandleFunc("GET /query/{id}", func(w http.ResponseWriter, r *http.Request) {
		letter, err := query(r.Context(), db, r.PathValue("id"))
		answer(w, letter, err)
	})
	mux.HandleFunc("POST /dispose", func(w http.ResponseWriter, r *http.Request) {
		err := dispose(r.Context(), db)
		answer(w, struct{}{}, err)
	})
	return mux
}

func query(ctx context.Context, db *sql.DB, id string) (Letter, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	letter := Letter{Worker: os.Getpid()}
	err := db.QueryRowContext(ctx, `SELECT body, pg_backend_pid() FROM letters WHERE id = $1`, id).
		Scan(&letter.Body, &letter.Backend)
	return letter, err
}

func show(ctx context.Context, db *sql.DB) (pool Pool, err error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	stats := db.Stats()
	pool = Pool{Worker: os.Getpid(), Open: stats.OpenConnections, Idle: stats.Idle}

	rows, err := db.QueryContext(ctx, `
		SELECT pid, application_name FROM pg_stat_activity
		WHERE datname = current_database() ORDER BY pid`)
	if err != nil {
		return pool, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var s Session
		if err := rows.Scan(&s.Backend, &s.Process); err != nil {
			return pool, err
		}
		pool.Sessions = append(pool.Sessions, s)
	}
	return pool, rows.Err()
}

// dispose closes the connections of the pool that nobody uses.
func dispose(ctx context.Context, db *sql.DB) error {
	for db.Stats().Idle > 0 {
		if err := discard(ctx, db); err != nil {
			return err
		}
	}
	return nil
}

// discard takes a connection out of the pool. A bad one is closed, not put back.
func discard(ctx context.Context, db *sql.DB) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	err = conn.Raw(func(any) error { return driver.ErrBadConn })
	if errors.Is(err, driver.ErrBadConn) {
		return nil
	}
	return err
}

func answer(w http.ResponseWriter, value any, err error) {
	if err != nil {
		log.Print(err)
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(value); err != nil {
		log.Printf("answer: %v", err)
	}
}
