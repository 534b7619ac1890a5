package main

import (
	"strings"
	"testing"
)

func TestCount(t *testing.T) {
	rows := map[string]bool{"*database/sql.Rows": true}
	functions := []function{
		{pkg: "a", file: "a.go", first: 1, last: 9, leaks: true, types: rows},
		{pkg: "a", file: "a.go", first: 11, last: 19, types: rows},
		{pkg: "b", file: "b.go", first: 1, last: 9, leaks: true},
	}
	reports := []report{
		{"unclosedconn", "a.go", 1}, {"unclosedconn", "a.go", 9}, {"unclosedconn", "b.go", 5},
		{"sqlclosecheck", "a.go", 12}, {"sqlclosecheck", "b.go", 3},
		{"bodyclose", "a.go", 10},
	}
	all := count(functions, reports)
	for i, want := range []score{
		{leaks: 2, found: 2, own: 2, ownFound: 2, fine: 1, ownFine: 1},
		{leaks: 2, found: 1, own: 1, fine: 1, falsely: 1, ownFine: 1, ownWrong: 1},
		{leaks: 2, fine: 1},
		{leaks: 2, own: 1, fine: 1, ownFine: 1},
	} {
		if got := all[""][i]; got != want {
			t.Errorf("%s: got %+v, want %+v", tools[i].name, got, want)
		}
	}
	if got := all["b"][1]; got != (score{leaks: 1, found: 1}) {
		t.Errorf("package b: got %+v", got)
	}
	var out strings.Builder
	if err := table(&out, all); err != nil || !strings.Contains(out.String(), "sqlclosecheck") {
		t.Errorf("got %v\n%s", err, out.String())
	}
}

func TestParse(t *testing.T) {
	got, err := parseOthers([]byte(`{"p": {"bodyclose": [{"posn": "C:/x/a.go:7:2", "message": "m"}]}}`))
	if err != nil || len(got) != 1 || got[0] != (report{"bodyclose", "C:/x/a.go", 7}) {
		t.Errorf("got %v, %v", got, err)
	}
	if _, err := parseOthers([]byte(`{"p": {"bodyclose": {"error": "no"}}}`)); err == nil || !strings.Contains(err.Error(), "failed on p") {
		t.Errorf("got error %v", err)
	}
	got, err = parseConnvet([]byte(`{"findings": [{"file": "a.go", "line": 3}], "errors": []}`))
	if err != nil || len(got) != 1 || got[0] != (report{"unclosedconn", "a.go", 3}) {
		t.Errorf("got %v, %v", got, err)
	}
	if _, err := parseConnvet([]byte(`{"findings": [], "errors": [{"message": "no such package"}]}`)); err == nil {
		t.Error("an error of the run is none of the result")
	}
}

func TestSays(t *testing.T) {
	for name, want := range map[string][2]bool{
		"BadRows": {true, true}, "FN_Rows": {true, true}, "OkRows": {false, true}, "FP_Rows": {false, true}, "rows": {},
	} {
		if leaks, golden := says(name); leaks != want[0] || golden != want[1] {
			t.Errorf("%s: leaks %t, golden %t", name, leaks, golden)
		}
	}
}
