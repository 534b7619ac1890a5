// Package effect is what a function does with connections, in terms of its own
// parameters, captured variables, package variables and the objects it makes:
// the summary that a caller instantiates.
package effect

import (
	"go/token"
	"path/filepath"
	"strconv"

	"github.com/connvet/connvet/passes/internal/access"
	"github.com/connvet/connvet/passes/internal/catalog"
	"github.com/connvet/connvet/passes/internal/entrypoint"
	"github.com/connvet/connvet/passes/internal/process"
)

// Place is a position that means something in another process: "file.go:12".
type Place string

// PlaceOf is the place of a position; "" if it has none.
func PlaceOf(fset *token.FileSet, pos token.Pos) Place {
	if !pos.IsValid() {
		return ""
	}
	p := fset.Position(pos)
	return Place(filepath.Base(p.Filename) + ":" + strconv.Itoa(p.Line))
}

// Hop is a call on the way to a use.
type Hop struct {
	Where Place
	Pos   int // position in the package under analysis; 0 in facts
}

// ObjectKind says how an object came to be.
type ObjectKind uint8

// The kinds of objects.
const (
	Alloc   ObjectKind = iota // a variable, struct, slice, map or channel
	Acquire                   // an acquired connection
	Closure                   // a function value with captured variables
	Memo                      // sync.OnceValue and friends: one result for all calls
	Moved                     // taken out of a channel or pool: owned by who took it
	Result                    // what a call that is not resolved yet gives
	File                      // the file, or descriptor, of a connection; On says of which
)

// Object is something made by a function or by what it calls.
type Object struct {
	Kind    ObjectKind
	Type    string   // catalog key for connections, type key otherwise
	Func    string   // Closure: the function; Acquire: the method that gives it, of a value whose role its own depends on
	Bound   bool     // Closure: a method value; its receiver is binding 0
	Iface   bool     // Closure: a method value of an interface; Func is the method name
	Multi   bool     // one name for many instances (made in a loop)
	Copied  []string // locks that a copied struct has as its own: "mu", "inner.mu"
	Slots   int      // channel or semaphore: how many may hold it at once; 0 if not known
	Thread  int      // index of the thread that makes it
	Where   Place
	Name    string         // the user's variable
	On      []access.Value // the values on whose conversation a connection lives
	Test    bool           // made by code in a _test.go file
	Foreign bool           // made by code of another package; Pos is the call that leads there
	Role    catalog.Role   // what using it does to the conversation it lives on
	Pos     int            // position in the package under analysis; 0 in facts
	From    []access.Value // the pool that a lease was taken from
	Back    bool           // the lease goes back to its pool
	Twin    bool           // File: a copy, to be closed beside the connection
	Self    bool           // a command that runs this program once more
	Forks   bool           // a server that starts children which do so
	Guard   Guard          // made in the parent or in a child only
}

// Lock is a lock held at a use.
type Lock struct {
	Path   access.Path // unknown: a lock that cannot be named
	Shared bool        // read side of an RWMutex
	Slot   bool        // one slot of a semaphore or channel: exclusive if there is but one
	Once   bool        // a sync.Once whose callback this is
	Flag   bool        // an atomic flag that is set
}

// Use is one use of a connection.
type Use struct {
	Value   access.Value
	Type    string // catalog key of the contract, "" if it depends on the dynamic type
	Static  bool   // the place has that type by declaration (evidence T)
	Method  string
	Role    catalog.Role
	Thread  int
	Locks   []Lock
	Where   Place
	Via     []Hop  // calls that lead there, outermost first
	Guard   bool   // inside a nil test of the same place: an override
	Judged  bool   // reported already by the package that has it
	Name    string // the connection as the user writes it
	Test    bool
	Foreign bool // by code of another package
	Several bool // the value is one of several
	Own     bool // a method called on the value itself, not on what lives on it
	Swap    Swap // not a call: the place gets another connection
	Maybe   bool // depends on the value of a captured variable
	Pos     int  // position in the package under analysis; 0 in facts
	Here    int  // position inside the outermost function; 0 in facts
	Field   int  // position of the field that holds it; 0 in facts
}

