// Package openafter pre-forks first: every worker opens a pool of its own.
package openafter

import (
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

// lead starts the workers. It has no pool that they could inherit.
func lead(addr, database string) error {
	ctx, stop := prefork.Interruptible()
	defer stop()
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

// work opens the pool, after the fork, and serves with it.
func work(database string) error {
	config, err := letters.Config(database)
	if err != nil {
		return err
	}
	db := letters.Open(config)
	defer db.Close()
	return prefork.Serve(letters.Handler(db))
}
