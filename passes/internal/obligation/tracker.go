package obligation

import (
	"go/token"
	"go/types"
	"slices"
	"strconv"

	"golang.org/x/tools/go/ssa"
)

// place is a local variable, or a field of one, that can hold the value.
type place struct {
	root  ssa.Value // *ssa.Alloc or captured variable
	field int       // -1: the variable itself
}

// tracker knows the places and conditions of one function that matter for one source.
type tracker struct {
	fn       *ssa.Function
	src      Source
	oracle   Oracle
	phis     map[*ssa.Phi]uint64
	places   map[place]uint64
	order    []any // phi or place of each bit
	overflow bool
	conds    map[string]uint32 // correlated branch conditions
}

func newTracker(fn *ssa.Function, src Source, o Oracle) *tracker {
	t := &tracker{
		fn: fn, src: src, oracle: o,
		phis: map[*ssa.Phi]uint64{}, places: map[place]uint64{}, conds: map[string]uint32{},
	}
	t.findHolders()
	t.findConditions()
	return t
}

// findHolders gives a bit to each phi and local place that the value, or its
// error, can flow into.
func (t *tracker) findHolders() {
	var start []ssa.Value
	if t.src.Given != nil {
		start = append(start, t.src.Given)
	} else {
		start = append(start, t.src.Call)
	}
	seen := map[ssa.Value]bool{}
	for len(start) > 0 {
		v := start[len(start)-1]
		start = start[:len(start)-1]
		if seen[v] || v.Referrers() == nil {
			continue
		}
		seen[v] = true
		for _, r := range *v.Referrers() {
			start = append(start, t.flowsTo(v, r)...)
		}
	}
}

// flowsTo lists the values that v flows into through instruction r.
func (t *tracker) flowsTo(v ssa.Value, r ssa.Instruction) []ssa.Value {
	switch r := r.(type) {
	case *ssa.Phi:
		t.phis[r] = t.newBit(r, t.phis[r])
		return []ssa.Value{r}
	case *ssa.Extract, *ssa.ChangeType, *ssa.ChangeInterface, *ssa.MakeInterface, *ssa.TypeAssert, *ssa.Convert,
		*ssa.FieldAddr, *ssa.Field, *ssa.Call:
		return []ssa.Value{r.(ssa.Value)}
	case *ssa.UnOp:
		if r.Op == token.MUL {
			return []ssa.Value{r}
		}
	case *ssa.Store:
		if r.Val != v {
			return nil
		}
		if p, ok := localPlace(r.Addr); ok {
			t.bit(p)
			return []ssa.Value{p.root}
		}
	}
	return nil
}

func (t *tracker) bit(p place) uint64 {
	t.places[p] = t.newBit(p, t.places[p])
	return t.places[p]
}

func (t *tracker) newBit(of any, have uint64) uint64 {
	if have != 0 {
		return have
	}
	if len(t.order) >= 64 {
		t.overflow = true
		return 0
	}
	t.order = append(t.order, of)
	return 1 << (len(t.order) - 1)
}

// localPlace names an address inside a variable of this function.
func localPlace(addr ssa.Value) (place, bool) {
	switch a := addr.(type) {
	case *ssa.Alloc:
		return place{a, -1}, true
	case *ssa.FreeVar:
		return place{a, -1}, true
	case *ssa.FieldAddr:
		if root, ok := a.X.(*ssa.Alloc); ok {
			return place{root, a.Field}, true
		}
	case *ssa.IndexAddr:
		if root, ok := a.X.(*ssa.Alloc); ok {
			return place{root, -2}, true
		}
	}
	return place{}, false
}

