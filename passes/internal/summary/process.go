package summary

import (
	"go/constant"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/connvet/connvet/passes/internal/access"
	"github.com/connvet/connvet/passes/internal/catalog"
	"github.com/connvet/connvet/passes/internal/effect"
	"github.com/connvet/connvet/passes/internal/entrypoint"
	"github.com/connvet/connvet/passes/internal/process"
)

// Budgets of what a function does to processes and to what they inherit.
const (
	maxTouches         = 256
	maxStarts          = 16
	maxExportedTouches = 24
	maxExportedStarts  = 4
)

// touch is an effect.Touch with when it happens in this function.
type touch struct {
	effect.Touch
	at       ssa.Instruction
	thread   int
	deferred bool
	site     int
}

// start is an effect.Start with when it happens in this function.
type start struct {
	effect.Start
	at       ssa.Instruction
	thread   int
	deferred bool
	site     int
}

// processes is what a function does that matters when processes start.
type processes struct {
	touches []touch
	starts  []start
	serves  []ssa.Instruction
	unclear bool // it closes some file that nobody can name

	exported int // the touches from this one on are uses, which callers get as such
}

// process applies what a call does to files, children and pools. Its results
// are known if done is true; else the call goes on to what else is known of it.
func (b *builder) process(s *site, key string, method bool) (out [][]access.Value, done bool) {
	if b.eng.entries.Serves(key) && s.ctx.at != nil {
		b.proc.serves = append(b.proc.serves, s.ctx.at)
	}
	rows := b.eng.processRows(key)
	for _, r := range rows {
		if r.Does == process.Connect && r.Of == process.Result || r.Does == process.Limit && len(r.Fields) > 0 {
			if out, done = b.catalogued(s, key, method); done {
				break
			}
		}
	}
	for _, r := range rows {
		c := &processCall{b: b, site: s, row: r, method: method, results: out}
		if rs := c.apply(); rs != nil {
			out, done = rs, true
		}
	}
	return out, done
}

// processRows finds the rows of a call; the method of net's connections is
// declared by a type that they all embed.
func (e *engine) processRows(key string) []process.Row {
	switch key {
	case "(*net.TCPConn).File", "(*net.UnixConn).File":
		key = "(*net.conn).File"
	}
	return e.children.Rows(key)
}

// processCall is one call with one row that speaks of it.
type processCall struct {
	b       *builder
	site    *site
	row     process.Row
	method  bool
	results [][]access.Value // those that the catalog gives
}

// apply is the flat choice between what calls do. It gives the results of the
// call, or nil if the row has nothing to say of them.
func (c *processCall) apply() [][]access.Value {
	switch c.row.Does {
	case process.Copy:
		return c.copy()
	case process.Same:
		return c.same()
	case process.Lend:
		return c.lend()
	case process.Close:
		return c.close()
	case process.Command:
		return c.command()
	case process.Put:
		return c.put()
	case process.Start, process.Run:
		return c.start()
	case process.Wait:
		return c.wait()
	case process.Server:
		return c.server()
	case process.Prefork:
		return c.prefork()
	case process.Connect:
		return c.connect()
	case process.Limit:
		return c.limit()
	case process.Idle:
		return c.idle()
	case process.Read, process.Write:
		return c.speak()
	case process.Child, process.Self: // found where they are asked for
	}
	return nil
}

// operand is what the row speaks of.
func (c *processCall) operand() []access.Value {
	switch {
	case c.row.Of == process.Receiver && len(c.site.args) > 0:
		return c.site.args[0]
	case c.row.Of == process.Result && len(c.results) > 0:
		return c.results[0]
	case c.row.Of >= 0:
		return c.site.arg(int(c.row.Of), c.method)
	}
	return nil
}

// ssaOperand is the operand as the code has it; nil for calls that a summary made.
func (c *processCall) ssaOperand() ssa.Value {
	return c.ssaArg(int(c.row.Of))
}

// ssaArg is an argument counted without the receiver, which is -1.
func (c *processCall) ssaArg(i int) ssa.Value {
	if c.method {
		i++
	}
	if i < 0 || i >= len(c.site.vals) {
		return nil
	}
	return c.site.vals[i]
}

// results gives a call's results with the first one known.
func (c *processCall) with(first []access.Value) [][]access.Value {
	out := make([][]access.Value, c.site.sig.Results().Len())
	if len(out) > 0 {
		out[0] = first
	}
	return out
}

