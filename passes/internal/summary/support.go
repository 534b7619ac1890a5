package summary

import (
	"go/ast"
	"go/token"
	"go/types"
	"iter"
	"maps"
	"strings"
	"sync"

	"golang.org/x/tools/go/ssa"

	"github.com/connvet/connvet/passes/internal/access"
	"github.com/connvet/connvet/passes/internal/catalog"
	"github.com/connvet/connvet/passes/internal/effect"
	"github.com/connvet/connvet/passes/internal/entrypoint"
)

func mapKeys[V any](m map[int]V) iter.Seq[int] { return maps.Keys(m) }

func mapsKeys[V any](m map[string]V) iter.Seq[string] { return maps.Keys(m) }

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
				}
			}
		}
	}
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
	return path == catalog.StripVendor(e.pass.Pkg.Path()) || e.cat.Package(path) || e.facts.has(path)
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
	set := types.NewMethodSet(t)
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

func stepType(t types.Type, step string) types.Type {
	for range 2 {
		if p, ok := t.Underlying().(*types.Pointer); ok {
			t = p.Elem()
		}
	}
	switch u := t.Underlying().(type) {
	case *types.Struct:
		for i := range u.NumFields() {
			if u.Field(i).Name() == step {
				return u.Field(i).Type()
			}
		}
	case *types.Slice:
		return u.Elem()
	case *types.Array:
		return u.Elem()
	case *types.Map:
		return u.Elem()
	case *types.Chan:
		return u.Elem()
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
		e.receivers[pos] = types.ExprString(sel.X)
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
		if c, ok := ast.Unparen(rhs[0]).(*ast.CallExpr); ok {
			for _, l := range lhs {
				e.names[c.Lparen] = append(e.names[c.Lparen], types.ExprString(l))
			}
		}
		return
	}
	for i, r := range rhs {
		if c, ok := ast.Unparen(r).(*ast.CallExpr); ok && i < len(lhs) {
			e.names[c.Lparen] = []string{types.ExprString(lhs[i])}
		}
	}
}

// nameAt is the variable that result i of the call at pos is assigned to.
func (e *engine) nameAt(pos token.Pos, i int) string {
	if ns := e.names[pos]; i < len(ns) && ns[i] != "_" {
		return ns[i]
	}
	return ""
}

// overridden reports whether the receiver comes from a place that the
// function compares with nil: an override, or a lazily made value.
func (b *builder) overridden(recv ssa.Value) bool {
	if recv == nil {
		return false
	}
	if b.nilTests == nil {
		b.nilTests = map[access.Path]bool{}
		for _, blk := range b.fn.Blocks {
			for _, i := range blk.Instrs {
				if x := nilTested(i); x != nil {
					for _, v := range b.eval(x) {
						b.nilTests[v.Path] = true
					}
				}
			}
		}
	}
	for _, v := range b.eval(recv) {
		if b.nilTests[v.Path] && v.Path.Len() > 0 {
			return true
		}
	}
	return false
}

// nilTested gives the operand that an instruction compares with nil.
func nilTested(i ssa.Instruction) ssa.Value {
	bin, ok := i.(*ssa.BinOp)
	if !ok || (bin.Op != token.EQL && bin.Op != token.NEQ) {
		return nil
	}
	if isNil(bin.Y) && !isError(bin.X.Type()) {
		return bin.X
	}
	if isNil(bin.X) && !isError(bin.Y.Type()) {
		return bin.Y
	}
	return nil
}

// dependsOnCapture reports whether an instruction of a function literal runs
// only for some values of a captured variable.
func (b *builder) dependsOnCapture(at ssa.Instruction) bool {
	if at == nil || len(b.fn.FreeVars) == 0 {
		return false
	}
	for blk := at.Block().Idom(); blk != nil; blk = blk.Idom() {
		iff, ok := blk.Instrs[len(blk.Instrs)-1].(*ssa.If)
		if ok && readsCapture(iff.Cond, 4) {
			return true
		}
	}
	return false
}

func readsCapture(v ssa.Value, depth int) bool {
	if depth == 0 {
		return false
	}
	switch v := v.(type) {
	case *ssa.FreeVar:
		return true
	case *ssa.UnOp:
		return readsCapture(v.X, depth-1)
	case *ssa.BinOp:
		return readsCapture(v.X, depth-1) || readsCapture(v.Y, depth-1)
	case *ssa.FieldAddr:
		return readsCapture(v.X, depth-1)
	}
	return false
}

func isNil(v ssa.Value) bool {
	c, ok := v.(*ssa.Const)
	return ok && c.IsNil()
}

// useNameAt is the connection as the user writes it at a call.
func (b *builder) useNameAt(ctx context, v access.Value, recv ssa.Value, packageFunc bool) string {
	if ctx.name != "" {
		return ctx.name
	}
	if n := b.eng.receivers[ctx.pos]; n != "" && recv != nil && len(n) <= 40 && !packageFunc {
		return n
	}
	return b.name(v, recv)
}

