package field

import (
	"crypto/tls"
	"net"
	"net/smtp"
)

// OkMailOverClosedConn closes the connection below the client.
func OkMailOverClosedConn(addr string, conf *tls.Config) error {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	c, err := smtp.NewClient(conn, addr)
	if err != nil {
		return err
	}
	if err := c.Hello("me"); err != nil {
		return err
	}
	return c.StartTLS(conf)
}

// BadMailOverOpenConn closes neither when the greeting fails.
func BadMailOverOpenConn(addr string) error {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	c, err := smtp.NewClient(conn, addr) // want "c is not released on all paths"
	if err != nil {
		return err
	}
	if err := c.Hello("me"); err != nil {
		return err
	}
	return c.Quit()
}
