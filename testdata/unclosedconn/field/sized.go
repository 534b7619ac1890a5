package field

import (
	"io"
	"net"
	"net/http"
)

// sized knows its size; its Close is that of what it embeds.
type sized struct {
	io.ReadCloser
	size int64
}

// Size is the number of bytes to expect.
func (s *sized) Size() int64 { return s.size }

// Sizer is what the callers see.
type Sizer interface {
	io.ReadCloser
	Size() int64
}

func newSizer(rc io.ReadCloser, size int64) Sizer { return &sized{rc, size} }

// OkSized hands the connection on inside a wrapper that embeds it.
func OkSized(addr string) (Sizer, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	return newSizer(conn, 1), nil
}

// OkSizedBody does so with a body.
func OkSizedBody(url string) (Sizer, error) {
	resp, err := http.Get(url)
	if err != nil {
		return nil, err
	}
	return newSizer(resp.Body, resp.ContentLength), nil
}

// BadSized loses it when the greeting fails.
func BadSized(addr string, greet func() error) (Sizer, error) {
	conn, err := net.Dial("tcp", addr) // want "conn is not released on all paths"
	if err != nil {
		return nil, err
	}
	if err := greet(); err != nil {
		return nil, err
	}
	return newSizer(conn, 1), nil
}
