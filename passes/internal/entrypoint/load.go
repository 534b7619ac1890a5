package entrypoint

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
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

// Load reads all *.yaml files of dir, in the grammar of the package
// documentation. The table has the rows of all files that are right; the error
// names file and line of everything that is not.
func Load(dir fs.FS) (*Table, error) {
	t := newTable()
	names, err := fs.Glob(dir, "*.yaml")
	if err != nil {
		return t, err
	}
	slices.Sort(names)
	var errs []error
	for _, name := range names {
		f := &file{name: name}
		if err := datafile.Read(dir, name, f, &f.Head); err != nil {
			errs = append(errs, err)
			continue
		}
		errs = append(errs, t.add(f))
	}
	return t, errors.Join(errs...)
}

func newTable() *Table {
	return &Table{
		calls:     map[string]*Entry{},
		types:     map[string]*Type{},
		injectors: map[string]*Injector{},
		scopes:    map[string]bool{},
		privates:  map[string]bool{},
		annotated: map[string]bool{},
		serves:    map[string]bool{},
		joins:     map[string]bool{},
		detaches:  map[string]bool{},
		limits:    map[string]bool{},
		packages:  map[string]bool{},
	}
}

// add puts the rows of one file into the table.
func (t *Table) add(f *file) error {
	b := builder{table: t, file: f}
	for _, pkg := range f.Imports {
		t.packages[pkg] = true
	}
	for i := range f.Calls {
		b.call(&f.Calls[i])
	}
	for i := range f.Types {
		b.typ(&f.Types[i])
	}
	for i := range f.Signatures {
		b.signature(&f.Signatures[i])
	}
	for i := range f.Registrars {
		b.registrar(&f.Registrars[i])
	}
	for i := range f.Injectors {
		b.injector(&f.Injectors[i])
	}
	b.set(t.scopes, f.Scopes)
	b.set(t.privates, f.Privates)
	b.set(t.annotated, f.Annotated)
	b.set(t.serves, f.Serves)
	b.set(t.detaches, f.Detaches)
	b.set(t.limits, f.Limits)
	return errors.Join(b.errs...)
}

// builder turns the rows of a file into entries and collects what is wrong with them.
type builder struct {
	table *Table
	file  *file
	errs  []error
}

func (b *builder) errorf(line int, format string, args ...any) {
	b.errs = append(b.errs, fmt.Errorf("%s:%d: %s", b.file.name, line, fmt.Sprintf(format, args...)))
}

func (b *builder) call(c *call) {
	e := b.entry(c)
	if len(c.Funcs) == 0 {
		b.errorf(c.Why.Line, "a call needs funcs")
	}
	for _, fn := range c.Funcs {
		for _, key := range b.symbols(fn) {
			if b.table.calls[key] != nil {
				b.errorf(fn.Line, "second row for %s", key)
				continue
			}
			own := *e
			own.Func = key
			b.table.calls[key] = &own
		}
	}
}

func (b *builder) entry(c *call) *Entry {
	kind, level := b.when(c.Kind, c.Level, c.Why, c.Source)
	if len(c.Callbacks) == 0 || slices.Min(c.Callbacks) < 0 {
		b.errorf(c.Why.Line, "callbacks must list parameters, from 0")
	}
	e := &Entry{
		Callbacks: c.Callbacks, Methods: c.Methods, Field: c.Field,
		Kind: kind, Level: level, Handle: b.handle(c.Handle),
		Queue: c.Queue, Why: c.Why.Value, Source: c.Source,
	}
	if c.Count != nil {
		e.Count = 1 + *c.Count
	}
	var ok bool
	if e.Fresh, ok = instances[c.Fresh.Value]; !ok {
		b.errorf(c.Fresh.Line, "unknown instance %q", c.Fresh.Value)
	}
	for _, j := range c.Joins {
		for _, key := range b.symbols(j) {
			e.Joins = append(e.Joins, key)
			b.table.joins[key] = true
		}
	}
	if len(e.Joins) > 0 && e.Handle == HandleNone {
		b.errorf(c.Joins[0].Line, "joins need a handle")
	}
	return e
}

func (b *builder) typ(row *typeRow) {
	kind, level := b.when(row.Kind, row.Level, row.Why, row.Source)
	for _, key := range b.symbols(row.Type) {
		if b.table.types[key] != nil {
			b.errorf(row.Type.Line, "second row for %s", key)
			continue
		}
		b.table.types[key] = &Type{
			Key: key, Methods: row.Methods, Fields: row.Fields,
			Kind: kind, Level: level, Why: row.Why.Value, Source: row.Source,
		}
	}
}

