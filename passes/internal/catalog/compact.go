package catalog

import (
	"bytes"
	"errors"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/connvet/connvet/passes/internal/datafile"
)

//go:generate go run ./gen

// The compact form is the loaded catalog as tab-separated lines. Parsing the
// YAML takes a hundred times as long, too long for a process per package.

const compactVersion = "connvet catalog 3"

var errCompact = errors.New("compact catalog is damaged")

// Compact loads the YAML files of dir and writes them in the compact form.
func Compact(dir fs.FS) ([]byte, error) {
	c, err := Load(dir)
	if err != nil {
		return nil, err
	}
	sum, err := datafile.Sum(dir)
	if err != nil {
		return nil, err
	}
	return append([]byte(compactVersion+" "+sum+"\n"), c.encode()...), nil
}

func (c *Catalog) encode() []byte {
	var out bytes.Buffer
	line := func(fields ...string) { out.WriteString(strings.Join(fields, "\t") + "\n") }
	line("M", strings.Join(c.Modules(), " "))
	line("P", strings.Join(c.Packages(), " "))
	number := map[*Type]int{}
	for i, t := range c.Types() {
		number[t] = i
		line("T", t.Key, t.Library, t.Role, strconv.Itoa(int(t.Contract)), t.Says, t.Status, t.Source,
			t.Symptom, t.Advice, flag(t.Must), t.Inner, t.ErrField, encodeMethods(t.Methods),
			strings.Join(sortedKeys(t.Release), " "), strings.Join(sortedKeys(t.Drained), " "),
			strings.Join(t.ReleasedBy, " "), encodeBusy(t.Busy), flag(t.Twice), encodeBusy((*Busy)(t.Ended)),
			t.Leaves, flag(t.Literal), strings.Join(sortedKeys(t.Unless), " "))
	}
	for _, d := range c.Drivers() {
		line("D", d.Package, strings.Join(d.Names, " "), d.Busy, d.Source)
	}
	for _, f := range c.Funcs() {
		var results, lends []string
		for _, r := range f.Results {
			results = append(results, numbers(r.Index, number[r.Type], int(r.Parent), bit(r.Owned), bit(r.Alias)))
		}
		for _, l := range f.Lends {
			lends = append(lends, numbers(l.Callback, l.Param, number[l.Type], int(l.Parent)))
		}
		var as, never []string
		for _, arg := range slices.Sorted(maps.Keys(f.As)) {
			as = append(as, numbers(arg, number[f.As[arg]]))
		}
		for _, n := range f.Never {
			never = append(never, numbers(n.Result, n.Value))
		}
		line("F", f.Key, strings.Join(results, " "), encodeArgs(f.Args), strings.Join(lends, " "),
			strings.Join(as, " "), strings.Join(never, " "), encodeCalls(f.Calls))
	}
	return out.Bytes()
}

func encodeMethods(m map[string]Role) string {
	var out []string
	for _, name := range sortedKeys(m) {
		out = append(out, name+":"+strconv.Itoa(int(m[name])))
	}
	return strings.Join(out, " ")
}

func encodeArgs(m map[int]ArgEffect) string {
	var out []string
	for _, arg := range slices.Sorted(maps.Keys(m)) {
		out = append(out, numbers(arg, int(m[arg])))
	}
	return strings.Join(out, " ")
}

func encodeCalls(m map[int][]string) string {
	var out []string
	for _, arg := range slices.Sorted(maps.Keys(m)) {
		out = append(out, strconv.Itoa(arg)+":"+strings.Join(m[arg], ","))
	}
	return strings.Join(out, " ")
}

// encodeBusy joins what cannot hold a bar with bars.
func encodeBusy(b *Busy) string {
	if b == nil {
		return ""
	}
	return strings.Join([]string{strings.Join(b.Calls, " "), b.Error, b.Source}, "|")
}

func decodeBusy(s string) *Busy {
	f := strings.SplitN(s, "|", 3)
	if len(f) != 3 {
		return nil
	}
	return &Busy{Calls: strings.Fields(f[0]), Error: f[1], Source: f[2]}
}

