// Package transientpool reports pools and clients that are made again and again.
//
// # Analyzer transientpool
//
// transientpool: report pools and clients made per request, per goroutine or per iteration
//
// # What it does
//
// It follows each pool or client that is meant to be made once, such as a
// *sql.DB, a *pgxpool.Pool, a *redis.Client or an http.Transport, from its
// constructor to its end, through helpers and across packages. If it dies with a
// request, a message, a scrape, a goroutine or a turn of an endless loop, it is
// reported where it is made, or where the call that makes it is. The strict
// profile also reports those that are closed in time.
//
// # Why is this bad?
//
// A pool that is used once never lends a connection twice: each request pays
// for a new connection, handshake and login. One that is not closed stays:
// its connections and goroutines pile up until the server refuses more, with
// "too many clients already", or the process runs out of file descriptors.
//
// # Example
//
//	func getUser(w http.ResponseWriter, r *http.Request) {
//		db, err := sql.Open("pgx", dsn) // a pool for each request
//		if err != nil {
//			http.Error(w, "no database", http.StatusServiceUnavailable)
//			return
//		}
//		writeUser(w, db, r.FormValue("id"))
//	}
//
// # Use instead
//
//	type server struct{ db *sql.DB } // opened once, in main
//
//	func (s *server) getUser(w http.ResponseWriter, r *http.Request) {
//		writeUser(w, s.db, r.FormValue("id"))
//	}
//
// # Known problems
//
// A pool inside a structure that a constructor returns is not followed. One
// that is kept anywhere, if only for some time, is not reported.
package transientpool