func (b *builder) signature(row *signatureRow) {
	kind, level := b.when(row.Kind, row.Level, row.Why, row.Source)
	s := Signature{Kind: kind, Level: level, Why: row.Why.Value, Source: row.Source}
	for _, p := range row.Params {
		s.Params = append(s.Params, b.symbols(p)...)
	}
	if len(s.Params) == 0 {
		b.errorf(row.Why.Line, "a signature needs params")
	}
	b.table.signatures = append(b.table.signatures, s)
}

func (b *builder) registrar(row *registrarRow) {
	prefix, suffix, ok := strings.Cut(row.Name.Value, "*")
	if !ok || prefix == "" {
		b.errorf(row.Name.Line, "the name of a registrar is a prefix, *, and a suffix")
	}
	r := Registrar{Prefix: prefix, Suffix: suffix, Entry: *b.entry(&call{
		Callbacks: row.Callbacks, Methods: row.Methods,
		Kind: row.Kind, Level: row.Level, Why: row.Why, Source: row.Source,
	})}
	for _, p := range row.Params {
		r.Params = append(r.Params, b.symbols(p)...)
	}
	b.table.registrars = append(b.table.registrars, r)
}

var roles = map[string]Role{
	"provide": Provide, "invoke": Invoke, "supply": Supply, "decorate": Decorate, "group": Group,
	"build": Build, "annotate": Annotate, "as": As, "tag": Tag, "module": Module, "replace": Replace,
	"params": Params, "results": Results, "name": Name, "member": Member,
}

func (b *builder) injector(row *injectorRow) {
	role, ok := roles[row.Does.Value]
	if !ok {
		b.errorf(row.Does.Line, "unknown role %q", row.Does.Value)
	}
	if row.Source == "" || row.Arg < 0 || len(row.Funcs) == 0 {
		b.errorf(row.Does.Line, "an injector needs funcs, a parameter from 0, and source")
	}
	for _, fn := range row.Funcs {
		for _, key := range b.symbols(fn) {
			b.table.injectors[key] = &Injector{Func: key, Role: role, Arg: row.Arg, Source: row.Source}
		}
	}
}

func (b *builder) set(into map[string]bool, symbols []text) {
	for _, s := range symbols {
		for _, key := range b.symbols(s) {
			into[key] = true
		}
	}
}

var instances = map[string]Fresh{"": Itself, "zero": Zero, "copy": Copy}

var kinds = map[string]Kind{
	"go": Go, "serve": Serve, "call": Call, "once": Once, "spawn": Spawn, "wrap": Wrap, "later": Later,
}

var levels = map[string]Level{"once": One, "many": Many}

// when checks what every row has: kind, level, why and source.
func (b *builder) when(kind, level, why text, source string) (Kind, Level) {
	k, ok := kinds[kind.Value]
	if !ok {
		b.errorf(max(kind.Line, why.Line), "unknown kind %q", kind.Value)
	}
	l, ok := levels[level.Value]
	switch {
	case level.Value == "" && k == Wrap:
		l = Many // nobody knows how often the result is called
	case level.Value == "" && (k == Call || k == Once):
		l = One
	case !ok:
		b.errorf(max(level.Line, kind.Line), "unknown level %q", level.Value)
	}
	if why.Value == "" || source == "" {
		b.errorf(max(kind.Line, why.Line), "a row needs why and source")
	}
	return k, l
}

func (b *builder) handle(h text) Handle {
	switch h.Value {
	case "":
		return HandleNone
	case "recv":
		return HandleRecv
	case "result":
		return HandleResult
	}
	var n int
	if _, err := fmt.Sscanf(h.Value, "arg%d", &n); err != nil || n < 0 {
		b.errorf(h.Line, "unknown handle %q", h.Value)
		return HandleNone
	}
	return Handle(n)
}

// symbols writes out the alternatives of a symbol, with import paths for the short names.
func (b *builder) symbols(s text) []string {
	all := datafile.Expand(s.Value)
	for i, sym := range all {
		key, err := datafile.Resolve(sym, b.file.Imports)
		if err != nil {
			b.errorf(s.Line, "%v", err)
		}
		all[i] = key
	}
	return all
}
