package obligation

import (
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strconv"

	"golang.org/x/tools/go/ssa"
)

func isNil(v ssa.Value) bool {
	c, ok := v.(*ssa.Const)
	return ok && c.IsNil()
}

// comparison gives the operand compared with nil and whether it is nil when
// the condition has the given truth.
func comparison(cond ssa.Value, holds bool) (x ssa.Value, nilHere, ok bool) {
	bin, isBin := cond.(*ssa.BinOp)
	if !isBin || (bin.Op != token.EQL && bin.Op != token.NEQ) {
		return nil, false, false
	}
	switch {
	case isNil(bin.Y):
		x = bin.X
	case isNil(bin.X):
		x = bin.Y
	default:
		return nil, false, false
	}
	return x, holds == (bin.Op == token.EQL), true
}

// refine drops states that cannot take the edge: the value is nil, or its
// error is not, or the condition is known to go the other way.
func (t *tracker) refine(from, to *ssa.BasicBlock, s state) (state, bool) {
	iff, ok := from.Instrs[len(from.Instrs)-1].(*ssa.If)
	if !ok || from.Succs[0] == from.Succs[1] {
		return s, true
	}
	return t.assume(iff.Cond, to == from.Succs[0], s)
}

// assume adds what a branch condition says.
func (t *tracker) assume(cond ssa.Value, holds bool, s state) (state, bool) {
	if not, ok := cond.(*ssa.UnOp); ok && not.Op == token.NOT {
		return t.assume(not.X, !holds, s)
	}
	s, ok := t.correlate(cond, holds, s)
	if !ok {
		return s, false
	}
	if s.status != owed && s.status != half {
		return s, true
	}
	if x, ok := cond.(*ssa.Extract); ok && !holds && t.src.Call != nil && x.Tuple == t.src.Call {
		return s, false // a value given beside a flag that says there is none
	}
	if x, isNil, ok := comparison(cond, holds); ok {
		switch {
		case t.alias(x, s):
			s.seen = s.seen || s.kept
			return s, !isNil
		case t.isError(x, s):
			return s, isNil
		case !isNil && (t.drains(x, s) || t.failed(x, s)):
			return s.settle(released), true
		case !isNil && t.madeOfError(x, s):
			return s, false
		}
		return s, true
	}
	return t.assumeCall(cond, holds, s)
}

// drains reports whether x is what a draining call on the value gave.
func (t *tracker) drains(x ssa.Value, s state) bool {
	if e, ok := x.(*ssa.Extract); ok {
		x = e.Tuple
	}
	c, ok := x.(*ssa.Call)
	if !ok || !t.oracle.Drains(c) {
		return false
	}
	ops := Operands(c.Common())
	return len(ops) > 0 && t.alias(ops[0], s)
}

// failed reports whether x is the error that the value ended with, by its own answer.
func (t *tracker) failed(x ssa.Value, s state) bool {
	c, ok := x.(*ssa.Call)
	return ok && errorType(c.Type()) && t.ended(c, s)
}

// finished reports whether a condition is whether something was received from
// a channel that came with the value, from the same acquisition: who made them
// closes the channel when the value ends.
func (t *tracker) finished(c *ssa.Extract) bool {
	recv, ok := c.Tuple.(*ssa.UnOp)
	if !ok || recv.Op != token.ARROW || c.Index != 1 {
		return false
	}
	from, ok := recv.X.(*ssa.Extract)
	return ok && t.src.Call != nil && from.Tuple == t.src.Call
}

// ended reports whether a call asks the value whether it is closed already.
func (t *tracker) ended(c *ssa.Call, s state) bool {
	ops := Operands(c.Common())
	return len(ops) > 0 && t.oracle.Asks(c) && t.alias(ops[0], s)
}

// assumeCall reads conditions that are calls or comparisons with a known
// error: rows.Next(), errors.Is(err, …), err == sql.ErrNoRows; and the case
// that a select took.
func (t *tracker) assumeCall(cond ssa.Value, holds bool, s state) (state, bool) {
	switch c := cond.(type) {
	case *ssa.Call:
		if !holds && t.drains(c, s) || holds && t.ended(c, s) {
			return s.settle(released), true
		}
		if holds && t.errorTest(c, s) {
			return s, false
		}
	case *ssa.Extract:
		if a, ok := c.Tuple.(*ssa.TypeAssert); ok && holds && c.Index == 1 && t.isError(a.X, s) {
			return s, false // it has a concrete type, so it is not nil
		}
		if !holds && t.finished(c) {
			return s.settle(released), true
		}
		if a, ok := c.Tuple.(*ssa.TypeAssert); ok && !holds && c.Index == 1 && t.oracle.Always(a) {
			return s, false
		}
	case *ssa.BinOp:
		if c.Op != token.EQL && c.Op != token.NEQ {
			return s, true
		}
		if (c.Op == token.EQL) == holds {
			if t.isError(c.X, s) || t.isError(c.Y, s) {
				return s, false
			}
			if isInt(c.Y, 0) && t.drains(c.X, s) {
				return s.settle(released), true
			}
			return t.selected(c, s), true
		}
	}
	return s, true
}

