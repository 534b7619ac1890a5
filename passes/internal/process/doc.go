// Package process knows how a connection gets into another process: which calls
// give its file, which start children, how a program tells that it is one, and
// which calls make a pool connect.
//
// The knowledge is data, one YAML file per library under data/, embedded:
//
//	library: os/exec
//	module: std                       # module the symbols are checked against
//	imports: {exec: os/exec}
//	rows:
//	  - funcs: ["(*exec.Cmd).Start"]
//	    does: start                   # see below
//	    of: recv                      # recv, result or argN: what it speaks of
//	    fields: [ExtraFiles]          # fields of that
//	    source: "os/exec/exec.go, (*Cmd).Start"
//	env: [FIBER_PREFORK_CHILD]        # environment variables that are set in children only
//
// does is one of
//
//	copy     result 0 is a copy of the file of a connection: both are open now
//	same     result 0 is the descriptor or file of it, not a copy
//	lend     the callback, argument 0, is given the descriptor of it
//	close    ends a file or connection
//	command  result 0 describes a child; of, if there, is its program
//	put      the receiver keeps a copy of the file of a connection for its children
//	start    starts a child, which gets the files in the fields
//	run      as start, and waits for its end
//	wait     waits for the end of a child
//	server   result 0 is a server; it pre-forks if the fields of the configuration are true
//	prefork  starts children that run the program once more: always, or if the fields
//	         are true, or, with of: recv, if the server was made so
//	child    tells whether this process is a child
//	self     result 0 is the path of the running program
//	connect  really connects a pool, a client or its result
//	limit    argument 0 is how many connections a pool may have; with fields, result 0
//	         is a pool and the fields of its configuration say it
//	idle     argument 0 is how many idle connections a pool keeps
//	read     reads from a connection that it is given
//	write    writes to one
//
// Symbols are written as in package entrypoint. A process reads the compact
// form, data/compact.txt, which go generate makes anew; a test looks up every
// symbol and field in the real libraries.
package process
