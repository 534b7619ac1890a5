package catalog_test

import (
	"go/types"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/connvet/connvet/passes/internal/catalog"
	"github.com/connvet/connvet/passes/internal/symbols"
)

// TestSymbols checks every symbol of the data against the real libraries.
func TestSymbols(t *testing.T) {
	c, w := loadWorld(t)
	for _, ty := range c.Types() {
		checkType(t, w, ty)
	}
	for _, f := range c.Funcs() {
		checkFunc(t, c, w, f)
	}
}

// world loads the catalog and the real libraries once for all tests.
var world = sync.OnceValues(func() (*catalog.Catalog, *symbols.World) {
	c, err := catalog.Load(os.DirFS("data"))
	if err != nil {
		loadError = err
		return nil, nil
	}
	paths := map[string]bool{}
	for _, p := range c.Packages() {
		paths[p] = true
	}
	for _, ty := range c.Types() {
		paths[packageOf(ty.Key)] = true
	}
	w, err := symbols.Load(filepath.Join("..", "..", "..", "testdata"), slices.Sorted(maps.Keys(paths))...)
	loadError = err
	return c, w
})

var loadError error

func loadWorld(t *testing.T) (*catalog.Catalog, *symbols.World) {
	t.Helper()
	c, w := world()
	if loadError != nil {
		t.Fatal(loadError)
	}
	return c, w
}

func packageOf(typeKey string) string {
	key := strings.TrimPrefix(typeKey, "*")
	return key[:strings.LastIndexByte(key, '.')]
}

func checkType(t *testing.T, w *symbols.World, ty *catalog.Type) {
	if _, err := w.Type(ty.Key); err != nil {
		t.Error(err)
		return
	}
	if p, err := w.Package(packageOf(ty.Key)); err != nil {
		t.Error(err)
	} else if name := strings.TrimPrefix(ty.Name(), "*"); !strings.HasPrefix(name, p.Name()+".") {
		t.Errorf("%s: short name is %s, package is called %s", ty.Key, name, p.Name())
	}
	for name := range ty.Methods {
		checkMethod(t, w, ty, name)
	}
	for name := range ty.Release {
		checkMethod(t, w, ty, name)
	}
	if ty.Ended != nil {
		for _, name := range ty.Ended.Calls {
			if !slices.ContainsFunc(ty.ReleasedBy, func(f string) bool { return strings.HasSuffix(f, "."+name) }) {
				checkMethod(t, w, ty, name)
			}
		}
	}
	if ty.Busy != nil {
		for _, name := range ty.Busy.Calls {
			checkMethod(t, w, ty, name)
		}
	}
	for name := range ty.Drained {
		if f := checkMethod(t, w, ty, name); f != nil {
			res := f.Signature().Results()
			if res.Len() == 0 || !drains(res.At(res.Len()-1).Type()) {
				t.Errorf("%s: drained method %s returns no bool, number or error", ty.Key, name)
			}
		}
	}
	for _, field := range append([]string{ty.Inner, ty.ErrField}, slices.Sorted(maps.Keys(ty.Unless))...) {
		if field == "" {
			continue
		}
		if _, err := w.Field(ty.Key, field); err != nil {
			t.Error(err)
		}
	}
}

func checkMethod(t *testing.T, w *symbols.World, ty *catalog.Type, name string) *types.Func {
	f, err := w.Method(ty.Key, name)
	if err != nil {
		t.Error(err)
		return nil
	}
	return f
}

// isArgument reports whether a result is an argument given back, whatever that is.
func isArgument(sig *types.Signature, got types.Type, r catalog.Result) bool {
	return r.Alias && r.Parent >= 0 && types.IsInterface(got) && types.Identical(got, sig.Params().At(int(r.Parent)).Type())
}

// checkCalls checks the methods that a function calls on an argument.
func checkCalls(t *testing.T, f *catalog.Func, sig *types.Signature) {
	for arg, methods := range f.Calls {
		for _, name := range methods {
			if obj, _, _ := types.LookupFieldOrMethod(sig.Params().At(arg).Type(), false, nil, name); obj == nil {
				t.Errorf("%s: parameter %d has no method %s", f.Key, arg, name)
			}
		}
	}
}

func checkFunc(t *testing.T, c *catalog.Catalog, w *symbols.World, f *catalog.Func) {
	obj, err := w.Func(f.Key)
	if err != nil {
		t.Error(err)
		return
	}
	sig := obj.Signature()
	for _, r := range f.Results {
		if r.Index < 0 || r.Index >= sig.Results().Len() {
			t.Errorf("%s has no result %d", f.Key, r.Index)
		} else if got := sig.Results().At(r.Index).Type(); !isRow(got, r.Type) && !isArgument(sig, got, r) {
			t.Errorf("%s: result %d is %v, not %s", f.Key, r.Index, got, r.Type.Key)
		}
		checkParent(t, f, sig, r.Parent)
	}
	for arg := range f.Args {
		if arg < 0 || arg >= sig.Params().Len() {
			t.Errorf("%s has no parameter %d", f.Key, arg)
		} else if got := sig.Params().At(arg).Type(); c.TypeOf(got) == nil && !types.IsInterface(got) {
			t.Errorf("%s: parameter %d is %v, no connection", f.Key, arg, got)
		}
	}
	checkCalls(t, f, sig)
	for _, l := range f.Lends {
		checkLend(t, f, sig, l)
		checkParent(t, f, sig, l.Parent)
	}
}

func checkLend(t *testing.T, f *catalog.Func, sig *types.Signature, l catalog.Lend) {
	if l.Callback < 0 || l.Callback >= sig.Params().Len() {
		t.Errorf("%s has no parameter %d", f.Key, l.Callback)
		return
	}
	callback, ok := sig.Params().At(l.Callback).Type().Underlying().(*types.Signature)
	if !ok {
		t.Errorf("%s: parameter %d is no function", f.Key, l.Callback)
		return
	}
	if l.Param < 0 || l.Param >= callback.Params().Len() {
		t.Errorf("%s: the callback has no parameter %d", f.Key, l.Param)
		return
	}
	got := callback.Params().At(l.Param).Type()
	if i, ok := got.Underlying().(*types.Interface); !isRow(got, l.Type) && !(ok && i.Empty()) {
		t.Errorf("%s: parameter %d of the callback is %v, not %s", f.Key, l.Param, got, l.Type.Key)
	}
}

func checkParent(t *testing.T, f *catalog.Func, sig *types.Signature, p catalog.Parent) {
	if p == catalog.Receiver && sig.Recv() == nil || int(p) >= sig.Params().Len() {
		t.Errorf("%s has no parent %d", f.Key, p)
	}
}

func isRow(t types.Type, row *catalog.Type) bool {
	key, _, _ := strings.Cut(row.Key, "#")
	return catalog.TypeKey(t) == key
}

// drains reports whether a result of the type can tell that a value is used up.
func drains(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&(types.IsBoolean|types.IsInteger) != 0 || types.Identical(t, types.Universe.Lookup("error").Type())
}
