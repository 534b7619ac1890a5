package process

import (
	"errors"
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

const compactVersion = "connvet processes 1"

var errCompact = errors.New("the compact processes are damaged or out of date: run go generate")

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
	lines := []string{
		compactVersion + " " + sum,
		"P\t" + words(t.packages),
		"E\t" + words(t.env),
	}
	for _, key := range slices.Sorted(maps.Keys(t.rows)) {
		for _, r := range t.rows[key] {
			lines = append(lines, strings.Join([]string{
				"R", r.Func, strconv.Itoa(int(r.Does)), strconv.Itoa(int(r.Of)), strings.Join(r.Fields, " "), r.Source,
			}, "\t"))
		}
	}
	return []byte(strings.Join(lines, "\n") + "\n"), nil
}

func words(set map[string]bool) string { return strings.Join(slices.Sorted(maps.Keys(set)), " ") }

// expandCompact reads the compact form of the YAML files with this sum.
func expandCompact(data, sum string) (*Table, error) {
	head, data, ok := strings.Cut(data, "\n")
	if !ok || head != compactVersion+" "+sum {
		return nil, errCompact
	}
	t := newTable()
	for l := range strings.SplitSeq(strings.TrimSuffix(data, "\n"), "\n") {
		if err := t.line(strings.Split(l, "\t")); err != nil {
			return nil, err
		}
	}
	return t, nil
}

func (t *Table) line(f []string) error {
	switch {
	case f[0] == "P" && len(f) == 2:
		set(t.packages, f[1])
	case f[0] == "E" && len(f) == 2:
		set(t.env, f[1])
	case f[0] == "R" && len(f) == 6:
		does, err := strconv.Atoi(f[2])
		of, errOf := strconv.Atoi(f[3])
		if err != nil || errOf != nil || does < 0 || does >= len(names) {
			return errCompact
		}
		r := Row{Func: f[1], Does: Does(does), Of: Operand(of), Source: f[5]}
		if f[4] != "" {
			r.Fields = strings.Split(f[4], " ")
		}
		t.rows[r.Func] = append(t.rows[r.Func], r)
	default:
		return errCompact
	}
	return nil
}

func set(into map[string]bool, list string) {
	for _, w := range strings.Fields(list) {
		into[w] = true
	}
}