// Swap says that a use is a store of another connection into its place.
type Swap uint8

// The kinds of swaps.
const (
	NoSwap     Swap = iota
	SwapClosed      // the old connection is closed
	SwapLost        // nothing closes the old connection
)

// Call is a call whose target is not known yet.
type Call struct {
	Target access.Value
	Method string // "" for a function value
	Args   [][]access.Value
	Result int // object index of result 0; result i is Result+i
	NRes   int
	Thread int
	Locks  []Lock
	Where  Place
	Repeat bool
	Each   bool // of the elements that the code ranges over, one after the other
	Once   bool // made at most once in the life of the process
	Test   bool
	Pos    int // position in the package under analysis; 0 in facts
	Here   int // position inside the outermost function; 0 in facts
}

// Store puts a value into a place.
type Store struct {
	Place access.Path
	Value access.Value
	Test  bool
	Copy  bool // of a struct
}

// Thread is code that runs beside the code that started it.
type Thread struct {
	Parent   int // thread that starts it; 0 is the function's own
	Kind     entrypoint.Kind
	Level    entrypoint.Level
	Handle   []access.Value // what is waited on
	Joined   bool           // waited for before the function returns
	Ends     On             // a result that says it has ended, if it is waited for before some returns
	Name     string         // how the user knows it: "handler serveChat", "goroutine"
	Why      string
	Declared bool   // an entry by its declaration; nothing in the package registers it
	Self     bool   // runs beside itself whatever its starter does
	Queue    string // threads of one queue run one after the other
	Where    Place
	Test     bool
	Pos      int // position in the package under analysis; 0 in facts
}

// Outcome says on which exits something happens.
type Outcome uint8

// None < Some < All.
const (
	None Outcome = iota
	Some
	All
)

// When says on what a release depends.
type When uint8

// The dependencies of a release.
const (
	Always   When = iota // or on nothing that can be named
	IfNil                // a result, or another captured variable, is nil
	IfNotNil             // it is not nil
)

// Param is what a function does with the obligation of a parameter or captured variable.
type Param struct {
	Released Outcome
	When     When   // what decides, if Released is Some
	Of       int    // the result, or for a captured variable the other one, that decides
	Escapes  bool   // stored, given back or passed to code nobody knows
	Held     uint16 // results that hold it, as bits
	Leak     Place  // first exit without release, if Released is Some
	Beside   bool   // a goroutine may use it, perhaps after the call; says nothing of its release
}

// LockNet is a lock that a function takes for, or gives back for, its caller.
type LockNet struct {
	Path   access.Path
	Shared bool
	Slot   bool
	Unlock bool
	Token  bool // a send or, with Unlock, a receive
	Weak   bool // is a lock only together with its opposite
	Flag   bool // an atomic flag
	On     On   // when the lock is taken, if not always
}

// On says which result tells whether a lock was taken.
type On struct {
	Result int  // 1 + its index; 0 if the lock is taken always
	Nil    bool // a nil error tells that it was, rather than a boolean
	True   bool // the boolean that tells it was
}

// JoinIf is a wait that may have been given up, which a result tells.
type JoinIf struct {
	Handle access.Value
	On     On
}

// Owned is a result that the caller must release.
type Owned struct {
	Result int
	Error  int // the error result that is nil when the value is valid; -1 if none
	Undo   int // 1 + the result that is a function which releases it; 0 if none
	Type   string
	Where  Place
	Owner  string   // type of the result, if it only owns a value of Type
	Ends   []string // methods of that type which release what it owns
	Pos    int      // of the acquisition, in the package under analysis; 0 in facts
}

// Make is a pool or client that is meant to be made once, but that each call of
// the function makes anew: it dies with the call.
type Make struct {
	Type   string
	Closed Outcome // on which paths it is closed
	Name   string  // the user's variable
	Where  Place   // of the constructor
	Dies   Place   // where the function that drops it gets it
	Via    []Place // calls that lead to where it dies, outermost first
	Pos    int     // in the package under analysis, of the call that gives it, or leads to it; 0 in facts
	Origin int     // of the constructor, if this package has it; 0 in facts
}

