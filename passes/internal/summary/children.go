package summary

import (
	"go/constant"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/connvet/connvet/passes/internal/effect"
	"github.com/connvet/connvet/passes/internal/flow"
	"github.com/connvet/connvet/passes/internal/process"
)

// guard says which tests decide whether an instruction runs in the parent or
// in a child: those of which one answer only leads there.
func (b *builder) guard(at ssa.Instruction) effect.Guard {
	if at == nil || at.Block() == nil {
		return 0
	}
	var out effect.Guard
	to := at.Block()
	for d := to.Idom(); d != nil; d = d.Idom() {
		iff, ok := d.Instrs[len(d.Instrs)-1].(*ssa.If)
		if !ok {
			continue
		}
		if g := b.eng.childTest(iff.Cond); g != 0 && flow.Leads(d.Succs[0], to) != flow.Leads(d.Succs[1], to) {
			out |= g
		}
	}
	return out
}

// childTest says whether a value depends on a test for being a child.
func (e *engine) childTest(v ssa.Value) effect.Guard {
	t := &childTest{engine: e, seen: map[ssa.Value]bool{}}
	return t.value(v)
}

// childTest follows a value back to what it depends on.
type childTest struct {
	*engine
	seen map[ssa.Value]bool
}

// value is the flat dispatch over where a value comes from.
func (t *childTest) value(v ssa.Value) effect.Guard {
	if t.seen[v] {
		return 0
	}
	t.seen[v] = true
	switch v := v.(type) {
	case *ssa.Call:
		return t.call(v)
	case *ssa.Extract:
		return t.value(v.Tuple)
	case *ssa.BinOp:
		return t.value(v.X) | t.value(v.Y)
	case *ssa.UnOp:
		if v.Op == token.MUL {
			return t.place(v.X)
		}
		return t.value(v.X)
	case *ssa.Convert:
		return t.value(v.X)
	case *ssa.MakeInterface:
		return t.value(v.X)
	case *ssa.Phi:
		return t.any(v.Edges)
	}
	return 0
}

func (t *childTest) any(vs []ssa.Value) (out effect.Guard) {
	for _, v := range vs {
		out |= t.value(v)
	}
	return out
}

// call says whether a call tells what process this is, or passes on what
// its arguments tell.
func (t *childTest) call(c *ssa.Call) effect.Guard {
	out := t.any(c.Call.Args)
	fn := c.Call.StaticCallee()
	if fn == nil {
		return out
	}
	key := t.key(fn)
	switch {
	case t.children.Is(key, process.Child):
		return out | effect.ByLibrary
	case key == "os.Getenv" || key == "os.LookupEnv" || key == "syscall.Getenv":
		return out | t.env(c.Call.Args[0])
	case key == "os.Getppid" || key == "os.Getpid":
		return out | effect.ByLibrary | effect.ByArgs
	case strings.HasPrefix(key, "flag.") || strings.HasPrefix(key, "(*flag.FlagSet)."):
		return out | effect.ByArgs
	}
	if sum, _ := t.lookup(key); sum != nil {
		out |= sum.Child
	}
	return out
}

// env says what asking for an environment variable tells. One whose name is
// not a constant may be any.
func (t *childTest) env(name ssa.Value) effect.Guard {
	c, ok := name.(*ssa.Const)
	if !ok || c.Value == nil || c.Value.Kind() != constant.String {
		return effect.ByLibrary | effect.ByArgs
	}
	switch s := constant.StringVal(c.Value); {
	case t.children.Env(s):
		return effect.ByLibrary
	case t.index().env[s]:
		return effect.ByEnv
	}
	return 0
}

