package catalog

import (
	"io/fs"
	"reflect"
	"testing"

	"github.com/connvet/connvet/passes/internal/datafile"
)

// data is the folder of the embedded files.
func data(t testing.TB) fs.FS {
	t.Helper()
	dir, err := fs.Sub(dataFS, "data")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestCompactIsFresh(t *testing.T) {
	want, err := Load(data(t))
	if err != nil {
		t.Fatal(err)
	}
	sum, err := datafile.Sum(data(t))
	if err != nil {
		t.Fatal(err)
	}
	got, err := expandCompact(compactData)
	if err != nil {
		t.Fatal(err)
	}
	if !compactOf(compactData, sum) || !reflect.DeepEqual(got, want) {
		t.Error("the compact form differs from the YAML files: run go generate ./passes/internal/catalog")
	}
}

func BenchmarkLoad(b *testing.B) {
	dir := data(b)
	for b.Loop() {
		if _, err := Load(dir); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDefault(b *testing.B) {
	dir := data(b)
	for b.Loop() {
		sum, err := datafile.Sum(dir)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := expandCompact(compactData); err != nil || !compactOf(compactData, sum) {
			b.Fatal("compact form is damaged or stale")
		}
	}
}
