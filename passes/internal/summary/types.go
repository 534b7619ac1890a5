package summary

import (
	"go/types"
	"strings"
	"sync"

	"golang.org/x/tools/go/ssa"

	"github.com/connvet/connvet/passes/internal/access"
	"github.com/connvet/connvet/passes/internal/catalog"
	"github.com/connvet/connvet/passes/internal/entrypoint"
)

// entryOf gives the entry that a value of the type makes when code that is
// not analysed gets it; nil for other types.
func (e *engine) entryOf(t types.Type) *entrypoint.Type {
	if ent := e.entries.Type(catalog.TypeKey(t)); ent != nil {
		return ent
	}
	if sig, ok := t.Underlying().(*types.Signature); ok {
		return e.entrySignature(sig)
	}
	return nil
}

// entrySignature gives the entry that a function with this signature is.
func (e *engine) entrySignature(sig *types.Signature) *entrypoint.Type {
	for _, s := range e.entries.Signatures() {
		if sig.Params().Len() != len(s.Params) || sig.Variadic() {
			continue
		}
		match := true
		for i, p := range s.Params {
			match = match && catalog.TypeKey(sig.Params().At(i).Type()) == p
		}
		if match {
			return &entrypoint.Type{Kind: s.Kind, Level: s.Level, Why: s.Why}
		}
	}
	return nil
}

// registrarEntry gives what a call does that has the shape of generated code
// which hands an object to a server; nil for other calls.
func (e *engine) registrarEntry(key string, s *site) *entrypoint.Entry {
	if len(s.vals) == 0 || s.sig.Params().Len() == 0 {
		return nil
	}
	name := key[strings.LastIndexByte(key, '.')+1:]
	return e.entries.Registrar(name, catalog.TypeKey(s.sig.Params().At(0).Type()))
}

// carriers are interfaces of std whose methods matter behind them.
var carriers = map[string]bool{
	"io.Closer": true, "io.ReadCloser": true, "io.WriteCloser": true, "io.ReadWriteCloser": true,
	"net/http.Handler": true, "sync.Locker": true,
}

// mayCarry reports whether the concrete value behind the called interface may
// be, or lead to, a connection.
func (e *engine) mayCarry(c *ssa.CallCommon) bool {
	key := catalog.TypeKey(c.Value.Type())
	if key == "" {
		return !isError(c.Value.Type())
	}
	if carriers[key] {
		return true
	}
	path := key[:strings.LastIndexByte(key, '.')]
	return path == catalog.StripVendor(e.pass.Pkg.Path()) || e.cat.Covers(path) || e.facts.has(path)
}

// printers are packages whose functions only look at their arguments.
var printers = map[string]bool{
	"fmt": true, "log": true, "log/slog": true, "errors": true, "reflect": true, "testing": true, "encoding/json": true,
	"github.com/sirupsen/logrus": true, "go.uber.org/zap": true, "github.com/rs/zerolog": true,
	"github.com/stretchr/testify/assert": true, "github.com/stretchr/testify/require": true,
}

// borrows reports whether an unknown function can only use, not keep or
// release, an argument of this parameter type.
func (e *engine) borrows(key string, t types.Type) bool {
	if !carrier(t) {
		return true
	}
	if printers[packageOf(key)] {
		return true
	}
	if _, ok := t.Underlying().(*types.Signature); ok {
		return false
	}
	set := e.sets.MethodSet(t)
	return set.Len() > 0 && !releasable(set)
}

// packageOf is the import path in a function key.
func packageOf(key string) string {
	if typ, _ := splitMethod(key); typ != "" {
		key = typ
	}
	key = strings.TrimPrefix(key, "*")
	if i := strings.LastIndexByte(key, '.'); i >= 0 {
		return key[:i]
	}
	return key
}

// releaseNames are method names that end something.
var releaseNames = map[string]bool{
	"Close": true, "Release": true, "Rollback": true, "Commit": true, "Stop": true, "Shutdown": true, "Quit": true,
	"Disconnect": true, "EndSession": true, "CloseNow": true, "Discard": true, "Destroy": true, "Finalize": true,
}

func releasable(set *types.MethodSet) bool {
	for i := range set.Len() {
		if releaseNames[set.At(i).Obj().Name()] {
			return true
		}
	}
	return false
}

// variants reports whether the Go type plays several roles in the catalog.
func (e *engine) variants(key string) bool { return variantKeys()[key] }

var variantKeys = sync.OnceValue(func() map[string]bool {
	out := map[string]bool{}
	for _, t := range catalog.Default().Types() {
		if base, _, ok := strings.Cut(t.Key, "#"); ok {
			out[base] = true
		}
	}
	return out
})

// placeType is the declared type of a place that outlives the function.
func (e *engine) placeType(fn *ssa.Function, p access.Path) types.Type {
	var t types.Type
	switch r := p.Root; r.Kind {
	case access.Param:
		if r.N < len(fn.Params) {
			t = fn.Params[r.N].Type()
		}
	case access.Free:
		if r.N < len(fn.FreeVars) {
			t = fn.FreeVars[r.N].Type()
			if ptr, ok := t.(*types.Pointer); ok && p.Len() == 0 {
				t = ptr.Elem()
			}
		}
	case access.Global:
		t = e.globalType(r.Key)
	}
	for i := 0; i < p.Len() && t != nil; i++ {
		t = stepType(t, p.Steps[i])
	}
	return t
}

func (e *engine) globalType(key string) types.Type {
	dot := strings.LastIndexByte(key, '.')
	for _, p := range append([]*types.Package{e.pass.Pkg}, e.pass.Pkg.Imports()...) {
		if catalog.StripVendor(p.Path()) == key[:dot] {
			if o := p.Scope().Lookup(key[dot+1:]); o != nil {
				return o.Type()
			}
		}
	}
	return nil
}

func stepType(t types.Type, step string) types.Type {
	for range 2 {
		if p, ok := t.Underlying().(*types.Pointer); ok {
			t = p.Elem()
		}
	}
	switch u := t.Underlying().(type) {
	case *types.Struct:
		if f := fieldNamed(u, step); f != nil {
			return f.Type()
		}
	case *types.Slice:
		return u.Elem()
	case *types.Array:
		return u.Elem()
	case *types.Map:
		if step == access.Keys {
			return types.NewSlice(u.Key())
		}
		return u.Elem()
	case *types.Chan:
		return u.Elem()
	}
	return nil
}

// fieldNamed gives a field of a struct, or of what a pointer to one points to.
func fieldNamed(t types.Type, name string) *types.Var {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	st, ok := t.Underlying().(*types.Struct)
	if !ok {
		return nil
	}
	for f := range st.Fields() {
		if f.Name() == name {
			return f
		}
	}
	return nil
}

// isInterface reports whether a type key names an interface type in reach.
func (e *engine) isInterface(key string) bool {
	t := e.named[key]
	return t != nil && types.IsInterface(t)
}

// declares reports whether the type itself, not an embedded one, has the method.
func (e *engine) declares(typ, method string) bool {
	t := e.named[typ]
	if t == nil {
		return false
	}
	obj, index, _ := types.LookupFieldOrMethod(t, true, e.pass.Pkg, method)
	return obj != nil && len(index) == 1
}