// selected moves the value when the select case that sends it was taken.
func (t *tracker) selected(c *ssa.BinOp, s state) state {
	x, ok := c.X.(*ssa.Extract)
	if !ok || x.Index != 0 {
		return s
	}
	sel, ok := x.Tuple.(*ssa.Select)
	if !ok {
		return s
	}
	k, ok := c.Y.(*ssa.Const)
	if !ok || k.Value == nil || k.Value.Kind() != constant.Int {
		return s
	}
	if n := int(k.Int64()); n >= 0 && n < len(sel.States) && sel.States[n].Send != nil {
		return t.give(s, sel.States[n].Send)
	}
	return s
}

// errorTest reports whether a call asks something about the error, such as
// errors.Is, os.IsNotExist or a function of the user's own: a yes says that
// there is an error.
func (t *tracker) errorTest(c *ssa.Call, s state) bool {
	return slices.ContainsFunc(c.Call.Args, func(v ssa.Value) bool { return t.isError(v, s) })
}

// madeOfError reports whether v is what a call makes of the error: wrapped,
// mapped to a type of its own, or nil when there is none.
func (t *tracker) madeOfError(v ssa.Value, s state) bool {
	if x, ok := v.(*ssa.Extract); ok {
		v = x.Tuple
	}
	c, ok := v.(*ssa.Call)
	return ok && c != t.src.Call && t.errorTest(c, s)
}

// Bounds on the conditions that are remembered: those that two branches share,
// and all, with those that decide a release.
const (
	maxShared     = 6
	maxConditions = 20
)

// condition gives a bit to a condition; 0 when there are too many.
func (t *tracker) condition(key string) uint64 {
	if bit := t.conds[key]; bit != 0 || key == "" || len(t.conds) >= maxConditions {
		return bit
	}
	t.conds[key] = 1 << len(t.conds)
	return t.conds[key]
}

// findConditions gives a bit to each branch condition that is tested in more
// than one place, at least once where the value may be owed, and to those that
// may decide a release: captured variables in closures, variables that
// deferred closures capture.
func (t *tracker) findConditions() {
	count, useful := map[string]int{}, map[string]bool{}
	reached := t.reached()
	for _, b := range t.fn.Blocks {
		if key := branch(b); key != "" {
			count[key]++
			useful[key] = useful[key] || reached[b]
		}
	}
	for _, b := range t.fn.Blocks {
		if key := branch(b); count[key] > 1 && useful[key] && len(t.conds) < maxShared {
			t.condition(key)
		}
	}
	t.mergedErrors(count, reached)
	if _, ok := t.src.Given.(*ssa.FreeVar); ok {
		for _, f := range t.fn.FreeVars {
			if count[cellKey(f)] > 0 {
				t.condition(cellKey(f))
			}
		}
	}
	for _, d := range t.list {
		if m := closure(d.Call.Value); m != nil {
			for _, b := range m.Bindings {
				if a, ok := b.(*ssa.Alloc); ok && errorType(deref(a)) {
					t.condition(cellKey(a))
				}
			}
		}
	}
}

// mergedErrors gives a bit to the errors that are nil where some of the paths
// that come together did not set them, and that are tested later.
func (t *tracker) mergedErrors(count map[string]int, reached map[*ssa.BasicBlock]bool) {
	for _, b := range t.fn.Blocks {
		if !reached[b] {
			continue
		}
		for _, i := range b.Instrs {
			phi, ok := i.(*ssa.Phi)
			if !ok {
				break
			}
			if key := nilKey(phi, false); errorType(phi.Type()) && count[key] > 0 && slices.ContainsFunc(phi.Edges, isNil) {
				t.condition(key)
			}
		}
	}
}

