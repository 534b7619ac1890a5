package golden

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestFound(t *testing.T) {
	dir, err := filepath.Abs("testdata/toy")
	if err != nil {
		t.Fatal(err)
	}
	wrong := filepath.Join(dir, "wrong", "wrong.go")
	declared := []Found{{File: wrong, Line: 6, Message: "declared here"}}
	got, err := compareFound(dir, []Found{
		{File: wrong, Line: 5, Message: "call of Mark", Related: declared},
		{File: wrong, Line: 10, Message: "call of Mark"},
		{File: wrong, Line: 14, Message: "call of Other"},
		{File: wrong, Line: 18, Message: "call of Mark"},
		{File: wrong, Line: 18, Message: "call of Mark"}, // of the test variant
		{File: filepath.Join(dir, "a", "a.go"), Line: 1, Message: "call of Mark"},
	}, []string{"wrong"})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"a/a.go:1: finding outside the packages: call of Mark",
		"wrong/wrong.go:10: unexpected finding: call of Mark",
		"wrong/wrong.go:18: no finding matches `call of Mark`",
		"wrong/wrong.go:23: no finding matches `call of Mark`",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %s\nwant %s", strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
	if _, err := compareFound(dir, nil, []string{"nowhere"}); err == nil {
		t.Error("a folder without Go files is no error")
	}
}
