// Package access names values by where they are found: a root (a parameter, a
// captured variable, a package variable, an object made here) and the steps
// from it (fields, elements).
//
// Loads are transparent: the address of a field and the value in it have one
// name, so x.f.g names the same thing whether f is a struct or a pointer to one.
package access

import (
	"cmp"
	"strings"
)

// RootKind says what kind of thing a path starts from.
type RootKind uint8

// The kinds of roots.
const (
	Opaque RootKind = iota // unknown: equal to nothing, not even itself
	Param                  // N: index, receiver first
	Free                   // N: index of a captured variable
	Global                 // Key: package path and name
	Fresh                  // N: object made in the function, index of its Objects
	Func                   // Key: a function used as a value
)

// Root is where a path starts.
type Root struct {
	Kind RootKind
	N    int
	Key  string
}

// MaxSteps is the longest path that is followed; longer ones are Opaque.
const MaxSteps = 5

// Steps that are no field names.
const (
	Elem  = "[*]"     // an element found by a variable index, key or receive
	Each  = "[each]"  // an element found by ranging over the container
	Keys  = "{keys}"  // the keys of a map, as a container of their own
	Hooks = "{hooks}" // the functions that a connection calls while it is read
	Call  = "()"      // the one result of calling a memoised function
)

// Path is a comparable name of a place or the value in it.
type Path struct {
	Root  Root
	Steps [MaxSteps]string
}

// Of is the path of a root itself.
func Of(r Root) Path { return Path{Root: r} }

// Known reports whether the path names something.
func (p Path) Known() bool { return p.Root.Kind != Opaque }

// Len is the number of steps.
func (p Path) Len() int {
	n := 0
	for n < MaxSteps && p.Steps[n] != "" {
		n++
	}
	return n
}

// Step is the path one step further; Opaque when the path gets too long.
func (p Path) Step(s string) Path {
	n := p.Len()
	if n == MaxSteps || !p.Known() {
		return Path{}
	}
	p.Steps[n] = s
	return p
}

// Prefix is the path cut to its first n steps, and the steps cut off.
func (p Path) Prefix(n int) (Path, []string) {
	rest := make([]string, 0, MaxSteps)
	for i := n; i < MaxSteps && p.Steps[i] != ""; i++ {
		rest = append(rest, p.Steps[i])
		p.Steps[i] = ""
	}
	return p, rest
}

// Join is the path followed by further steps.
func (p Path) Join(steps []string) Path {
	for _, s := range steps {
		p = p.Step(s)
	}
	return p
}

// Rebase replaces the root of the path by another path.
func (p Path) Rebase(onto Path) Path {
	_, rest := p.Prefix(0)
	return onto.Join(rest)
}

// HasVariableElem reports whether the path passes an element that cannot be
// told apart from the other elements of its container.
func (p Path) HasVariableElem() bool { return p.has(Elem) }

// HasEach reports whether the path passes a ranged-over element.
func (p Path) HasEach() bool { return p.has(Each) }

func (p Path) has(step string) bool {
	for _, s := range p.Steps {
		if s == step {
			return true
		}
	}
	return false
}

// HasPrefix reports whether the path starts with q.
func (p Path) HasPrefix(q Path) bool {
	if p.Root != q.Root || !p.Known() {
		return false
	}
	for i, s := range q.Steps {
		if s == "" {
			return true
		}
		if p.Steps[i] != s {
			return false
		}
	}
	return true
}

// Compare orders paths, for deterministic facts and reports.
func Compare(a, b Path) int {
	c := cmp.Or(cmp.Compare(a.Root.Kind, b.Root.Kind), cmp.Compare(a.Root.N, b.Root.N), cmp.Compare(a.Root.Key, b.Root.Key))
	for i := 0; c == 0 && i < MaxSteps; i++ {
		c = cmp.Compare(a.Steps[i], b.Steps[i])
	}
	return c
}

// Text renders the steps after a root's name as a user would write them.
func (p Path) Text(root string) string {
	var b strings.Builder
	b.WriteString(root)
	for _, s := range p.Steps {
		switch {
		case s == "":
			return b.String()
		case s == Elem || s == Each:
			b.WriteString("[…]")
		case s[0] == '[' || s[0] == '(':
			b.WriteString(s)
		case s[0] == '#' || s[0] == '<' || s[0] == '{': // binding of a closure, value in a context, what no user writes
		default:
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			b.WriteString(s)
		}
	}
	return b.String()
}

// Value is a path with the dynamic type it was boxed with, if it was.
type Value struct {
	Path Path
	Type string // type key of the concrete type behind an interface, "" if not boxed
}

// CompareValues orders values.
func CompareValues(a, b Value) int {
	return cmp.Or(Compare(a.Path, b.Path), cmp.Compare(a.Type, b.Type))
}
