package process

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

//go:embed data/*.yaml
var data embed.FS

//go:embed data/compact.txt
var compact string

// Default is the embedded table: its compact form, or the YAML files if those
// are newer. It is read once per process.
var Default = sync.OnceValue(func() *Table {
	sub, err := fs.Sub(data, "data")
	if err != nil {
		return newTable()
	}
	if sum, err := sourceSum(sub); err == nil {
		if t, err := expandCompact(compact, sum); err == nil {
			return t
		}
	}
	// A broken file costs its own rows only; a test refuses to let one in.
	t, _ := Load(sub)
	return t
})

func newTable() *Table {
	return &Table{rows: map[string][]Row{}, env: map[string]bool{}, packages: map[string]bool{}}
}

// file is one data file as it is written.
type file struct {
	Library string            `yaml:"library"`
	Module  string            `yaml:"module"`
	Imports map[string]string `yaml:"imports"`
	Rows    []fileRow         `yaml:"rows"`
	Env     []string          `yaml:"env"`
}

type fileRow struct {
	Funcs  []text   `yaml:"funcs"`
	Does   text     `yaml:"does"`
	Of     text     `yaml:"of"`
	Fields []string `yaml:"fields"`
	Source string   `yaml:"source"`
}

// text is a string that knows its line.
type text struct {
	value string
	line  int
}

// UnmarshalYAML keeps the line of the node.
func (t *text) UnmarshalYAML(n ast.Node) error {
	s, ok := n.(*ast.StringNode)
	if !ok {
		return fmt.Errorf("%d: want a string", n.GetToken().Position.Line)
	}
	t.value, t.line = s.Value, s.Token.Position.Line
	return nil
}

// Load reads all *.yaml files of dir. The table has the rows of all files that
// are right; the error names file and line of everything that is not.
func Load(dir fs.FS) (*Table, error) {
	t := newTable()
	names, err := fs.Glob(dir, "*.yaml")
	if err != nil {
		return t, err
	}
	slices.Sort(names)
	var errs []error
	for _, name := range names {
		f, err := readFile(dir, name)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		b := builder{table: t, file: f, name: name}
		b.add()
		errs = append(errs, b.errs...)
	}
	return t, errors.Join(errs...)
}

// readFile decodes one data file. Keys that the grammar does not have are errors.
func readFile(dir fs.FS, name string) (*file, error) {
	src, err := fs.ReadFile(dir, name)
	if err != nil {
		return nil, err
	}
	f := &file{}
	if err := yaml.UnmarshalWithOptions(src, f, yaml.Strict()); err != nil {
		var at yaml.Error
		if errors.As(err, &at) && at.GetToken() != nil {
			return nil, fmt.Errorf("%s:%d: %s", name, at.GetToken().Position.Line, at.GetMessage())
		}
		return nil, fmt.Errorf("%s:%w", name, err)
	}
	if f.Library == "" || f.Module == "" || len(f.Imports) == 0 {
		return nil, fmt.Errorf("%s:1: a file needs library, module and imports", name)
	}
	return f, nil
}

// builder turns the rows of a file into those of the table and collects what is wrong.
type builder struct {
	table *Table
	file  *file
	name  string
	errs  []error
}

func (b *builder) errorf(line int, format string, args ...any) {
	b.errs = append(b.errs, fmt.Errorf("%s:%d: %s", b.name, line, fmt.Sprintf(format, args...)))
}

func (b *builder) add() {
	for _, pkg := range b.file.Imports {
		b.table.packages[pkg] = true
	}
	for _, name := range b.file.Env {
		b.table.env[name] = true
	}
	for i := range b.file.Rows {
		b.row(&b.file.Rows[i])
	}
}

func (b *builder) row(r *fileRow) {
	n := slices.Index(names, r.Does.value)
	if n < 0 {
		b.errorf(r.Does.line, "does not know what it is to %q", r.Does.value)
		return
	}
	if r.Source == "" || len(r.Funcs) == 0 {
		b.errorf(r.Does.line, "a row needs funcs and source")
	}
	of := b.operand(r.Of)
	for _, fn := range r.Funcs {
		for _, sym := range expand(fn.value) {
			key, err := resolve(sym, b.file.Imports)
			if err != nil {
				b.errorf(fn.line, "%v", err)
				continue
			}
			row := Row{Func: key, Does: Does(n), Of: of, Fields: r.Fields, Source: r.Source}
			if slices.ContainsFunc(b.table.rows[key], func(have Row) bool { return have.Does == row.Does && have.Of == of }) {
				b.errorf(fn.line, "second row for %s", key)
				continue
			}
			b.table.rows[key] = append(b.table.rows[key], row)
		}
	}
}

func (b *builder) operand(of text) Operand {
	switch of.value {
	case "":
		return None
	case "recv":
		return Receiver
	case "result":
		return Result
	}
	var n int
	if _, err := fmt.Sscanf(of.value, "arg%d", &n); err != nil || n < 0 {
		b.errorf(of.line, "unknown operand %q", of.value)
		return None
	}
	return Operand(n)
}

// expand writes out the alternatives in braces.
func expand(s string) []string {
	head, rest, ok := strings.Cut(s, "{")
	alternatives, tail, closed := strings.Cut(rest, "}")
	if !ok || !closed {
		return []string{s}
	}
	var out []string
	tails := expand(tail)
	for _, a := range strings.Split(alternatives, ",") {
		for _, t := range tails {
			out = append(out, head+strings.TrimSpace(a)+t)
		}
	}
	return out
}

// resolve replaces the short package name in a symbol by its import path.
func resolve(sym string, imports map[string]string) (string, error) {
	start := len(sym) - len(strings.TrimLeft(sym, "(*"))
	dot := strings.IndexByte(sym[start:], '.')
	if dot < 0 {
		return sym, fmt.Errorf("symbol %q names no package", sym)
	}
	short := sym[start : start+dot]
	pkg, ok := imports[short]
	if !ok {
		return sym, fmt.Errorf("symbol %q: %q is not in imports", sym, short)
	}
	return sym[:start] + pkg + sym[start+dot:], nil
}
