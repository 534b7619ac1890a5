// Package shared holds sessions of databases whose sockets reach children.
package shared

import (
	"context"
	"database/sql"
	"net"
	"net/http"
	"os"
	"os/exec"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
)

// The socket of a driver's connection.
func BadDriverSocket(ctx context.Context, dsn string) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	socket, err := conn.PgConn().Conn().(*net.TCPConn).File()
	if err != nil {
		return err
	}
	defer socket.Close()
	cmd := exec.Command("worker")
	cmd.ExtraFiles = []*os.File{socket}
	if err := cmd.Start(); err != nil {
		return err
	}
	_, err = conn.Exec(ctx, "select 1") // want `conn.Exec speaks on a socket that went to a child process`
	return err
}

// The connection is the child's from now on: no more statements, and a close.
func OkDriverSocket(ctx context.Context, dsn string) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, "set application_name = 'worker'"); err != nil {
		conn.Close(ctx)
		return err
	}
	nc := conn.PgConn().Conn()
	defer nc.Close()
	socket, err := nc.(*net.TCPConn).File()
	if err != nil {
		return err
	}
	defer socket.Close()
	cmd := exec.Command("worker")
	cmd.ExtraFiles = []*os.File{socket}
	return cmd.Start()
}

// The leased connection goes back to the pool, which lends it to the next query.
func BadLeased(ctx context.Context, pool *pgxpool.Pool) error {
	lease, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	socket, err := lease.Conn().PgConn().Conn().(*net.TCPConn).File()
	lease.Release()
	if err != nil {
		return err
	}
	defer socket.Close()
	cmd := exec.Command("worker")
	cmd.ExtraFiles = []*os.File{socket}
	if err := cmd.Start(); err != nil {
		return err
	}
	_, err = pool.Exec(ctx, "select 1") // want `pool.Exec may speak on .*, whose file went to a child process`
	return err
}

// A hijacked connection does not go back to the pool.
func OkHijacked(ctx context.Context, pool *pgxpool.Pool) error {
	lease, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	conn := lease.Hijack()
	defer conn.Close(ctx)
	socket, err := conn.PgConn().Conn().(*net.TCPConn).File()
	if err != nil {
		return err
	}
	defer socket.Close()
	cmd := exec.Command("worker")
	cmd.ExtraFiles = []*os.File{socket}
	if err := cmd.Start(); err != nil {
		return err
	}
	_, err = pool.Exec(ctx, "select 1")
	return err
}

// socketOf takes the socket of a connection of the pool, which gets it back.
func socketOf(ctx context.Context, db *sql.DB) (socket *os.File, err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	err = conn.Raw(func(driverConn any) error {
		var err error
		socket, err = driverConn.(*stdlib.Conn).Conn().PgConn().Conn().(*net.TCPConn).File()
		return err
	})
	return socket, err
}

// The handlers of the parent use the pool whose session the worker has.
func BadServesToo(ctx context.Context, db *sql.DB) error {
	socket, err := socketOf(ctx, db)
	if err != nil {
		return err
	}
	cmd := exec.Command("worker")
	cmd.ExtraFiles = []*os.File{socket}
	err = cmd.Start()
	socket.Close()
	if err != nil {
		return err
	}
	http.HandleFunc("/stats", func(w http.ResponseWriter, r *http.Request) {
		row := db.QueryRowContext(r.Context(), "select count(*) from jobs") // want `db.QueryRowContext may speak on .*, whose file went to a child process`
		var n int
		if err := row.Scan(&n); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
	return http.ListenAndServe(":8080", nil)
}

// The pool is closed, and another one made.
func OkFreshPool(ctx context.Context, dsn string) error {
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		return err
	}
	socket, err := socketOf(ctx, db)
	if err != nil {
		return err
	}
	cmd := exec.Command("worker")
	cmd.ExtraFiles = []*os.File{socket}
	err = cmd.Start()
	socket.Close()
	db.Close()
	if err != nil {
		return err
	}
	own, err := sql.Open("pgx", dsn)
	if err != nil {
		return err
	}
	defer own.Close()
	return own.PingContext(ctx)
}

// worker keeps its connection in a field; nobody knows what runs after run.
type worker struct {
	conn *net.TCPConn
	cmd  *exec.Cmd
}

// The command is kept in the same structure as the connection.
func (w *worker) BadField() error {
	f, err := w.conn.File()
	if err != nil {
		return err
	}
	defer f.Close()
	w.cmd = exec.Command("worker")
	w.cmd.ExtraFiles = []*os.File{f}
	if err := w.cmd.Start(); err != nil {
		return err
	}
	_, err = w.conn.Write([]byte("hello")) // want `w.conn.Write speaks on a socket that went to a child process`
	return err
}

// Others may use the connection, at other times: nothing is known of them.
func (w *worker) OkFieldLater() error {
	f, err := w.conn.File()
	if err != nil {
		return err
	}
	defer f.Close()
	w.cmd = exec.Command("worker")
	w.cmd.ExtraFiles = []*os.File{f}
	return w.cmd.Start()
}
