package summary

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/connvet/connvet/passes/internal/access"
	"github.com/connvet/connvet/passes/internal/catalog"
)

// indexCalls records which functions non-test code calls by name.
func (e *engine) indexCalls() {
	for _, fn := range e.pkg.Funcs {
		if e.test(fn.Pos()) {
			continue
		}
		for _, blk := range fn.Blocks {
			for _, i := range blk.Instrs {
				c, ok := i.(ssa.CallInstruction)
				if !ok {
					continue
				}
				if callee := c.Common().StaticCallee(); callee != nil {
					e.called[e.key(callee)] = true
					e.callers[e.key(callee)] = append(e.callers[e.key(callee)], fn)
				}
			}
		}
	}
}

// ofInvocation reports whether a function runs for one invocation of a handler
// only: whatever in the package calls it is a handler, or is called by one.
// What it makes, the handlers it makes included, is that invocation's own.
func (e *engine) ofInvocation(fn *ssa.Function, depth int) bool {
	if fn.Parent() != nil || depth == 0 {
		return false
	}
	callers := e.callers[e.key(fn)]
	for _, c := range callers {
		if !e.insideEntry(c) && !e.ofInvocation(c, depth-1) {
			return false
		}
	}
	return len(callers) > 0
}

// declaration is the position of the variable or field that a place ends in,
// if this package declares it.
func (e *engine) declaration(p access.Path) int {
	if p.Root.Kind == access.Global && p.Len() == 0 {
		dot := strings.LastIndexByte(p.Root.Key, '.')
		if p.Root.Key[:dot] == catalog.StripVendor(e.pass.Pkg.Path()) {
			if o := e.pass.Pkg.Scope().Lookup(p.Root.Key[dot+1:]); o != nil {
				return int(o.Pos())
			}
		}
	}
	return 0
}

// fieldDeclared is the position of the field of this package that a value was
// read from, 0 if there is none.
func (e *engine) fieldDeclared(v ssa.Value) int {
	if u, ok := v.(*ssa.UnOp); ok && u.Op == token.MUL {
		v = u.X
	}
	var f *types.Var
	switch v := v.(type) {
	case *ssa.FieldAddr:
		f = fieldOf(v.X.Type(), v.Field)
	case *ssa.Field:
		f = fieldOf(v.X.Type(), v.Field)
	}
	if f == nil || f.Pkg() != e.pass.Pkg {
		return 0
	}
	return int(f.Pos())
}

// fieldAcquired reports whether non-test code of the package fills the field
// that a path ends in with a connection it acquires.
func (e *engine) fieldAcquired(p access.Path, row *catalog.Type) bool {
	n := p.Len()
	return n > 0 && e.acquiredFields()[p.Steps[n-1]+" "+row.Key]
}

// acquiredFields lists "field type" for the fields that non-test functions
// store acquired connections into.
func (e *engine) acquiredFields() map[string]bool {
	if e.fields != nil {
		return e.fields
	}
	e.fields = map[string]bool{}
	for _, fn := range e.pkg.Funcs {
		for _, blk := range fn.Blocks {
			for _, i := range blk.Instrs {
				e.noteField(i)
			}
		}
	}
	return e.fields
}

func (e *engine) noteField(i ssa.Instruction) {
	st, ok := i.(*ssa.Store)
	if !ok || e.test(st.Pos()) {
		return
	}
	fa, ok := st.Addr.(*ssa.FieldAddr)
	if !ok {
		return
	}
	var c *ssa.Call
	switch v := st.Val.(type) {
	case *ssa.Call:
		c = v
	case *ssa.Extract:
		c, _ = v.Tuple.(*ssa.Call)
	}
	f := fieldOf(fa.X.Type(), fa.Field)
	row := e.cat.TypeOf(st.Val.Type())
	if c != nil && f != nil && row != nil {
		e.fields[f.Name()+" "+row.Key] = true
	}
}

// seam reports whether a package variable or field is marked as set by tests only.
func (e *engine) seam(p access.Path) bool {
	if p.Root.Kind == access.Global && p.Len() == 0 {
		return e.seams[p.Root.Key]
	}
	n := p.Len()
	return n > 0 && e.seams["."+p.Steps[n-1]]
}

