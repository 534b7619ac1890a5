//golden:related

// Package files holds connections whose files are given to child processes.
package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"os/exec"
)

// The child reads the request; the parent still answers on the same socket.
func BadAnswersToo(conn *net.TCPConn) error {
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
	_, err = conn.Write([]byte("HTTP/1.1 102 Processing\r\n\r\n")) // want `conn.Write speaks on a socket that went to a child process on line 26 \(replies of the two processes mix\)`
	return err
}

// The child has the socket, and the parent waits for it before it speaks again.
func OkWaitsFirst(conn *net.TCPConn) error {
	f, err := conn.File()
	if err != nil {
		return err
	}
	defer f.Close()
	cmd := exec.Command("worker")
	cmd.ExtraFiles = append(cmd.ExtraFiles, f)
	if err := cmd.Start(); err != nil {
		return err
	}
	if err := cmd.Wait(); err != nil {
		return err
	}
	_, err = conn.Write([]byte("done\n"))
	return err
}

// Run comes back when the child has ended.
func OkRuns(conn *net.TCPConn) error {
	f, err := conn.File()
	if err != nil {
		return err
	}
	defer f.Close()
	cmd := exec.Command("worker")
	cmd.Stdin, cmd.Stdout = f, f
	if err := cmd.Run(); err != nil {
		return err
	}
	_, err = fmt.Fprintln(conn, "bye")
	return err
}

// Handed over for good: both copies of the parent are closed.
func OkHandsOver(conn *net.TCPConn) error {
	f, err := conn.File()
	if err != nil {
		return err
	}
	cmd := exec.Command("worker")
	cmd.ExtraFiles = []*os.File{f}
	err = cmd.Start()
	return errors.Join(err, f.Close(), conn.Close())
}

// Each client gets a child of its own, inetd's way.
func OkChildPerClient(ln *net.TCPListener) error {
	for {
		conn, err := ln.AcceptTCP()
		if err != nil {
			return err
		}
		if _, err := io.WriteString(conn, "220 ready\r\n"); err != nil {
			conn.Close()
			continue
		}
		f, err := conn.File()
		if err != nil {
			conn.Close()
			continue
		}
		cmd := exec.Command("session")
		cmd.ExtraFiles = []*os.File{f}
		if err := cmd.Start(); err != nil {
			log.Print(err)
		}
		f.Close()
		conn.Close()
	}
}

// Nobody closes the copy: the client sees no end when child and connection are gone.
func BadKeepsCopy(ln *net.TCPListener) error {
	for {
		conn, err := ln.AcceptTCP()
		if err != nil {
			return err
		}
		f, err := conn.File() // want `f, a copy of conn for a child process, is never closed \(the peer sees no end while the parent keeps it\)`
		if err != nil {
			conn.Close()
			continue
		}
		cmd := exec.Command("session")
		cmd.ExtraFiles = []*os.File{f}
		if err := cmd.Start(); err != nil { // rel "child process started here"
			log.Print(err)
		}
		conn.Close()
	}
}

// The copies are closed together, as elements of the slice that the child got.
func OkClosesAll(conns []*net.TCPConn) error {
	cmd := exec.Command("worker")
	for _, c := range conns {
		f, err := c.File()
		if err != nil {
			return err
		}
		cmd.ExtraFiles = append(cmd.ExtraFiles, f)
	}
	err := cmd.Start()
	for _, f := range cmd.ExtraFiles {
		f.Close()
	}
	return err
}

// A listener may be shared by any number of processes: each accepts its own clients.
func OkListener(ln *net.TCPListener, n int) error {
	f, err := ln.File()
	if err != nil {
		return err
	}
	defer f.Close()
	for range n {
		cmd := exec.Command("worker")
		cmd.ExtraFiles = []*os.File{f}
		if err := cmd.Start(); err != nil {
			return err
		}
	}
	_, err = ln.Accept()
	return err
}

// A pipe is made for the child; the parent keeps the other end.
func OkPipe() error {
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	cmd := exec.Command("worker")
	cmd.ExtraFiles = []*os.File{r}
	if err := cmd.Start(); err != nil {
		return err
	}
	r.Close()
	_, err = w.WriteString("task")
	return err
}