// reached finds the blocks that can run after the value is acquired.
func (t *tracker) reached() map[*ssa.BasicBlock]bool {
	out := map[*ssa.BasicBlock]bool{}
	from := t.fn.Blocks[0]
	if made := t.src.made(); made != nil {
		from = made.Block()
	}
	work := []*ssa.BasicBlock{from}
	for len(work) > 0 {
		b := work[len(work)-1]
		work = work[:len(work)-1]
		if !out[b] {
			out[b] = true
			work = append(work, b.Succs...)
		}
	}
	return out
}

// branch names the condition a block branches on; "" if it does not branch.
func branch(b *ssa.BasicBlock) string {
	if len(b.Instrs) == 0 {
		return ""
	}
	iff, ok := b.Instrs[len(b.Instrs)-1].(*ssa.If)
	if !ok {
		return ""
	}
	cond := iff.Cond
	for {
		not, ok := cond.(*ssa.UnOp)
		if !ok || not.Op != token.NOT {
			key, _ := named(cond)
			return key
		}
		cond = not.X
	}
}

// named names a condition; flip says that the name means its opposite.
func named(cond ssa.Value) (key string, flip bool) {
	if x, isNil, ok := comparison(cond, true); ok {
		return nilKey(x, false), !isNil
	}
	if b, ok := cond.(*ssa.BinOp); ok {
		return compared(b)
	}
	return expression(cond, 6), false
}

// compared names a comparison so that its negation, its mirror image and the
// ways to ask whether a length is zero have one name.
func compared(b *ssa.BinOp) (key string, flip bool) {
	op, x, y := b.Op, b.X, b.Y
	switch op {
	case token.EQL, token.NEQ:
		if _, ok := x.(*ssa.Const); ok {
			x, y = y, x
		}
		op, flip = token.EQL, op == token.NEQ
	case token.GTR, token.LEQ:
		op, x, y, flip = token.LSS, y, x, op == token.LEQ
	case token.GEQ:
		op, flip = token.LSS, true
	case token.LSS:
	default:
		return expression(b, 6), false
	}
	if op == token.LSS && floating(x.Type()) {
		return expression(b, 6), false // NaN: not less is not greater or equal
	}
	switch {
	case op == token.LSS && isInt(x, 0) && isLen(y):
		op, x, y, flip = token.EQL, y, x, !flip
	case op == token.LSS && isLen(x) && isInt(y, 1):
		return lengthKey(x), flip
	}
	if op == token.EQL && isLen(x) && isInt(y, 0) {
		return lengthKey(x), flip
	}
	l, r := expression(x, 5), expression(y, 5)
	if l == "" || r == "" {
		return "", false
	}
	return "(" + l + op.String() + r + ")", flip
}

// lengthKey names the condition that a length is zero.
func lengthKey(length ssa.Value) string {
	if e := expression(length, 5); e != "" {
		return "empty:" + e
	}
	return ""
}

func isInt(v ssa.Value, n int64) bool {
	c, ok := v.(*ssa.Const)
	return ok && c.Value != nil && c.Value.Kind() == constant.Int && c.Int64() == n
}

func isLen(v ssa.Value) bool {
	c, ok := v.(*ssa.Call)
	if !ok {
		return false
	}
	b, ok := c.Call.Value.(*ssa.Builtin)
	return ok && b.Name() == "len"
}

func floating(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&(types.IsFloat|types.IsComplex) != 0
}

// nilKey names the condition that v is nil; with load, that what is stored at
// address v is.
func nilKey(v ssa.Value, load bool) string {
	e := expression(v, 6)
	switch {
	case e == "":
		return ""
	case load:
		return "nil:*" + e
	}
	return "nil:" + e
}

// cellKey names the condition that the variable at address v is nil.
func cellKey(v ssa.Value) string { return nilKey(v, true) }

// expression is a structural name of a pure expression; "" if it has none.
func expression(v ssa.Value, depth int) string {
	if depth == 0 {
		return ""
	}
	switch v := v.(type) {
	case *ssa.Const:
		return v.String()
	case *ssa.Parameter, *ssa.FreeVar, *ssa.Global, *ssa.Alloc, *ssa.Phi, *ssa.Extract:
		return v.Name()
	case *ssa.UnOp:
		if x := expression(v.X, depth-1); x != "" {
			return v.Op.String() + x
		}
	case *ssa.FieldAddr:
		if x := expression(v.X, depth-1); x != "" {
			return x + ".&" + strconv.Itoa(v.Field)
		}
	case *ssa.Field:
		if x := expression(v.X, depth-1); x != "" {
			return x + "." + strconv.Itoa(v.Field)
		}
	case *ssa.BinOp:
		x, y := expression(v.X, depth-1), expression(v.Y, depth-1)
		if x != "" && y != "" {
			return "(" + x + v.Op.String() + y + ")"
		}
	case *ssa.Call:
		if bi, ok := v.Call.Value.(*ssa.Builtin); ok && bi.Name() == "len" {
			if x := expression(v.Call.Args[0], depth-1); x != "" {
				return "len(" + x + ")"
			}
		}
		return v.Name()
	}
	return ""
}