// PairCall is one of two calls that overlap inside a function.
type PairCall struct {
	Target access.Value
	Method string // "" for a function value
	Locks  []Lock
	Where  Place
	Name   string // the connection as the user writes it, if the call names it
	Beside bool   // made by a goroutine that the function starts
	Go     int    // where that starts, in the package under analysis; 0 in facts
	Pos    int    // position in the package under analysis; 0 in facts
	Here   int    // position inside the outermost function; 0 in facts
}

// Pair is two calls that overlap inside a function, which only the caller can
// judge because it knows what is behind the interface. B is the one whose
// goroutine started first.
type Pair struct{ A, B PairCall }

// Guard says which tests decide that code runs in the parent, or in a child, only.
type Guard uint8

// The tests, as bits.
const (
	ByLibrary Guard = 1 << iota // the test that a pre-forking library has for it
	ByEnv                       // an environment variable that the program sets for its children
	ByArgs                      // arguments or flags, which may be a child's own
)

// TouchKind says what is done to a connection, a pool, a file or a child process.
type TouchKind uint8

// The kinds of touches.
const (
	Spoke     TouchKind = iota // somebody speaks on the connection
	Connected                  // the pool has a connection from now on
	Ended                      // closed, or given back
	Limited                    // N says how many connections the pool may have
	Idled                      // N is 0 if it keeps no idle ones
	Waited                     // the child has ended
)

// Touch is what a function does to a value that matters when processes start.
type Touch struct {
	Kind  TouchKind
	Value access.Value
	Role  catalog.Role
	N     int64
	Name  string // the call as the user writes it
	Serve bool   // by a handler, once the server runs
	Guard Guard
	Pos   int // position in the package under analysis; 0 in facts
}

// Start is a call that starts child processes.
type Start struct {
	Does   process.Does // Start, Run or Prefork
	Value  access.Value // the command, its attributes or the server; opaque for a server that always pre-forks
	Fields []string     // fields of Value whose files the child gets
	Name   string       // the call as the user writes it
	Loop   bool
	Guard  Guard
	Pos    int // position in the package under analysis; 0 in facts
}

// Func is the summary of one function.
type Func struct {
	Key      string
	NParams  int
	Objects  []Object
	Stores   []Store
	Uses     []Use
	Calls    []Call
	Threads  []Thread // thread i+1
	Pairs    []Pair
	Results  [][]access.Value
	Owned    []Owned
	Makes    []Make
	Params   []Param
	Frees    []Param
	Locks    []LockNet
	Joins    []access.Value // handles waited for
	JoinsIf  []JoinIf       // handles waited for if a result says so
	Signals  []access.Value // handles told that the function is done, with no use after it
	Early    []access.Value // channels that it sends on with uses to follow
	Takes    []access.Value // channels that it receives from again and again, with uses in between
	Escapes  []access.Value
	Touches  []Touch
	Starts   []Start
	Serves   bool  // starts to serve
	Child    Guard // a result says whether the process is a child
	Wraps    bool  // returns a handler that calls a handler it is given
	NoReturn bool
}

// Empty reports whether the summary says nothing a caller could use.
func (f *Func) Empty() bool {
	return len(f.Stores)+len(f.Uses)+len(f.Calls)+len(f.Threads)+len(f.Pairs)+len(f.Owned)+len(f.Makes)+len(f.Locks)+len(f.Joins)+len(f.JoinsIf)+len(f.Signals)+len(f.Early)+len(f.Takes)+len(f.Escapes)+len(f.Touches)+len(f.Starts) == 0 &&
		!f.NoReturn && !f.Serves && f.Child == 0 && !anyParam(f.Params) && !anyParam(f.Frees) && !anyResult(f.Results)
}

func anyParam(ps []Param) bool {
	for _, p := range ps {
		if p != (Param{}) {
			return true
		}
	}
	return false
}

func anyResult(rs [][]access.Value) bool {
	for _, r := range rs {
		if len(r) > 0 {
			return true
		}
	}
	return false
}
