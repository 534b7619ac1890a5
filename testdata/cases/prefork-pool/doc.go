// Package preforkpool is the second incident: workers that answer each other's
// queries.
//
// A server opens its PostgreSQL pool, makes a query, and pre-forks. Where workers
// are forked, they inherit the sockets that are open in the pool, and two processes
// hold one conversation. To share a pool between goroutines is right, because it
// lends a connection to one at a time. Nothing does that between processes.
//
// Go cannot fork. It starts the program again, and what is not handed over is not
// inherited, so that the incident comes to Go in two forms:
//
//   - broken hands over by hand what fork would: the leader gives each worker the
//     file of the socket that its pool speaks on, beside the listener, to save them
//     the handshake.
//   - fiber/unguarded is the everyday form. The program opens its pool, uses it, and
//     calls Listen with Prefork set. Nothing is inherited, because Listen runs the
//     program from its first line in every worker. So the query made once is made by
//     every process, and the leader keeps a pool that serves nobody.
//
// What goes wrong in broken was found by running it. PostgreSQL answers in the order in
// which the queries come, and whichever worker reads first has the answer:
//
//   - The workers get each other's rows, with status 200. GET /pool shows one session
//     in pg_stat_activity, and both workers say that it is theirs.
//   - One worker reads both answers. The other waits for its own until its timeout.
//   - POST /dispose makes one worker close its idle connections, which tells the
//     backend to end. The other's next query fails with "unexpected EOF" or
//     "connection reset by peer"; libpq says "server closed the connection
//     unexpectedly".
//
// The fixes are to open the pool after the fork (fixed/openafter), to close it before
// (fixed/closebefore), or to keep no connection when it is not in use (fixed/nopool).
// In fiber/guarded, the leader closes its pool before Listen and IsChild guards the
// other one.
//
// connvet reports inheritedconn in broken, where the workers are started with the file
// of the leader's socket, and in fiber/unguarded, where the pool is opened, and nothing
// in the fixed ones.
//
// The server runs as any of them, for example
//
//	go run ./cases/prefork-pool/server -variant=broken -database=postgres://…
//
// on a database with the tables letters (id text, body text) and starts (process int).
package preforkpool
