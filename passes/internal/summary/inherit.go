package summary

import (
	"go/token"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/connvet/connvet/passes/internal/access"
	"github.com/connvet/connvet/passes/internal/catalog"
	"github.com/connvet/connvet/passes/internal/effect"
	"github.com/connvet/connvet/passes/internal/flow"
	"github.com/connvet/connvet/passes/internal/process"
)

// InheritedKind says what is wrong with what a child process gets.
type InheritedKind uint8

// The kinds of findings about processes.
const (
	UsedAfter  InheritedKind = iota // the parent goes on using a connection that a child got
	GivenTwice                      // several children get one connection
	KeptOpen                        // the parent never closes its copy of the file
	OpenBefore                      // opened and used before the program runs once more in children
	Multiplied                      // a limit that holds in each child (strict only)
)

// Inherited is one finding about a connection and child processes.
type Inherited struct {
	Kind   InheritedKind
	Name   string       // the connection, file or pool as the user writes it
	Call   string       // the use: conn.Write
	Start  string       // the call that starts children: app.Listen
	Shared bool         // the use may only be on the same connection: it is one of a pool
	Limit  int64        // connections that each child may open, 0 if unknown
	At     token.Pos    // where the finding belongs
	Opened token.Pos    // where the pool is opened
	Taken  token.Pos    // where the connection's file is taken
	Used   token.Pos    // where it is used
	Starts token.Pos    // where the child is started
	Bounds token.Pos    // where the limit is set
	Where  effect.Place // of the acquisition, if another package makes it
}

// gift is a connection's file that a child gets at a start.
type gift struct {
	start *start
	file  int // object
	field string
	conns []access.Value // the connection, and what leads to it
	first []access.Value // the connection alone
	pools []access.Value // the pool it goes back to
}

// judgeProcesses finds what is wrong with the connections that children get.
func (b *builder) judgeProcesses() {
	b.proc.exported = len(b.proc.touches)
	if len(b.proc.starts) == 0 {
		return
	}
	b.touchUses()
	gifts := b.gifts()
	for i := range gifts {
		n := len(b.inherited)
		b.judgeUses(&gifts[i])
		b.judgeTwice(&gifts[i], gifts)
		if len(b.inherited) == n {
			b.judgeKept(&gifts[i])
		}
	}
	b.judgeForks()
}

// gifts lists what the children of this function's own thread get.
func (b *builder) gifts() []gift {
	var out []gift
	for i := range b.proc.starts {
		st := &b.proc.starts[i]
		if st.Does == process.Prefork || st.deferred || st.thread != 0 {
			continue
		}
		for _, field := range st.Fields {
			for _, n := range b.filesIn(b.step([]access.Value{st.Value}, field)) {
				if g := (gift{start: st, file: n, field: field}); b.lead(&g) {
					out = append(out, g)
				}
			}
		}
	}
	return out
}

// filesIn lists the files of connections that values are, or hold as elements.
func (b *builder) filesIn(vs []access.Value) []int {
	var out []int
	seen := map[access.Path]bool{}
	work := b.resolveAll(vs)
	for len(work) > 0 {
		v := work[0]
		work = work[1:]
		if seen[v.Path] {
			continue
		}
		seen[v.Path] = true
		if o := b.object(v); o != nil && o.Kind == effect.File {
			out = append(out, v.Path.Root.N)
			continue
		}
		for _, s := range b.stores {
			n := s.Place.Len()
			if n == v.Path.Len()+1 && s.Place.Steps[n-1][0] == '[' && s.Place.HasPrefix(v.Path) {
				work = append(work, b.resolve(s.Value)...)
			}
		}
	}
	return out
}

// lead fills in what the file of a gift is a file of; false if it is no
// connection for sure.
func (b *builder) lead(g *gift) bool {
	o := &b.objects[g.file]
	g.first = b.resolveAll(o.On)
	if len(g.first) == 0 || !slices.ContainsFunc(g.first, func(v access.Value) bool { return b.stream(v, o.Type) }) {
		return false
	}
	work := slices.Clone(g.first)
	for len(work) > 0 && len(g.conns) < maxAlternatives {
		v := work[0]
		work = work[1:]
		if containsPath(g.conns, v) {
			continue
		}
		g.conns = append(g.conns, v)
		if on := b.object(v); on != nil {
			work = append(work, b.resolveAll(on.On)...)
			if on.Back || b.ended(v) {
				g.pools = append(g.pools, b.resolveAll(on.From)...)
			}
		}
	}
	return true
}

// stream reports whether a value is one end of a byte stream to another
// machine or service: a TCP connection, what is kept on one, or a local socket
// that is known to be dialled or accepted. A pair of sockets is made for a child.
func (b *builder) stream(v access.Value, declared string) bool {
	if v.Path.HasVariableElem() {
		return false
	}
	o := b.object(v)
	if o != nil && o.at != nil && o.site == 0 {
		if c, ok := o.at.(*ssa.Call); ok && !b.eng.connects(c) {
			return false
		}
	}
	typ := declared
	if b.eng.cat.Type(typ) == nil {
		typ = b.typeOf(v)
	}
	switch typ {
	case "*net.TCPConn":
		return true
	case "*net.UnixConn", "net.Conn":
		return o != nil && o.Kind == effect.Acquire && !o.Foreign
	}
	row := b.eng.cat.Type(typ)
	return row != nil && row.Role == "conn"
}

