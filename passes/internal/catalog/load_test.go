package catalog

import (
	"reflect"
	"testing"
)

func TestCompactIsFresh(t *testing.T) {
	want, err := Load(dataFS)
	if err != nil {
		t.Fatal(err)
	}
	sum, err := sourceSum(dataFS)
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
	for b.Loop() {
		if _, err := Load(dataFS); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDefault(b *testing.B) {
	for b.Loop() {
		sum, err := sourceSum(dataFS)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := expandCompact(compactData); err != nil || !compactOf(compactData, sum) {
			b.Fatal("compact form is damaged or stale")
		}
	}
}