// alias reports whether v is the tracked value in state s.
func (t *tracker) alias(v ssa.Value, s state) bool {
	if s.status == absent {
		return false
	}
	switch v := v.(type) {
	case *ssa.Call:
		return t.aliasCall(v, s)
	case *ssa.Parameter:
		return v == t.src.Given
	case *ssa.FreeVar:
		return v == t.src.Given && !t.src.Cell
	case *ssa.Extract:
		return t.aliasExtract(v, s)
	case *ssa.ChangeType:
		return t.alias(v.X, s)
	case *ssa.ChangeInterface:
		return t.alias(v.X, s)
	case *ssa.MakeInterface:
		return t.alias(v.X, s)
	case *ssa.Convert:
		return t.alias(v.X, s)
	case *ssa.TypeAssert:
		return t.alias(v.X, s)
	case *ssa.Phi:
		return s.holders&t.phis[v] != 0
	case *ssa.UnOp:
		return v.Op == token.MUL && t.aliasLoad(v.X, s)
	case *ssa.FieldAddr:
		return t.oracle.Inner(v.X, v.Field) && t.alias(v.X, s)
	case *ssa.Field:
		return t.oracle.Inner(v.X, v.Field) && t.alias(v.X, s)
	}
	return false
}

func (t *tracker) aliasCall(c *ssa.Call, s state) bool {
	if c == t.src.Call {
		return c.Common().Signature().Results().Len() == 1
	}
	if !t.oracle.Chains(c) {
		return false
	}
	ops := operands(c.Common())
	return len(ops) > 0 && t.alias(ops[0], s)
}

func (t *tracker) aliasExtract(v *ssa.Extract, s state) bool {
	switch tuple := v.Tuple.(type) {
	case *ssa.Call:
		return tuple == t.src.Call && v.Index == t.src.Result
	case *ssa.TypeAssert:
		return v.Index == 0 && t.alias(tuple.X, s)
	}
	return false
}

func (t *tracker) aliasLoad(addr ssa.Value, s state) bool {
	if fa, ok := addr.(*ssa.FieldAddr); ok && t.oracle.Inner(fa.X, fa.Field) && t.alias(fa.X, s) {
		return true
	}
	p, ok := localPlace(addr)
	return ok && s.holders&t.places[p] != 0
}

// holds reports whether v is the address of a variable that holds the value.
func (t *tracker) holds(v ssa.Value, s state) bool {
	p, ok := localPlace(v)
	return ok && s.holders&t.places[p] != 0
}

// contains reports whether v is the value or a structure that holds it.
func (t *tracker) contains(v ssa.Value, s state, depth int) bool {
	if v == nil || depth == 0 {
		return false
	}
	if t.alias(v, s) {
		return true
	}
	switch v := v.(type) {
	case *ssa.Alloc:
		return t.anyPlace(v, s)
	case *ssa.MakeClosure:
		return slices.ContainsFunc(v.Bindings, func(b ssa.Value) bool { return t.holds(b, s) || t.contains(b, s, depth-1) })
	case *ssa.MakeInterface:
		return t.contains(v.X, s, depth-1)
	case *ssa.ChangeInterface:
		return t.contains(v.X, s, depth-1)
	case *ssa.ChangeType:
		return t.contains(v.X, s, depth-1)
	case *ssa.Slice:
		return t.contains(v.X, s, depth-1)
	case *ssa.UnOp:
		return v.Op == token.MUL && t.containsLoaded(v.X, s)
	case *ssa.Phi:
		return slices.ContainsFunc(v.Edges, func(e ssa.Value) bool { return t.contains(e, s, depth-1) })
	case *ssa.Call:
		return t.wraps(v, s, depth)
	case *ssa.Extract:
		if c, ok := v.Tuple.(*ssa.Call); ok && c != t.src.Call {
			return t.wraps(c, s, depth)
		}
	}
	return false
}

func (t *tracker) containsLoaded(addr ssa.Value, s state) bool {
	a, ok := addr.(*ssa.Alloc)
	return ok && t.anyPlace(a, s)
}

func (t *tracker) anyPlace(root ssa.Value, s state) bool {
	for p, bit := range t.places {
		if p.root == root && s.holders&bit != 0 {
			return true
		}
	}
	return false
}

// wraps reports whether the result of a call that only borrowed the value can
// hold it: a constructor around it, or append.
func (t *tracker) wraps(c *ssa.Call, s state, depth int) bool {
	if bi, ok := c.Call.Value.(*ssa.Builtin); ok && bi.Name() != "append" || t.oracle.Derives(c) {
		return false
	}
	for _, v := range operands(c.Common()) {
		if t.contains(v, s, depth-1) && holdable(c.Type()) {
			return true
		}
	}
	return false
}

