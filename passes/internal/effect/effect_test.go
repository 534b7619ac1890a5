package effect

import (
	"reflect"
	"testing"

	"github.com/connvet/connvet/passes/internal/access"
)

func TestEmpty(t *testing.T) {
	f := Func{Key: "p.f", NParams: 2, Objects: make([]Object, 1), Params: make([]Param, 2), Frees: make([]Param, 1), Results: make([][]access.Value, 2)}
	if !f.Empty() {
		t.Error("objects that nothing refers to, parameters left alone and unknown results say something")
	}
}

// TestNotEmpty fills each field that a caller could use, so that a new one is
// not forgotten in Empty.
func TestNotEmpty(t *testing.T) {
	silent := map[string]bool{"Key": true, "NParams": true, "Objects": true}
	// A wrapper returns a handler, so its results are known.
	silent["Wraps"] = true
	for i := range reflect.TypeFor[Func]().NumField() {
		field := reflect.TypeFor[Func]().Field(i)
		if silent[field.Name] {
			continue
		}
		var f Func
		v := reflect.ValueOf(&f).Elem().Field(i)
		switch field.Name {
		case "Params", "Frees":
			v.Set(reflect.ValueOf([]Param{{Escapes: true}}))
		case "Results":
			f.Results = [][]access.Value{nil, make([]access.Value, 1)}
		default:
			v.Set(something(field.Type))
		}
		if f.Empty() {
			t.Errorf("a summary with %s is empty", field.Name)
		}
	}
}

// something is a value of a type that is not its zero value.
func something(t reflect.Type) reflect.Value {
	switch t.Kind() {
	case reflect.Slice:
		return reflect.MakeSlice(t, 1, 1)
	case reflect.Bool:
		return reflect.ValueOf(true).Convert(t)
	}
	return reflect.ValueOf(1).Convert(t)
}