// connects reports whether a call can give one end of a stream.
func (e *engine) connects(c *ssa.Call) bool {
	fn := c.Call.StaticCallee()
	if fn == nil {
		return true
	}
	switch e.key(fn) {
	case "net.FileConn", "net.ListenUnixgram", "net.ListenUDP", "net.DialUDP":
		return false
	}
	for _, a := range c.Call.Args {
		if k, ok := a.(*ssa.Const); ok && k.Value != nil && (strings.HasPrefix(k.Value.ExactString(), `"unixgram`) || strings.HasPrefix(k.Value.ExactString(), `"udp`)) {
			return false
		}
	}
	return true
}

func containsPath(vs []access.Value, v access.Value) bool {
	return slices.ContainsFunc(vs, func(w access.Value) bool { return w.Path == v.Path })
}

// isOneOf reports whether a touch is of one of the values, and not maybe of
// something else made here. Places that outlive the function only hold it.
func (b *builder) isOneOf(t *touch, vs []access.Value) bool {
	found := false
	for _, v := range b.resolve(t.Value) {
		switch {
		case containsPath(vs, v):
			found = true
		case v.Path.Root.Kind == access.Fresh:
			return false
		}
	}
	return found
}

// ended reports whether some code here closes a value, or gives it back.
func (b *builder) ended(v access.Value) bool {
	return slices.ContainsFunc(b.proc.touches, func(t touch) bool {
		return t.Kind == effect.Ended && containsPath(b.resolve(t.Value), v)
	}) || slices.ContainsFunc(b.uses, func(u use) bool {
		return u.Role == catalog.End && containsPath(b.resolve(u.Value), v)
	})
}

// judgeUses finds the first use by the parent of a connection that a child has.
func (b *builder) judgeUses(g *gift) {
	if g.start.Does != process.Start {
		return // the child has ended
	}
	stop := b.stops(g)
	var first *touch
	for i := range b.proc.touches {
		t := &b.proc.touches[i]
		if t.Kind > effect.Connected || t.deferred || t.at == g.start.at || g.splits(t) || !b.isOneOf(t, slices.Concat(g.conns, g.pools)) {
			continue
		}
		if !b.follows(g.start, t, stop) || first != nil && first.Pos <= t.Pos {
			continue
		}
		first = t
	}
	if first == nil {
		return
	}
	b.inherited = append(b.inherited, Inherited{
		Kind: UsedAfter, Name: b.giftName(g), Call: first.Name, Start: g.start.Name, Shared: !b.isOneOf(first, g.conns),
		At: token.Pos(first.Pos), Taken: b.objects[g.file].pos, Starts: token.Pos(g.start.Pos),
	})
}

// follows reports whether a touch happens after a start: on a way from it, or
// in a handler of a server that serves from then on.
func (b *builder) follows(st *start, t *touch, stop func(ssa.Instruction) bool) bool {
	if t.Serve {
		return slices.ContainsFunc(b.proc.serves, func(s ssa.Instruction) bool { return flow.Reaches(st.at, s, stop) })
	}
	return t.thread == 0 && flow.Reaches(st.at, t.at, stop)
}

// splits reports whether parent and child speak in different directions: the
// child has the connection as its input only, or as its output only.
func (g *gift) splits(t *touch) bool {
	switch g.field {
	case "Stdin":
		return t.Role == catalog.Write
	case "Stdout", "Stderr":
		return t.Role == catalog.Read
	}
	return false
}

// stops tells the instructions behind which a gift does not matter any more:
// another value takes the connection's name, the child has ended, or the
// connection is closed.
func (b *builder) stops(g *gift) func(ssa.Instruction) bool {
	at := b.definitions(g.file)
	waitsElsewhere := false
	for i := range b.proc.touches {
		t := &b.proc.touches[i]
		switch {
		case t.Kind == effect.Waited && t.thread != 0:
			waitsElsewhere = true
		case t.deferred:
		case t.Kind == effect.Waited, t.Kind == effect.Ended && b.isOneOf(t, g.conns):
			at[t.at] = true
		}
	}
	return func(i ssa.Instruction) bool {
		if at[i] {
			return true
		}
		if !waitsElsewhere {
			return false
		}
		switch i := i.(type) {
		case *ssa.UnOp:
			return i.Op == token.ARROW
		case *ssa.Select:
			return true
		case *ssa.Call:
			return slices.ContainsFunc(b.joins, func(j join) bool { return j.at == i })
		}
		return false
	}
}

