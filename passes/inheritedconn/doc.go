// Package inheritedconn reports connections that reach child processes while the parent keeps them.
//
// # Analyzer inheritedconn
//
// inheritedconn: report connections given to child processes that the parent goes on using, and pools opened before a pre-fork
//
// # What it does
//
// It follows the file of a connection into exec.Cmd, os.ProcAttr or
// syscall.ProcAttr, and reports it if the parent goes on using the connection
// while the child may run, gives it to more than one child, or never closes
// its copy of the file. It also reports a pool that is opened and used before
// a pre-forking server starts children that run the same program once more,
// without a test for being a child.
//
// # Why is this bad?
//
// Two processes then speak on one socket: each reads replies meant for the
// other, and when one says goodbye the other fails with "server closed the
// connection unexpectedly". A copy that stays open in the parent keeps the
// peer from ever seeing the end.
//
// A pool that is opened before a pre-fork is opened again by every child: the
// parent keeps connections that it never uses, and the limit of the pool
// counts in each child, not in the program.
//
// # Example
//
//	f, err := conn.File()
//	if err != nil {
//		return err
//	}
//	cmd.ExtraFiles = []*os.File{f}
//	if err := cmd.Start(); err != nil {
//		return err
//	}
//	_, err = conn.Write(query) // the child speaks on the same socket
//
// # Use instead
//
//	f, err := conn.File()
//	if err != nil {
//		return err
//	}
//	defer f.Close()
//	defer conn.Close() // the child has its own descriptor
//	cmd.ExtraFiles = []*os.File{f}
//	return cmd.Start()
//
// Or give the child nothing, and let it connect by itself. Open pools in the
// children only: after fiber.IsChild or prefork.IsChild said so.
//
// # Known problems
//
// The connection itself, left open by the parent, is reported by
// unclosedconn. Sockets of the local machine whose origin is not seen are
// taken for a pair made for the child. The strict profile also reports pools
// whose limit counts once in each child.
package inheritedconn
