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

// notString is the error of a node that is no string.
type notString struct{ line int }

func (e *notString) Error() string { return fmt.Sprintf("line %d: want a string", e.line) }

// UnmarshalYAML keeps the line of the node.
func (t *Text) UnmarshalYAML(n ast.Node) error {
	s, ok := n.(*ast.StringNode)
	if !ok {
		return &notString{n.GetToken().Position.Line}
	}
	t.Value, t.Line = s.Value, s.Token.Position.Line
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
	if err := yaml.UnmarshalWithOptions(src, into, yaml.Strict()); err != nil {
		return located(name, err)
	}
	if head.Library == "" || head.Module == "" || len(head.Imports) == 0 {
		return fmt.Errorf("%s:1: a file needs library, module and imports", name)
	}
	return nil
}

// located puts file and line in front of a decoding error.
func located(name string, err error) error {
	if bad, ok := errors.AsType[*notString](err); ok {
		return fmt.Errorf("%s:%d: want a string", name, bad.line)
	}
	var at yaml.Error
	if errors.As(err, &at) && at.GetToken() != nil {
		return fmt.Errorf("%s:%d: %s", name, at.GetToken().Position.Line, at.GetMessage())
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
