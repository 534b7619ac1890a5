package entrypoint

import (
	"go/types"
	"maps"
	"path/filepath"
	"slices"
	"testing"

	"github.com/connvet/connvet/passes/internal/symbols"
)

// TestSymbols checks every symbol of the data against the real libraries, and
// that callbacks are parameters that can be called.
func TestSymbols(t *testing.T) {
	if testing.Short() {
		t.Skip("loads the real libraries")
	}
	dir := mustSub(t)
	tab, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := symbols.Load(filepath.Join("..", "..", "..", "testdata"), slices.Sorted(maps.Keys(tab.packages))...)
	if err != nil {
		t.Fatal(err)
	}
	w := world{loaded}
	for key, e := range tab.calls {
		f := w.function(t, key)
		if f != nil {
			checkCallbacks(t, f, e)
		}
		for _, j := range e.Joins {
			w.function(t, j)
		}
	}
	for key, ty := range tab.types {
		w.checkType(t, key, ty)
	}
	for _, s := range tab.signatures {
		for _, p := range s.Params {
			w.named(t, p)
		}
	}
	for _, r := range tab.registrars {
		for _, p := range r.Params {
			w.named(t, p)
		}
	}
	for key, in := range tab.injectors {
		if f := w.function(t, key); f != nil && in.Arg >= f.Signature().Params().Len() {
			t.Errorf("%s has no parameter %d", key, in.Arg)
		}
	}
	for key := range tab.scopes {
		w.named(t, key)
	}
	for key := range tab.annotated {
		for _, field := range []string{"Target", "Name", "Group"} {
			if _, err := w.Field(key, field); err != nil {
				t.Error(err)
			}
		}
	}
	for key := range tab.privates {
		if err := w.Var(key); err != nil {
			t.Error(err)
		}
	}
	for _, set := range []map[string]bool{tab.serves, tab.detaches, tab.limits} {
		for key := range set {
			w.function(t, key)
		}
	}
}

// checkCallbacks checks that the callbacks of e can be called, in the way e says.
func checkCallbacks(t *testing.T, f *types.Func, e *Entry) {
	t.Helper()
	params := f.Type().(*types.Signature).Params()
	for _, i := range e.Callbacks {
		if i >= params.Len() {
			t.Errorf("%s has no parameter %d", e.Func, i)
			continue
		}
		typ := params.At(i).Type()
		if s, ok := typ.Underlying().(*types.Slice); ok && f.Signature().Variadic() && i == params.Len()-1 {
			typ = s.Elem()
		}
		if m, ok := typ.Underlying().(*types.Map); ok {
			typ = m.Elem()
		}
		switch u := typ.Underlying().(type) {
		case *types.Signature:
		case *types.Interface:
			checkMethods(t, e.Func, typ, u, e.Methods)
		case *types.Struct:
			if e.Field == "" {
				t.Errorf("%s: parameter %d is a struct, and the row names no field", e.Func, i)
			}
		default:
			t.Errorf("%s: parameter %d is a %v, which cannot be called", e.Func, i, typ)
		}
	}
	if int(e.Handle) >= params.Len() || e.Handle == HandleResult && f.Signature().Results().Len() == 0 ||
		e.Handle == HandleRecv && f.Signature().Recv() == nil {
		t.Errorf("%s has no handle %d", e.Func, e.Handle)
	}
}

func checkMethods(t *testing.T, key string, typ types.Type, u *types.Interface, methods []string) {
	t.Helper()
	if u.Empty() || !types.IsInterface(typ) || isTypeParam(typ) {
		return
	}
	if len(methods) == 0 {
		t.Errorf("%s: the argument is a %v, and the row names no methods", key, typ)
	}
	for _, m := range methods {
		if obj, _, _ := types.LookupFieldOrMethod(typ, false, nil, m); obj == nil && m != "*" {
			t.Errorf("%s: %v has no method %s", key, typ, m)
		}
	}
}

func isTypeParam(t types.Type) bool { _, ok := t.(*types.TypeParam); return ok }

// world is the real libraries.
type world struct{ *symbols.World }

func (w world) named(t *testing.T, key string) types.Type {
	t.Helper()
	typ, err := w.Type(key)
	if err != nil {
		t.Error(err)
		return nil
	}
	if p, ok := typ.(*types.Pointer); ok {
		typ = p.Elem()
	}
	if _, ok := typ.(*types.Named); !ok {
		t.Errorf("%s is no named type", key)
		return nil
	}
	return typ
}

func (w world) function(t *testing.T, key string) *types.Func {
	t.Helper()
	f, err := w.Func(key)
	if err != nil {
		t.Error(err)
	}
	return f
}

func (w world) checkType(t *testing.T, key string, row *Type) {
	t.Helper()
	typ := w.named(t, key)
	if typ == nil {
		return
	}
	pkg := typ.(*types.Named).Obj().Pkg()
	has := func(name string) bool {
		obj, _, _ := types.LookupFieldOrMethod(typ, true, pkg, name)
		return obj != nil
	}
	for _, f := range row.Fields {
		if f != "*" && !has(f) {
			t.Errorf("%s has no field %s", key, f)
		}
	}
	switch typ.Underlying().(type) {
	case *types.Signature:
		if len(row.Methods)+len(row.Fields) > 0 {
			t.Errorf("%s is a func type: no methods, no fields", key)
		}
	case *types.Interface:
		for _, m := range row.Methods {
			if !has(m) {
				t.Errorf("%s has no method %s", key, m)
			}
		}
	case *types.Struct:
		if len(row.Fields) == 0 {
			t.Errorf("%s is a struct, and the row names no fields", key)
		}
	}
}
