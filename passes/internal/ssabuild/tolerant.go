package ssabuild

import (
	"fmt"
	"go/ast"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"
)

// attempt builds the package without the bodies of the left-out functions. A
// panic of the SSA builder, which some cgo code causes, is its error.
func attempt(pass *analysis.Pass, leftOut map[*ast.FuncDecl]bool) (pkg *ssa.Package, err error) {
	defer func() {
		if r := recover(); r != nil {
			pkg, err = nil, fmt.Errorf("cannot be turned into SSA: %v", r)
		}
	}()
	prog := ssa.NewProgram(pass.Fset, 0)
	prog.SetNoReturn(NoReturn)
	for _, p := range pass.Pkg.Imports() {
		prog.CreatePackage(p, nil, nil, true)
	}
	pkg = prog.CreatePackage(pass.Pkg, without(pass.Files, leftOut), pass.TypesInfo, false)
	pkg.Build()
	return pkg, nil
}

// without copies the files whose functions are left out: the syntax belongs
// to all analyzers.
func without(files []*ast.File, leftOut map[*ast.FuncDecl]bool) []*ast.File {
	if len(leftOut) == 0 {
		return files
	}
	out := make([]*ast.File, len(files))
	for i, f := range files {
		g := *f
		g.Decls = nil
		for _, d := range f.Decls {
			if fd, ok := d.(*ast.FuncDecl); ok && leftOut[fd] {
				external := *fd
				external.Body = nil
				d = &external
			}
			g.Decls = append(g.Decls, d)
		}
		out[i] = &g
	}
	return out
}

// culprits finds the functions that make the builder panic by halving, and
// the error of each.
func culprits(pass *analysis.Pass) map[*ast.FuncDecl]error {
	all := bodies(pass.Files)
	bad := map[*ast.FuncDecl]error{}
	var search func(part []*ast.FuncDecl)
	search = func(part []*ast.FuncDecl) {
		leftOut := map[*ast.FuncDecl]bool{}
		for _, d := range all {
			leftOut[d] = true
		}
		for _, d := range part {
			delete(leftOut, d)
		}
		_, err := attempt(pass, leftOut)
		switch {
		case err == nil:
		case len(part) == 1:
			bad[part[0]] = err
		case len(part) > 1:
			search(part[:len(part)/2])
			search(part[len(part)/2:])
		}
	}
	search(all)
	return bad
}

// bodies lists the functions with a body.
func bodies(files []*ast.File) []*ast.FuncDecl {
	var out []*ast.FuncDecl
	for _, f := range files {
		for _, d := range f.Decls {
			if fd, ok := d.(*ast.FuncDecl); ok && fd.Body != nil {
				out = append(out, fd)
			}
		}
	}
	return out
}