func numbers(ns ...int) string {
	var out []string
	for _, n := range ns {
		out = append(out, strconv.Itoa(n))
	}
	return strings.Join(out, ",")
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

func flag(b bool) string { return strconv.Itoa(bit(b)) }

// compactOf reports whether data was made from sources with this sum.
func compactOf(data, sum string) bool {
	return strings.HasPrefix(data, compactVersion+" "+sum+"\n")
}

// expandCompact reads the compact form.
func expandCompact(data string) (*Catalog, error) {
	_, body, ok := strings.Cut(data, "\n")
	if !ok || !strings.HasPrefix(data, compactVersion+" ") {
		return nil, errCompact
	}
	r := &reader{c: newCatalog()}
	for line := range strings.Lines(body) {
		r.line(strings.Split(strings.TrimSuffix(line, "\n"), "\t"))
	}
	return r.c, r.err
}

type reader struct {
	c     *Catalog
	types []*Type
	err   error
}

func (r *reader) line(f []string) {
	switch {
	case f[0] == "M" && len(f) == 2:
		r.c.modules = words(f[1])
	case f[0] == "P" && len(f) == 2:
		r.c.packages = words(f[1])
	case f[0] == "T" && len(f) == 23:
		r.row(f)
	case f[0] == "D" && len(f) == 5:
		r.c.drivers[f[1]] = &Driver{Package: f[1], Names: fields(f[2]), Busy: f[3], Source: f[4]}
	case f[0] == "F" && len(f) == 8:
		r.function(f)
	default:
		r.err = errCompact
	}
}

func (r *reader) row(f []string) {
	t := &Type{
		Key: f[1], Library: f[2], Role: f[3], Contract: Contract(r.number(f[4])), Says: f[5], Status: f[6],
		Source: f[7], Symptom: f[8], Advice: f[9], Must: f[10] == "1", Inner: f[11], ErrField: f[12],
		Methods: map[string]Role{}, Release: words(f[14]), Drained: words(f[15]), Twice: f[18] == "1",
	}
	for _, m := range strings.Fields(f[13]) {
		name, role, _ := strings.Cut(m, ":")
		t.Methods[name] = Role(r.number(role))
	}
	t.ReleasedBy = fields(f[16])
	t.Busy = decodeBusy(f[17])
	t.Ended = (*Ended)(decodeBusy(f[19]))
	t.Leaves, t.Literal, t.Unless = f[20], f[21] == "1", words(f[22])
	r.types = append(r.types, t)
	r.c.types[t.Key] = t
}

func (r *reader) function(f []string) {
	fn := &Func{Key: f[1]}
	for _, s := range strings.Fields(f[2]) {
		if n := r.numbers(s, 5); n != nil {
			fn.Results = append(fn.Results, Result{
				Index: n[0], Type: r.typ(n[1]), Parent: Parent(n[2]), Owned: n[3] == 1, Alias: n[4] == 1,
			})
		}
	}
	for _, s := range strings.Fields(f[3]) {
		if n := r.numbers(s, 2); n != nil {
			if fn.Args == nil {
				fn.Args = map[int]ArgEffect{}
			}
			fn.Args[n[0]] = ArgEffect(n[1])
		}
	}
	for _, s := range strings.Fields(f[4]) {
		if n := r.numbers(s, 4); n != nil {
			fn.Lends = append(fn.Lends, Lend{Callback: n[0], Param: n[1], Type: r.typ(n[2]), Parent: Parent(n[3])})
		}
	}
	for _, s := range strings.Fields(f[5]) {
		if n := r.numbers(s, 2); n != nil {
			if fn.As == nil {
				fn.As = map[int]*Type{}
			}
			fn.As[n[0]] = r.typ(n[1])
		}
	}
	for _, s := range strings.Fields(f[6]) {
		if n := r.numbers(s, 2); n != nil {
			fn.Never = append(fn.Never, Never{n[0], n[1]})
		}
	}
	for _, s := range strings.Fields(f[7]) {
		arg, names, _ := strings.Cut(s, ":")
		if fn.Calls == nil {
			fn.Calls = map[int][]string{}
		}
		fn.Calls[r.number(arg)] = strings.Split(names, ",")
	}
	r.c.funcs[fn.Key] = fn
}

// fields are the words of s; nil if there are none.
func fields(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Fields(s)
}

func (r *reader) typ(n int) *Type {
	if n < 0 || n >= len(r.types) {
		r.err = errCompact
		return &Type{}
	}
	return r.types[n]
}

func (r *reader) number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		r.err = errCompact
	}
	return n
}

func (r *reader) numbers(s string, count int) []int {
	fields := strings.Split(s, ",")
	if len(fields) != count {
		r.err = errCompact
		return nil
	}
	out := make([]int, count)
	for i, f := range fields {
		out[i] = r.number(f)
	}
	return out
}
