// Package ftp holds transfers of FTP, which take the control connection with them.
package ftp

import (
	"errors"
	"io"

	"github.com/jlaffaye/ftp"
)

// BadDeleteOpen deletes the file that it is still reading.
func BadDeleteOpen(c *ftp.ServerConn, name string, w io.Writer) error {
	resp, err := c.Retr(name)
	if err != nil {
		return err
	}
	defer resp.Close()
	if _, err := io.Copy(w, resp); err != nil {
		return err
	}
	return c.Delete(name) // want "c.Delete is called while resp is open \\(226 of the transfer is read as its reply\\); close it first"
}

// BadManyOpen opens the next file before the last one is closed.
func BadManyOpen(c *ftp.ServerConn, names []string) (all []byte, err error) {
	for _, name := range names {
		r, err := c.Retr(name) // want "c.Retr may be called while r is open"
		if err != nil {
			return nil, err
		}
		defer r.Close()
		b, err := io.ReadAll(r)
		if err != nil {
			return nil, err
		}
		all = append(all, b...)
	}
	return all, nil
}

type mirror struct{ conn *ftp.ServerConn }

// BadSizeOfField asks for the size on the connection of the field.
func (m *mirror) BadSizeOfField(name string) (int64, error) {
	resp, err := m.conn.Retr(name)
	if err != nil {
		return 0, err
	}
	size, err := m.conn.FileSize(name) // want "m.conn.FileSize is called while resp is open"
	return size, errors.Join(err, resp.Close())
}

// OkSizeFirst asks before it opens.
func (m *mirror) OkSizeFirst(name string) ([]byte, error) {
	size, err := m.conn.FileSize(name)
	if err != nil {
		return nil, err
	}
	resp, err := m.conn.Retr(name)
	if err != nil {
		return nil, err
	}
	defer resp.Close()
	return io.ReadAll(io.LimitReader(resp, size))
}

// OkClosedFirst closes the transfer, then deletes.
func OkClosedFirst(c *ftp.ServerConn, name string, w io.Writer) error {
	resp, err := c.Retr(name)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, resp)
	if err := errors.Join(err, resp.Close()); err != nil {
		return err
	}
	return c.Delete(name)
}

// OkQuit ends the connection, whatever is open.
func OkQuit(addr, name string, w io.Writer) error {
	c, err := ftp.Dial(addr)
	if err != nil {
		return err
	}
	resp, err := c.Retr(name)
	if err != nil {
		return errors.Join(err, c.Quit())
	}
	_, err = io.Copy(w, resp)
	return errors.Join(err, c.Quit())
}

// OkListed has no open transfer: List reads to the end.
func OkListed(c *ftp.ServerConn, dir string) error {
	entries, err := c.List(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := c.Delete(dir + "/" + e.Name); err != nil {
			return err
		}
	}
	return nil
}
