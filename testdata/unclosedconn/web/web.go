// Package web holds bodies, websockets, sockets and mail sessions.
package web

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/smtp"

	coder "github.com/coder/websocket"
	gorilla "github.com/gorilla/websocket"
)

var errStatus = errors.New("unexpected status")

func BadBodyNotClosed(url string) ([]byte, error) {
	resp, err := http.Get(url) // want "resp(\\.Body)? is never released"
	if err != nil {
		return nil, err
	}
	return io.ReadAll(resp.Body)
}

func BadBodyOnStatusPath(ctx context.Context, c *http.Client, url string, out any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := c.Do(req) // want "resp(\\.Body)? is not released"
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%w: %s", errStatus, resp.Status)
	}
	defer resp.Body.Close()
	return json.NewDecoder(resp.Body).Decode(out)
}

// OkBodyOfHead has no body to close: net/http gives its connection back at once.
func OkBodyOfHead(url string) (int, error) {
	resp, err := http.DefaultClient.Head(url)
	if err != nil {
		return 0, err
	}
	return resp.StatusCode, nil
}

func BadBodyDropped(url string) error {
	_, err := http.Post(url, "text/plain", nil) // want "is never released"
	return err
}

func BadBodyRetried(c *http.Client, url string) (*http.Response, error) {
	for {
		resp, err := c.Get(url) // want "resp(\\.Body)? is (not released|acquired again)"
		if err != nil {
			return nil, err
		}
		if resp.StatusCode == http.StatusTooManyRequests {
			continue
		}
		return resp, nil
	}
}

func BadGorillaDial(url string) error {
	conn, _, err := gorilla.DefaultDialer.Dial(url, nil) // want "conn is not released"
	if err != nil {
		return err
	}
	if err := conn.WriteMessage(gorilla.TextMessage, []byte("hi")); err != nil {
		return err
	}
	return conn.Close()
}

func BadCoderDial(ctx context.Context, url string) ([]byte, error) {
	conn, _, err := coder.Dial(ctx, url, nil) // want "conn is never released"
	if err != nil {
		return nil, err
	}
	_, msg, err := conn.Read(ctx)
	return msg, err
}

func BadCoderAccept(w http.ResponseWriter, r *http.Request) {
	conn, err := coder.Accept(w, r, nil) // want "conn is not released"
	if err != nil {
		return
	}
	if err := conn.Write(r.Context(), coder.MessageText, []byte("hi")); err != nil {
		return
	}
	conn.Close(coder.StatusNormalClosure, "")
}

func BadNetDial(addr string) (string, error) {
	conn, err := net.Dial("tcp", addr) // want "conn is never released"
	if err != nil {
		return "", err
	}
	if _, err := fmt.Fprintf(conn, "GET / HTTP/1.0\r\n\r\n"); err != nil {
		return "", err
	}
	return bufio.NewReader(conn).ReadString('\n')
}

func BadAcceptRefused(l net.Listener, allowed func(net.Addr) bool) error {
	for {
		conn, err := l.Accept() // want "conn is (not released|acquired again)"
		if err != nil {
			return err
		}
		if !allowed(conn.RemoteAddr()) {
			continue
		}
		go func() {
			defer conn.Close()
			_, _ = io.Copy(conn, conn)
		}()
	}
}

func BadSMTPQuitOnlyAtTheEnd(addr, from string) error {
	c, err := smtp.Dial(addr) // want "c is not released"
	if err != nil {
		return err
	}
	if err := c.Mail(from); err != nil {
		return err
	}
	return c.Quit()
}

func OkBodyDefer(url string) ([]byte, error) {
	resp, err := http.Get(url)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return io.ReadAll(resp.Body)
}

func OkBodyDrainedAndClosed(ctx context.Context, c *http.Client, req *http.Request) error {
	resp, err := c.Do(req.WithContext(ctx))
	if err != nil {
		return err
	}
	defer func() {
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
	}()
	if resp.StatusCode != http.StatusOK {
		return errStatus
	}
	return nil
}

func OkBodyClosureIgnoresError(url string, out any) error {
	resp, err := http.Get(url)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	return json.NewDecoder(resp.Body).Decode(out)
}

