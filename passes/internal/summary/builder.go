package summary

import (
	"cmp"
	"go/token"
	"go/types"
	"slices"
	"strconv"

	"golang.org/x/tools/go/ssa"

	"github.com/connvet/connvet/passes/internal/access"
	"github.com/connvet/connvet/passes/internal/catalog"
	"github.com/connvet/connvet/passes/internal/effect"
	"github.com/connvet/connvet/passes/internal/entrypoint"
	"github.com/connvet/connvet/passes/internal/flow"
	"github.com/connvet/connvet/passes/internal/lockset"
	"github.com/connvet/connvet/passes/internal/threads"
)

// Budgets of one function; what is beyond them is forgotten, which can only silence.
const (
	maxAlternatives = 8
	maxUses         = 256
	maxCalls        = 96
	maxStores       = 256
	maxThreads      = 48
	maxObjects      = 192
	maxDepth        = 8
	maxVia          = 6
)

// object is an effect.Object with where it is made in this function.
type object struct {
	effect.Object
	at   ssa.Instruction // the instruction that makes it here
	pos  token.Pos
	role catalog.Role // what using it does to the conversation it lives on
	sig  *types.Signature
	site int // the instantiation that brought it, 0 if it is made by this function's code
}

// use is an effect.Use with when and where it happens in this function.
type use struct {
	effect.Use
	at       ssa.Instruction
	deferred bool
	site     int  // the instantiation that brought it, 0 if this function's code makes it
	own      bool // a method called on the value itself
	after    bool // follows the threads that the same instruction starts
}

// call is a pending call with when it happens.
type call struct {
	effect.Call
	at       ssa.Instruction
	deferred bool
	depth    int
	name     string // the connection as the user writes it, if known
	each     bool   // made again and again by one call of a library
	via      []effect.Hop
	resolved map[string]bool
}

// thread is an effect.Thread with the instruction that starts it.
type thread struct {
	effect.Thread
	at      ssa.Instruction
	site    int  // the instantiation that brought it, 0 if this function's code starts it
	turns   bool // started in each turn of a callee's loop
	beside  bool // the side of an undecided overlap that is a goroutine
	pair    int  // of the undecided overlap that it stands for one side of, 0 for none
	streams streams
	over    bool // has ended when a server starts
}

// streams are the channels that code uses again and again.
type streams struct {
	early []access.Value // that it sends on, and goes on
	takes []access.Value // that it receives from, using connections all the while
}

// join is a wait for the threads of a handle.
type join struct {
	cond     bool // for a condition, which may hold without a wait
	handle   []access.Value
	at       ssa.Instruction
	deferred bool
	thread   int
}

// signal tells the waiters of a handle that the function is done.
type signal struct {
	handle   []access.Value
	at       ssa.Instruction
	deferred bool
	token    bool // an empty value: told once, or by closing
}

// context is in whose name and when effects happen.
type context struct {
	thread   int
	at       ssa.Instruction
	pos      token.Pos // of the call, in the function that makes it
	here     token.Pos // of the call, or of what leads to it, in the outermost function
	locks    []effect.Lock
	via      []effect.Hop
	deferred bool
	repeat   bool
	once     bool // at most once in the life of the process
	each     bool // again and again by one call of a library
	depth    int
	name     string
	where    effect.Place // of the call, if code of another package makes it
}

// place is where the call is written.
func (c context) place(e *engine) effect.Place { return cmp.Or(c.where, e.place(c.pos)) }

// builder analyses one function.
type builder struct {
	eng   *engine
	fn    *ssa.Function
	loops *flow.Loops
	locks *lockset.Result
	sum   *effect.Func

	vals         map[ssa.Value][]access.Value
	pending      map[ssa.Value]bool
	applied      map[ssa.CallInstruction][][]access.Value
	objOf        map[ssa.Value]int
	outOf        map[int][]access.Value // objects that were taken out of a place under a lock
	objects      []object
	heap         map[access.Path][]access.Value
	lasting      map[access.Path][]access.Value  // what a container has of a container that others have too
	resolved     map[access.Value][]access.Value // as long as nothing is stored
	followed     int                             // places looked into for the value at hand
	copies       map[access.Path]bool            // places that hold copies of structs
	stores       []effect.Store
	uses         []use
	calls        []*call
	threads      []thread
	joins        []join
	joinsIf      map[*ssa.Call][]joinIf
	ends         map[*ssa.Call][]endIf
	gives        map[int][]access.Value // tokens that a thread gives back for who started it
	live         map[int][]*ssa.Return  // threads that outlive the function, and the returns they outlive
	signals      []signal
	own          streams // of the functions that it calls
	pairs        []effect.Pair
	acquisitions []Acquisition
	busy         []Busy
	proc         processes
	inherited    []Inherited
	afterwards   []Ended
	makes        []made
	conflicts    []threads.Conflict
	sites        int
	nilTests     map[access.Path]bool
	limited      []access.Value // groups that run one callback at a time
	escaped      map[ssa.Instruction][]access.Value
	builds       []injection // containers and what they are built from
	injections   []injection
	inits        map[string]bool // packages whose initialisation is brought in
	entrySig     bool
	whole        bool // stands for all functions of the package
}

