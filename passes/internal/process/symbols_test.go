package process

import (
	"go/types"
	"maps"
	"path/filepath"
	"slices"
	"testing"

	"github.com/connvet/connvet/passes/internal/symbols"
)

// TestSymbols checks every symbol and field of the data against the real libraries.
func TestSymbols(t *testing.T) {
	if testing.Short() {
		t.Skip("loads the real libraries")
	}
	tab, err := Load(mustSub(t))
	if err != nil {
		t.Fatal(err)
	}
	world, err := symbols.Load(filepath.Join("..", "..", "..", "testdata"), slices.Sorted(maps.Keys(tab.packages))...)
	if err != nil {
		t.Fatal(err)
	}
	for key, rows := range tab.rows {
		f, err := world.Func(key)
		if err != nil {
			t.Error(err)
			continue
		}
		for _, r := range rows {
			checkRow(t, f, r)
		}
	}
}

// checkRow checks that the function has the operand, and that the fields.
func checkRow(t *testing.T, f *types.Func, r Row) {
	t.Helper()
	sig := f.Signature()
	var of types.Type
	switch {
	case r.Of == Receiver && sig.Recv() != nil:
		of = sig.Recv().Type()
	case r.Of == Result && sig.Results().Len() > 0:
		of = sig.Results().At(0).Type()
	case r.Of >= 0 && int(r.Of) < sig.Params().Len():
		of = sig.Params().At(int(r.Of)).Type()
	case r.Of != None:
		t.Errorf("%s: no operand %d", r.Func, r.Of)
		return
	}
	if s, ok := of.(*types.Slice); ok && sig.Variadic() {
		of = s.Elem()
	}
	for _, name := range r.Fields {
		if obj, _, _ := types.LookupFieldOrMethod(of, true, f.Pkg(), name); obj == nil {
			t.Errorf("%s: %v has no field %s", r.Func, of, name)
		}
	}
}
