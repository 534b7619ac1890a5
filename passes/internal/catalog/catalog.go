package catalog

import (
	"go/types"
	"maps"
	"slices"
	"strings"
	"sync"
)

// Contract says how many goroutines may use a value at once.
type Contract uint8

// The contracts, from "says nothing" to the strictest.
const (
	Unknown   Contract = iota // not a connection
	Shareable                 // any number of goroutines at once
	Duplex                    // one reader and one writer at once
	Serial                    // calls are serialised, the conversation is one
	Exclusive                 // one goroutine at a time
)

// Role is what a call does to the connection it is made on.
type Role uint8

// The roles of a call. A method that is not listed is Use.
const (
	Use   Role = iota
	Read       // reading direction of a duplex connection
	Write      // writing direction of a duplex connection
	Open       // begins or reads a result set
	End        // ends the value
	Free       // may overlap anything
)

// Conflicts reports whether two calls with roles a and b on one connection
// with contract c must not overlap.
func (c Contract) Conflicts(a, b Role) bool {
	if a == Free || b == Free {
		return false
	}
	switch c {
	case Exclusive:
		return true
	case Duplex:
		return a == b || a == Use || b == Use || a == End || b == End
	case Serial:
		return a == Open || a == End || b == Open || b == End
	}
	return false
}

// Type is one row of the catalog: a connection type in one role.
type Type struct {
	Key        string // "*pkg/path.T", or "*pkg/path.T#role" for a second role of one Go type
	Library    string
	Role       string // conn, lease, pool, tx, rows, …
	Contract   Contract
	Says       string // completes "(*pgx.Conn …)"
	Status     string // documented, undocumented, contested
	Source     string
	Symptom    string
	Advice     string
	Must       bool // the owner must release it
	Methods    map[string]Role
	Release    map[string]bool // methods that end the obligation
	Drained    map[string]bool // methods whose false or zero result, or error, ends it
	ReleasedBy []string        // functions that end it, for messages: pgx.CollectRows
	Inner      string          // field whose release is the release of the value: Body of a response
	ErrField   string          // field that is not nil when the acquisition failed: Error of a gorm transaction
	Twice      bool            // a second release is known to be harmless
	Ended      *Ended          // what must not be called after the release; nil if it does no harm
	Busy       *Busy           // what must wait for an open result; nil if nothing has to
	Leaves     string          // what one that nobody closes leaves behind; set for what is made once and kept
	Literal    bool            // a composite literal makes one
	Unless     map[string]bool // fields that, once set, make one that keeps nothing
}

// Busy says which calls a connection refuses while a result that lives on it is open.
type Busy struct {
	Calls  []string // sorted
	Error  string   // what the library answers; "" if the driver behind database/sql decides
	Source string
}

// Ended says what must not be called after a release.
type Ended struct {
	Calls  []string // methods, and functions that take the value by their short name; sorted
	Error  string   // what happens then
	Source string
}

// Driver is a driver of database/sql.
type Driver struct {
	Package string
	Names   []string // under which it is registered
	Busy    string   // what it answers to a call while a result is open; "" if it allows it
	Source  string
}

// Holds reports whether an open value of the row keeps the connection it lives on busy.
func (t *Type) Holds() bool {
	switch t.Role {
	case "rows", "row", "batch", "body":
		return true
	}
	return false
}

// Lasting reports whether a value of the row is meant to be made once and kept:
// transientpool looks for those that are not.
func (t *Type) Lasting() bool { return t.Leaves != "" }

// Pool reports whether the row describes a pool or client made once per process.
func (t *Type) Pool() bool { return t.Role == "pool" || t.Role == "client" || t.Role == "listener" }

// Name is the Go type as a user writes it: *pgx.Conn.
func (t *Type) Name() string { return ShortName(t.Key) }

// MethodRole gives the role of method name on a value of the row.
func (t *Type) MethodRole(name string) Role {
	if r, ok := t.Methods[name]; ok {
		return r
	}
	if t.Release[name] {
		return End
	}
	return Use
}

// Parent says on whose conversation a result lives.
type Parent int

// Arguments are counted from 0 without the receiver.
const (
	NoParent Parent = -2
	Receiver Parent = -1
)

// Result is a connection among the results of a call.
type Result struct {
	Index  int
	Type   *Type
	Owned  bool // the caller must release it
	Parent Parent
	Alias  bool // the result is (part of) the parent itself
}