// file makes the object of a connection's file.
func (c *processCall) file(on []access.Value, copied bool) []access.Value {
	if len(on) == 0 {
		return nil
	}
	b, ctx := c.b, c.site.ctx
	return fresh(b.newObject(effect.Object{
		Kind: effect.File, Type: c.connType(), On: on, Twin: copied, Thread: ctx.thread, Name: b.eng.nameAt(ctx.pos, 0),
	}, ctx.at, ctx.pos))
}

// connType is the type key of the connection that a method is called on: what
// embeds the receiver of a promoted method.
func (c *processCall) connType() string {
	v := c.ssaOperand()
	if f, ok := v.(*ssa.FieldAddr); ok && fieldOf(f.X.Type(), f.Field).Embedded() {
		v = f.X
	}
	if v == nil {
		return ""
	}
	return catalog.TypeKey(v.Type())
}

func (c *processCall) copy() [][]access.Value { return c.with(c.file(c.operand(), true)) }

// same gives what it is given. What is no connection's descriptor stays unknown.
func (c *processCall) same() [][]access.Value {
	if vs := c.operand(); len(vs) > 0 {
		return c.with(vs)
	}
	return nil
}

func (c *processCall) lend() [][]access.Value {
	c.b.callback(c.site, c.site.arg(0, c.method), [][]access.Value{c.file(c.operand(), false)})
	return c.with(nil)
}

func (c *processCall) close() [][]access.Value {
	vs := c.operand()
	c.b.proc.unclear = c.b.proc.unclear || len(vs) == 0 && c.row.Func == "(*os.File).Close"
	c.touch(effect.Touch{Kind: effect.Ended}, vs)
	return nil
}

func (c *processCall) command() [][]access.Value {
	b, ctx := c.b, c.site.ctx
	key := catalog.TypeKey(c.site.sig.Results().At(0).Type())
	if len(key) > 0 && key[0] == '*' {
		key = key[1:]
	}
	return c.with(fresh(b.newObject(effect.Object{
		Kind: effect.Alloc, Type: key, Thread: ctx.thread, Name: b.eng.nameAt(ctx.pos, 0), Self: b.eng.ownProgram(c.ssaOperand()),
	}, ctx.at, ctx.pos)))
}

func (c *processCall) put() [][]access.Value {
	if len(c.site.args) == 0 {
		return nil
	}
	for _, f := range c.file(c.operand(), false) {
		for _, p := range c.b.step(c.site.args[0], access.Elem) {
			c.b.store(p.Path, f, c.b.eng.test(c.site.ctx.pos))
		}
	}
	return c.with(nil)
}

// start notes the start of a child. What describes the child stands for the
// process that the call gives.
func (c *processCall) start() [][]access.Value {
	for _, v := range c.operand() {
		c.b.addStart(c.site, effect.Start{Does: c.row.Does, Value: v, Fields: c.row.Fields, Name: c.name()})
	}
	if n := c.site.sig.Results().Len(); c.row.Does == process.Start && n > 1 {
		return c.with(c.operand())
	}
	return nil
}

func (c *processCall) wait() [][]access.Value {
	vs := c.operand()
	if len(vs) == 0 {
		vs = []access.Value{{}} // some child
	}
	c.touch(effect.Touch{Kind: effect.Waited}, vs)
	return nil
}

// server makes a server that pre-forks, if its configuration certainly says so.
func (c *processCall) server() [][]access.Value {
	if !c.fieldTrue() {
		return nil
	}
	b, ctx := c.b, c.site.ctx
	return c.with(fresh(b.newObject(effect.Object{
		Kind: effect.Result, Type: catalog.TypeKey(c.site.sig.Results().At(0).Type()), Thread: ctx.thread, Forks: true,
	}, ctx.at, ctx.pos)))
}

func (c *processCall) prefork() [][]access.Value {
	st := effect.Start{Does: process.Prefork, Name: c.name()}
	switch {
	case c.row.Of == process.Receiver:
		for _, v := range c.operand() {
			st.Value = v
			c.b.addStart(c.site, st)
		}
	case c.row.Of == process.None || c.fieldTrue():
		c.b.addStart(c.site, st)
	}
	return nil
}

func (c *processCall) connect() [][]access.Value {
	c.touch(effect.Touch{Kind: effect.Connected}, c.operand())
	return nil
}

