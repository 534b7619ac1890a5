// Package landingpage is the first incident: a landing page that sometimes
// shows zeros, or another query's rows, and never an error.
//
// A web service answers /api/stats and /api/occupations/{occupation} from a
// DuckDB warehouse. In broken, the database layer keeps one lazily made
// *duckdb.Conn in a package variable behind getDB, and net/http runs every
// request on a goroutine of its own. curl, one request after another, always
// reads the right numbers. A browser that fires both requests at once does not.
//
// What goes wrong was found by running it, and there are two things:
//
//   - The views are parameterised by a session variable. The request that sets it
//     second decides what both of them read: the statistics count one
//     occupation's postings (none, for an occupation nobody hires), or the
//     occupation's list holds every row. The driver reports no error, because
//     each statement by itself is fine.
//   - Starting a query on a DuckDB connection discards the pending one. A request
//     between its prepare and its execution is refused with "unsuccessful or
//     closed pending query result". The handler logs that and answers its zero
//     value, so the page shows zeros.
//
// The race detector reports nothing, not even the lazy initialisation when the very
// first two requests arrive together, with all of this going wrong under -race.
// The state that is fought over lives in DuckDB, behind locks of its own, and
// the detector takes every cgo call for a synchronisation with every other.
//
// In fixed, each request takes its own connection from a pool and gives it back on
// every path. An override that only tests set is looked at first, so that a
// fixture connection injected by a test is seen by every handler goroutine; a
// value in the context or a goroutine-local would not be.
//
// connvet reports sharedconn in broken/api, where the handlers use
// warehouse.conn, and nothing in fixed.
package landingpage
