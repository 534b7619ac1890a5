package entrypoint

import (
	"io/fs"
	"reflect"
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
	if e := d.Call("(*sync.WaitGroup).Go"); e == nil || e.Kind != Go || e.Handle != HandleRecv {
		t.Errorf("WaitGroup.Go: %+v", e)
	}
	if !d.Joins("(*sync.WaitGroup).Wait") {
		t.Error("WaitGroup.Wait joins nothing")
	}
	if !d.Serves("(*net/http.Server).ServeTLS") {
		t.Error("(*http.Server).ServeTLS serves nothing")
	}
	if !d.Detaches("(*testing.T).Parallel") || !d.Limits("(*golang.org/x/sync/errgroup.Group).SetLimit") {
		t.Error("Parallel detaches nothing, or SetLimit limits nothing")
	}
	if ty := d.Type("net/http.Handler"); ty == nil || ty.Level != Many {
		t.Errorf("http.Handler: %+v", ty)
	}
}

func TestLoadNamesFileAndLine(t *testing.T) {
	const head = "library: l\nmodule: m\nimports: {p: example.com/p}\ncalls:\n"
	const row = "  - {funcs: [p.F], callbacks: [0], kind: go, level: once, why: w, source: s}\n"
	tests := []struct{ name, src, want string }{
		{"unknown key", head + "  - {func: p.F}\n", "x.yaml:5: unknown field \"func\""},
		{"unknown top key", head + row + "call: []\n", "x.yaml:6: unknown field \"call\""},
		{"unknown kind", head + strings.Replace(row, "kind: go", "kind: gone", 1), `x.yaml:5: unknown kind "gone"`},
		{"unknown level", head + strings.Replace(row, "once", "twice", 1), `x.yaml:5: unknown level "twice"`},
		{"missing level", head + strings.Replace(row, "level: once, ", "", 1), `x.yaml:5: unknown level ""`},
		{"missing why", head + strings.Replace(row, "why: w, ", "", 1), "x.yaml:5: a row needs why and source"},
		{"second row", head + row + row, "x.yaml:6: second row for example.com/p.F"},
		{"short name", head + strings.Replace(row, "p.F", "q.F", 1), `x.yaml:5: symbol "q.F": "q" is not in imports`},
		{"no package", head + strings.Replace(row, "p.F", "F", 1), `x.yaml:5: symbol "F" names no package`},
		{"handle", head + strings.Replace(row, "why", "handle: left, why", 1), `x.yaml:5: unknown handle "left"`},
		{"joins", head + strings.Replace(row, "why", "joins: [p.W], why", 1), "x.yaml:5: joins need a handle"},
		{"callbacks", head + strings.Replace(row, "callbacks: [0], ", "", 1), "x.yaml:5: callbacks must list parameters"},
		{"head", "library: l\nmodule: m\n", "x.yaml:1: a file needs library, module and imports"},
		{"not yaml", "library: [l\n", "x.yaml:1: "},
		{"wrong type", head + strings.Replace(row, "[0]", "[x]", 1), "x.yaml:5: "},
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

func TestLoadRows(t *testing.T) {
	const src = `library: l
module: m
imports: {p: example.com/p/v2}
calls:
  - {funcs: ["(*p.{A,B}).{F,G}", p.H], callbacks: [1], kind: go, level: many, handle: arg2, joins: ["(*p.A).Wait"], why: w, source: s}
  - {funcs: [p.W], callbacks: [0], kind: wrap, why: w, source: s}
registrars:
  - {params: [p.R, "*p.S"], name: "Register*Server", callbacks: [1], methods: ["*"], kind: serve, level: many, why: w, source: s}
`
	tab, err := Load(fstest.MapFS{"x.yaml": {Data: []byte(src)}})
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{
		"(*example.com/p/v2.A).F", "(*example.com/p/v2.A).G", "(*example.com/p/v2.B).F", "(*example.com/p/v2.B).G", "example.com/p/v2.H",
	} {
		if e := tab.Call(key); e == nil || e.Func != key || e.Handle != 2 || e.Level != Many {
			t.Errorf("%s: %+v", key, e)
		}
	}
	if e := tab.Call("example.com/p/v2.W"); e == nil || e.Level != Many || e.Handle != HandleNone {
		t.Errorf("wrap: %+v", e)
	}
	for _, tt := range []struct {
		name, param string
		want        bool
	}{
		{"RegisterGreeterServer", "example.com/p/v2.R", true},
		{"RegisterGreeterServer", "*example.com/p/v2.S", true},
		{"RegisterGreeterServer", "example.com/p/v2.S", false},
		{"RegisterServer", "example.com/p/v2.R", false},
		{"RegisterGreeter", "example.com/p/v2.R", false},
	} {
		if e := tab.Registrar(tt.name, tt.param); (e != nil) != tt.want {
			t.Errorf("Registrar(%s, %s) = %+v", tt.name, tt.param, e)
		}
	}
	if !tab.Package("example.com/p/v2") || tab.Package("net/http") {
		t.Error("packages are not those of imports")
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
		t.Error("the compact form differs from the YAML files: run go generate ./passes/internal/entrypoint")
	}
	for _, bad := range []string{"", "x", compactVersion + " 0\n", compactVersion + " " + sum + "\nX\t1\n",
		compactVersion + " " + sum + "\nG\tp.T\tx\t1\twhy\tsource\n"} {
		if _, err := expandCompact(bad, sum); err == nil {
			t.Errorf("%q is taken for a table", bad)
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	dir := mustSub(b)
	for b.Loop() {
		if _, err := Load(dir); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDefault is what every process pays.
func BenchmarkDefault(b *testing.B) {
	dir := mustSub(b)
	for b.Loop() {
		sum, err := datafile.Sum(dir)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := expandCompact(compact, sum); err != nil {
			b.Fatal(err)
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
