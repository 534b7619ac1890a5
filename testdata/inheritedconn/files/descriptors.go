package files

import (
	"net"
	"os"
	"os/exec"
	"syscall"
)

// The descriptor is taken from under the connection, without a copy.
func BadControl(conn *net.TCPConn) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	cmd := exec.Command("worker")
	err = raw.Control(func(fd uintptr) { // rel "its file is taken here"
		cmd.ExtraFiles = []*os.File{os.NewFile(fd, "conn")}
	})
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil { // rel "child process started here"
		return err
	}
	_, err = conn.Write([]byte("hello")) // want `conn.Write speaks on a socket that went to a child process`
	return err
}

// The descriptor of a listener.
func OkControlListener(ln *net.TCPListener) error {
	raw, err := ln.SyscallConn()
	if err != nil {
		return err
	}
	cmd := exec.Command("worker")
	err = raw.Control(func(fd uintptr) {
		cmd.ExtraFiles = []*os.File{os.NewFile(fd, "listener")}
	})
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	_, err = ln.Accept()
	return err
}

// Plain descriptors go to fork and exec.
func BadForkExec(conn *net.TCPConn) (int, error) {
	f, err := conn.File() // rel "its file is taken here"
	if err != nil {
		return 0, err
	}
	defer f.Close()
	attr := &syscall.ProcAttr{Files: []uintptr{0, 1, 2, f.Fd()}}
	pid, err := syscall.ForkExec("/usr/bin/worker", nil, attr) // rel "child process started here"
	if err != nil {
		return 0, err
	}
	_, err = conn.Write([]byte("hello")) // want `conn.Write speaks on a socket that went to a child process`
	return pid, err
}

// The parent leaves the connection to the child.
func OkForkExec(conn *net.TCPConn) (int, error) {
	defer conn.Close()
	f, err := conn.File()
	if err != nil {
		return 0, err
	}
	defer f.Close()
	return syscall.ForkExec("/usr/bin/worker", nil, &syscall.ProcAttr{Files: []uintptr{f.Fd(), f.Fd(), 2}})
}

// wait4 says that the child has ended.
func OkWait4(conn *net.TCPConn) error {
	f, err := conn.File()
	if err != nil {
		return err
	}
	defer f.Close()
	pid, err := syscall.ForkExec("/usr/bin/worker", nil, &syscall.ProcAttr{Files: []uintptr{f.Fd(), 1, 2}})
	if err != nil {
		return err
	}
	if _, err := syscall.Wait4(pid, nil, 0, nil); err != nil {
		return err
	}
	_, err = conn.Write([]byte("next"))
	return err
}

// One end of a pair of sockets is the child's, the other the parent's.
func OkSocketPair() error {
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err != nil {
		return err
	}
	mine, theirs := os.NewFile(uintptr(fds[0]), "parent"), os.NewFile(uintptr(fds[1]), "child")
	cmd := exec.Command("worker")
	cmd.ExtraFiles = []*os.File{theirs}
	if err := cmd.Start(); err != nil {
		return err
	}
	theirs.Close()
	conn, err := net.FileConn(mine)
	if err != nil {
		return err
	}
	defer conn.Close()
	_, err = conn.Write([]byte("task"))
	return err
}

// A pair made elsewhere: the child talks to the parent on the other end.
func OkLocalSocket(child *net.UnixConn) error {
	f, err := child.File()
	if err != nil {
		return err
	}
	defer f.Close()
	cmd := exec.Command("worker")
	cmd.ExtraFiles = []*os.File{f}
	if err := cmd.Start(); err != nil {
		return err
	}
	_, err = child.Write([]byte("all workers: reload"))
	return err
}

// A session with a daemon on its socket.
func BadDaemonSession(path string) error {
	conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return err
	}
	defer conn.Close()
	f, err := conn.File() // rel "its file is taken here"
	if err != nil {
		return err
	}
	defer f.Close()
	cmd := exec.Command("worker")
	cmd.ExtraFiles = []*os.File{f}
	if err := cmd.Start(); err != nil { // rel "child process started here"
		return err
	}
	_, err = conn.Write([]byte("LIST\n")) // want `conn.Write speaks on a socket that went to a child process`
	return err
}

// Datagrams stay whole, whoever writes them.
func OkDatagrams(path string) error {
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		return err
	}
	defer conn.Close()
	f, err := conn.File()
	if err != nil {
		return err
	}
	defer f.Close()
	cmd := exec.Command("worker")
	cmd.ExtraFiles = []*os.File{f}
	if err := cmd.Start(); err != nil {
		return err
	}
	_, err = conn.Write([]byte("READY=1"))
	return err
}
