package fork

import (
	"database/sql"
	"errors"
	"net"
	"os"
	"os/exec"

	"github.com/jmoiron/sqlx"
)

const workerEnv = "JOBS_WORKER"

func isWorker() bool { return os.Getenv(workerEnv) != "" }

func serve(db *sql.DB) error {
	var n int
	return db.QueryRow("select count(*) from jobs").Scan(&n)
}

// Parent and workers open the pool; the parent never uses it again.
func BadBothOpen(dsn string) error {
	db, err := sqlx.Connect("pgx", dsn) // want `db is opened and used before cmd.Start starts child processes`
	if err != nil {
		return err
	}
	defer db.Close()
	if isWorker() {
		return serve(db.DB)
	}
	var workers []*exec.Cmd
	for range 4 {
		cmd := exec.Command(os.Args[0], os.Args[1:]...)
		cmd.Env = append(os.Environ(), workerEnv+"=1")
		if err := cmd.Start(); err != nil { // rel "child process started here"
			return err
		}
		workers = append(workers, cmd)
	}
	for _, w := range workers {
		err = errors.Join(err, w.Wait())
	}
	return err
}

// Workers open their own pools, and the parent has one for itself.
func OkEachItsOwn(dsn string) error {
	if isWorker() {
		db, err := sqlx.Connect("pgx", dsn)
		if err != nil {
			return err
		}
		defer db.Close()
		return serve(db.DB)
	}
	db, err := sqlx.Connect("pgx", dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := db.Exec("create table if not exists jobs (id int)"); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	for range 4 {
		cmd := exec.Command(self)
		cmd.Env = append(os.Environ(), workerEnv+"=1")
		if err := cmd.Start(); err != nil {
			return err
		}
	}
	return nil
}

// The parent goes on with the pool that it opened, as each worker does with its own.
func OkParentGoesOn(dsn string) error {
	db, err := sqlx.Connect("pgx", dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	if isWorker() {
		return serve(db.DB)
	}
	for range 4 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), workerEnv+"=1")
		if err := cmd.Start(); err != nil {
			return err
		}
	}
	return serve(db.DB)
}

// Other programs are started: they open nothing of this one.
func OkOtherPrograms(dsn string) error {
	db, err := sqlx.Connect("pgx", dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	for _, name := range []string{"resize", "encode"} {
		if err := exec.Command(name).Start(); err != nil {
			return err
		}
	}
	return nil
}

// All workers speak on the session that the parent has opened.
func BadWorkersShareSession(addr string) error {
	if isWorker() {
		return nil
	}
	session, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer session.Close()
	f, err := session.(*net.TCPConn).File() // rel "its file is taken here"
	if err != nil {
		return err
	}
	for range 4 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), workerEnv+"=1")
		cmd.ExtraFiles = []*os.File{f}
		if err := cmd.Start(); err != nil { // want `the file of session goes to more than one child process`
			return err
		}
	}
	return f.Close()
}