// ArgEffect is what a call does with a connection it is given.
type ArgEffect uint8

// Effects of a call on an argument.
const (
	ArgUse     ArgEffect = iota // used during the call
	ArgRelease                  // released by the call
	ArgOwn                      // the callee owns it from now on
	ArgBorrow                   // looked at only
	ArgRead                     // read from, as one direction of a duplex connection
	ArgWrite                    // written to
)

// Lend is a callback that receives a connection owned by the library.
type Lend struct {
	Callback int // parameter of the call that is the callback
	Param    int // parameter of the callback that is the connection
	Type     *Type
	Parent   Parent
}

// Never is a number that a result of a call never is, though callers may ask.
type Never struct{ Result, Value int }

// Func is what the catalog knows of one function or method.
type Func struct {
	Key     string
	Results []Result
	Args    map[int]ArgEffect
	As      map[int]*Type    // the row by which an argument is used, where it is not that of its type
	Calls   map[int][]string // methods that the function calls on an argument which is an interface, sorted
	Lends   []Lend
	Never   []Never
}

// Ends reports whether the call ends an argument.
func (f *Func) Ends() bool {
	for _, does := range f.Args {
		if does == ArgRelease {
			return true
		}
	}
	return false
}

// Catalog is an immutable set of rows.
type Catalog struct {
	types    map[string]*Type
	funcs    map[string]*Func
	packages map[string]bool
	modules  map[string]bool
	drivers  map[string]*Driver

	beginOnce sync.Once
	begins    map[string]bool // "method type" of what begins a transaction
}

// Driver finds a driver of database/sql by its import path; nil if it is not known.
func (c *Catalog) Driver(path string) *Driver { return c.drivers[path] }

// Drivers lists the known drivers of database/sql, sorted by import path.
func (c *Catalog) Drivers() []*Driver {
	var out []*Driver
	for _, k := range sortedKeys(c.drivers) {
		out = append(out, c.drivers[k])
	}
	return out
}

// Type finds the row of a type key such as "*github.com/jackc/pgx/v5.Conn"; nil if there is none.
func (c *Catalog) Type(key string) *Type { return c.types[key] }

// TypeOf finds the row of a Go type; nil if it is no catalogued connection.
func (c *Catalog) TypeOf(t types.Type) *Type {
	if k := TypeKey(t); k != "" {
		return c.types[k]
	}
	return nil
}

// Func finds what is known of a function by its key; nil if nothing is.
func (c *Catalog) Func(key string) *Func { return c.funcs[key] }

// Begins gives the row of the transactions that a method with this name begins
// and gives as a value of this type, if that is how a catalogued pool or
// connection does it; nil for other names and types.
func (c *Catalog) Begins(method, typ string) *Type {
	row := c.types[typ]
	if row == nil || row.Role != "tx" || !row.Must {
		return nil
	}
	c.beginOnce.Do(func() { c.begins = c.beginners() })
	if !c.begins[method+" "+typ] {
		return nil
	}
	return row
}

func (c *Catalog) beginners() map[string]bool {
	out := map[string]bool{}
	for key, f := range c.funcs {
		recv := c.types[ReceiverKey(key)]
		if recv == nil || !recv.Pool() && recv.Role != "conn" && recv.Role != "lease" {
			continue
		}
		for _, r := range f.Results {
			if r.Index == 0 && r.Owned && r.Type.Role == "tx" {
				out[key[strings.LastIndexByte(key, '.')+1:]+" "+r.Type.Key] = true
			}
		}
	}
	return out
}

// MethodOn finds what is known of a method called on a value of row recv: what
// holds for the second role of a Go type comes before what holds for the type.
func (c *Catalog) MethodOn(recv *Type, name string) *Func {
	if f := c.funcs["("+recv.Key+")."+name]; f != nil {
		return f
	}
	return c.funcs[MethodKey(recv.Key, name)]
}

// Package reports whether rows speak of the package with this import path.
func (c *Catalog) Package(path string) bool { return c.packages[path] }

// Covers reports whether the package is catalogued, or belongs to the same
// module as one that is; all of std does not.
func (c *Catalog) Covers(path string) bool {
	if c.packages[path] {
		return true
	}
	for p := path; p != ""; {
		if c.modules[p] && p != "std" {
			return true
		}
		p = p[:max(strings.LastIndexByte(p, '/'), 0)]
	}
	return false
}