func newBuilder(e *engine, fn *ssa.Function) *builder {
	b := &builder{
		eng:      e,
		fn:       fn,
		sum:      &effect.Func{Key: e.key(fn), NParams: len(fn.Params)},
		vals:     map[ssa.Value][]access.Value{},
		pending:  map[ssa.Value]bool{},
		applied:  map[ssa.CallInstruction][][]access.Value{},
		objOf:    map[ssa.Value]int{},
		outOf:    map[int][]access.Value{},
		heap:     map[access.Path][]access.Value{},
		lasting:  map[access.Path][]access.Value{},
		resolved: map[access.Value][]access.Value{},
		copies:   map[access.Path]bool{},
		escaped:  map[ssa.Instruction][]access.Value{},
		joinsIf:  map[*ssa.Call][]joinIf{},
		ends:     map[*ssa.Call][]endIf{},
		gives:    map[int][]access.Value{},
		inits:    map[string]bool{},
	}
	b.entrySig = e.entrySignature(fn.Signature) != nil || e.ofInvocation(fn, 3)
	return b
}

// run gathers the function's effects, resolves what it can, and exports the rest.
func (b *builder) run() {
	b.loops = flow.FindLoops(b.fn)
	reached := b.reached()
	for _, blk := range b.fn.DomPreorder() {
		if !reached[blk] {
			continue
		}
		for _, i := range blk.Instrs {
			b.visit(i)
		}
	}
	if rec := b.fn.Recover; rec != nil && !slices.Contains(b.fn.DomPreorder(), rec) {
		for _, i := range rec.Instrs {
			b.visit(i)
		}
	}
	b.solveLocks()
	b.carryOut()
	b.resolveCalls()
	b.endSwapped()
	b.useParents()
	b.handOver()
	b.nameLocks()
	b.followGiven()
	b.followOwned()
	b.followPools()
	b.followEndedGiven()
	b.solveThreads()
	b.judge(false)
	b.judgeProcesses()
	b.judgeMakes()
	b.export()
}

// context of an instruction in the function's own thread.
func (b *builder) context(i ssa.Instruction) context {
	return context{at: i, pos: i.Pos(), here: i.Pos(), repeat: b.loops.In(i.Block())}
}

// visit is the flat dispatch over the instructions that have effects.
func (b *builder) visit(i ssa.Instruction) {
	switch i := i.(type) {
	case *ssa.Call:
		b.apply(i)
	case *ssa.Defer:
		b.visitDefer(i)
	case *ssa.Go:
		b.visitGo(i)
	case *ssa.Store:
		b.visitStore(i)
	case *ssa.MapUpdate:
		b.put(b.step(b.eval(i.Map), access.Elem), i.Value)
	case *ssa.Send:
		b.visitSend(i)
	case *ssa.Select:
		b.visitSelect(i)
	case *ssa.ChangeType:
		b.converted(i.Type(), i.X, i)
	case *ssa.MakeInterface:
		b.converted(i.Type(), i.X, i)
	}
}

func (b *builder) visitDefer(i *ssa.Defer) {
	ctx := b.context(i)
	ctx.deferred = true
	b.applyIn(i, ctx)
}

// visitGo starts a thread for a go statement.
func (b *builder) visitGo(i *ssa.Go) {
	ctx := b.context(i)
	level := entrypoint.One
	if ctx.repeat {
		level = entrypoint.Many
	}
	ctx.thread = b.startThread(effect.Thread{
		Kind:  entrypoint.Go,
		Level: level,
		Name:  "goroutine",
		Why:   "a go statement runs it beside its caller",
	}, ctx)
	ctx.locks = nil
	b.applyIn(i, ctx)
}

func (b *builder) visitStore(i *ssa.Store) {
	b.noteCopy(i)
	for _, p := range b.eval(i.Addr) {
		b.put([]access.Value{p}, i.Val)
	}
	b.swapped(i)
	b.hook(i)
}

func (b *builder) visitSend(i *ssa.Send) {
	b.put(b.step(b.eval(i.Chan), access.Elem), i.X)
	b.signalChan(i.Chan, b.context(i))
}