// place says what is read from a place: an argument of the program, a flag,
// or a variable or field that a test was stored in.
func (t *childTest) place(addr ssa.Value) effect.Guard {
	switch a := addr.(type) {
	case *ssa.Global:
		if globalKey(a) == "os.Args" {
			return effect.ByArgs
		}
		return t.index().places[globalKey(a)]
	case *ssa.FieldAddr:
		if f := fieldOf(a.X.Type(), a.Field); f != nil {
			return t.index().places["."+f.Name()]
		}
	case *ssa.IndexAddr:
		return t.value(a.X)
	case *ssa.Alloc:
		var out effect.Guard
		for _, r := range *a.Referrers() {
			if st, ok := r.(*ssa.Store); ok && st.Addr == ssa.Value(a) {
				out |= t.value(st.Val)
			}
		}
		return out
	case *ssa.Call:
		return t.call(a)
	case *ssa.UnOp:
		return t.place(a.X)
	}
	return 0
}

// processIndex is what a package says of its own children.
type processIndex struct {
	env    map[string]bool         // environment variables that it sets
	places map[string]effect.Guard // variables, and fields with a dot before, that tests are stored in
}

// index gives the package's own children, found once.
func (e *engine) index() *processIndex {
	if e.procs != nil {
		return e.procs
	}
	e.procs = &processIndex{env: map[string]bool{}, places: map[string]effect.Guard{}}
	for _, fn := range e.pkg.Funcs {
		for _, blk := range fn.Blocks {
			for _, i := range blk.Instrs {
				e.indexEnv(i)
			}
		}
	}
	for _, fn := range e.pkg.Funcs {
		e.indexPlaces(fn)
	}
	e.indexPlaces(e.pkg.SSA.Func("init"))
	return e.procs
}

// indexEnv notes the names in strings of the form NAME=value, and in calls of Setenv.
func (e *engine) indexEnv(i ssa.Instruction) {
	if c, ok := i.(*ssa.Call); ok && c.Call.StaticCallee() != nil && e.key(c.Call.StaticCallee()) == "os.Setenv" {
		e.noteEnv(c.Call.Args[0])
	}
	var ops [8]*ssa.Value
	for _, o := range i.Operands(ops[:0]) {
		if c, ok := (*o).(*ssa.Const); ok && c.Value != nil && c.Value.Kind() == constant.String {
			if name, _, found := strings.Cut(constant.StringVal(c.Value), "="); found && name != "" && !strings.ContainsAny(name, " \t%:;/?&") {
				e.procs.env[name] = true
			}
		}
	}
}

func (e *engine) noteEnv(v ssa.Value) {
	if c, ok := v.(*ssa.Const); ok && c.Value != nil && c.Value.Kind() == constant.String {
		e.procs.env[constant.StringVal(c.Value)] = true
	}
}

// indexPlaces notes the variables and fields that a function stores a test in.
func (e *engine) indexPlaces(fn *ssa.Function) {
	if fn == nil {
		return
	}
	for _, blk := range fn.Blocks {
		for _, i := range blk.Instrs {
			st, ok := i.(*ssa.Store)
			if !ok {
				continue
			}
			switch a := st.Addr.(type) {
			case *ssa.Global:
				e.notePlace(globalKey(a), st.Val)
			case *ssa.FieldAddr:
				if f := fieldOf(a.X.Type(), a.Field); f != nil {
					e.notePlace("."+f.Name(), st.Val)
				}
			}
		}
	}
}

func (e *engine) notePlace(name string, v ssa.Value) {
	if g := e.childTest(v); g != 0 {
		e.procs.places[name] |= g
	}
}

// tellsChild says whether a result of the function tells what process this is.
func (b *builder) tellsChild() (out effect.Guard) {
	res := b.fn.Signature.Results()
	if res.Len() != 1 {
		return 0
	}
	if _, ok := res.At(0).Type().Underlying().(*types.Basic); !ok {
		return 0
	}
	for _, blk := range b.fn.Blocks {
		if r, ok := blk.Instrs[len(blk.Instrs)-1].(*ssa.Return); ok {
			out |= b.eng.childTest(r.Results[0]) | b.guard(r)
		}
	}
	return out
}
