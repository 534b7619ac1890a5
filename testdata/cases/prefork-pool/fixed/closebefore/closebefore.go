// Package closebefore makes a query and closes its pool before it pre-forks.
package closebefore

import (
	"context"
	"errors"
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

// lead starts the workers when it is done with the database.
func lead(addr, database string) error {
	ctx, stop := prefork.Interruptible()
	defer stop()
	if err := prepare(ctx, database); err != nil {
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

// prepare makes the query on a pool that is closed before anybody can inherit it.
func prepare(ctx context.Context, database string) (err error) {
	config, err := letters.Config(database)
	if err != nil {
		return err
	}
	db := letters.Open(config)
	defer func() { err = errors.Join(err, db.Close()) }()
	return letters.RecordStart(ctx, db)
}

// work serves with a pool of its own.
func work(database string) error {
	config, err := letters.Config(database)
	if err != nil {
		return err
	}
	db := letters.Open(config)
	defer db.Close()
	return prefork.Serve(letters.Handler(db))
}
