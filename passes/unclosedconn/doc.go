// Package unclosedconn reports connections that their owner does not release on every path.
//
// # Analyzer unclosedconn
//
// unclosedconn: report connections, transactions, rows and leases that are not released on every path
//
// # What it does
//
// It follows each connection, pool lease, transaction and result set from the
// call that acquires it to every exit of its owner, through branches, defers,
// helpers and closures, and reports it if it is released on none, or not on
// all, of the ways out, or acquired again before it is released. A connection
// that is put into a sync.Pool is reported too: the garbage collector empties
// the pool, and releases nothing.
//
// A type of your own that keeps what its constructor acquires, and has a method
// that releases it, is acquired by that constructor and released by that method
// like any connection. Its fields are looked after too: one that is overwritten
// while the connection in it is in use, one that the closer skips when an
// earlier step of it fails, and one that the closer forgets.
//
// It also reports calls on a lease, session or transaction that was released
// before on every path, where they fail for certain or reach a connection that
// may belong to somebody else by then. A second Rollback or Close is fine.
//
// # Why is this bad?
//
// Each leaked lease takes one connection out of the pool for good. Nothing is
// seen until the pool is dry, or until the database cannot be dropped because
// "other sessions are using it".
//
// # Example
//
//	conn, err := pool.Acquire(ctx)
//	if err != nil {
//		return err
//	}
//	if err := check(conn); err != nil {
//		return err // conn is not released on this path
//	}
//	conn.Release()
//
// # Use instead
//
//	conn, err := pool.Acquire(ctx)
//	if err != nil {
//		return err
//	}
//	defer conn.Release()
//
// # Fixes
//
// Where it can be trusted, a finding has a fix, applied by connvet -fix and by
// go vet -fix: it defers the release right after the test of the error, moves a
// late deferred release there, or makes the body of a loop a function of its own.
// There is none where the value may go to somebody else, where something got from
// it leaves the function, or where a second release may do harm.
//
// # Known problems
//
// A value that goes to code whose source is not analysed is not followed any
// further, unless that code can only look at it.
package unclosedconn