// holdable reports whether a value of the type can hold a connection.
func holdable(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return false
	case *types.Tuple:
		for i := range u.Len() {
			if holdable(u.At(i).Type()) {
				return true
			}
		}
		return false
	case *types.Interface:
		return !types.Identical(t, types.Universe.Lookup("error").Type())
	}
	return true
}

// isError reports whether v is the error of the acquisition in state s.
func (t *tracker) isError(v ssa.Value, s state) bool {
	switch v := v.(type) {
	case *ssa.Extract:
		return t.src.Call != nil && v.Tuple == t.src.Call && v.Index == t.src.Error
	case *ssa.Phi:
		return s.errs&t.phis[v] != 0
	case *ssa.UnOp:
		if v.Op != token.MUL {
			return false
		}
		if fa, ok := v.X.(*ssa.FieldAddr); ok && errorType(v.Type()) && t.alias(fa.X, s) {
			return true
		}
		p, ok := localPlace(v.X)
		return ok && s.errs&t.places[p] != 0
	case *ssa.Call: // tx.Error()-style or errors.Join(err)
		return false
	}
	return false
}

func errorType(t types.Type) bool {
	return types.Identical(t, types.Universe.Lookup("error").Type())
}

// store moves the value out of the function's hands, or into a local place.
func (t *tracker) store(i *ssa.Store, s state) state {
	p, local := localPlace(i.Addr)
	_, free := i.Addr.(*ssa.FreeVar)
	if t.contains(i.Val, s, 6) && s.status == owed {
		if !local || free && !(t.src.Cell && p.root == t.src.Given) {
			s.status = moved
			return s
		}
		if t.alias(i.Val, s) || p.field != -1 {
			s.holders |= t.places[p]
			return s
		}
		s.status = moved // a structure inside another variable: not followed
		return s
	}
	if local && p.field != -2 {
		s.holders &^= t.places[p]
		s.errs &^= t.places[p]
		if t.isError(i.Val, s) {
			s.errs |= t.places[p]
		}
	}
	return s
}

// enter moves the state over an edge: the phis of the target take the values
// of the edge.
func (t *tracker) enter(from, to *ssa.BasicBlock, s state) state {
	n := slices.Index(to.Preds, from)
	next := s
	for _, i := range to.Instrs {
		phi, ok := i.(*ssa.Phi)
		if !ok {
			break
		}
		bit := t.phis[phi]
		if bit == 0 {
			continue
		}
		next.holders &^= bit
		next.errs &^= bit
		if t.alias(phi.Edges[n], s) {
			next.holders |= bit
		}
		if t.isError(phi.Edges[n], s) {
			next.errs |= bit
		}
	}
	return next
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
	if x, isNil, ok := comparison(cond, holds); ok {
		switch {
		case t.alias(x, s) && isNil:
			return s, false
		case t.isError(x, s) && !isNil:
			return s, false
		}
		return s, true
	}
	return t.assumeCall(cond, holds, s)
}

// assumeCall reads conditions that are calls or comparisons with a known
// error: rows.Next(), errors.Is(err, …), err == sql.ErrNoRows.
func (t *tracker) assumeCall(cond ssa.Value, holds bool, s state) (state, bool) {
	switch c := cond.(type) {
	case *ssa.Call:
		if !holds && t.oracle.Drains(c) {
			if ops := operands(c.Common()); len(ops) > 0 && t.alias(ops[0], s) {
				s.status = released
			}
		}
		if holds && errorTest(c) && t.isError(c.Call.Args[0], s) {
			return s, false
		}
	case *ssa.BinOp:
		if (c.Op == token.EQL) == holds && (c.Op == token.EQL || c.Op == token.NEQ) && (t.isError(c.X, s) || t.isError(c.Y, s)) {
			return s, false
		}
	}
	return s, true
}

func errorTest(c *ssa.Call) bool {
	fn, ok := c.Call.Value.(*ssa.Function)
	return ok && fn.Pkg != nil && fn.Pkg.Pkg.Path() == "errors" && (fn.Name() == "Is" || fn.Name() == "As")
}