func (b *builder) visitSelect(i *ssa.Select) {
	for _, s := range i.States {
		if s.Dir == types.SendOnly {
			b.put(b.step(b.eval(s.Chan), access.Elem), s.Send)
			b.signalChan(s.Chan, b.context(i))
		}
	}
}

// signalChan notes that a channel is sent on or closed.
func (b *builder) signalChan(ch ssa.Value, ctx context) {
	n := len(b.signals)
	b.signal(b.eval(ch), ctx)
	if c, ok := ch.Type().Underlying().(*types.Chan); ok && len(b.signals) > n {
		st, ok := c.Elem().Underlying().(*types.Struct)
		b.signals[n].token = ok && st.NumFields() == 0
	}
}

// put stores the values of v into the places.
func (b *builder) put(places []access.Value, v ssa.Value) {
	if !carrier(v.Type()) && !descriptor(v) {
		return
	}
	vals := b.eval(v)
	test := b.eng.test(v.Pos()) || b.eng.test(b.fn.Pos())
	_, copied := v.Type().Underlying().(*types.Struct)
	for _, p := range places {
		if copied && len(vals) > 0 {
			b.copies[p.Path] = true
		}
		for _, x := range vals {
			b.store(p.Path, x, test)
		}
	}
}

func (b *builder) store(place access.Path, v access.Value, test bool) {
	if !place.Known() || len(b.stores) >= b.budget(maxStores) || place == v.Path {
		return
	}
	s := effect.Store{Place: place, Value: v, Test: test}
	if slices.Contains(b.heap[place], v) {
		return
	}
	b.heap[place] = append(b.heap[place], v)
	if n := place.Len(); n > 0 && isElement(place.Steps[n-1]) && v.Path.HasEach() {
		of, _ := place.Prefix(n - 1)
		b.lasting[of.Step(access.Each)] = append(b.lasting[of.Step(access.Each)], v)
	}
	clear(b.resolved)
	b.stores = append(b.stores, s)
}

// carrier reports whether a value of the type can lead to a connection or a
// function; numbers, strings and errors cannot.
func carrier(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return u.Kind() == types.UnsafePointer
	case *types.Slice:
		return carrier(u.Elem())
	case *types.Interface:
		return !isError(t)
	}
	return true
}

func isError(t types.Type) bool {
	return types.Identical(t, types.Universe.Lookup("error").Type())
}

// newObject registers an object made at an instruction.
func (b *builder) newObject(o effect.Object, at ssa.Instruction, pos token.Pos) int {
	if len(b.objects) >= b.budget(maxObjects) {
		return -1
	}
	if at != nil && at.Block() != nil && b.loops.In(at.Block()) {
		o.Multi = true
	}
	if o.Where == "" {
		o.Where = b.eng.place(pos)
	}
	o.Test = o.Test || b.eng.test(pos)
	if o.Pos == 0 {
		o.Foreign = o.Where != b.eng.place(pos)
		o.Pos = int(pos)
	}
	b.objects = append(b.objects, object{Object: o, at: at, pos: pos})
	return len(b.objects) - 1
}

// budget is how many effects are kept: more where all functions come together.
func (b *builder) budget(n int) int {
	if b.whole {
		return 16 * n
	}
	return n
}

// fresh is the value of object n; unknown if n is none.
func fresh(n int) []access.Value {
	if n < 0 {
		return nil
	}
	return []access.Value{{Path: access.Of(access.Root{Kind: access.Fresh, N: n})}}
}

// startThread registers a thread and gives its index.
func (b *builder) startThread(t effect.Thread, ctx context) int {
	t.Parent = ctx.thread
	t.Where = b.eng.place(ctx.pos)
	t.Test = b.eng.test(ctx.pos)
	t.Pos = int(ctx.pos)
	if len(b.threads) >= b.budget(maxThreads) {
		return 0
	}
	b.threads = append(b.threads, thread{Thread: t, at: ctx.at})
	return len(b.threads)
}

// object gives the object a value is, if it is one made or received here.
func (b *builder) object(v access.Value) *object {
	r := v.Path.Root
	if r.Kind != access.Fresh || v.Path.Len() > 0 || r.N < 0 || r.N >= len(b.objects) {
		return nil
	}
	return &b.objects[r.N]
}

// step moves all values one step further.
func (b *builder) step(vs []access.Value, s string) []access.Value {
	var out []access.Value
	for _, v := range vs {
		if p := v.Path.Step(s); p.Known() {
			out = append(out, access.Value{Path: p})
		}
	}
	return out
}

func binding(i int) string { return "#" + strconv.Itoa(i) }

// merge is the union of alternatives within the budget; beyond it nothing is known.
func merge(a, b []access.Value) []access.Value {
	out := slices.Clip(a) // appending copies
	for _, v := range b {
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	if len(out) > maxAlternatives {
		return nil
	}
	return out
}
