// Package undriven does not know its driver.
package undriven

import "database/sql"

// OkUnknown is judged in the strict profile only.
func OkUnknown(tx *sql.Tx) error {
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

// OkNamedLater opens a pool by a name that comes from a configuration.
func OkNamedLater(driver, dsn string) (*sql.DB, error) { return sql.Open(driver, dsn) }
