package summary_test

import (
	"bytes"
	"encoding/gob"
	"reflect"
	"slices"
	"testing"

	"github.com/connvet/connvet/passes/internal/golden"
	"github.com/connvet/connvet/passes/internal/summary"
)

// What a fact may cost, packed. Ordinary packages should need less: those of
// testdata do nothing but handle connections.
const (
	medianFact = 4 << 10
	maxFact    = 256 << 10
)

// factsOf analyses packages that use the real drivers and returns their facts.
func factsOf(t *testing.T) map[string]*summary.Package {
	t.Helper()
	out := map[string]*summary.Package{}
	graph := golden.Analyze(t, "../../../testdata", summary.Analyzer, "./sharedconn/...", "./capturedconn/helpers/...")
	for act := range graph.All() {
		var fact summary.Package
		if act.Analyzer == summary.Analyzer && act.PackageFact(act.Package.Types, &fact) {
			out[act.Package.ID] = &fact
		}
	}
	if len(out) == 0 {
		t.Fatal("no facts")
	}
	return out
}

func encode(t *testing.T, fact *summary.Package) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(fact); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestFactCodec sends facts from process to process, as drivers do, and asks
// that they arrive as they were.
func TestFactCodec(t *testing.T) {
	if testing.Short() {
		t.Skip("type-checks the real drivers")
	}
	first := factsOf(t)
	for id, fact := range first {
		want := encode(t, fact)
		data := want
		for range 10 {
			decoded := new(summary.Package)
			if err := gob.NewDecoder(bytes.NewReader(data)).Decode(decoded); err != nil {
				t.Fatalf("%s: %v", id, err)
			}
			if data = encode(t, decoded); !bytes.Equal(data, want) {
				t.Fatalf("%s: the fact changes when it is decoded and encoded", id)
			}
		}
		for _, place := range positions(reflect.ValueOf(*fact), "") {
			t.Errorf("%s: the fact has a position of this process: %s", id, place)
		}
	}
	second := factsOf(t)
	if len(second) != len(first) {
		t.Errorf("%d facts in the first run, %d in the second", len(first), len(second))
	}
	for id, fact := range second {
		if before := first[id]; before == nil || !bytes.Equal(encode(t, before), encode(t, fact)) {
			t.Errorf("%s: two runs give two facts", id)
		}
	}
}

// positions lists the fields that hold a position and are not zero.
func positions(v reflect.Value, path string) []string {
	var out []string
	switch v.Kind() {
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			out = append(out, positions(v.Index(i), path)...)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			name := v.Type().Field(i).Name
			if position := name == "Pos" || name == "Here" || name == "Field" && v.Field(i).Kind() == reflect.Int; position && !v.Field(i).IsZero() {
				out = append(out, path+"."+name)
			}
			out = append(out, positions(v.Field(i), path+"."+name)...)
		}
	}
	return out
}

func TestFactSize(t *testing.T) {
	if testing.Short() {
		t.Skip("type-checks the real drivers")
	}
	var sizes []int
	for id, fact := range factsOf(t) {
		n := len(encode(t, fact))
		if n > maxFact {
			t.Errorf("%s: the fact has %d bytes, more than %d", id, n, maxFact)
		}
		sizes = append(sizes, n)
	}
	slices.Sort(sizes)
	median := sizes[len(sizes)/2]
	t.Logf("%d facts, %d to %d bytes, median %d", len(sizes), sizes[0], sizes[len(sizes)-1], median)
	if median > medianFact {
		t.Errorf("the median fact has %d bytes, more than %d", median, medianFact)
	}
}