// seamMark marks a variable or field that only tests set.
const seamMark = "//connvet:testseam"

// indexSeams records the marked variables by key, and the marked fields by name.
func (e *engine) indexSeams() {
	for _, f := range e.pass.Files {
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GenDecl:
				for _, s := range n.Specs {
					if v, ok := s.(*ast.ValueSpec); ok && (marked(n.Doc) || marked(v.Doc) || marked(v.Comment)) {
						e.markSeams(catalog.StripVendor(e.pass.Pkg.Path()), v.Names)
					}
				}
			case *ast.Field:
				if marked(n.Doc) || marked(n.Comment) {
					e.markSeams("", n.Names)
				}
			}
			return true
		})
	}
}

func (e *engine) markSeams(pkg string, names []*ast.Ident) {
	for _, id := range names {
		e.seams[pkg+"."+id.Name] = true
	}
}

func marked(g *ast.CommentGroup) bool {
	if g == nil {
		return false
	}
	for _, c := range g.List {
		if strings.HasPrefix(c.Text, seamMark) {
			return true
		}
	}
	return false
}

// indexNames records, for calls whose results are assigned, the names of the
// variables, so that messages can name them.
func (e *engine) indexNames() {
	for _, f := range e.pass.Files {
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				e.nameReceiver(n.Lparen, n)
			case *ast.GoStmt:
				e.nameReceiver(n.Go, n.Call)
			case *ast.DeferStmt:
				e.nameReceiver(n.Defer, n.Call)
			case *ast.AssignStmt:
				e.nameResults(n.Lhs, n.Rhs)
			case *ast.ValueSpec:
				var lhs []ast.Expr
				for _, id := range n.Names {
					lhs = append(lhs, id)
				}
				e.nameResults(lhs, n.Values)
			}
			return true
		})
	}
}

func (e *engine) nameReceiver(pos token.Pos, c *ast.CallExpr) {
	if sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr); ok {
		e.receivers[pos] = types.ExprString(e.unconverted(sel.X))
	}
}

// unconverted is an expression without the conversions around it.
func (e *engine) unconverted(x ast.Expr) ast.Expr {
	for {
		c, ok := ast.Unparen(x).(*ast.CallExpr)
		if !ok || len(c.Args) != 1 || !e.pass.TypesInfo.Types[c.Fun].IsType() {
			return x
		}
		x = ast.Unparen(c.Args[0])
	}
}

// detaches reports whether the function literal with this key lets itself run
// on beside its caller.
func (e *engine) detaches(key string) bool {
	fn := e.byKey[key]
	if fn == nil {
		return false
	}
	for _, blk := range fn.Blocks {
		for _, i := range blk.Instrs {
			if c, ok := i.(*ssa.Call); ok {
				if callee := c.Call.StaticCallee(); callee != nil && e.entries.Detaches(e.key(callee)) {
					return true
				}
			}
		}
	}
	return false
}

func (e *engine) nameResults(lhs, rhs []ast.Expr) {
	if len(rhs) == 1 {
		if pos := madeAt(rhs[0]); pos.IsValid() {
			for _, l := range lhs {
				e.names[pos] = append(e.names[pos], types.ExprString(l))
			}
		}
		return
	}
	for i, r := range rhs {
		if pos := madeAt(r); pos.IsValid() && i < len(lhs) {
			e.names[pos] = []string{types.ExprString(lhs[i])}
		}
	}
}

// madeAt is the position by which SSA knows a call or a composite literal.
func madeAt(x ast.Expr) token.Pos {
	x = ast.Unparen(x)
	if u, ok := x.(*ast.UnaryExpr); ok && u.Op == token.AND {
		x = ast.Unparen(u.X)
	}
	switch x := x.(type) {
	case *ast.CallExpr:
		return x.Lparen
	case *ast.CompositeLit:
		return x.Lbrace
	}
	return token.NoPos
}

// nameAt is the variable that result i of the call or literal at pos is assigned to.
func (e *engine) nameAt(pos token.Pos, i int) string {
	if ns := e.names[pos]; i < len(ns) && ns[i] != "_" {
		return ns[i]
	}
	return ""
}
