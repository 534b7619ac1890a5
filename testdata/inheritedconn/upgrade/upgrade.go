// Package upgrade holds programs that replace themselves.
package upgrade

import (
	"database/sql"
	"net"
	"net/http"

	"github.com/cloudflare/tableflip"
)

// The new process gets the session, and the old one goes on with it.
func BadSessionTwice(addr string) error {
	upg, err := tableflip.New(tableflip.Options{})
	if err != nil {
		return err
	}
	defer upg.Stop()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := upg.AddConn("tcp", addr, conn.(*net.TCPConn)); err != nil {
		return err
	}
	if err := upg.Upgrade(); err != nil {
		return err
	}
	_, err = conn.Write([]byte("QUIT\r\n")) // want `conn.Write speaks on a socket that went to a child process`
	return err
}

// The old process leaves the session to the new one.
func OkSessionHandedOver(addr string) error {
	upg, err := tableflip.New(tableflip.Options{})
	if err != nil {
		return err
	}
	defer upg.Stop()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	if _, err := conn.Write([]byte("NOOP\r\n")); err != nil {
		conn.Close()
		return err
	}
	err = upg.AddConn("tcp", addr, conn.(*net.TCPConn))
	conn.Close()
	if err != nil {
		return err
	}
	return upg.Upgrade()
}

// Both processes serve for a while, each with a pool of its own.
func OkPoolsOfOldAndNew(dsn string, reload <-chan struct{}) error {
	upg, err := tableflip.New(tableflip.Options{})
	if err != nil {
		return err
	}
	defer upg.Stop()
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := db.Ping(); err != nil {
		return err
	}
	ln, err := upg.Listen("tcp", ":8080")
	if err != nil {
		return err
	}
	go func() {
		for range reload {
			_ = upg.Upgrade()
		}
	}()
	if err := upg.Ready(); err != nil {
		return err
	}
	return http.Serve(ln, nil)
}
