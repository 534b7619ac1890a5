// Package entrypoint knows where Go code starts to run concurrently: which
// calls start or register a callback, whether the callback runs beside itself,
// and what waits for it.
//
// The knowledge is data, one YAML file per library under data/, embedded:
//
//	library: net/http
//	module: std                       # module the symbols are checked against
//	imports: {http: net/http}
//	calls:
//	  - funcs: ["http.HandleFunc", "(*http.ServeMux).HandleFunc"]
//	    callbacks: [1]                # parameters (receiver not counted) that are called; a variadic one means all
//	    methods: []                   # if the argument is an object: methods called on it; ["*"] all exported ones
//	    field: ""                     # if the argument is a struct: its func-typed fields that are called, "*" all
//	    kind: serve                   # go: runs on its own goroutine from now on
//	                                  # serve: runs once a server runs (handlers, consumers)
//	                                  # call: runs before the call returns, on the caller's goroutine
//	                                  # (level many: again and again)
//	                                  # once: as call, at most once per receiver
//	                                  # spawn: runs on other goroutines, all done when the call returns
//	                                  # wrap: result 0 is a func/handler that calls it (level once: at most once)
//	                                  # later: runs at some time on an unknown goroutine (cleanups)
//	    level: many                   # once or many: may it run beside itself
//	    handle: recv                  # recv, result, argN: what is waited on
//	    joins: ["(*sync.WaitGroup).Wait"]  # methods of the handle that wait for it
//	    fresh: copy                   # methods are called on an instance made for each call: zero, or copy if
//	                                  # it is given the exported fields of the object; without it, on the object
//	    queue: paho                   # callbacks of one queue run one after the other
//	    count: 1                      # the parameter that says how many callbacks run at once: many, if not 1
//	    why: "net/http serves each request on its own goroutine"   # completes a sentence for the user
//	    source: "net/http server.go, conn.serve"
//	types:                            # a func or object converted to the type is an entry
//	  - type: http.Handler
//	    methods: [ServeHTTP]          # empty for func types
//	    fields: []                    # for structs: fields that hold an entry
//	    kind: serve
//	    level: many
//	    why: …
//	signatures:                       # a func value with these parameters is an entry wherever it goes
//	  - params: [http.ResponseWriter, "*http.Request"]
//	    kind: serve
//	    level: many
//	    why: …
//	registrars:                       # generated functions that hand an object to a server, known by their shape
//	  - params: [grpc.ServiceRegistrar]  # type of the first parameter: any of these
//	    name: "Register*Server"
//	    callbacks: [1]
//	    methods: ["*"]
//	    kind: serve
//	    level: many
//	    why: …
//	injectors:                        # containers that call functions with what others give, matched by type
//	  - funcs: ["fx.Provide"]
//	    does: provide                 # provide invoke supply decorate replace group module build
//	                                  # annotate as params results name member tag
//	    arg: 0                        # first argument that it is about; those after it as well
//	    source: …
//	scopes: ["fx.In"]                 # embedded in a struct: its fields are asked for, or given, one by one
//	privates: ["fx.Private"]          # variables that, among what is provided, keep the rest to the module
//	annotated: ["fx.Annotated"]       # structs that stand for the function in Target, with a Name or Group
//	serves: ["http.ListenAndServe"]   # calls that start serving what was registered before
//	detaches: ["(*testing.T).Parallel"] # calls inside a callback of kind call that let it run on beside
//	                                  # the caller, up to the end of the function that started it
//	limits: ["(*errgroup.Group).SetLimit"] # methods of a handle, or functions that make one, whose argument 0 caps
//	                                  # how many callbacks run at once
//
// Functions, injectors, serves, detaches and limits may list alternatives in braces:
// "(*gin.{Engine,RouterGroup}).{GET,POST}" stands for four of them. Every
// package a symbol names is in imports, and every row says in source where to
// check it. level may be left out for call, once and wrap.
//
// A process reads the compact form of the files, data/compact.txt; go generate
// makes it anew, and the tests tell when it is stale. Another test looks up
// every symbol in the real libraries of the testdata module.
package entrypoint
