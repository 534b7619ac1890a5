// Package busyconn has what only the strict profile reports: the driver is not known.
package busyconn

import "database/sql"

// BadUnknown may be refused.
func BadUnknown(tx *sql.Tx) error {
	rows, err := tx.Query("select id from job")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if _, err := tx.Exec("update job set seen = true"); err != nil { // want "tx.Exec is called while rows is open \\(some drivers refuse it\\)"
			return err
		}
	}
	return rows.Err()
}

// OkPool is a pool with any driver.
func OkPool(db *sql.DB) error {
	rows, err := db.Query("select id from job")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if _, err := db.Exec("update job set seen = true"); err != nil {
			return err
		}
	}
	return rows.Err()
}

// OkReadFirst has nothing open any more.
func OkReadFirst(tx *sql.Tx) (n int, err error) {
	rows, err := tx.Query("select id from job")
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		n++
	}
	_, err = tx.Exec("insert into audit values (?)", n)
	return n, err
}
