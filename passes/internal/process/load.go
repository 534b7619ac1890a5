package process

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync"

	"github.com/connvet/connvet/passes/internal/datafile"
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
	if sum, err := datafile.Sum(sub); err == nil {
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
	datafile.Head `yaml:",inline"`

	Rows []fileRow `yaml:"rows"`
	Env  []string  `yaml:"env"`
}

type fileRow struct {
	Funcs  []text   `yaml:"funcs"`
	Does   text     `yaml:"does"`
	Of     text     `yaml:"of"`
	Fields []string `yaml:"fields"`
	Source string   `yaml:"source"`
}

type text = datafile.Text

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
		f := &file{}
		if err := datafile.Read(dir, name, f, &f.Head); err != nil {
			errs = append(errs, err)
			continue
		}
		b := builder{table: t, file: f, name: name}
		b.add()
		errs = append(errs, b.errs...)
	}
	return t, errors.Join(errs...)
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
	n := slices.Index(names, r.Does.Value)
	if n < 0 {
		b.errorf(r.Does.Line, "does not know what it is to %q", r.Does.Value)
		return
	}
	if r.Source == "" || len(r.Funcs) == 0 {
		b.errorf(r.Does.Line, "a row needs funcs and source")
	}
	of := b.operand(r.Of)
	for _, fn := range r.Funcs {
		for _, sym := range datafile.Expand(fn.Value) {
			key, err := datafile.Resolve(sym, b.file.Imports)
			if err != nil {
				b.errorf(fn.Line, "%v", err)
				continue
			}
			row := Row{Func: key, Does: Does(n), Of: of, Fields: r.Fields, Source: r.Source}
			if slices.ContainsFunc(b.table.rows[key], func(have Row) bool { return have.Does == row.Does && have.Of == of }) {
				b.errorf(fn.Line, "second row for %s", key)
				continue
			}
			b.table.rows[key] = append(b.table.rows[key], row)
		}
	}
}

func (b *builder) operand(of text) Operand {
	switch of.Value {
	case "":
		return None
	case "recv":
		return Receiver
	case "result":
		return Result
	}
	var n int
	if _, err := fmt.Sscanf(of.Value, "arg%d", &n); err != nil || n < 0 {
		b.errorf(of.Line, "unknown operand %q", of.Value)
		return None
	}
	return Operand(n)
}
