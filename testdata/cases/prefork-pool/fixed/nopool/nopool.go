// Package nopool makes a query before it pre-forks and keeps no connection for later.
package nopool

import (
	"database/sql"
	"os"
	"os/exec"

	"github.com/connvet/connvet/testdata/cases/prefork-pool/letters"
	"github.com/connvet/connvet/testdata/cases/prefork-pool/prefork"
)

// Serve serves as the leader, or as one of its workers.
func Serve(addr, database string) error {
	if prefork.IsWorker() {
		return work(database)
	}
	return lead(addr, database)
}

// open opens a pool that pools nothing: each connection is closed after its use.
func open(database string) (*sql.DB, error) {
	config, err := letters.Config(database)
	if err != nil {
		return nil, err
	}
	db := letters.Open(config)
	db.SetMaxIdleConns(-1)
	return db, nil
}

// lead starts the workers while its pool is open, with no connection in it.
func lead(addr, database string) error {
	ctx, stop := prefork.Interruptible()
	defer stop()
	db, err := open(database)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := letters.RecordStart(ctx, db); err != nil {
		return err
	}

	listening, err := prefork.Listen(addr)
	if err != nil {
		return err
	}
	var workers []*exec.Cmd
	for range prefork.Workers {
		worker := prefork.Command(ctx)
		worker.ExtraFiles = []*os.File{listening}
		if err := worker.Start(); err != nil {
			return err
		}
		workers = append(workers, worker)
	}
	return prefork.Wait(ctx, workers)
}

// work connects anew for each request.
func work(database string) error {
	db, err := open(database)
	if err != nil {
		return err
	}
	defer db.Close()
	return prefork.Serve(letters.Handler(db))
}
