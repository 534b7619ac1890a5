// Package lib starts workers and opens pools for others.
package lib

import (
	"context"
	"database/sql"
	"net"
	"os"
	"os/exec"

	"github.com/gofiber/fiber/v2"
)

// Spawn gives the connection to a new worker.
func Spawn(conn *net.TCPConn) error {
	f, err := conn.File()
	if err != nil {
		return err
	}
	defer f.Close()
	return Command(f).Start()
}

// Command is a worker with files.
func Command(files ...*os.File) *exec.Cmd {
	cmd := exec.Command("worker")
	cmd.ExtraFiles = files
	return cmd
}

// Hand gives the connection to a new worker for good.
func Hand(conn *net.TCPConn) error {
	defer conn.Close()
	return Spawn(conn)
}

// Greet speaks.
func Greet(conn net.Conn) error {
	_, err := conn.Write([]byte("hello"))
	return err
}

// Open opens a pool and asks whether the database is there.
func Open(ctx context.Context, dsn string) (*sql.DB, error) {
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(25)
	if err := db.PingContext(ctx); err != nil {
		db.Close()
		return nil, err
	}
	return db, nil
}

// Lazy opens a pool that connects when it is used.
func Lazy(dsn string) (*sql.DB, error) { return sql.Open("pgx", dsn) }

// Migrate works on a pool of its own.
func Migrate(ctx context.Context, dsn string) error {
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.ExecContext(ctx, "create table if not exists jobs (id int)")
	return err
}

// App is the server of all commands.
func App() *fiber.App {
	return fiber.New(fiber.Config{Prefork: true})
}

// Leader tells whether this process starts the others.
func Leader() bool { return !fiber.IsChild() }

// Serve listens.
func Serve(app *fiber.App) error { return app.Listen(":3000") }