// correlate drops a state on an edge that contradicts an earlier test of the
// same condition, and remembers the test.
func (t *tracker) correlate(cond ssa.Value, holds bool, s state) (state, bool) {
	key, flip := named(cond)
	bit := t.conds[key]
	if bit == 0 {
		return s, true
	}
	if flip {
		holds = !holds
	}
	if holds && s.denied&bit != 0 || !holds && s.known&bit != 0 {
		return s, false
	}
	return s.set(bit, holds), true
}

// set notes the truth of a condition.
func (s state) set(bit uint64, holds bool) state {
	s.known &^= bit
	s.denied &^= bit
	if holds {
		s.known |= bit
	} else {
		s.denied |= bit
	}
	return s
}

// setNil notes whether the value that the condition speaks of is nil from now on.
func (t *tracker) setNil(s state, bit uint64, v ssa.Value) state {
	return t.setNilFrom(s, bit, v, s)
}

// setNilFrom does so with what was known in state from.
func (t *tracker) setNilFrom(s state, bit uint64, v ssa.Value, from state) state {
	s.known &^= bit
	s.denied &^= bit
	if isNil, known := t.valueNil(v, from); known {
		return s.set(bit, isNil)
	}
	return s
}

// valueNil tells whether a value is nil in a state, as far as that is known.
func (t *tracker) valueNil(v ssa.Value, s state) (nilHere, known bool) {
	switch x := v.(type) {
	case *ssa.Const:
		return x.IsNil(), true
	case *ssa.MakeInterface, *ssa.Alloc, *ssa.MakeClosure:
		return false, true
	}
	if s.status == owed && t.isError(v, s) {
		return true, true
	}
	bit := t.conds[nilKey(v, false)]
	return s.known&bit != 0, (s.known|s.denied)&bit != 0
}

// cellNil tells whether a variable is nil in a state, as far as that is known.
func (t *tracker) cellNil(addr ssa.Value, s state) (nilHere, known bool) {
	if p, ok := localPlace(addr); ok && s.status == owed && s.errs&t.places[p] != 0 {
		return true, true
	}
	bit := t.conds[cellKey(addr)]
	return s.known&bit != 0, (s.known|s.denied)&bit != 0
}

// returnedNil tells whether an error is nil at a return, as far as branches
// around it, or its making, say.
func (t *tracker) returnedNil(v ssa.Value, b *ssa.BasicBlock, s state) (nilHere, known bool) {
	if isNil, known := t.valueNil(v, s); known {
		return isNil, true
	}
	switch x := v.(type) {
	case *ssa.UnOp:
		if _, ok := x.X.(*ssa.Global); ok && x.Op == token.MUL {
			return false, true // an error of the package, made once
		}
	case *ssa.Call:
		if fn, ok := x.Call.Value.(*ssa.Function); ok && makesError(fn) {
			return false, true
		}
	}
	for ; b.Idom() != nil; b = b.Idom() {
		if x, isNil, ok := Tested(b.Idom(), b); ok && x == v {
			return isNil, true
		}
	}
	return false, false
}

// Tested gives the value that a block compares with nil to get to another
// block that only it leads to, and whether the value is nil there.
func Tested(from, to *ssa.BasicBlock) (x ssa.Value, isNil, ok bool) {
	iff, ok := from.Instrs[len(from.Instrs)-1].(*ssa.If)
	if !ok || len(to.Preds) != 1 || to.Preds[0] != from || from.Succs[0] == from.Succs[1] {
		return nil, false, false
	}
	return comparison(iff.Cond, to == from.Succs[0])
}

func makesError(fn *ssa.Function) bool {
	if fn.Pkg == nil {
		return false
	}
	switch fn.Pkg.Pkg.Path() + "." + fn.Name() {
	case "errors.New", "fmt.Errorf":
		return true
	}
	return false
}

// deref is the type of the variable at an address.
func deref(a *ssa.Alloc) types.Type { return a.Type().Underlying().(*types.Pointer).Elem() }