func OkBodyNilChecked(url string) (int, error) {
	resp, err := http.Get(url)
	if resp != nil {
		defer resp.Body.Close()
	}
	if err != nil {
		return 0, err
	}
	return resp.StatusCode, nil
}

func OkBodyNilBodyChecked(url string) (code int, err error) {
	resp, err := http.Get(url)
	if err != nil {
		return 0, err
	}
	if resp.Body != nil {
		defer resp.Body.Close()
	}
	return resp.StatusCode, nil
}

func OkBodyTakenOut(url string) ([]byte, error) {
	resp, err := http.Get(url)
	if err != nil {
		return nil, err
	}
	body := resp.Body
	defer body.Close()
	return io.ReadAll(body)
}

func OkBodyReturned(url string) (io.ReadCloser, error) {
	resp, err := http.Get(url)
	if err != nil {
		return nil, err
	}
	return resp.Body, nil
}

func OkResponseReturned(c *http.Client, url string) (*http.Response, error) {
	resp, err := c.Get(url)
	if err != nil {
		return nil, err
	}
	return resp, nil
}

func closeBody(resp *http.Response) {
	if resp != nil && resp.Body != nil {
		_ = resp.Body.Close()
	}
}

func OkBodyClosedByHelper(url string) (int, error) {
	resp, err := http.Get(url)
	defer closeBody(resp)
	if err != nil {
		return 0, err
	}
	return resp.StatusCode, nil
}

func OkBodyRetried(c *http.Client, url string) (*http.Response, error) {
	for {
		resp, err := c.Get(url)
		if err != nil {
			return nil, err
		}
		if resp.StatusCode == http.StatusTooManyRequests {
			resp.Body.Close()
			continue
		}
		return resp, nil
	}
}

// OkDialResponse: the response of a websocket dial needs no close.
func OkDialResponse(url string) (int, error) {
	conn, resp, err := gorilla.DefaultDialer.Dial(url, nil)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	return resp.StatusCode, nil
}

func OkCoderCloseNow(ctx context.Context, url string) ([]byte, error) {
	conn, resp, err := coder.Dial(ctx, url, nil)
	if err != nil {
		return nil, fmt.Errorf("dial: %w (%v)", err, resp)
	}
	defer conn.CloseNow()
	_, msg, err := conn.Read(ctx)
	if err != nil {
		return nil, err
	}
	return msg, conn.Close(coder.StatusNormalClosure, "")
}

func OkCoderNetConn(ctx context.Context, url string) (net.Conn, error) {
	conn, _, err := coder.Dial(ctx, url, nil)
	if err != nil {
		return nil, err
	}
	return coder.NetConn(ctx, conn, coder.MessageBinary), nil
}

func OkGorillaCloseHandshake(url string) error {
	conn, _, err := gorilla.DefaultDialer.Dial(url, nil)
	if err != nil {
		return err
	}
	msg := gorilla.FormatCloseMessage(gorilla.CloseNormalClosure, "")
	err = conn.WriteMessage(gorilla.CloseMessage, msg)
	return errors.Join(err, conn.Close())
}

func OkNetDial(ctx context.Context, addr string) (string, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	return bufio.NewReader(conn).ReadString('\n')
}

func OkProxy(l net.Listener, addr string) error {
	for {
		in, err := l.Accept()
		if err != nil {
			return err
		}
		go func(in net.Conn) {
			defer in.Close()
			out, err := net.Dial("tcp", addr)
			if err != nil {
				return
			}
			defer out.Close()
			go func() { _, _ = io.Copy(out, in) }()
			_, _ = io.Copy(in, out)
		}(in)
	}
}

func OkHijack(w http.ResponseWriter) (net.Conn, error) {
	h, ok := w.(http.Hijacker)
	if !ok {
		return nil, errStatus
	}
	conn, _, err := h.Hijack()
	if err != nil {
		return nil, err
	}
	return conn, nil
}

func OkSMTP(addr, from string) error {
	c, err := smtp.Dial(addr)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.Mail(from); err != nil {
		return err
	}
	return c.Quit()
}

func OkServerRequestBody(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(w, r.Body)
}
