//go:build unix

package postgres

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// starts is how many ports are tried: between being found free and being listened
// on, a port can be taken by somebody else.
const starts = 5

// An instance is a server that the tests have started.
type instance struct {
	url     *url.URL
	tools   string // where initdb and pg_ctl are
	dir     string
	as      *syscall.Credential // nil for the tests' own user
	warden  *exec.Cmd           // stops the server and removes dir when its input ends
	release io.Closer
}

// start makes a cluster in a temporary directory and serves it on loopback.
func start() (*instance, error) {
	tools, err := findTools()
	if err != nil {
		return nil, err
	}
	in := &instance{tools: tools}
	if err := in.makeDir(); err != nil {
		return nil, err
	}
	if err := in.watch(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(in.dir))
	}
	if err := in.serve(); err != nil {
		return nil, errors.Join(err, in.stop())
	}
	return in, nil
}

// findTools finds the directory of PostgreSQL's own programs, which Debian does not
// put on the path.
func findTools() (string, error) {
	installed, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return "", err
	}
	if len(installed) > 0 {
		return filepath.Dir(installed[len(installed)-1]), nil
	}
	found, err := exec.LookPath("initdb")
	if err != nil {
		return "", errNone
	}
	if found, err = filepath.EvalSymlinks(found); err != nil {
		return "", err
	}
	return filepath.Dir(found), nil
}

// makeDir makes the directory of the cluster, owned by whom the server runs as:
// PostgreSQL refuses to run as root.
func (in *instance) makeDir() (err error) {
	if os.Getuid() != 0 {
		in.dir, err = os.MkdirTemp("", "connvet-postgres-")
		return err
	}
	if in.as, err = unprivileged(); err != nil {
		return err
	}
	// A temporary directory of root's own may be closed to the other user.
	if in.dir, err = os.MkdirTemp("/tmp", "connvet-postgres-"); err != nil {
		return err
	}
	return os.Chown(in.dir, int(in.as.Uid), int(in.as.Gid))
}

// unprivileged returns the user that Debian's package makes for the server, or nobody.
func unprivileged() (*syscall.Credential, error) {
	u, err := user.Lookup("postgres")
	if err != nil {
		u, err = user.Lookup("nobody")
	}
	if err != nil {
		return nil, err
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

// watch starts the process that outlives the tests by a moment, so that nothing stays
// behind however they end. Its input is a pipe that nobody else holds.
func (in *instance) watch() error {
	const script = `
cat >/dev/null
if [ -e "$1/data/postmaster.pid" ]; then "$0" stop --pgdata="$1/data" --mode=immediate --silent; fi
cd / && rm -rf "$1"`
	in.warden = in.command(context.Background(), "sh", "-c", script, filepath.Join(in.tools, "pg_ctl"), in.dir)
	in.warden.SysProcAttr.Setpgid = true // an interrupt from the terminal is for the tests
	input, err := in.warden.StdinPipe()
	if err != nil {
		return err
	}
	in.release = input
	return in.warden.Start()
}

// serve makes the cluster and starts the server on a free port.
func (in *instance) serve() error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	data, password := filepath.Join(in.dir, "data"), rand.Text()
	if err := in.writePassword(password); err != nil {
		return err
	}
	if err := in.run(ctx, "initdb", "--pgdata="+data, "--pwfile="+filepath.Join(in.dir, "password"),
		"--username=postgres", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync"); err != nil {
		return err
	}

	var failed error
	for range starts {
		port, err := freePort()
		if err != nil {
			return err
		}
		options := fmt.Sprintf("-c port=%d -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off", port)
		if err := in.run(ctx, "pg_ctl", "start", "--wait", "--silent", "--pgdata="+data,
			"--log="+filepath.Join(in.dir, "log"), "--options="+options); err != nil {
			failed = err
			continue
		}
		in.url = &url.URL{
			Scheme: "postgres", User: url.UserPassword("postgres", password),
			Host: fmt.Sprintf("127.0.0.1:%d", port), Path: "/postgres", RawQuery: "sslmode=disable",
		}
		return nil
	}
	log, err := os.ReadFile(filepath.Join(in.dir, "log"))
	return errors.Join(failed, err, errors.New(string(log)))
}

func (in *instance) writePassword(password string) error {
	path := filepath.Join(in.dir, "password")
	if err := os.WriteFile(path, []byte(password), 0o600); err != nil {
		return err
	}
	if in.as == nil {
		return nil
	}
	return os.Chown(path, int(in.as.Uid), int(in.as.Gid))
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return listener.Addr().(*net.TCPAddr).Port, listener.Close()
}

// run runs one of PostgreSQL's programs to its end. What it prints goes to a file: the
// server that it starts keeps its output open.
func (in *instance) run(ctx context.Context, name string, args ...string) error {
	output, err := os.CreateTemp(in.dir, name)
	if err != nil {
		return err
	}
	defer output.Close()

	cmd := in.command(ctx, filepath.Join(in.tools, name), args...)
	cmd.Stdout, cmd.Stderr = output, output
	if err := cmd.Run(); err != nil {
		said, _ := os.ReadFile(output.Name())
		return fmt.Errorf("%s: %w\n%s", name, err, bytes.TrimSpace(said))
	}
	return nil
}

func (in *instance) command(ctx context.Context, path string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir = in.dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: in.as}
	return cmd
}

// stop lets the warden stop the server and remove the directory.
func (in *instance) stop() error {
	return errors.Join(in.release.Close(), in.warden.Wait())
}