// Packages lists the catalogued import paths, sorted.
func (c *Catalog) Packages() []string { return sortedKeys(c.packages) }

// Modules lists the modules that hold the catalogued packages, sorted; the
// standard library is "std".
func (c *Catalog) Modules() []string { return sortedKeys(c.modules) }

// Funcs lists all known functions and methods, sorted by key.
func (c *Catalog) Funcs() []*Func {
	var out []*Func
	for _, k := range sortedKeys(c.funcs) {
		out = append(out, c.funcs[k])
	}
	return out
}

// Types lists all rows, sorted by key.
func (c *Catalog) Types() []*Type {
	var out []*Type
	for _, k := range sortedKeys(c.types) {
		out = append(out, c.types[k])
	}
	return out
}

// TypeKey is the catalog key of a named type or a pointer to one, without
// type arguments; "" for other types.
func TypeKey(t types.Type) string {
	star := ""
	t = types.Unalias(t)
	if p, ok := t.(*types.Pointer); ok {
		star, t = "*", types.Unalias(p.Elem())
	}
	n, ok := t.(*types.Named)
	if !ok {
		return ""
	}
	obj := n.Origin().Obj()
	if obj.Pkg() == nil {
		return ""
	}
	return star + StripVendor(obj.Pkg().Path()) + "." + obj.Name()
}

// FuncKey is the catalog key of a function or method: its full name with the
// receiver's type arguments left out.
func FuncKey(f *types.Func) string {
	f = f.Origin()
	sig, ok := f.Type().(*types.Signature)
	if !ok || f.Pkg() == nil {
		return f.Name()
	}
	recv := sig.Recv()
	if recv == nil {
		return StripVendor(f.Pkg().Path()) + "." + f.Name()
	}
	if k := TypeKey(recv.Type()); k != "" {
		return "(" + k + ")." + f.Name()
	}
	return "(" + StripVendor(f.Pkg().Path()) + ".?)." + f.Name() // method of an unnamed interface
}

// MethodKey is the key of method name on the type with key typ.
func MethodKey(typ, name string) string {
	if i := strings.IndexByte(typ, '#'); i >= 0 {
		typ = typ[:i]
	}
	return "(" + typ + ")." + name
}

// StripVendor removes a vendor prefix from an import path.
func StripVendor(path string) string {
	if i := strings.LastIndex(path, "/vendor/"); i >= 0 {
		return path[i+len("/vendor/"):]
	}
	return strings.TrimPrefix(path, "vendor/")
}

// ShortName turns a type key into what a user writes: package name, not path.
func ShortName(key string) string {
	if i := strings.IndexByte(key, '#'); i >= 0 {
		key = key[:i]
	}
	star := ""
	if strings.HasPrefix(key, "*") {
		star, key = "*", key[1:]
	}
	dot := strings.LastIndexByte(key, '.')
	if dot < 0 {
		return star + key
	}
	return star + packageName(key[:dot]) + key[dot:]
}

// packageName guesses a package's name from its import path, as goimports does.
func packageName(path string) string {
	parts := strings.Split(path, "/")
	last := parts[len(parts)-1]
	if len(parts) > 1 && len(last) > 1 && last[0] == 'v' && strings.Trim(last[1:], "0123456789") == "" {
		last = parts[len(parts)-2]
	}
	if i := strings.Index(last, ".v"); i > 0 {
		last = last[:i]
	}
	last = strings.TrimSuffix(last, "-go")
	if i := strings.LastIndexByte(last, '-'); i >= 0 && strings.HasPrefix(last, "go-") {
		last = last[i+1:]
	}
	return last
}

func sortedKeys[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}

// Cost says what leaking a value of the row costs, for messages.
func (t *Type) Cost() string {
	switch t.Role {
	case "tx":
		return "its connection and locks stay taken"
	case "rows", "row", "cursor", "batch", "stmt":
		return "its connection stays busy"
	case "lease":
		return "possible pool exhaustion"
	case "body":
		return "its connection may not be reused"
	}
	return "possible connection leak"
}

// ReleaseName is the method that a message should name as the release.
func (t *Type) ReleaseName() string {
	if t.Inner != "" {
		return t.Inner + ".Close"
	}
	for _, n := range []string{"Release", "Close", "Rollback", "Scan"} {
		if t.Release[n] {
			return n
		}
	}
	for _, n := range sortedKeys(t.Release) {
		return n
	}
	return "release"
}
