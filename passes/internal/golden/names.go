package golden

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// prefixes are what the names of golden functions begin with.
var prefixes = []string{"Bad", "Ok", "FN_", "FP_"}

// function is a golden function, which its name makes a promise about.
type function struct {
	name, prefix string
	decl         *ast.FuncDecl
}

// span is the lines of a declaration, its comment not included.
type span struct {
	file        string
	first, last int
}

func (s span) holds(at place) bool {
	return s.file == at.file && s.first <= at.line && at.line <= s.last
}

// folder is the golden functions of one package, and the expectations they
// are held against.
type folder struct {
	fset      *token.FileSet
	expect    expectations
	functions []function
	declared  map[string][]span // functions, types, variables and fields by name
}

func readFolder(dir string) (*folder, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	f := &folder{
		fset:     token.NewFileSet(),
		expect:   expectations{exhaustive: make(map[string]bool)},
		declared: make(map[string][]span),
	}
	for _, name := range names {
		file, err := parser.ParseFile(f.fset, name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		if err := f.expect.addFile(f.fset, "", file); err != nil {
			return nil, err
		}
		ast.Inspect(file, f.declare)
	}
	return f, nil
}

// declare notes what a node declares.
func (f *folder) declare(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.FuncDecl:
		f.add(n.Name.Name, n)
		for _, p := range prefixes {
			if strings.HasPrefix(n.Name.Name, p) {
				f.functions = append(f.functions, function{n.Name.Name, p, n})
			}
		}
	case *ast.TypeSpec:
		f.add(n.Name.Name, n)
	case *ast.ValueSpec:
		f.addAll(n.Names, n)
	case *ast.Field:
		f.addAll(n.Names, n)
	}
	return true
}

func (f *folder) add(name string, n ast.Node) {
	f.declared[name] = append(f.declared[name], f.span(n))
}

func (f *folder) addAll(names []*ast.Ident, n ast.Node) {
	for _, id := range names {
		f.add(id.Name, n)
	}
}

func (f *folder) span(n ast.Node) span {
	first, last := f.fset.Position(n.Pos()), f.fset.Position(n.End())
	return span{first.Filename, first.Line, last.Line}
}

// check holds one function against the promise of its name: an Ok or FN_
// function has no want, a Bad or FP_ function has one, and a known gap has
// a comment that tells why.
func (f *folder) check(fn function) []string {
	var out []string
	fail := func(line int, format string, args ...any) {
		out = append(out, fmt.Sprintf("%s:%d: %s %s", f.span(fn.decl).file, line, fn.name, fmt.Sprintf(format, args...)))
	}
	own := f.span(fn.decl)
	if strings.HasSuffix(fn.prefix, "_") && fn.decl.Doc.Text() == "" {
		fail(own.first, "is a known gap and does not say why")
	}
	switch fn.prefix {
	case "Ok", "FN_":
		for _, w := range f.expect.wants {
			if own.holds(w.at) {
				fail(w.at.line, "must stay silent but wants %#q", w.rx)
			}
		}
	default:
		if !f.found(fn) {
			fail(own.first, "wants no finding")
		}
	}
	return out
}

var word = regexp.MustCompile(`\w+`)

// found reports whether some expectation is about the function: a want or rel
// inside it, a want whose message names it, or a want inside a declaration
// that the comment of the function names.
func (f *folder) found(fn function) bool {
	inside := func(spans ...span) func(*expectation) bool {
		return func(x *expectation) bool {
			return slices.ContainsFunc(spans, func(s span) bool { return s.holds(x.at) })
		}
	}
	own := f.span(fn.decl)
	if slices.ContainsFunc(f.expect.wants, inside(own)) || slices.ContainsFunc(f.expect.rels, inside(own)) {
		return true
	}
	for _, w := range f.expect.wants {
		if slices.Contains(word.FindAllString(w.rx.String(), -1), fn.name) {
			return true
		}
	}
	for _, name := range word.FindAllString(fn.decl.Doc.Text(), -1) {
		if name != fn.name && slices.ContainsFunc(f.expect.wants, inside(f.declared[name]...)) {
			return true
		}
	}
	return false
}
