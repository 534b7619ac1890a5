package sockets

import (
	"errors"
	"net/http"

	"github.com/gorilla/websocket"
)

// upgrade is a transport for one request: it dials, and keeps the connection
// for whoever made it.
type upgrade struct {
	dialer websocket.Dialer
	conn   *websocket.Conn
}

// RoundTrip dials instead of asking.
func (u *upgrade) RoundTrip(r *http.Request) (*http.Response, error) {
	conn, resp, err := u.dialer.DialContext(r.Context(), r.URL.String(), r.Header)
	if err != nil {
		return nil, err
	}
	u.conn = conn
	return resp, nil
}

// OkUpgradeOnce makes a transport for its one request, and uses what it kept.
func OkUpgradeOnce(r *http.Request, wrap func(http.RoundTripper) http.RoundTripper) (string, error) {
	u := &upgrade{}
	rt := wrap(u)
	resp, err := rt.RoundTrip(r)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	if u.conn == nil {
		return "", errors.New("not upgraded")
	}
	defer u.conn.Close()
	_, data, err := u.conn.ReadMessage()
	return string(data), err
}
