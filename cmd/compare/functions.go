package main

import (
	"context"
	"fmt"
	"go/ast"
	"go/types"
	"os"
	"path"
	"strings"

	"golang.org/x/tools/go/packages"
)

// function is a golden function: what its name says of it, and the types of what it acquires.
type function struct {
	pkg, file   string
	first, last int
	leaks       bool
	types       map[string]bool // of the results of its calls, where a leak is expected if comments say so
}

// tool is a column of the table. A tool without types looks at everything.
type tool struct {
	name  string
	types []string
}

// tools are what is compared. The names are those of the analyzers, the types those
// that their source looks for.
var tools = []tool{
	{name: "unclosedconn"},
	{name: "sqlclosecheck", types: []string{
		"*database/sql.Rows", "*database/sql.Stmt",
		"*github.com/jmoiron/sqlx.Rows", "*github.com/jmoiron/sqlx.Stmt", "*github.com/jmoiron/sqlx.NamedStmt",
		"github.com/jackc/pgx/v5.Rows",
	}},
	{name: "bodyclose", types: []string{"*net/http.Response"}},
	{name: "rowserrcheck", types: []string{"*database/sql.Rows", "*github.com/jmoiron/sqlx.Rows"}},
}

// own reports whether the tool looks at a type that the function acquires.
func (t tool) own(f function) bool {
	if t.types == nil {
		return true
	}
	for _, typ := range t.types {
		if f.types[typ] {
			return true
		}
	}
	return false
}

// read lists the golden functions of the packages, tests included, each once.
func read(ctx context.Context, dir string, patterns []string) ([]function, error) {
	pkgs, err := packages.Load(&packages.Config{
		Context: ctx, Dir: dir, Tests: true, Env: append(os.Environ(), "GOWORK=off"),
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports |
			packages.NeedTypes | packages.NeedTypesInfo | packages.NeedSyntax,
	}, patterns...)
	if err != nil {
		return nil, err
	}
	var out []function
	seen := map[string]bool{}
	for _, p := range pkgs {
		for _, e := range p.Errors {
			return nil, fmt.Errorf("%s: %w", p.ID, e)
		}
		for _, f := range p.Syntax {
			name := p.Fset.Position(f.Package).Filename
			if !seen[name] && !strings.HasSuffix(p.ID, ".test") {
				seen[name] = true
				out = append(out, ofFile(p, f)...)
			}
		}
	}
	return out, nil
}

func ofFile(p *packages.Package, f *ast.File) []function {
	line := func(n ast.Node) int { return p.Fset.Position(n.Pos()).Line }
	wanted := map[int]bool{}
	for _, g := range f.Comments {
		for _, c := range g.List {
			if strings.Contains(c.Text, "want \"") {
				wanted[line(c)] = true
			}
		}
	}
	var out []function
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		leaks, ok := says(fn.Name.Name)
		if !ok {
			continue
		}
		g := function{
			pkg: path.Base(strings.TrimSuffix(p.PkgPath, "_test")), file: p.Fset.Position(fn.Pos()).Filename,
			first: line(fn), last: p.Fset.Position(fn.End()).Line, leaks: leaks, types: map[string]bool{},
		}
		expected := strings.HasPrefix(fn.Name.Name, "Bad")
		ast.Inspect(fn, func(n ast.Node) bool {
			if c, ok := n.(*ast.CallExpr); ok && (!expected || wanted[line(c)]) {
				g.acquire(p.TypesInfo.TypeOf(c))
			}
			return true
		})
		out = append(out, g)
	}
	return out
}

// acquire notes the types of a call's results.
func (f *function) acquire(t types.Type) {
	if tuple, ok := t.(*types.Tuple); ok {
		for v := range tuple.Variables() {
			f.types[v.Type().String()] = true
		}
	} else if t != nil {
		f.types[t.String()] = true
	}
}

// says reads the name of a function: whether it holds a leak, and whether it is a
// golden function at all.
func says(name string) (leaks, golden bool) {
	switch {
	case strings.HasPrefix(name, "Bad"), strings.HasPrefix(name, "FN_"):
		return true, true
	case strings.HasPrefix(name, "Ok"), strings.HasPrefix(name, "FP_"):
		return false, true
	}
	return false, false
}
