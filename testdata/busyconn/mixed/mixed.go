// Package mixed can be run on a driver that refuses and on one that does not.
package mixed

import (
	"database/sql"

	_ "github.com/lib/pq"
	_ "modernc.org/sqlite"
)

// OkEither depends on the driver that is configured.
func OkEither(tx *sql.Tx) error {
	rows, err := tx.Query("select id from job")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if _, err := tx.Exec("update job set seen = true"); err != nil {
			return err
		}
	}
	return rows.Err()
}