// maxConditions bounds the branch conditions that are remembered.
const maxConditions = 6

// findConditions gives a bit to each branch condition that is tested in more
// than one place, at least once where the value may be owed.
func (t *tracker) findConditions() {
	count, useful := map[string]int{}, map[string]bool{}
	reached := t.reached()
	for _, b := range t.fn.Blocks {
		if key := condition(b); key != "" {
			count[key]++
			useful[key] = useful[key] || reached[b]
		}
	}
	for _, b := range t.fn.Blocks {
		key := condition(b)
		if key == "" || count[key] < 2 || !useful[key] || t.conds[key] != 0 || len(t.conds) >= maxConditions {
			continue
		}
		t.conds[key] = uint32(1) << len(t.conds)
	}
}

// reached finds the blocks that can run after the value is acquired.
func (t *tracker) reached() map[*ssa.BasicBlock]bool {
	out := map[*ssa.BasicBlock]bool{}
	from := t.fn.Blocks[0]
	if t.src.Call != nil {
		from = t.src.Call.Block()
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

// condition names the condition a block branches on; "" if it does not branch.
func condition(b *ssa.BasicBlock) string {
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
			return expression(cond, 6)
		}
		cond = not.X
	}
}

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
	bit := t.conds[expression(cond, 6)]
	if bit == 0 {
		return s, true
	}
	if holds && s.denied&bit != 0 || !holds && s.known&bit != 0 {
		return s, false
	}
	if holds {
		s.known |= bit
	} else {
		s.denied |= bit
	}
	return s, true
}

// stillHeld reports whether a variable that is used later holds the value of
// the earlier turn when it is acquired again.
func (t *tracker) stillHeld(s state) bool {
	for n, of := range t.order {
		if s.holders&(1<<n) == 0 {
			continue
		}
		switch of := of.(type) {
		case *ssa.Phi:
			if liveAfter(of, t.src.Call) {
				return true
			}
		case place:
			if !t.overwrites(of) {
				return true
			}
		}
	}
	return false
}

// overwrites reports whether the acquired value is stored into the place.
func (t *tracker) overwrites(p place) bool {
	for _, b := range t.fn.Blocks {
		for _, i := range b.Instrs {
			st, ok := i.(*ssa.Store)
			if !ok {
				continue
			}
			if q, ok := localPlace(st.Addr); ok && q == p && t.alias(st.Val, state{status: owed}) {
				return true
			}
		}
	}
	return false
}

// liveAfter reports whether the phi's value can be used after the call before
// the phi gets its next value.
func liveAfter(phi *ssa.Phi, after ssa.Instruction) bool {
	seen := map[*ssa.BasicBlock]bool{}
	work := []*ssa.BasicBlock{after.Block()}
	start := true
	for len(work) > 0 {
		b := work[len(work)-1]
		work = work[:len(work)-1]
		if usedIn(phi, b, after, start) {
			return true
		}
		start = false
		for _, succ := range b.Succs {
			if phiUse(phi, b, succ) {
				return true
			}
			if !seen[succ] && succ != phi.Block() {
				seen[succ] = true
				work = append(work, succ)
			}
		}
	}
	return false
}

func usedIn(v ssa.Value, b *ssa.BasicBlock, after ssa.Instruction, fromAfter bool) bool {
	begin := 0
	if fromAfter {
		begin = slices.Index(b.Instrs, after) + 1
	}
	for _, i := range b.Instrs[begin:] {
		if _, ok := i.(*ssa.Phi); ok {
			continue
		}
		var ops [8]*ssa.Value
		for _, o := range i.Operands(ops[:0]) {
			if *o == v {
				return true
			}
		}
	}
	return false
}

func phiUse(v ssa.Value, from, to *ssa.BasicBlock) bool {
	n := slices.Index(to.Preds, from)
	for _, i := range to.Instrs {
		phi, ok := i.(*ssa.Phi)
		if !ok {
			return false
		}
		if phi.Edges[n] == v && phi != v {
			return true
		}
	}
	return false
}
