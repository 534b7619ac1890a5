// Package catalog knows connection types: who may use them at once, what
// acquires them, what releases them, and what only borrows them.
//
// The knowledge is data, one YAML file per library under data/, embedded. Each
// row names its source. The grammar:
//
//	library: github.com/gorilla/websocket   # how people call it
//	module: github.com/gorilla/websocket    # module the symbols are checked against, "std" for the standard library
//	imports:                                # short names used in this file's symbols
//	  ws: github.com/gorilla/websocket
//	mirrors: [{ws: example.com/old/ws}]     # the whole file once more for a copy of a package under another path
//	types:
//	  - type: "*ws.Conn"          # Go type; "*ws.Conn#draft" is a second role of the same Go type
//	    also: ["*ws.OldConn"]     # further Go types with the very same row
//	    role: conn                # conn lease pool client tx rows row stmt batch stream channel listener body
//	                              # cursor pubsub session bucket blob backup chain
//	    contract: duplex          # shareable exclusive serial duplex
//	    says: "one reader and one writer at a time"   # completes "(*websocket.Conn …)" in messages
//	    status: documented        # documented undocumented contested
//	    source: "doc.go, section Concurrency"         # where to check the row
//	    symptom: "panic: concurrent write to websocket connection"
//	    advice: "let one goroutine write, fed by a channel"
//	    methods:                  # role of each method; what is not listed is `use`
//	      read: [ReadMessage]     #   the reading direction (duplex)
//	      write: [WriteMessage]   #   the writing direction (duplex)
//	      open: []                #   begins or reads a result set (serial)
//	      end: []                 #   ends it; releases are `end` without being listed
//	      free: [Close]           #   may overlap anything
//	    acquire:                  # calls that give an owned value
//	      - {func: "(*ws.Dialer).Dial", result: 0}
//	      - "(*ws.Upgrader).{Upgrade,UpgradeDraft}"   # result 0 of both
//	    release: [Close]          # methods (or "pkg.Func" taking it as argument: {func: …, arg: 1}) that end the obligation
//	    inner: Body               # field whose own release is the release of the value
//	    error: Error              # field that is not nil when the acquisition failed
//	    twice: harmless           # a second release does nothing, or returns an error and nothing else
//	    leaves: "its connections" # meant to be made once and kept (transientpool): what one leaves that nobody closes
//	    literal: true             # a composite literal makes one
//	    unless: [DisableKeepAlives] # fields that, once set, make one that keeps nothing
//	    obligation: must          # must: unclosedconn follows it; none: nobody has to release it
//	    drained: []               # methods whose false (rows.Next) or zero result, or error, releases the value
//	    busy:                     # what the connection refuses while rows, a row, a batch or a body that lives on it is open
//	      calls: [Exec, Query]    #   methods that send a command
//	      error: "conn busy"      #   the answer; left out if the driver behind database/sql decides
//	      source: "pgconn.go, PgConn.lock"
//	    ended:                    # what must not be called after a release; releases that do no harm again are left out
//	      calls: [Exec, Query]    #   methods, and functions that take the value by their short name
//	      error: "conn closed"    #   what happens then
//	      source: "conn.go, Close"
//	    borrowed:                 # calls whose result aliases, or belongs to, another value: no obligation
//	      - {func: "(*ws.Hub).Peek", result: 0}
//	    lends:                    # callbacks that receive a value owned by the library, run before the call returns
//	      - {func: "pgx.BeginFunc", callback: 2, param: 0, parent: arg1}
//	funcs:                        # what other calls do with a connection they are given
//	  - {func: "pgx.CollectRows", arg: 0, does: release}   # use read write release own borrow
//	  - {func: "wsutil.WriteServerText", arg: 0, does: write, as: "net.Conn#frames"}  # by the rules of that row
//	  - {func: "orm.Save", arg: 1, does: use, calls: [Exec]}  # methods it calls on what is behind an interface
//	  - {func: "(*ws.Conn).ReadMessage", result: 0, never: [9, 10]}  # numbers that the result never is
//	drivers:                      # of database/sql
//	  - package: github.com/lib/pq
//	    names: [postgres]         # under which it is registered
//	    busy: "pq: …"             # its answer to a call while rows are open; left out if it allows that
//	    source: "conn.go"
//
// After a change of the data, go generate writes data/compact.txt anew. TestSymbols
// checks every symbol against the real library, TestComplete finds what is not listed.
//
// A symbol is written like go/types writes it: pkg.Func, (pkg.T).Method,
// (*pkg.T).Method, with pkg an import path or a short name of `imports`.
// Alternatives in braces are unfolded. A method of a second role is written
// (*pkg.T#role).Method; it comes before (*pkg.T).Method for values of that role.
//
// parent says on whose conversation the value lives: recv (the default for
// methods), argN, or none (the default for functions, and for methods of pools
// and clients, which have no conversation). A release of the parent releases
// the value, and a use of the value counts as a use of the parent. alias: true
// says that a borrowed result is the parent itself or its inner connection.
package catalog
