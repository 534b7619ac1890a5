package ssabuild_test

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"

	"github.com/connvet/connvet/passes/internal/ssabuild"
)

// check type-checks a file as the loader does: cgo is not run.
func check(t *testing.T, src string) *analysis.Pass {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "p.go", src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	info := &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Instances: map[*ast.Ident]types.Instance{},
		Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Implicits: map[ast.Node]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{},
		Scopes: map[ast.Node]*types.Scope{}, FileVersions: map[*ast.File]string{},
	}
	conf := types.Config{FakeImportC: true, Importer: importer.Default()}
	pkg, err := conf.Check("p", fset, []*ast.File{f}, info)
	if err != nil {
		t.Fatal(err)
	}
	return &analysis.Pass{Fset: fset, Files: []*ast.File{f}, Pkg: pkg, TypesInfo: info}
}

// TestCgo builds a package with a function that the SSA builder cannot build.
func TestCgo(t *testing.T) {
	pass := check(t, `package p

import "C"
import "unsafe"

func sum(b []byte) int { n := 0; for _, x := range b { n += int(x) }; return n }

func hash(b []byte) []byte {
	out := make([]byte, C.crypto_BYTES)
	var state C.state
	if C.hash((*C.uchar)(unsafe.Pointer(&out[0])), C.ulong(len(b)), &state) != 0 {
		return nil
	}
	state.x++
	for i := range C.n { _ = i }
	return C.GoBytes(unsafe.Pointer(&state), C.int(len(out)))
}
`)
	pkg, err := ssabuild.Build(pass)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(pkg.Left)
	if len(pkg.Left) != 1 || !strings.HasPrefix(pkg.Left[0], "hash: cannot be turned into SSA: ") {
		t.Errorf("left out %q, want hash alone", pkg.Left)
	}
	for _, fn := range pkg.Funcs {
		if built := len(fn.Blocks) > 0; built == (fn.Name() == "hash") {
			t.Errorf("%s: built is %t", fn.Name(), built)
		}
	}
}
