// Package broken opens its pool, makes a query, and starts workers that inherit the
// session of the pool.
package broken

import (
	"fmt"
	"net"
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

// lead opens the pool and uses it. The workers get the session that is open then,
// which saves each of them to connect and to authenticate.
func lead(addr, database string) error {
	ctx, stop := prefork.Interruptible()
	defer stop()
	config, err := letters.Config(database)
	if err != nil {
		return err
	}
	socket, err := net.Dial("tcp", net.JoinHostPort(config.Host, fmt.Sprint(config.Port)))
	if err != nil {
		return err
	}
	defer socket.Close()
	db := letters.Open(dialingFirst(config, socket))
	defer db.Close()
	if err := letters.RecordStart(ctx, db); err != nil {
		return err
	}

	listening, err := prefork.Listen(addr)
	if err != nil {
		return err
	}
	session, err := socket.(*net.TCPConn).File()
	if err != nil {
		return err
	}
	var workers []*exec.Cmd
	for range prefork.Workers {
		worker := prefork.Command(ctx)
		worker.ExtraFiles = []*os.File{listening, session}
		if err := worker.Start(); err != nil {
			return err
		}
		workers = append(workers, worker)
	}
	return prefork.Wait(ctx, workers)
}

// work serves with a pool whose first connection is the inherited session.
func work(database string) error {
	config, err := letters.Config(database)
	if err != nil {
		return err
	}
	file := prefork.Inherited(1)
	session, err := net.FileConn(file)
	if err != nil {
		return err
	}
	defer session.Close()
	if err := file.Close(); err != nil {
		return err
	}
	resumed, err := resume(session)
	if err != nil {
		return err
	}
	db := letters.Open(dialingFirst(config, resumed))
	defer db.Close()
	return prefork.Serve(letters.Handler(db))
}
