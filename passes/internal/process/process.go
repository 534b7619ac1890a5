package process

import "slices"

// Does says what a call does to files, children and pools.
type Does uint8

// What a call can do; the package comment explains them.
const (
	Copy Does = iota
	Same
	Lend
	Close
	Command
	Put
	Start
	Run
	Wait
	Server
	Prefork
	Child
	Self
	Connect
	Limit
	Idle
	Read
	Write
)

var names = []string{
	"copy", "same", "lend", "close", "command", "put", "start", "run", "wait",
	"server", "prefork", "child", "self", "connect", "limit", "idle", "read", "write",
}

func (d Does) String() string { return names[d] }

// Operand says what a row speaks of: None, Result, Receiver, or an argument from 0.
type Operand int

// The operands that are no argument.
const (
	None     Operand = -3
	Result   Operand = -2
	Receiver Operand = -1
)

// Row is what one call does.
type Row struct {
	Func   string // catalog.FuncKey of the call
	Does   Does
	Of     Operand
	Fields []string
	Source string
}

// Table is an immutable set of rows.
type Table struct {
	rows     map[string][]Row
	env      map[string]bool
	packages map[string]bool
}

// Rows lists what the function with this key does.
func (t *Table) Rows(key string) []Row { return t.rows[key] }

// Is reports whether the function with this key does that.
func (t *Table) Is(key string, d Does) bool {
	return slices.ContainsFunc(t.rows[key], func(r Row) bool { return r.Does == d })
}

// Env reports whether the environment variable is set in children only.
func (t *Table) Env(name string) bool { return t.env[name] }