// name is how the user writes a connection: the variable it is kept in, or the
// path to it.
func (b *builder) name(v access.Value, recv ssa.Value) string {
	if recv != nil {
		if n := b.written(recv, 4); n != "" {
			return n
		}
	}
	return b.pathName(v.Path)
}

// written renders the expression that a value was read from.
func (b *builder) written(v ssa.Value, depth int) string {
	if depth == 0 {
		return ""
	}
	switch v := v.(type) {
	case *ssa.Parameter:
		return v.Name()
	case *ssa.FreeVar:
		return v.Name()
	case *ssa.Global:
		if v.Pkg != b.fn.Pkg && v.Pkg != nil {
			return v.Pkg.Pkg.Name() + "." + v.Name()
		}
		return v.Name()
	case *ssa.Alloc:
		return userName(v.Comment)
	case *ssa.UnOp:
		if v.Op == token.MUL {
			return b.written(v.X, depth)
		}
	case *ssa.FieldAddr:
		return b.writtenField(v.X, v.Field, depth)
	case *ssa.Field:
		return b.writtenField(v.X, v.Field, depth)
	case *ssa.Phi:
		return userName(v.Comment)
	case *ssa.Call:
		return b.eng.nameAt(v.Pos(), 0)
	case *ssa.Extract:
		if c, ok := v.Tuple.(*ssa.Call); ok {
			return b.eng.nameAt(c.Pos(), v.Index)
		}
		if ta, ok := v.Tuple.(*ssa.TypeAssert); ok {
			return b.written(ta.X, depth)
		}
	case *ssa.TypeAssert:
		return b.written(v.X, depth)
	case *ssa.MakeInterface:
		return b.written(v.X, depth)
	case *ssa.ChangeInterface:
		return b.written(v.X, depth)
	}
	return ""
}

func (b *builder) writtenField(x ssa.Value, n, depth int) string {
	f := fieldOf(x.Type(), n)
	if f == nil {
		return ""
	}
	base := b.written(x, depth-1)
	switch {
	case base == "":
		return f.Name()
	case f.Embedded():
		return base
	}
	return base + "." + f.Name()
}

// pathName renders a path for messages.
func (b *builder) pathName(p access.Path) string {
	switch r := p.Root; r.Kind {
	case access.Param:
		if r.N < len(b.fn.Params) {
			return p.Text(b.fn.Params[r.N].Name())
		}
	case access.Free:
		if r.N < len(b.fn.FreeVars) {
			return p.Text(b.fn.FreeVars[r.N].Name())
		}
	case access.Global:
		return p.Text(globalName(r.Key, b.eng.pass.Pkg.Path()))
	case access.Fresh:
		if r.N < len(b.objects) {
			return strings.TrimPrefix(p.Text(b.objects[r.N].Name), ".")
		}
	}
	return ""
}

// globalName is a package variable as code of package pkg writes it.
func globalName(key, pkg string) string {
	dot := strings.LastIndexByte(key, '.')
	if key[:dot] == catalog.StripVendor(pkg) {
		return key[dot+1:]
	}
	return catalog.ShortName(key)
}

// entryName names a callback for messages: "handler serveChat".
func (b *builder) entryName(kind entrypoint.Kind, vals []access.Value, methods []string) string {
	what := "goroutine"
	if kind == entrypoint.Serve {
		what = "handler"
	}
	for _, v := range vals {
		if n := b.functionName(v); n != "" {
			return what + " " + n
		}
		if t := b.dynamicType(v); t != "" && len(methods) == 1 && methods[0] != "*" && !b.function(v) && !b.eng.funcType(t) {
			return what + " " + methodName(t, methods[0])
		}
	}
	return what
}

// funcType reports whether a type key names a function type in reach.
func (e *engine) funcType(key string) bool {
	t := e.named[key]
	if t == nil {
		return false
	}
	_, ok := t.Underlying().(*types.Signature)
	return ok
}

// methodName is a method as a user writes it: Server.ServeHTTP.
func methodName(typ, method string) string {
	short := catalog.ShortName(strings.TrimPrefix(typ, "*"))
	return short[strings.LastIndexByte(short, '.')+1:] + "." + method
}

// functionKey is the key of the function that a value certainly is.
func (b *builder) functionKey(v access.Value) string {
	if o := b.object(v); o != nil && o.Kind == effect.Closure {
		return o.Func
	}
	if v.Path.Root.Kind == access.Func {
		return v.Path.Root.Key
	}
	return ""
}

func (b *builder) functionName(v access.Value) string {
	key := v.Path.Root.Key
	if o := b.object(v); o != nil {
		key = o.Func
		if o.Iface {
			return o.Func
		}
	}
	if v.Path.Root.Kind == access.Func || key != "" && v.Path.Root.Kind == access.Fresh {
		return shortFunc(key)
	}
	return ""
}

// shortFunc is a function's name without its package; closures have none.
func shortFunc(key string) string {
	if strings.Contains(key, "$") {
		return ""
	}
	if typ, name := splitMethod(key); typ != "" {
		return methodName(typ, name)
	}
	return key[strings.LastIndexByte(key, '.')+1:]
}