func (c *processCall) limit() [][]access.Value {
	if len(c.row.Fields) == 0 {
		c.touch(effect.Touch{Kind: effect.Limited, N: number(c.ssaArg(0))}, c.operand())
		return nil
	}
	if n := c.fieldNumber(); n != 0 && len(c.results) > 0 {
		c.touch(effect.Touch{Kind: effect.Limited, N: n}, c.results[0])
	}
	return nil
}

func (c *processCall) idle() [][]access.Value {
	keeps := int64(1)
	if k, ok := c.ssaArg(0).(*ssa.Const); ok && k.Int64() <= 0 {
		keeps = 0
	}
	c.touch(effect.Touch{Kind: effect.Idled, N: keeps}, c.operand())
	return nil
}

func (c *processCall) speak() [][]access.Value {
	role := catalog.Read
	if c.row.Does == process.Write {
		role = catalog.Write
	}
	c.touch(effect.Touch{Kind: effect.Spoke, Role: role}, c.operand())
	return nil
}

// name is the call as the user writes it.
func (c *processCall) name() string {
	_, method := splitMethod(c.row.Func)
	if n := c.b.eng.receivers[c.site.ctx.pos]; n != "" && method != "" {
		return n + "." + method
	}
	return catalog.ShortFunc(c.row.Func)
}

func (c *processCall) touch(t effect.Touch, vs []access.Value) {
	t.Name = c.name()
	c.b.touch(c.site.ctx, t, vs)
}

// touch records what happens to values.
func (b *builder) touch(ctx context, t effect.Touch, vs []access.Value) {
	t.Pos, t.Guard, t.Serve = int(ctx.pos), b.guard(ctx.at), b.served(ctx.thread)
	for _, v := range vs {
		if ctx.at == nil || len(b.proc.touches) >= maxTouches {
			return
		}
		t.Value = v
		b.proc.touches = append(b.proc.touches, touch{Touch: t, at: ctx.at, thread: ctx.thread, deferred: ctx.deferred})
	}
}

// served reports whether a thread belongs to a handler.
func (b *builder) served(thread int) bool {
	for thread != 0 {
		t := b.threads[thread-1]
		if t.Kind == entrypoint.Serve {
			return true
		}
		thread = t.Parent
	}
	return false
}

func (b *builder) addStart(s *site, st effect.Start) {
	ctx := s.ctx
	if ctx.at == nil || len(b.proc.starts) >= maxStarts {
		return
	}
	st.Pos, st.Guard, st.Loop = int(ctx.pos), b.guard(ctx.at), ctx.repeat
	b.proc.starts = append(b.proc.starts, start{Start: st, at: ctx.at, thread: ctx.thread, deferred: ctx.deferred})
}

// touchRow records the call of a method of a catalogued connection, unless it
// is a use already. A pool is only used for sure by what the rows of package
// process name.
func (b *builder) touchRow(s *site, v access.Value, row *catalog.Type, method string) {
	if row.Contract > catalog.Shareable {
		return
	}
	var t effect.Touch
	switch role := row.MethodRole(method); {
	case row.Release[method]:
		t.Kind = effect.Ended
	case row.Role != "conn" && row.Role != "lease" || role == catalog.Free:
		return
	default:
		t.Kind, t.Role = effect.Spoke, role
	}
	var recv ssa.Value
	if len(s.vals) > 0 {
		recv = s.vals[0]
	}
	t.Name = b.useNameAt(s.ctx, v, recv, false) + "." + method
	b.touch(s.ctx, t, []access.Value{v})
}

// touchUses takes the uses of connections that may not be shared for touches.
func (b *builder) touchUses() {
	for _, u := range b.uses {
		t := effect.Touch{
			Kind: effect.Spoke, Value: u.Value, Role: u.Role, Name: u.Name + "." + u.Method,
			Serve: b.served(u.Thread), Guard: b.guard(u.at), Pos: u.Pos,
		}
		if u.Role == catalog.End {
			t.Kind = effect.Ended
		}
		if u.at != nil {
			b.proc.touches = append(b.proc.touches, touch{Touch: t, at: u.at, thread: u.Thread, deferred: u.deferred, site: u.site})
		}
	}
}

// number is the value of an integer constant; 0 if it is none.
func number(v ssa.Value) int64 {
	c, ok := v.(*ssa.Const)
	if !ok || c.Value == nil || c.Value.Kind() != constant.Int {
		return 0
	}
	return c.Int64()
}

