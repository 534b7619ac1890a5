package field

import (
	"context"
	"database/sql"
	"net"
)

// OkEachOfLiteral holds one connection of each of two pools until it returns.
func OkEachOfLiteral(ctx context.Context, rw, ro *sql.DB) error {
	for name, db := range map[string]*sql.DB{"rw": rw, "ro": ro} {
		c, err := db.Conn(ctx)
		if err != nil {
			return err
		}
		defer c.Close()
		if _, err := c.ExecContext(ctx, "pragma name = "+name); err != nil {
			return err
		}
	}
	return nil
}

// OkBothFamilies dials two addresses that the code names.
func OkBothFamilies() error {
	for _, addr := range []string{"127.0.0.1:80", "[::1]:80"} {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			return err
		}
		defer c.Close()
	}
	return nil
}

// BadEachGiven holds as many as the caller likes.
func BadEachGiven(addrs []string) error {
	for _, addr := range addrs {
		c, err := net.Dial("tcp", addr) // want "c is released only when the function returns"
		if err != nil {
			return err
		}
		defer c.Close()
	}
	return nil
}
