// Package sharedconn reports connections that concurrent handlers share.
//
// # Analyzer sharedconn
//
// sharedconn: report connections shared by concurrent handlers without a lock
//
// # What it does
//
// It finds a connection that may be used by one goroutine at a time, kept in a
// package variable, a long-lived struct field or a handler closure, and used
// from handlers that run concurrently without a lock that they have in common.
//
// # Why is this bad?
//
// A connection is one conversation. Two requests that speak on it at once get
// "conn busy", a panic, or silently each other's rows.
//
// # Example
//
//	var conn *pgx.Conn // made once in main
//
//	func handle(w http.ResponseWriter, r *http.Request) {
//		conn.Exec(r.Context(), "…") // conn is shared by every call of handler handle without a lock
//	}
//
// # Use instead
//
//	var pool *pgxpool.Pool
//
//	func handle(w http.ResponseWriter, r *http.Request) {
//		pool.Exec(r.Context(), "…")
//	}
//
// Or acquire one connection for each request and release it, or guard every
// use by one mutex that lives as long as the connection.
//
// # Known problems
//
// An element taken out of a long-lived map by a variable key is not followed:
// whether two requests get the same one depends on the keys.
package sharedconn
