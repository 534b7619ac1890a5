package summary

import (
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/connvet/connvet/passes/internal/access"
	"github.com/connvet/connvet/passes/internal/catalog"
	"github.com/connvet/connvet/passes/internal/effect"
	"github.com/connvet/connvet/passes/internal/entrypoint"
)

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