// ownProgram reports whether a string is the path of the running program.
func (e *engine) ownProgram(v ssa.Value) bool {
	switch v := v.(type) {
	case *ssa.UnOp:
		if ix, ok := v.X.(*ssa.IndexAddr); ok && number(ix.Index) == 0 {
			load, ok := ix.X.(*ssa.UnOp)
			if !ok {
				return false
			}
			g, ok := load.X.(*ssa.Global)
			return ok && globalKey(g) == "os.Args"
		}
	case *ssa.Extract:
		if c, ok := v.Tuple.(*ssa.Call); ok && c.Call.StaticCallee() != nil {
			return e.children.Is(e.key(c.Call.StaticCallee()), process.Self)
		}
	}
	return false
}

// fieldTrue reports whether one of the row's fields is certainly true in the operand.
func (c *processCall) fieldTrue() bool {
	found := false
	c.b.eng.eachFieldStore(c.ssaOperand(), c.row.Fields, func(v ssa.Value) {
		k, ok := v.(*ssa.Const)
		found = found || ok && k.Value != nil && k.Value.Kind() == constant.Bool && constant.BoolVal(k.Value)
	})
	return found
}

// fieldNumber is the constant in one of the row's fields; 0 if there is none.
func (c *processCall) fieldNumber() (n int64) {
	c.b.eng.eachFieldStore(c.ssaOperand(), c.row.Fields, func(v ssa.Value) { n = max(n, number(v)) })
	return n
}

// eachFieldStore finds what is stored in fields of a structure that v is, holds
// as an element, points to, or gets from a function of the package.
func (e *engine) eachFieldStore(v ssa.Value, fields []string, found func(ssa.Value)) {
	w := &fieldSearch{eng: e, fields: map[string]bool{}, found: found, seen: map[ssa.Value]bool{}}
	for _, f := range fields {
		w.fields[f] = true
	}
	w.value(v)
}

type fieldSearch struct {
	eng    *engine
	fields map[string]bool
	found  func(ssa.Value)
	seen   map[ssa.Value]bool
}

// value is the flat dispatch over where a structure comes from.
func (w *fieldSearch) value(v ssa.Value) {
	if v == nil || w.seen[v] {
		return
	}
	w.seen[v] = true
	switch v := v.(type) {
	case *ssa.Alloc:
		w.stored(v)
	case *ssa.IndexAddr:
		w.stored(v)
	case *ssa.Slice:
		w.value(v.X)
	case *ssa.UnOp:
		w.value(v.X)
	case *ssa.Extract:
		w.stored(v)
	case *ssa.Call:
		w.stored(v)
		w.returned(v)
	}
}

// stored looks at what is done with an address.
func (w *fieldSearch) stored(v ssa.Value) {
	for _, r := range *v.Referrers() {
		switch r := r.(type) {
		case *ssa.FieldAddr:
			if f := fieldOf(r.X.Type(), r.Field); f != nil && w.fields[f.Name()] {
				w.field(r)
			}
		case *ssa.IndexAddr:
			w.value(r)
		case *ssa.Store:
			if r.Addr == v {
				w.value(r.Val)
			}
		}
	}
}

func (w *fieldSearch) field(a *ssa.FieldAddr) {
	for _, r := range *a.Referrers() {
		if st, ok := r.(*ssa.Store); ok && st.Addr == ssa.Value(a) {
			w.found(st.Val)
		}
	}
}

// returned looks at what a function of the package returns.
func (w *fieldSearch) returned(c *ssa.Call) {
	fn := c.Call.StaticCallee()
	if fn == nil || !w.eng.own(fn) {
		return
	}
	for _, blk := range fn.Blocks {
		if r, ok := blk.Instrs[len(blk.Instrs)-1].(*ssa.Return); ok && len(r.Results) > 0 {
			w.value(r.Results[0])
		}
	}
}

// descriptor reports whether a value is a file descriptor, or a slice of them,
// by its type: what a number was converted from counts.
func descriptor(v ssa.Value) bool {
	for {
		c, ok := v.(*ssa.Convert)
		if !ok {
			break
		}
		v = c.X
	}
	t := v.Type().Underlying()
	if s, ok := t.(*types.Slice); ok {
		t = s.Elem().Underlying()
	}
	basic, ok := t.(*types.Basic)
	return ok && basic.Kind() == types.Uintptr
}

