// Package datafile reads the YAML files that say what libraries do: strings
// that know their line, symbols with short package names, and the sum that
// tells whether a compact form is up to date.
package datafile

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// Text is a string that knows its line.
type Text struct {
	Value string
	Line  int
}

// Fault is what is wrong at a line of a data file.
type Fault struct {
	File string
	Line int
	Msg  string
}

func (f *Fault) Error() string { return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.Msg) }

// UnmarshalYAML keeps the line of the node. The compact forms have lines of
// fields with tabs between them: neither may be in a string.
func (t *Text) UnmarshalYAML(n ast.Node) error {
	line := n.GetToken().Position.Line
	switch n := n.(type) {
	case *ast.StringNode:
		*t = Text{n.Value, line}
	case *ast.LiteralNode:
		*t = Text{n.Value.Value, line}
	default:
		return &Fault{Line: line, Msg: "want a string, not " + n.Type().String()}
	}
	if strings.ContainsAny(t.Value, "\t\n") {
		return &Fault{Line: line, Msg: "tab or line break in a string"}
	}
	return nil
}

// Head is what every file begins with.
type Head struct {
	Library string            `yaml:"library"`
	Module  string            `yaml:"module"`
	Imports map[string]string `yaml:"imports"` // short name to import path
}

// Read decodes one file into a structure that has a Head, which it gives for
// checking. Keys that the structure does not have are errors. An error names
// the file and, where it is known, the line.
func Read(dir fs.FS, name string, into any, head *Head) error {
	src, err := fs.ReadFile(dir, name)
	if err != nil {
		return err
	}
	if err := Decode(name, src, into); err != nil {
		return err
	}
	if head.Library == "" || head.Module == "" || len(head.Imports) == 0 {
		return fmt.Errorf("%s:1: a file needs library, module and imports", name)
	}
	return nil
}

// Decode decodes the contents of one file. Keys that the structure does not
// have, and repeated ones, are errors; an error names the file and, where it is
// known, the line.
func Decode(name string, src []byte, into any) error {
	err := yaml.UnmarshalWithOptions(src, into, yaml.Strict())
	if err == nil {
		return nil
	}
	if bad, ok := errors.AsType[*Fault](err); ok {
		return &Fault{name, bad.Line, bad.Msg}
	}
	if at, ok := errors.AsType[yaml.Error](err); ok && at.GetToken() != nil {
		return &Fault{name, at.GetToken().Position.Line, at.GetMessage()}
	}
	return fmt.Errorf("%s: %w", name, err)
}

// Sum is a hash of the names and contents of the YAML files in dir.
func Sum(dir fs.FS) (string, error) {
	names, err := fs.Glob(dir, "*.yaml")
	if err != nil {
		return "", err
	}
	h := sha256.New()
	for _, name := range names {
		src, err := fs.ReadFile(dir, name)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(h, "%s %d\n", name, len(src))
		if _, err := h.Write(src); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// Expand writes out the alternatives of a symbol: pkg.{A,B} is pkg.A and pkg.B.
func Expand(symbol string) []string {
	head, rest, ok := strings.Cut(symbol, "{")
	alternatives, tail, closed := strings.Cut(rest, "}")
	if !ok || !closed {
		return []string{symbol}
	}
	var out []string
	tails := Expand(tail)
	for _, a := range strings.Split(alternatives, ",") {
		for _, t := range tails {
			out = append(out, head+strings.TrimSpace(a)+t)
		}
	}
	return out
}

// Resolve replaces the short package name in a symbol by its import path.
func Resolve(symbol string, imports map[string]string) (string, error) {
	start := len(symbol) - len(strings.TrimLeft(symbol, "(*"))
	// The package ends at the first dot after the last slash.
	slash := start + strings.LastIndexByte(symbol[start:], '/') + 1
	dot := strings.IndexByte(symbol[slash:], '.')
	if dot < 0 {
		return symbol, fmt.Errorf("symbol %q names no package", symbol)
	}
	short := symbol[start : slash+dot]
	pkg, ok := imports[short]
	if !ok {
		return symbol, fmt.Errorf("symbol %q: %q is not in imports", symbol, short)
	}
	return symbol[:start] + pkg + symbol[slash+dot:], nil
}
