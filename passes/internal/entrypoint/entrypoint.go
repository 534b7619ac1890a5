package entrypoint

import (
	"slices"
	"strings"
)

// Kind says when and where a callback runs.
type Kind uint8

// The kinds of callbacks.
const (
	Go    Kind = iota // on its own goroutine, from the call on
	Serve             // once a server or consumer runs
	Call              // before the call returns, on the caller's goroutine
	Once              // as Call, at most once per receiver
	Spawn             // on other goroutines, all done when the call returns
	Wrap              // whenever the result of the call is called
	Later             // at some time, on some goroutine
)

// Level says whether a callback may run beside itself.
type Level uint8

// One < Many.
const (
	One Level = iota
	Many
)

// Handle says what is waited on: HandleNone, HandleRecv, HandleResult, or an argument index from 0.
type Handle int

// The handles that are no argument.
const (
	HandleNone   Handle = -3
	HandleResult Handle = -2
	HandleRecv   Handle = -1
)

// Fresh says which instance of a registered object its methods are called on.
type Fresh uint8

// The instances.
const (
	Itself Fresh = iota // the registered object
	Zero                // one that is made for each call, of the object's type
	Copy                // one that is made for each call and given the exported fields of the object
)

// Entry is what happens to the callbacks of one call.
type Entry struct {
	Func      string // catalog.FuncKey of the call
	Callbacks []int
	Methods   []string // called on object arguments; "*" stands for all exported methods
	Field     string   // called fields of struct arguments; "*" stands for all
	Kind      Kind
	Level     Level
	Handle    Handle
	Joins     []string
	Fresh     Fresh
	Queue     string // callbacks of one queue run one after the other
	Count     int    // 1 + the parameter that says how many run at once; 0 if none does
	Why       string
	Source    string
}

// Type is a Go type that makes an entry of what is converted to it.
type Type struct {
	Key     string // catalog.TypeKey
	Methods []string
	Fields  []string
	Kind    Kind
	Level   Level
	Why     string
	Source  string
}

// Signature makes an entry of every func value with these parameter types.
type Signature struct {
	Params []string // catalog.TypeKey of each parameter
	Kind   Kind
	Level  Level
	Why    string
	Source string
}

// Registrar is the shape of generated functions that hand an object to a server.
type Registrar struct {
	Params         []string // catalog.TypeKey of the first parameter, any of these
	Prefix, Suffix string   // of the function's name
	Entry          Entry    // Func is empty
}

// Role is what a call does with the functions of a dependency injection
// container, which calls them with what the others give, matched by type.
type Role uint8

// The roles of injectors.
const (
	Provide  Role = iota + 1 // the results of the function arguments are for who asks for their types
	Invoke                   // the function arguments are called with what their parameters ask for
	Supply                   // the arguments themselves are for who asks for their types
	Decorate                 // the function arguments change what others ask for
	Group                    // the options among the arguments come together in the result
	Build                    // the options among the arguments are carried out
	Annotate                 // the result is the first argument with the annotations that follow
	As                       // the result offers what it annotates by the interfaces that its arguments point to
	Tag                      // the result says who gets what in a way that is not followed
	Module                   // as Group, and what is private or decorated there is so for these options only
	Replace                  // the arguments themselves take the place of what others ask for
	Params                   // the result has the tags of the parameters
	Results                  // the result has the tags of the results
	Name                     // the result has the name of the results
	Member                   // the result has the group of the results
)

// Tags reports whether the role is that of an annotation made of strings.
func (r Role) Tags() bool { return r == Params || r == Results || r == Name || r == Member }

// Injector is a call of the API of a container. A method acts on its receiver
// at once; a function gives an option that Build carries out.
type Injector struct {
	Func   string
	Role   Role
	Arg    int // first of the arguments, receiver not counted
	Source string
}

// Table is an immutable set of entries.
type Table struct {
	calls      map[string]*Entry
	types      map[string]*Type
	signatures []Signature
	registrars []Registrar
	injectors  map[string]*Injector
	scopes     map[string]bool
	privates   map[string]bool
	annotated  map[string]bool
	serves     map[string]bool
	joins      map[string]bool
	detaches   map[string]bool
	limits     map[string]bool
	packages   map[string]bool
}

// Call finds what the function with this key does with its callbacks; nil if nothing is known.
func (t *Table) Call(key string) *Entry { return t.calls[key] }

// Any reports whether a call of the table has a property.
func (t *Table) Any(has func(*Entry) bool) bool {
	for _, e := range t.calls {
		if has(e) {
			return true
		}
	}
	return false
}

// Type finds the entry type with this key; nil if it is none.
func (t *Table) Type(key string) *Type { return t.types[key] }

// Signatures lists the entry signatures.
func (t *Table) Signatures() []Signature { return t.signatures }

// Registrar finds what a function does with its arguments that has this name
// and this type key of its first parameter; nil if it has no known shape.
func (t *Table) Registrar(name, firstParam string) *Entry {
	for i := range t.registrars {
		r := &t.registrars[i]
		if len(name) > len(r.Prefix)+len(r.Suffix) && strings.HasPrefix(name, r.Prefix) &&
			strings.HasSuffix(name, r.Suffix) && slices.Contains(r.Params, firstParam) {
			return &r.Entry
		}
	}
	return nil
}

// Injector finds what the function with this key does for a container; nil if nothing is known.
func (t *Table) Injector(key string) *Injector { return t.injectors[key] }

// Scope reports whether the type with this key, embedded in a struct, lets a
// container fill or take its fields one by one.
func (t *Table) Scope(key string) bool { return t.scopes[key] }

// Private reports whether the package variable with this key, among what is
// provided, keeps the rest to the module that provides it.
func (t *Table) Private(key string) bool { return t.privates[key] }

// Annotated reports whether the struct type with this key stands for the
// function in its field Target, with a Name or Group for what it gives.
func (t *Table) Annotated(key string) bool { return t.annotated[key] }

// Serves reports whether the function starts serving what was registered before.
func (t *Table) Serves(key string) bool { return t.serves[key] }

// Joins reports whether the method with this key waits for started callbacks.
func (t *Table) Joins(key string) bool { return t.joins[key] }

// Detaches reports whether the method with this key, called inside a callback
// of kind Call, lets it run on beside the caller, as (*testing.T).Parallel does.
func (t *Table) Detaches(key string) bool { return t.detaches[key] }

// Limits reports whether the method with this key caps, by its argument 0, how
// many callbacks of the handle run at once.
func (t *Table) Limits(key string) bool { return t.limits[key] }

// Package reports whether the table has entries for the package with this import path.
func (t *Table) Package(path string) bool { return t.packages[path] }
