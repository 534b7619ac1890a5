//go:build unix

// Package postgres gives the incident tests a real PostgreSQL.
//
// It is the server whose URL is in CONNVET_TEST_POSTGRES, reached over TCP without
// TLS by a user who may create databases. Without that variable, the tests start
// one of their own, in a temporary directory and on a loopback port, from the
// binaries that Debian's package postgresql installs. Without those either, they
// are skipped.
package postgres

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Variable is the environment variable with the URL of a server to use.
const Variable = "CONNVET_TEST_POSTGRES"

// patience bounds every wait of these tests. Nothing is expected to take long.
const patience = 2 * time.Minute

// errNone says that there is no server and no way to start one.
var errNone = errors.New("no PostgreSQL to test with: set " + Variable + " to the URL of one, or install Debian's package postgresql")

// server is the server of this test binary, found or started at first use.
var server = sync.OnceValues(find)

// own is the server that find started, which Run stops.
var own *instance

// Run runs the tests and stops the server if they have started one. It is for
// TestMain.
func Run(m *testing.M) int {
	code := m.Run()
	if own == nil {
		return code
	}
	if err := own.stop(); err != nil {
		fmt.Fprintln(os.Stderr, "stop PostgreSQL:", err)
		return max(code, 1)
	}
	return code
}

func find() (*url.URL, error) {
	if given := os.Getenv(Variable); given != "" {
		return url.Parse(given)
	}
	var err error
	if own, err = start(); err != nil {
		return nil, err
	}
	return own.url, nil
}

// A Database is one that only this test uses.
type Database struct {
	Name, URL string
	admin     string // the URL of the server's own database
}

// New creates a database for the test, and drops it at the end whoever still uses
// it. It skips the test if there is no PostgreSQL.
func New(t testing.TB) *Database {
	t.Helper()
	at, err := server()
	if errors.Is(err, errNone) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	d := &Database{Name: "connvet_" + rand.Text(), admin: at.String()}
	mine := *at
	mine.Path = "/" + d.Name
	d.URL = mine.String()

	if err := d.Admin(t.Context(), "CREATE DATABASE "+d.quoted()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Admin(context.Background(), "DROP DATABASE IF EXISTS "+d.quoted()+" WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	return d
}

func (d *Database) quoted() string { return pgx.Identifier{d.Name}.Sanitize() }

// Drop drops the database as a test suite does at its end: not by force.
func (d *Database) Drop(ctx context.Context) error {
	return d.Admin(ctx, "DROP DATABASE "+d.quoted())
}

// Admin executes a statement outside the database.
func (d *Database) Admin(ctx context.Context, statement string) error {
	return execute(ctx, d.admin, statement)
}

// Exec executes statements in the database, on a connection of their own.
func (d *Database) Exec(t testing.TB, statements string) {
	t.Helper()
	if err := execute(t.Context(), d.URL, statements); err != nil {
		t.Fatal(err)
	}
}

func execute(ctx context.Context, url, statements string) (err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	_, err = conn.Exec(ctx, statements)
	return err
}

// Count counts the values of an expression over the rows of a table.
func (d *Database) Count(t testing.TB, value, table string) (n int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	conn, err := pgx.Connect(ctx, d.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if err := conn.QueryRow(ctx, "SELECT count("+value+") FROM "+table).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
