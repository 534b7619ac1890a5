package main

import (
	"context"
	"log"
	"os"
	"testing"

	"github.com/jackc/pgx/v5"
)

var testConn *pgx.Conn

func TestMain(m *testing.M) {
	ctx := context.Background()
	admin, err := pgx.Connect(ctx, dsn)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := admin.Exec(ctx, "create database app_test"); err != nil {
		log.Fatal(err)
	}
	testConn, err = pgx.Connect(ctx, dsn)
	if err != nil {
		log.Fatal(err)
	}
	os.Exit(m.Run())
}

// BadFixture leaves its session open, which keeps the database from being
// dropped after the tests.
func BadFixture(ctx context.Context, t *testing.T) {
	conn, err := pgx.Connect(ctx, dsn) // want "conn is never released"
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.Ping(ctx); err != nil {
		t.Error(err)
	}
}

func OkFixture(ctx context.Context, t *testing.T) {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if err := conn.Ping(ctx); err != nil {
		t.Error(err)
	}
}

func TestFixtures(t *testing.T) {
	BadFixture(t.Context(), t)
	OkFixture(t.Context(), t)
}
