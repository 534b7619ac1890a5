package catalog

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/connvet/connvet/passes/internal/datafile"
)

//go:embed data/*.yaml
var dataFS embed.FS

//go:embed data/compact.txt
var compactData string

// Default is the embedded catalog: its compact form, or the YAML files if those
// are newer. The package's tests prove that both load and are the same; if
// neither did, the catalog would be empty, so that it can only silence.
var Default = sync.OnceValue(func() *Catalog {
	compact, err := expandCompact(compactData)
	if err != nil {
		compact = newCatalog()
	}
	dir, err := fs.Sub(dataFS, "data")
	if err != nil {
		return compact
	}
	if sum, err := datafile.Sum(dir); err == nil && compactOf(compactData, sum) {
		return compact
	}
	if c, err := Load(dir); err == nil {
		return c
	}
	return compact
})

// Load reads all *.yaml files of dir.
func Load(dir fs.FS) (*Catalog, error) {
	names, err := fs.Glob(dir, "*.yaml")
	if err != nil {
		return nil, err
	}
	var files []*file
	var errs []error
	for _, name := range names {
		src, err := fs.ReadFile(dir, name)
		if err != nil {
			return nil, err
		}
		f, err := decode(name, src)
		files, errs = append(files, f), append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return build(files)
}

// Parse reads a catalog of a single file.
func Parse(name string, data []byte) (*Catalog, error) {
	f, err := decode(name, data)
	if err != nil {
		return nil, err
	}
	return build([]*file{f})
}

func newCatalog() *Catalog {
	return &Catalog{
		types:    map[string]*Type{},
		funcs:    map[string]*Func{},
		packages: map[string]bool{},
		modules:  map[string]bool{},
		drivers:  map[string]*Driver{},
	}
}

// builder fills a catalog in two steps: all rows first, then the calls, which
// may speak of rows of other files.
type builder struct {
	c    *Catalog
	errs []error
	pool map[string]bool // Go type key: all its rows are pools
}

// unit is one file under one set of imports. A symbol of a mirror that is the
// same under the file's own imports was declared with those already.
type unit struct {
	*file
	scope scope
	own   scope // nil if scope is the file's own
}

func (u unit) ownType(symbol, key string) bool {
	have, _, err := u.own.typeKey(symbol)
	return u.own != nil && err == nil && have == key
}

func (u unit) ownFunc(symbol, key string) bool {
	have, _, err := u.own.funcKey(symbol)
	return u.own != nil && err == nil && have == key
}

func build(files []*file) (*Catalog, error) {
	b := &builder{c: newCatalog(), pool: map[string]bool{}}
	var units []unit
	for _, f := range files {
		units = append(units, b.units(f)...)
	}
	for _, u := range units {
		for i := range u.Types {
			b.addRow(u, &u.Types[i])
		}
		for i := range u.Drivers {
			b.addDriver(u, &u.Drivers[i])
		}
	}
	for _, t := range b.c.types {
		base := baseKey(t.Key)
		all, seen := b.pool[base]
		b.pool[base] = t.Pool() && (all || !seen)
	}
	for _, u := range units {
		for i := range u.Types {
			b.addCalls(u, &u.Types[i])
		}
		for i := range u.Funcs {
			b.addEffect(u, &u.Funcs[i])
		}
	}
	if len(b.errs) > 0 {
		return nil, errors.Join(b.errs...)
	}
	for _, f := range b.c.funcs {
		slices.SortFunc(f.Results, func(x, y Result) int { return x.Index - y.Index })
		slices.SortFunc(f.Lends, func(x, y Lend) int { return (x.Callback-y.Callback)*100 + x.Param - y.Param })
	}
	return b.c, nil
}

// units gives the file itself and one copy for each mirror of its packages.
func (b *builder) units(f *file) []unit {
	if f.Library.Value == "" {
		b.fail(f, f.Library, "library is missing")
	}
	if f.Module.Value == "" {
		b.fail(f, f.Module, "module is missing")
	}
	b.c.modules[f.Module.Value] = true
	out := []unit{{f, scope(f.Imports), nil}}
	for _, mirror := range f.Mirrors {
		s := maps.Clone(f.Imports)
		for _, name := range sortedKeys(mirror) {
			if s[name] == "" {
				b.fail(f, f.Module, "mirror of unknown import name %q", name)
				continue
			}
			s[name] = mirror[name]
		}
		out = append(out, unit{f, s, scope(f.Imports)})
	}
	return out
}

func (b *builder) fail(f *file, at text, format string, args ...any) {
	b.errs = append(b.errs, f.errorf(at, format, args...))
}

// addRow declares the types of a row.
func (b *builder) addRow(u unit, r *row) {
	t := b.rowType(u, r)
	for _, symbol := range append([]text{r.Type}, r.Also...) {
		key, pkg, err := u.scope.typeKey(symbol.Value)
		if err != nil {
			b.fail(u.file, symbol, "%v", err)
			continue
		}
		if u.ownType(symbol.Value, key) {
			continue
		}
		if b.c.types[key] != nil {
			b.fail(u.file, symbol, "type %s is declared twice", key)
			continue
		}
		clone := *t
		clone.Key = key
		b.c.types[key] = &clone
		if baseKey(key) == key { // a role alone says nothing of the package: context.Context#mongo
			b.c.packages[pkg] = true
		}
	}
}

func (b *builder) rowType(u unit, r *row) *Type {
	b.checkRow(u, r)
	t := &Type{
		Library: u.Library.Value, Role: r.Role.Value, Contract: contracts[r.Contract.Value],
		Says: r.Says.Value, Status: r.Status.Value, Source: r.Source.Value,
		Symptom: r.Symptom.Value, Advice: r.Advice.Value,
		Must: r.Obligation.Value == "must", Inner: r.Inner.Value, ErrField: r.Error.Value, Twice: r.Twice.Value == "harmless",
		Methods: map[string]Role{}, Release: map[string]bool{}, Drained: map[string]bool{},
		Leaves: r.Leaves.Value, Literal: r.Literal, Unless: map[string]bool{},
	}
	groups := []struct {
		role  Role
		names []text
	}{{Read, r.Methods.Read}, {Write, r.Methods.Write}, {Open, r.Methods.Open}, {End, r.Methods.End}, {Free, r.Methods.Free}}
	for _, g := range groups {
		for _, name := range g.names {
			if _, dup := t.Methods[name.Value]; dup {
				b.fail(u.file, name, "method %s has two roles", name.Value)
			}
			t.Methods[name.Value] = g.role
		}
	}
	for _, rel := range r.Release {
		b.addRelease(u, t, rel)
	}
	for _, name := range r.Drained {
		t.Drained[name.Value] = true
	}
	if r.Busy != nil {
		t.Busy = &Busy{b.calls(u, r, "busy", r.Busy), r.Busy.Error.Value, r.Busy.Source.Value}
	}
	if r.Ended != nil {
		t.Ended = &Ended{b.calls(u, r, "ended", r.Ended), r.Ended.Error.Value, r.Ended.Source.Value}
	}
	for _, name := range r.Unless {
		t.Unless[name.Value] = true
	}
	return t
}

// calls reads the names of the calls that are refused.
func (b *builder) calls(u unit, r *row, key string, in *busy) []string {
	if len(in.Calls) == 0 || in.Source.Value == "" {
		b.fail(u.file, r.Type, "%s: %s needs calls and source", r.Type.Value, key)
	}
	if key == "ended" && in.Error.Value == "" {
		b.fail(u.file, r.Type, "%s: ended needs error", r.Type.Value)
	}
	var out []string
	for _, c := range in.Calls {
		if !plainName(c.Value) {
			b.fail(u.file, c, "%s %q is no method name", key, c.Value)
		}
		out = append(out, c.Value)
	}
	slices.Sort(out)
	return out
}

// addDriver declares a driver of database/sql.
func (b *builder) addDriver(u unit, d *driver) {
	path := d.Package.Value
	if path == "" || d.Source.Value == "" {
		b.fail(u.file, d.Package, "a driver needs package and source")
		return
	}
	if b.c.drivers[path] != nil {
		b.fail(u.file, d.Package, "driver %s is declared twice", path)
	}
	out := &Driver{Package: path, Busy: d.Busy.Value, Source: d.Source.Value}
	for _, n := range d.Names {
		out.Names = append(out.Names, n.Value)
	}
	b.c.drivers[path] = out
}

// addRelease notes a releasing method; a releasing function is noted by name
// here, for messages, and as an effect on its argument by addCalls.
func (b *builder) addRelease(u unit, t *Type, rel release) {
	if rel.Arg == nil {
		name := rel.Func.Value
		if m := methodSyntax.FindStringSubmatch(name); m != nil {
			name = m[2]
		}
		if !plainName(name) {
			b.fail(u.file, rel.Func, "release %q is no method name; a function needs arg", name)
		}
		t.Release[name] = true
		return
	}
	for _, symbol := range datafile.Expand(rel.Func.Value) {
		if key, _, err := u.scope.funcKey(symbol); err == nil {
			t.ReleasedBy = append(t.ReleasedBy, ShortFunc(key))
		}
	}
}

// plainName reports whether s is a plain Go name.
func plainName(s string) bool {
	return s != "" && !strings.ContainsAny(s, ".(){}*/# ")
}

var contracts = map[string]Contract{
	"shareable": Shareable, "duplex": Duplex, "serial": Serial, "exclusive": Exclusive, "none": Unknown,
}

var roles = words("conn lease pool client tx rows row stmt batch stream channel listener body cursor pubsub " +
	"session bucket blob backup chain")

var statuses = words("documented undocumented contested")

var obligations = words("must none")

func words(s string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(s) {
		m[w] = true
	}
	return m
}

func (b *builder) checkRow(u unit, r *row) {
	b.checkWord(u, r, "role", r.Role, roles)
	b.checkWord(u, r, "status", r.Status, statuses)
	if r.Obligation.Value != "" {
		b.checkWord(u, r, "obligation", r.Obligation, obligations)
	}
	if r.Twice.Value != "" {
		b.checkWord(u, r, "twice", r.Twice, map[string]bool{"harmless": true})
	}
	contract, known := contracts[r.Contract.Value]
	if !known {
		b.fail(u.file, or(r.Contract, r.Type), "%s: unknown contract %q", r.Type.Value, r.Contract.Value)
	}
	for _, need := range []struct {
		key string
		val text
	}{{"says", r.Says}, {"source", r.Source}} {
		if need.val.Value == "" {
			b.fail(u.file, r.Type, "%s: %s is missing", r.Type.Value, need.key)
		}
	}
	if r.Advice.Value == "" && known && contract > Shareable {
		b.fail(u.file, r.Type, "%s: advice is missing", r.Type.Value)
	}
	if r.Leaves.Value == "" && (r.Literal || len(r.Unless) > 0) {
		b.fail(u.file, r.Type, "%s: literal and unless are for rows with leaves", r.Type.Value)
	}
	if r.Obligation.Value == "must" && len(r.Release) == 0 {
		b.fail(u.file, r.Obligation, "%s: obligation must without a release", r.Type.Value)
	}
}

func (b *builder) checkWord(u unit, r *row, key string, word text, known map[string]bool) {
	if !known[word.Value] {
		b.fail(u.file, or(word, r.Type), "%s: unknown %s %q", r.Type.Value, key, word.Value)
	}
}

func or(a, b text) text {
	if a.Line > 0 {
		return a
	}
	return b
}

// addCalls declares the calls that give, lend and end values of a row.
func (b *builder) addCalls(u unit, r *row) {
	key, _, err := u.scope.typeKey(r.Type.Value)
	t := b.c.types[key]
	if err != nil || t == nil {
		return // reported by addRow
	}
	for _, v := range r.Acquire {
		b.addValue(u, t, v, true)
	}
	for _, v := range r.Borrowed {
		b.addValue(u, t, v, false)
	}
	for _, l := range r.Lends {
		b.addLend(u, t, l)
	}
	for _, rel := range r.Release {
		if rel.Arg != nil {
			b.addArg(u, rel.Func, *rel.Arg, ArgRelease)
		}
	}
}

func (b *builder) addValue(u unit, t *Type, v value, owned bool) {
	if v.Alias && owned {
		b.fail(u.file, v.Func, "%s: an acquired value is no alias", v.Func.Value)
	}
	b.eachFunc(u, v.Func, func(f *Func) {
		for _, have := range f.Results {
			if have.Index == v.Result {
				b.fail(u.file, v.Func, "result %d of %s is listed twice", v.Result, f.Key)
				return
			}
		}
		parent := b.parent(u, f.Key, v.Func, v.Parent)
		f.Results = append(f.Results, Result{Index: v.Result, Type: t, Owned: owned, Parent: parent, Alias: v.Alias})
	})
}

func (b *builder) addLend(u unit, t *Type, l lend) {
	if l.Callback == nil || l.Param == nil {
		b.fail(u.file, l.Func, "lends needs func, callback and param")
		return
	}
	b.eachFunc(u, l.Func, func(f *Func) {
		for _, have := range f.Lends {
			if have.Callback == *l.Callback && have.Param == *l.Param {
				b.fail(u.file, l.Func, "parameter %d of the callback of %s is listed twice", *l.Param, f.Key)
				return
			}
		}
		parent := b.parent(u, f.Key, l.Func, l.Parent)
		f.Lends = append(f.Lends, Lend{Callback: *l.Callback, Param: *l.Param, Type: t, Parent: parent})
	})
}

var argEffects = map[string]ArgEffect{
	"use": ArgUse, "read": ArgRead, "write": ArgWrite, "release": ArgRelease, "own": ArgOwn, "borrow": ArgBorrow,
}

func (b *builder) addEffect(u unit, e *effect) {
	if e.Arg != nil && e.Result == nil {
		does, ok := argEffects[e.Does.Value]
		if !ok {
			b.fail(u.file, or(e.Does, e.Func), "%s: unknown effect %q", e.Func.Value, e.Does.Value)
			return
		}
		b.addArg(u, e.Func, *e.Arg, does)
		b.addAs(u, e)
		b.addMethods(u, e)
		return
	}
	if e.Result == nil || e.Arg != nil {
		b.fail(u.file, e.Func, "%s: want either arg or result", e.Func.Value)
		return
	}
	if len(e.Never) > 0 {
		b.eachFunc(u, e.Func, func(f *Func) {
			for _, n := range e.Never {
				f.Never = append(f.Never, Never{*e.Result, n})
			}
		})
		return
	}
	if e.Does.Value != "acquire" && e.Does.Value != "borrow" {
		b.fail(u.file, or(e.Does, e.Func), "%s: a result can be acquire or borrow, not %q", e.Func.Value, e.Does.Value)
		return
	}
	if t := b.declared(u, e.Type, e.Func); t != nil {
		b.addValue(u, t, value{e.Func, *e.Result, e.Parent, e.Alias}, e.Does.Value == "acquire")
	}
}

// declared finds the row that an effect names; nil, with an error, if there is none.
func (b *builder) declared(u unit, name, at text) *Type {
	key, _, err := u.scope.typeKey(name.Value)
	if err == nil && b.c.types[key] == nil {
		err = fmt.Errorf("type %s is not declared", key)
	}
	if err != nil {
		b.fail(u.file, or(name, at), "%v", err)
		return nil
	}
	return b.c.types[key]
}

// addAs notes the row by whose rules an argument is used.
func (b *builder) addAs(u unit, e *effect) {
	if e.As.Value == "" {
		return
	}
	t := b.declared(u, e.As, e.Func)
	if t == nil {
		return
	}
	b.eachFunc(u, e.Func, func(f *Func) {
		if f.As == nil {
			f.As = map[int]*Type{}
		}
		f.As[*e.Arg] = t
	})
}

// addMethods notes the methods that a function calls on an argument.
func (b *builder) addMethods(u unit, e *effect) {
	if len(e.Calls) == 0 {
		return
	}
	var names []string
	for _, c := range e.Calls {
		if !plainName(c.Value) {
			b.fail(u.file, c, "calls %q is no method name", c.Value)
		}
		names = append(names, c.Value)
	}
	slices.Sort(names)
	b.eachFunc(u, e.Func, func(f *Func) {
		if f.Calls == nil {
			f.Calls = map[int][]string{}
		}
		f.Calls[*e.Arg] = names
	})
}

func (b *builder) addArg(u unit, symbol text, arg int, does ArgEffect) {
	b.eachFunc(u, symbol, func(f *Func) {
		if have, dup := f.Args[arg]; dup && have != does {
			b.fail(u.file, symbol, "argument %d of %s has two effects", arg, f.Key)
			return
		}
		if f.Args == nil {
			f.Args = map[int]ArgEffect{}
		}
		f.Args[arg] = does
	})
}

// eachFunc calls add for each function that a symbol names.
func (b *builder) eachFunc(u unit, symbol text, add func(*Func)) {
	for _, s := range datafile.Expand(symbol.Value) {
		key, pkg, err := u.scope.funcKey(s)
		if err != nil {
			b.fail(u.file, symbol, "%v", err)
			continue
		}
		if u.ownFunc(s, key) {
			continue
		}
		b.c.packages[pkg] = true
		f := b.c.funcs[key]
		if f == nil {
			f = &Func{Key: key}
			b.c.funcs[key] = f
		}
		add(f)
	}
}

// parent finds on whose conversation a value lives. A pool has none: what it
// gives out lives by itself.
func (b *builder) parent(u unit, key string, at, word text) Parent {
	recv := baseKey(ReceiverKey(key))
	switch w := word.Value; {
	case w == "none":
		return NoParent
	case strings.HasPrefix(w, "arg"):
		n, err := strconv.Atoi(w[len("arg"):])
		if err != nil || n < 0 {
			b.fail(u.file, word, "unknown parent %q", w)
		}
		return Parent(n)
	case w != "" && w != "recv":
		b.fail(u.file, word, "unknown parent %q", w)
		return NoParent
	case w == "recv" && recv == "":
		b.fail(u.file, word, "%s has no receiver to be the parent", key)
		return NoParent
	case recv == "":
		return NoParent
	}
	pool, known := b.pool[recv]
	if !known {
		b.fail(u.file, at, "receiver of %s is not a declared type: say parent: none", key)
	}
	if pool && word.Value == "" {
		return NoParent
	}
	return Receiver
}
