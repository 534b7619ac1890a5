package entrypoint

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/connvet/connvet/passes/internal/datafile"
)

//go:generate go run ./gen

// The compact form is the loaded table as tab-separated lines. go vet starts a
// process for every package, and parsing the YAML takes too long for that.

const compactVersion = "connvet entry points 4"

var errCompact = errors.New("the compact entry points are damaged or out of date: run go generate")

// Compact loads the YAML files of dir and writes them in the compact form.
func Compact(dir fs.FS) ([]byte, error) {
	t, err := Load(dir)
	if err != nil {
		return nil, err
	}
	sum, err := datafile.Sum(dir)
	if err != nil {
		return nil, err
	}
	lines := append([]string{compactVersion + " " + sum}, t.encode()...)
	for _, l := range lines {
		if strings.Contains(l, "\n") {
			return nil, fmt.Errorf("line break in a string: %q", l)
		}
	}
	return []byte(strings.Join(lines, "\n") + "\n"), nil
}

func (t *Table) encode() []string {
	var out []string
	line := func(tag string, fields ...string) { out = append(out, tag+"\t"+strings.Join(fields, "\t")) }
	line("P", words(t.packages))
	line("S", words(t.serves))
	line("D", words(t.detaches))
	line("L", words(t.limits))
	line("I", words(t.scopes))
	line("V", words(t.privates))
	line("A", words(t.annotated))
	for _, key := range slices.Sorted(maps.Keys(t.injectors)) {
		in := t.injectors[key]
		line("J", key, strconv.Itoa(int(in.Role)), strconv.Itoa(in.Arg), in.Source)
	}
	// Functions with the very same entry share a line.
	same := map[string][]string{}
	for key, e := range t.calls {
		attrs := strings.Join(encodeEntry(e), "\t")
		same[attrs] = append(same[attrs], key)
	}
	for _, attrs := range slices.Sorted(maps.Keys(same)) {
		slices.Sort(same[attrs])
		line("C", strings.Join(same[attrs], " "), attrs)
	}
	for _, key := range slices.Sorted(maps.Keys(t.types)) {
		ty := t.types[key]
		line("T", append([]string{key, strings.Join(ty.Methods, " "), strings.Join(ty.Fields, " ")},
			encodeWhen(ty.Kind, ty.Level, ty.Why, ty.Source)...)...)
	}
	for _, s := range t.signatures {
		line("G", append([]string{strings.Join(s.Params, " ")}, encodeWhen(s.Kind, s.Level, s.Why, s.Source)...)...)
	}
	for i := range t.registrars {
		r := &t.registrars[i]
		line("R", append([]string{strings.Join(r.Params, " "), r.Prefix, r.Suffix}, encodeEntry(&r.Entry)...)...)
	}
	return out
}

func words(set map[string]bool) string {
	return strings.Join(slices.Sorted(maps.Keys(set)), " ")
}

// whenFields is the number of fields that encodeWhen writes.
const whenFields = 4

func encodeWhen(k Kind, l Level, why, source string) []string {
	return []string{strconv.Itoa(int(k)), strconv.Itoa(int(l)), why, source}
}

// entryFields is the number of fields that encodeEntry writes.
const entryFields = 8 + whenFields

func encodeEntry(e *Entry) []string {
	var callbacks []string
	for _, c := range e.Callbacks {
		callbacks = append(callbacks, strconv.Itoa(c))
	}
	return append([]string{
		strings.Join(callbacks, " "), strings.Join(e.Methods, " "), e.Field,
		strconv.Itoa(int(e.Handle)), strings.Join(e.Joins, " "),
		strconv.Itoa(int(e.Fresh)), e.Queue, strconv.Itoa(e.Count),
	}, encodeWhen(e.Kind, e.Level, e.Why, e.Source)...)
}

// expandCompact reads the compact form of the YAML files with this sum.
func expandCompact(data, sum string) (*Table, error) {
	head, data, ok := strings.Cut(data, "\n")
	if !ok || head != compactVersion+" "+sum {
		return nil, errCompact
	}
	d := decoder{table: newTable()}
	for l := range strings.SplitSeq(strings.TrimSuffix(data, "\n"), "\n") {
		if err := d.line(strings.Split(l, "\t")); err != nil {
			return nil, err
		}
	}
	return d.table, d.err
}

// decoder keeps the first fault of the numbers it reads.
type decoder struct {
	table *Table
	err   error
}

// lineFields is the number of fields of each kind of line, with its tag.
var lineFields = map[string]int{
	"P": 2, "S": 2, "D": 2, "L": 2, "I": 2, "V": 2, "A": 2, "J": 5,
	"C": 2 + entryFields, "T": 4 + whenFields, "G": 2 + whenFields, "R": 4 + entryFields,
}

func (d *decoder) line(f []string) error {
	if len(f) != lineFields[f[0]] {
		return errCompact
	}
	t := d.table
	switch f[0] {
	case "P":
		d.set(t.packages, f[1])
	case "S":
		d.set(t.serves, f[1])
	case "D":
		d.set(t.detaches, f[1])
	case "L":
		d.set(t.limits, f[1])
	case "I":
		d.set(t.scopes, f[1])
	case "V":
		d.set(t.privates, f[1])
	case "A":
		d.set(t.annotated, f[1])
	case "J":
		t.injectors[f[1]] = &Injector{Func: f[1], Role: Role(d.number(f[2])), Arg: d.number(f[3]), Source: f[4]}
	case "C":
		d.calls(f)
	case "T":
		ty := &Type{Key: f[1], Methods: fields(f[2]), Fields: fields(f[3])}
		ty.Kind, ty.Level, ty.Why, ty.Source = d.when(f[4:])
		t.types[ty.Key] = ty
	case "G":
		s := Signature{Params: fields(f[1])}
		s.Kind, s.Level, s.Why, s.Source = d.when(f[2:])
		t.signatures = append(t.signatures, s)
	case "R":
		t.registrars = append(t.registrars, Registrar{
			Params: fields(f[1]), Prefix: f[2], Suffix: f[3], Entry: d.entry(f[4:]),
		})
	}
	return d.err
}

func (d *decoder) calls(f []string) {
	e := d.entry(f[2:])
	keys := fields(f[1])
	entries := make([]Entry, len(keys))
	for i, key := range keys {
		entries[i] = e
		entries[i].Func = key
		d.table.calls[key] = &entries[i]
	}
	for _, j := range e.Joins {
		d.table.joins[j] = true
	}
}

func (d *decoder) set(into map[string]bool, list string) {
	for _, key := range fields(list) {
		into[key] = true
	}
}

func (d *decoder) entry(f []string) Entry {
	e := Entry{Methods: fields(f[1]), Field: f[2], Handle: Handle(d.number(f[3])), Joins: fields(f[4]), Fresh: Fresh(d.number(f[5])), Queue: f[6], Count: d.number(f[7])}
	for _, c := range fields(f[0]) {
		e.Callbacks = append(e.Callbacks, d.number(c))
	}
	e.Kind, e.Level, e.Why, e.Source = d.when(f[8:])
	return e
}

func (d *decoder) when(f []string) (k Kind, l Level, why, source string) {
	return Kind(d.number(f[0])), Level(d.number(f[1])), f[2], f[3]
}

func (d *decoder) number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		d.err = cmp.Or(d.err, errCompact)
	}
	return n
}

// fields splits a list; an empty one is nil, as after loading the YAML.
func fields(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, " ")
}
