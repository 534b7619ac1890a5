package field

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"

	"github.com/jackc/pgx/v5"
	"golang.org/x/crypto/ssh"
)

// OkRowsFailed returns when the rows have an error: they are closed then.
func OkRowsFailed(ctx context.Context, db *sql.DB) (err error) {
	rows, err := db.QueryContext(ctx, "identify_system")
	if err != nil || rows.Err() != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	if !rows.Next() {
		return sql.ErrNoRows
	}
	return nil
}

// OkRowsFailedLater keeps the answer of Err in a variable.
func OkRowsFailedLater(ctx context.Context, conn *pgx.Conn) (pgx.Rows, error) {
	rows, err := conn.Query(ctx, "select 1")
	if err != nil {
		return nil, err
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("heartbeat: %w", err)
	}
	return rows, nil
}

// BadRowsWithoutError takes the other branch.
func BadRowsWithoutError(ctx context.Context, db *sql.DB) error {
	rows, err := db.QueryContext(ctx, "identify_system") // want "rows is not released on all paths"
	if err != nil {
		return err
	}
	if err := rows.Err(); err == nil {
		return nil
	}
	return errors.New("not identified")
}

// OkStatementOfClosedPool closes the pool that the statement belongs to.
func OkStatementOfClosedPool(dsn string, names []string) (restart bool, err error) {
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		return false, err
	}
	defer db.Close()
	stmt, err := db.Prepare("select count(*) > 0 from pg_settings where name = any($1)")
	if err != nil {
		return false, err
	}
	err = stmt.QueryRow(names).Scan(&restart)
	return restart, err
}

// BadStatementOfKeptPool leaves the statement to a pool that goes on.
func BadStatementOfKeptPool(db *sql.DB, names []string) (restart bool, err error) {
	stmt, err := db.Prepare("select count(*) > 0 from pg_settings where name = any($1)") // want "stmt is never released"
	if err != nil {
		return false, err
	}
	err = stmt.QueryRow(names).Scan(&restart)
	return restart, err
}

// commands serves the first channel of a client and ignores the others.
type commands struct {
	first ssh.Channel
	wants chan string
}

// OkRequestsEnded leaves when the requests of the channel end: it is closed then.
func (s *commands) OkRequestsEnded(nc ssh.NewChannel) {
	ch, reqs, err := nc.Accept()
	if err != nil {
		return
	}
	if s.first == nil {
		s.first = ch
	}
	for req := range reqs {
		if req.WantReply {
			_ = req.Reply(true, nil)
		}
		select {
		case s.wants <- req.Type:
		default:
		}
	}
}

// BadFirstRequest leaves after the first request.
func (s *commands) BadFirstRequest(nc ssh.NewChannel) {
	ch, reqs, err := nc.Accept() // want "ch is not released on all paths"
	if err != nil {
		return
	}
	for req := range reqs {
		if req.Type == "exec" {
			_, _ = ch.SendRequest("exit-status", false, []byte{0, 0, 0, 0})
			return
		}
	}
}

// tunnel keeps a socket whose Close is that of what it embeds.
type tunnel struct {
	mu     sync.Mutex
	socket *net.UDPConn
}

// OkOpen fills the field, which Close releases.
func (t *tunnel) OkOpen(to *net.UDPAddr) error {
	socket, err := net.DialUDP("udp", nil, to)
	if err != nil {
		return fmt.Errorf("dial: %w", err)
	}
	if _, err := socket.Write([]byte("hello")); err != nil {
		socket.Close()
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.socket = socket
	return nil
}

// Close ends the tunnel.
func (t *tunnel) Close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.socket != nil {
		_ = t.socket.Close()
		t.socket = nil
	}
}

// deaf has the same field, and forgets it.
type deaf struct {
	socket *net.UDPConn
	open   bool
}

// BadOpen fills the field, which nothing releases.
func (d *deaf) BadOpen(to *net.UDPAddr) (err error) {
	d.socket, err = net.DialUDP("udp", nil, to) // want "deaf.socket is never released, deaf.Close does not do it"
	d.open = err == nil
	return err
}

// Send writes to the socket.
func (d *deaf) Send(p []byte) error {
	_, err := d.socket.Write(p)
	return err
}

// Close only looks closed.
func (d *deaf) Close() { d.open = false }

// OkLinesOfBody gives the body on inside a reader.
func OkLinesOfBody(ctx context.Context, c *http.Client, url string) (*bufio.Reader, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	resp, err := c.Do(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		resp.Body.Close()
		return nil, errors.New(resp.Status)
	}
	return bufio.NewReader(resp.Body), nil
}

// BadFirstLine reads through a reader that it keeps to itself.
func BadFirstLine(url string) (string, error) {
	resp, err := http.Get(url) // want "resp is never released"
	if err != nil {
		return "", err
	}
	return bufio.NewReader(io.LimitReader(resp.Body, 1024)).ReadString('\n')
}

// reporter is a logger of some make.
type reporter interface {
	Infof(format string, args ...any)
	Fatalf(format string, args ...any)
}

// OkFatalOfAnyMake does not come back when the insert fails.
func OkFatalOfAnyMake(ctx context.Context, db *sql.DB, log reporter, names []string) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	for _, name := range names {
		if _, err := tx.ExecContext(ctx, "insert into t values ($1)", name); err != nil {
			log.Fatalf("insert %s: %v", name, err)
			return err
		}
	}
	return tx.Commit()
}

// BadOnlyInformed comes back.
func BadOnlyInformed(ctx context.Context, db *sql.DB, log reporter, names []string) error {
	tx, err := db.BeginTx(ctx, nil) // want "tx is not released on all paths"
	if err != nil {
		return err
	}
	for _, name := range names {
		if _, err := tx.ExecContext(ctx, "insert into t values ($1)", name); err != nil {
			log.Infof("insert %s: %v", name, err)
			return err
		}
	}
	return tx.Commit()
}
