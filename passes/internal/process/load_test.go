package process

import (
	"io/fs"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/connvet/connvet/passes/internal/datafile"
)

func TestDefaultHasNoErrors(t *testing.T) {
	if _, err := Load(mustSub(t)); err != nil {
		t.Fatal(err)
	}
	d := Default()
	if rows := d.Rows("(*os/exec.Cmd).Start"); len(rows) != 1 || rows[0].Does != Start || rows[0].Of != Receiver || !slices.Contains(rows[0].Fields, "ExtraFiles") {
		t.Errorf("(*exec.Cmd).Start: %+v", rows)
	}
	if rows := d.Rows("io.Copy"); len(rows) != 2 {
		t.Errorf("io.Copy: %+v", rows)
	}
	if !d.Is("github.com/gofiber/fiber/v2.IsChild", Child) || d.Is("os.NewFile", Copy) || !d.Env("FIBER_PREFORK_CHILD") {
		t.Error("wrong guards")
	}
}

func TestLoadNamesFileAndLine(t *testing.T) {
	const head = "library: l\nmodule: m\nimports: {p: example.com/p}\nrows:\n"
	const row = "  - {funcs: [p.F], does: copy, of: recv, source: s}\n"
	tests := []struct{ name, src, want string }{
		{"unknown key", head + "  - {func: p.F}\n", "x.yaml:5: unknown field \"func\""},
		{"unknown kind", head + strings.Replace(row, "copy", "fork", 1), `x.yaml:5: does not know what it is to "fork"`},
		{"missing source", head + strings.Replace(row, ", source: s", "", 1), "x.yaml:5: a row needs funcs and source"},
		{"second row", head + row + row, "x.yaml:6: second row for example.com/p.F"},
		{"short name", head + strings.Replace(row, "p.F", "q.F", 1), `x.yaml:5: symbol "q.F": "q" is not in imports`},
		{"no package", head + strings.Replace(row, "p.F", "F", 1), `x.yaml:5: symbol "F" names no package`},
		{"operand", head + strings.Replace(row, "recv", "left", 1), `x.yaml:5: unknown operand "left"`},
		{"head", "library: l\nmodule: m\n", "x.yaml:1: a file needs library, module and imports"},
		{"wrong type", head + strings.Replace(row, "copy", "[copy]", 1), "x.yaml:5: "},
		{"not yaml", "library: [l\n", "x.yaml:1: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Load(fstest.MapFS{"x.yaml": {Data: []byte(tt.src)}})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q in it", err, tt.want)
			}
		})
	}
}

func TestCompact(t *testing.T) {
	dir := mustSub(t)
	want, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	sum, err := datafile.Sum(dir)
	if err != nil {
		t.Fatal(err)
	}
	got, err := expandCompact(compact, sum)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Error("the compact form differs from the YAML files: run go generate ./passes/internal/process")
	}
	for _, bad := range []string{"", "x", compactVersion + " 0\n", compactVersion + " " + sum + "\nX\t1\n",
		compactVersion + " " + sum + "\nR\tp.F\tx\t1\t\tsource\n", compactVersion + " " + sum + "\nR\tp.F\t99\t1\t\tsource\n"} {
		if _, err := expandCompact(bad, sum); err == nil {
			t.Errorf("%q is taken for a table", bad)
		}
	}
}

func mustSub(t testing.TB) fs.FS {
	t.Helper()
	sub, err := fs.Sub(data, "data")
	if err != nil {
		t.Fatal(err)
	}
	return sub
}
