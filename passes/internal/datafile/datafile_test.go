package datafile

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func TestRead(t *testing.T) {
	for src, want := range map[string]string{
		"library: l\nmodule: m\nimports: {a: b}\nname: n\n":   "",
		"library: l\nmodule: m\nimports: {a: b}\nname: [n]\n": "x.yaml:4: want a string",
		"library: l\nmodule: m\nimports: {a: b}\nother: n\n":  "x.yaml:4: ",
		"name: n\n": "x.yaml:1: a file needs library, module and imports",
	} {
		var f struct {
			Head `yaml:",inline"`

			Name Text `yaml:"name"`
		}
		err := Read(fstest.MapFS{"x.yaml": {Data: []byte(src)}}, "x.yaml", &f, &f.Head)
		if want == "" && (err != nil || f.Name != Text{"n", 4}) || want != "" && (err == nil || !strings.HasPrefix(err.Error(), want)) {
			t.Errorf("%q: error %v, name %v, want %q", src, err, f.Name, want)
		}
	}
}

func TestSymbols(t *testing.T) {
	if got := Expand("(*p.{A,B}).{X, Y}"); !slices.Equal(got, []string{"(*p.A).X", "(*p.A).Y", "(*p.B).X", "(*p.B).Y"}) {
		t.Errorf("expanded to %q", got)
	}
	imports := map[string]string{"p": "example.com/q/v2"}
	if got, err := Resolve("(*p.A).X", imports); err != nil || got != "(*example.com/q/v2.A).X" {
		t.Errorf("resolved to %q, %v", got, err)
	}
	for _, bad := range []string{"r.A", "A"} {
		if got, err := Resolve(bad, imports); err == nil {
			t.Errorf("%s resolved to %q", bad, got)
		}
	}
}