// definitions lists the instructions that the connection of a file comes from:
// passing one of them again makes it another connection.
func (b *builder) definitions(file int) map[ssa.Instruction]bool {
	out := map[ssa.Instruction]bool{}
	at := b.objects[file].at
	if at == nil {
		return out
	}
	work := []ssa.Instruction{at}
	for len(work) > 0 {
		i := work[0]
		work = work[1:]
		var ops [8]*ssa.Value
		for _, o := range i.Operands(ops[:0]) {
			if d, ok := (*o).(ssa.Instruction); ok && !out[d] && d.Parent() == b.fn {
				out[d] = true
				work = append(work, d)
			}
		}
	}
	delete(out, at)
	return out
}

// judgeTwice finds a connection that goes to one child after another while the
// first may still be there.
func (b *builder) judgeTwice(g *gift, all []gift) {
	if g.start.Does != process.Start || strings.HasPrefix(g.field, "Std") || !single(g) {
		return
	}
	stop := b.stops(g)
	for i := range all {
		o := &all[i]
		if strings.HasPrefix(o.field, "Std") || !single(o) || o.first[0].Path != g.first[0].Path || !flow.Reaches(g.start.at, o.start.at, stop) {
			continue
		}
		b.inherited = append(b.inherited, Inherited{
			Kind: GivenTwice, Name: b.giftName(g), Start: g.start.Name,
			At: token.Pos(o.start.Pos), Taken: b.objects[g.file].pos, Starts: token.Pos(g.start.Pos),
		})
		return
	}
}

// single reports whether it is known which connection a gift is.
func single(g *gift) bool { return len(g.first) == 1 }

// judgeKept finds a copy of a connection's file that nobody closes.
func (b *builder) judgeKept(g *gift) {
	o := &b.objects[g.file]
	v := fresh(g.file)[0]
	if !o.Twin || o.at == nil || b.proc.unclear || b.eng.runsOnce(b.fn, maxDepth) || b.closed(v) || b.strays(v) || !b.returnsAfter(g.start.at) {
		return
	}
	b.inherited = append(b.inherited, Inherited{
		Kind: KeptOpen, Name: o.Name, Call: b.giftName(g), Start: g.start.Name,
		At: o.pos, Starts: token.Pos(g.start.Pos),
	})
}

// closed reports whether something here may close a file: it does so by name,
// or closes elements of what may hold it.
func (b *builder) closed(v access.Value) bool {
	return slices.ContainsFunc(b.proc.touches, func(t touch) bool {
		if t.Kind != effect.Ended {
			return false
		}
		for _, x := range b.resolve(t.Value) {
			if x.Path == v.Path || x.Path.HasEach() || x.Path.HasVariableElem() {
				return true
			}
		}
		return false
	})
}

// strays reports whether a value gets where it cannot be followed: to the
// caller, into what outlives the call, or to code that nobody knows.
func (b *builder) strays(v access.Value) bool {
	held := []access.Value{v}
	for i := 0; i < len(held) && len(held) < maxObjects; i++ {
		for _, s := range b.stores {
			if !containsPath(b.resolve(s.Value), held[i]) {
				continue
			}
			holder := access.Value{Path: access.Of(s.Place.Root)}
			if o := b.object(holder); o == nil || isChan(o) {
				return true
			}
			if !containsPath(held, holder) {
				held = append(held, holder)
			}
		}
	}
	gone := slices.Concat(b.givenBack(), b.escapes())
	return slices.ContainsFunc(held, func(h access.Value) bool { return containsPath(gone, h) })
}

func isChan(o *object) bool {
	_, ok := o.at.(*ssa.MakeChan)
	return ok
}

// givenBack lists what the function gives back.
func (b *builder) givenBack() []access.Value {
	var out []access.Value
	for _, blk := range b.fn.Blocks {
		if r, ok := blk.Instrs[len(blk.Instrs)-1].(*ssa.Return); ok {
			for _, v := range r.Results {
				if carrier(v.Type()) {
					out = append(out, b.resolveAll(b.eval(v))...)
				}
			}
		}
	}
	return out
}

// escapes lists what code that nobody knows gets.
func (b *builder) escapes() []access.Value {
	var out []access.Value
	for _, vs := range b.escaped {
		out = append(out, b.resolveAll(vs)...)
	}
	return out
}

func (b *builder) returnsAfter(at ssa.Instruction) bool {
	for _, blk := range b.fn.Blocks {
		if r, ok := blk.Instrs[len(blk.Instrs)-1].(*ssa.Return); ok && flow.Reaches(at, r, nil) {
			return true
		}
	}
	return false
}

// giftName is the connection as the user writes it.
func (b *builder) giftName(g *gift) string {
	o := b.objects[g.file]
	if o.at != nil && o.site == 0 {
		n, _, _ := strings.Cut(b.eng.receivers[o.pos], ".(*")
		if n != "" && len(n) <= 40 {
			return n
		}
	}
	for _, v := range g.conns {
		if n := b.pathName(v.Path); n != "" {
			return n
		}
	}
	return "the connection"
}
