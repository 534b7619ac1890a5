package broken

import (
	"bytes"
	"context"
	"net"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgproto3"
)

// dialingFirst makes the pool's first connection run on a socket that is there
// already.
func dialingFirst(config *pgx.ConnConfig, socket net.Conn) *pgx.ConnConfig {
	first := make(chan net.Conn, 1)
	first <- socket
	dial := config.DialFunc
	config.DialFunc = func(ctx context.Context, network, addr string) (net.Conn, error) {
		select {
		case socket := <-first:
			return socket, nil
		default:
			return dial(ctx, network, addr)
		}
	}
	return config
}

// A resumed socket is one whose session another process has opened. A driver begins
// every session itself, so its startup message is dropped and answered here.
type resumed struct {
	net.Conn
	started  bool
	greeting bytes.Reader
}

// resume prepares the socket of an open session for a driver.
func resume(socket net.Conn) (net.Conn, error) {
	var greeting []byte
	for _, message := range []pgproto3.BackendMessage{
		&pgproto3.AuthenticationOk{},
		&pgproto3.ParameterStatus{Name: "client_encoding", Value: "UTF8"},
		&pgproto3.ParameterStatus{Name: "standard_conforming_strings", Value: "on"},
		&pgproto3.ReadyForQuery{TxStatus: 'I'},
	} {
		var err error
		if greeting, err = message.Encode(greeting); err != nil {
			return nil, err
		}
	}
	r := &resumed{Conn: socket}
	r.greeting.Reset(greeting)
	return r, nil
}

// Write drops the startup message, which drivers write at once.
func (r *resumed) Write(b []byte) (int, error) {
	if !r.started {
		r.started = true
		return len(b), nil
	}
	return r.Conn.Write(b)
}

// Read reads the greeting first.
func (r *resumed) Read(b []byte) (int, error) {
	if r.greeting.Len() > 0 {
		return r.greeting.Read(b)
	}
	return r.Conn.Read(b)
}
