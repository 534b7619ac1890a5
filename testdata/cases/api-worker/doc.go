// Package apiworker is the third incident: a test suite that passes and cannot
// drop its database.
//
// A web service takes addresses and locates them. POST /addresses/{id}/location
// answers 202 at once; a goroutine asks a third-party geocoder and writes what it
// said. In broken, each of these goroutines takes a connection of its own from the
// pool, which is right, and none gives it back.
//
// Nothing is seen of it while the service answers. The pool opens another
// connection for each request, the tests find every location written, and closing
// the pool reports no error: database/sql closes the idle connections and leaves
// those in use to whoever took them. Then the suite ends and wants its database
// gone:
//
//	ERROR: database "connvet_…" is being accessed by other users (SQLSTATE 55006)
//	DETAIL: There are 6 other sessions using the database.
//
// The garbage collector is no help, because the pool itself remembers the
// connections in use. In production, the same leak ends with "sorry, too many
// clients already", or, if the pool is bounded, with requests that wait forever.
//
// In fixed, the worker takes the connection when the geocoder has answered, and
// releases it on every path.
//
// connvet reports unclosedconn in broken/app, where the goroutine takes the
// connection, and nothing in fixed.
package apiworker
