// Package field has shapes read in the field, in words of our own.
package field

import (
	"net"
	"net/http"
	"net/http/httptest"
)

// hijackable is a response writer that gives its connection away.
type hijackable struct {
	*httptest.ResponseRecorder
	conn net.Conn
}

// OkHiddenInWriter passes the connection on inside a response writer, which the
// handler may hijack.
func OkHiddenInWriter(h http.Handler, addr string, r *http.Request) error {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	h.ServeHTTP(hijackable{httptest.NewRecorder(), conn}, r)
	return nil
}

// OkPipe leaves the ends of a pipe to the garbage collector.
func OkPipe() []byte {
	client, server := net.Pipe()
	go server.Write([]byte("x"))
	buf := make([]byte, 1)
	client.Read(buf)
	return buf
}

// BadHandshake loses the connection when the greeting fails.
func BadHandshake(addr string, greet func([]byte) error) (net.Conn, error) {
	conn, err := net.Dial("tcp", addr) // want "conn is not released on all paths"
	if err != nil {
		return nil, err
	}
	buf := make([]byte, 64)
	n, err := conn.Read(buf)
	if err != nil {
		return nil, err
	}
	if err := greet(buf[:n]); err != nil {
		return nil, err
	}
	return conn, nil
}
