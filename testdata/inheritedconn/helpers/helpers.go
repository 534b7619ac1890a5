// Package helpers holds connections and pools that other packages hand on.
package helpers

import (
	"context"
	"database/sql"
	"log"
	"net"
	"os"

	"github.com/connvet/connvet/testdata/inheritedconn/helpers/lib"
)

// Another package starts the child.
func BadSpawned(conn *net.TCPConn) error {
	if err := lib.Spawn(conn); err != nil {
		return err
	}
	_, err := conn.Write([]byte("hello")) // want `conn.Write speaks on a socket that went to a child process`
	return err
}

// Another package speaks.
func BadGreets(conn *net.TCPConn) error {
	if err := lib.Spawn(conn); err != nil {
		return err
	}
	return lib.Greet(conn) // want `lib.Greet speaks on a socket that went to a child process`
}

// The helper greets before it gives the connection away.
func OkHanded(conn *net.TCPConn) error {
	if err := lib.Greet(conn); err != nil {
		return err
	}
	return lib.Hand(conn)
}

// The command is made elsewhere, with the file of this function.
func BadCommand(conn *net.TCPConn) error {
	f, err := conn.File()
	if err != nil {
		return err
	}
	defer f.Close()
	if err := lib.Command(os.Stderr, f).Start(); err != nil {
		return err
	}
	_, err = conn.Write([]byte("hello")) // want `conn.Write speaks on a socket that went to a child process`
	return err
}

// Each client is handed to a worker of its own.
func OkHandsEach(ln *net.TCPListener) error {
	for {
		conn, err := ln.AcceptTCP()
		if err != nil {
			return err
		}
		if err := lib.Hand(conn); err != nil {
			log.Print(err)
		}
	}
}

// Pool, server and start come from helpers.
func BadOpened(ctx context.Context, dsn string) error {
	db, err := lib.Open(ctx, dsn) // want `db is opened and used before lib.Serve starts child processes \(the parent keeps its connections, each child opens up to 25\)`
	if err != nil {
		return err
	}
	defer db.Close()
	return lib.Serve(lib.App())
}

// Nothing is connected before the children start.
func OkLazy(dsn string) error {
	db, err := lib.Lazy(dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	return lib.Serve(lib.App())
}

// The pool of the migration is gone.
func OkMigrated(ctx context.Context, dsn string) error {
	if err := lib.Migrate(ctx, dsn); err != nil {
		return err
	}
	return lib.Serve(lib.App())
}

// The test for being a child is a function of its own.
func OkLeader(ctx context.Context, dsn string) error {
	if lib.Leader() {
		db, err := lib.Open(ctx, dsn)
		if err != nil {
			return err
		}
		defer db.Close()
	}
	return lib.Serve(lib.App())
}

var store struct{ db *sql.DB }

func connect(ctx context.Context, dsn string) (err error) {
	store.db, err = lib.Open(ctx, dsn) // want `store.db is opened and used before app.Listen starts child processes`
	return err
}

// The pool that connect opens is kept in a package variable.
func BadGlobal(ctx context.Context, dsn string) error {
	if err := connect(ctx, dsn); err != nil {
		return err
	}
	app := lib.App()
	return app.Listen(":3000")
}