// bindProcesses binds what a callee does to processes and to what they inherit.
func (in *instance) bindProcesses() {
	b, ctx := in.b, in.s.ctx
	if ctx.at == nil {
		return
	}
	guard := b.guard(ctx.at)
	for _, t := range in.sum.Touches {
		t.Guard |= guard
		t.Serve = t.Serve || b.served(ctx.thread)
		if t.Pos == 0 {
			t.Pos, t.Name = int(ctx.pos), in.calleeName()
		}
		for _, v := range in.value(t.Value) {
			if t.Value = v; len(b.proc.touches) < maxTouches {
				b.proc.touches = append(b.proc.touches, touch{Touch: t, at: ctx.at, thread: ctx.thread, deferred: ctx.deferred, site: in.site})
			}
		}
	}
	for _, st := range in.sum.Starts {
		st.Guard |= guard
		st.Loop = st.Loop || ctx.repeat
		if st.Pos == 0 {
			st.Pos, st.Name = int(ctx.pos), in.calleeName()
		}
		in.bindStart(st)
	}
	if in.sum.Serves {
		b.proc.serves = append(b.proc.serves, ctx.at)
	}
}

// calleeName is the function of another package as the user writes it.
func (in *instance) calleeName() string {
	name, _, _ := strings.Cut(in.sum.Key, "$")
	return catalog.ShortFunc(name)
}

func (in *instance) bindStart(st effect.Start) {
	vs := []access.Value{st.Value}
	if st.Value.Path.Known() {
		vs = in.value(st.Value)
	}
	for _, v := range vs {
		if st.Value = v; len(in.b.proc.starts) < maxStarts {
			in.b.proc.starts = append(in.b.proc.starts, start{
				Start: st, at: in.s.ctx.at, thread: in.s.ctx.thread, deferred: in.s.ctx.deferred, site: in.site,
			})
		}
	}
}

// exportStarts exports the starts of which a caller may know more: what the
// child gets, or what was opened before.
func (x *exporter) exportStarts() {
	b := x.b
	b.sum.Serves = len(b.proc.serves) > 0
	b.sum.Child = b.tellsChild()
	for i := range b.proc.starts {
		st := &b.proc.starts[i]
		if st.Does != process.Prefork && (st.thread != 0 || st.deferred) || b.served(st.thread) {
			continue
		}
		vs := []access.Value{st.Value}
		if st.Value.Path.Known() {
			vs = x.values(vs)
		}
		for _, v := range vs {
			e := st.Start
			if e.Value = v; len(b.sum.Starts) < maxExportedStarts && x.concerns(st) {
				b.sum.Starts = append(b.sum.Starts, e)
			}
		}
	}
}

// concerns reports whether a start may matter to a caller: it pre-forks, the
// command is the caller's, or the child gets the caller's connection.
func (x *exporter) concerns(st *start) bool {
	b := x.b
	if b.forks(st) {
		return true
	}
	for _, v := range b.resolve(st.Value) {
		if outlives(v.Path) {
			return true
		}
	}
	for _, field := range st.Fields {
		for _, n := range b.filesIn(b.step([]access.Value{st.Value}, field)) {
			for _, v := range b.resolveAll(b.objects[n].On) {
				if outlives(v.Path) || b.strays(v) {
					return true
				}
			}
		}
	}
	return false
}

// exportTouches exports one touch of each kind for what the caller can name.
func (x *exporter) exportTouches() {
	b := x.b
	for i := range b.proc.touches[:b.proc.exported] {
		t := &b.proc.touches[i]
		if t.thread != 0 && !t.Serve {
			continue
		}
		for _, v := range b.resolve(t.Value) {
			if e, ok := x.visibleValue(v); ok {
				x.exportTouch(t.Touch, e)
			}
		}
	}
}

// visibleValue renumbers a value that the caller already has a name for.
func (x *exporter) visibleValue(v access.Value) (access.Value, bool) {
	if outlives(v.Path) {
		return v, v.Path.Root.Kind != access.Func
	}
	if v.Path.Root.Kind != access.Fresh {
		return v, false
	}
	m, ok := x.objects[v.Path.Root.N]
	v.Path.Root.N = m
	return v, ok && m >= 0
}

func (x *exporter) exportTouch(t effect.Touch, v access.Value) {
	sum := x.b.sum
	if t.Kind > effect.Connected {
		t.Name = ""
	}
	for _, have := range sum.Touches {
		if have.Kind == t.Kind && have.Value == v && have.Serve == t.Serve && have.Guard == t.Guard {
			return
		}
	}
	if t.Value = v; len(sum.Touches) < maxExportedTouches {
		sum.Touches = append(sum.Touches, t)
	}
}