// The child writes its log to the peer, while the parent reads what the peer says.
func OkOneDirectionEach(conn *net.TCPConn) error {
	f, err := conn.File()
	if err != nil {
		return err
	}
	defer f.Close()
	cmd := exec.Command("journal")
	cmd.Stdout = f
	if err := cmd.Start(); err != nil {
		return err
	}
	_, err = io.ReadAll(conn)
	return err
}

// Both write.
func BadBothWrite(conn *net.TCPConn) error {
	f, err := conn.File() // rel "its file is taken here"
	if err != nil {
		return err
	}
	defer f.Close()
	cmd := exec.Command("journal")
	cmd.Stdout = f
	if err := cmd.Start(); err != nil { // rel "child process started here"
		return err
	}
	_, err = fmt.Fprintln(conn, "started") // want `fmt.Fprintln speaks on a socket that went to a child process`
	return err
}

// An *os.File of the connection goes through the attributes of os.StartProcess.
func BadStartProcess(ctx context.Context, addr string) error {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	f, err := conn.(*net.TCPConn).File() // rel "its file is taken here"
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = os.StartProcess("/usr/bin/worker", nil, &os.ProcAttr{Files: []*os.File{nil, os.Stdout, os.Stderr, f}}) // rel "child process started here"
	if err != nil {
		return err
	}
	var reply [64]byte
	_, err = conn.Read(reply[:]) // want `conn.Read speaks on a socket that went to a child process`
	return err
}

// The process that StartProcess gives is waited for.
func OkProcessWait(conn *net.TCPConn) error {
	f, err := conn.File()
	if err != nil {
		return err
	}
	defer f.Close()
	p, err := os.StartProcess("/usr/bin/worker", nil, &os.ProcAttr{Files: []*os.File{f, f, f}})
	if err != nil {
		return err
	}
	if _, err := p.Wait(); err != nil {
		return err
	}
	_, err = conn.Write([]byte("next"))
	return err
}

// The wait is another goroutine's; the parent hears of it before it goes on.
func OkWaitsByChannel(conn *net.TCPConn) error {
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
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	if err := <-done; err != nil {
		return err
	}
	_, err = conn.Write([]byte("next"))
	return err
}

// The use comes before the child.
func OkUsedBefore(conn *net.TCPConn) error {
	if _, err := conn.Write([]byte("hello")); err != nil {
		return err
	}
	f, err := conn.File()
	if err != nil {
		return err
	}
	defer f.Close()
	cmd := exec.Command("worker")
	cmd.ExtraFiles = []*os.File{f}
	return cmd.Start()
}

// A new connection takes the place of the one that was handed over.
func OkReconnects(addr string) error {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	f, err := conn.(*net.TCPConn).File()
	if err != nil {
		return err
	}
	cmd := exec.Command("worker")
	cmd.ExtraFiles = []*os.File{f}
	err = errors.Join(cmd.Start(), f.Close(), conn.Close())
	if err != nil {
		return err
	}
	conn, err = net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	_, err = conn.Write([]byte("hello again"))
	return err
}

// Two workers speak on one session with the server.
func BadTwoWorkers(addr string, n int) error {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	session, err := conn.(*net.TCPConn).File() // rel "its file is taken here"
	if err != nil {
		return err
	}
	defer session.Close()
	var workers []*exec.Cmd
	for range n {
		worker := exec.Command("worker")
		worker.ExtraFiles = []*os.File{session}
		if err := worker.Start(); err != nil { // want `the file of conn goes to more than one child process \(replies of the processes mix\)`
			return err
		}
		workers = append(workers, worker)
	}
	for _, w := range workers {
		err = errors.Join(err, w.Wait())
	}
	return err
}

// A child that ended is replaced, and the next one gets the session.
func OkOneAfterTheOther(conn *net.TCPConn) error {
	f, err := conn.File()
	if err != nil {
		return err
	}
	defer f.Close()
	for {
		worker := exec.Command("worker")
		worker.ExtraFiles = []*os.File{f}
		if err := worker.Start(); err != nil {
			return err
		}
		if err := worker.Wait(); err == nil {
			return nil
		}
	}
}

// The parent hands a file to whoever asks for one.
func OkGivesFileAway(conn *net.TCPConn, files chan<- *os.File) error {
	f, err := conn.File()
	if err != nil {
		return err
	}
	cmd := exec.Command("worker")
	cmd.ExtraFiles = []*os.File{f}
	if err := cmd.Start(); err != nil {
		return err
	}
	files <- f
	return nil
}
