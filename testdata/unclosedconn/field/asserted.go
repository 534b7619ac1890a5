package field

import (
	"errors"
	"net"
	"time"
)

// timed is a connection with the time at which it was accepted.
type timed struct {
	net.Conn
	at time.Time
}

// clock is a listener whose connections are all timed.
type clock struct{ net.Listener }

// Accept waits for the next connection.
func (c *clock) Accept() (net.Conn, error) {
	conn, err := c.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &timed{conn, time.Now()}, nil
}

// OkOnlyTimed asks for the type that all of them have.
func OkOnlyTimed(l *clock, serve func(*timed), complain func(string)) error {
	for {
		conn, err := l.Accept()
		if err != nil {
			return err
		}
		if t, ok := conn.(*timed); ok {
			go serve(t)
			continue
		}
		complain("not timed")
	}
}

// BadMaybeTimed asks for a type that some have.
func BadMaybeTimed(l net.Listener, serve func(*net.UnixConn), complain func(string)) error {
	for {
		conn, err := l.Accept() // want "conn is acquired again before it is released"
		if err != nil {
			return err
		}
		if u, ok := conn.(*net.UnixConn); ok {
			go serve(u)
			continue
		}
		complain("not local")
	}
}

// OkFreePort asks for the address of a socket by its type.
func OkFreePort() (int, error) {
	conn, err := net.ListenUDP("udp", &net.UDPAddr{})
	if err != nil {
		return 0, err
	}
	addr, ok := conn.LocalAddr().(*net.UDPAddr)
	if !ok {
		return 0, errors.New("no port")
	}
	conn.Close()
	return addr.Port, nil
}
