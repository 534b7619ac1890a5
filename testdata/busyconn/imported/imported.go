// Package imported opens, reads and writes through another package.
package imported

import (
	"database/sql"
	"fmt"

	"github.com/connvet/connvet/testdata/busyconn/imported/store"
)

// BadFinish uses the transaction through two helpers of another package.
func BadFinish(tx *sql.Tx) error {
	jobs, err := store.Jobs(tx)
	if err != nil {
		return err
	}
	defer jobs.Close()
	for jobs.Next() {
		var id int
		if err := jobs.Scan(&id); err != nil {
			return err
		}
		if err := store.Finish(tx, id); err != nil { // want "Finish uses tx while jobs is open \\(conn busy\\); read it into a slice first"
			return err
		}
	}
	return jobs.Err()
}

// OkDescribe calls what does not use the transaction.
func OkDescribe(tx *sql.Tx) error {
	jobs, err := store.Jobs(tx)
	if err != nil {
		return err
	}
	defer jobs.Close()
	for jobs.Next() {
		fmt.Println(store.Describe(tx, 1))
	}
	return jobs.Err()
}

// OkFinishLater has closed the jobs.
func OkFinishLater(tx *sql.Tx) error {
	jobs, err := store.Jobs(tx)
	if err != nil {
		return err
	}
	any := jobs.Next()
	if err := jobs.Close(); err != nil || !any {
		return err
	}
	return store.Finish(tx, 1)
}
