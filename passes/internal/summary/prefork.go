package summary

import (
	"cmp"
	"go/token"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/connvet/connvet/passes/internal/access"
	"github.com/connvet/connvet/passes/internal/config"
	"github.com/connvet/connvet/passes/internal/effect"
	"github.com/connvet/connvet/passes/internal/entrypoint"
	"github.com/connvet/connvet/passes/internal/flow"
	"github.com/connvet/connvet/passes/internal/process"
)

// judgeForks finds the pools that are opened before the program runs once more
// in child processes, each of which opens them again.
func (b *builder) judgeForks() {
	for i := range b.proc.starts {
		st := &b.proc.starts[i]
		if st.deferred || !b.forks(st) || b.served(st.thread) {
			continue
		}
		for n := range b.objects {
			b.judgeFork(st, n)
		}
	}
}

// forks reports whether a start runs the same program once more, as a
// pre-forking server does, or a loop that starts the own binary, if the
// program tells its children by an environment variable.
func (b *builder) forks(st *start) bool {
	if st.Does == process.Prefork {
		return st.Guard&effect.ByLibrary == 0 &&
			(!st.Value.Path.Known() || slices.ContainsFunc(b.resolve(st.Value), func(v access.Value) bool {
				o := b.object(v)
				return o != nil && o.Forks
			}))
	}
	if st.Does != process.Start || !st.Loop || st.Guard&effect.ByEnv == 0 {
		return false
	}
	vs := b.resolve(st.Value)
	return len(vs) > 0 && !slices.ContainsFunc(vs, func(v access.Value) bool {
		o := b.object(v)
		return o == nil || !o.Self
	})
}

// opened is what a function does with a pool before it starts children.
type opened struct {
	connected *touch // it certainly has a connection
	limit     *touch // how many each process may open
	spared    bool   // closed, used by one process only, or keeps no connection
}

// judgeFork judges one pool or connection against one start.
func (b *builder) judgeFork(st *start, n int) {
	o := &b.objects[n]
	row := b.eng.cat.Type(o.Type)
	if o.Kind != effect.Acquire || o.Test || o.at == nil || row == nil || row.Role != "pool" && row.Role != "client" && row.Role != "conn" ||
		o.site != 0 && o.site == st.site || !flow.Reaches(o.at, st.at, nil) {
		return
	}
	use := b.before(st, n)
	f := Inherited{Name: o.Name, Start: st.Name, At: token.Pos(o.Pos), Starts: token.Pos(st.Pos)}
	if o.Foreign {
		f.Where = o.Where
		f.Name = cmp.Or(b.eng.nameAt(f.At, 0), f.Name)
	}
	if use.limit != nil {
		f.Limit, f.Bounds = use.limit.N, token.Pos(use.limit.Pos)
	}
	switch {
	case use.connected != nil && !use.spared && b.guards(st, o.Guard) == 0:
		f.Kind, f.Used = OpenBefore, token.Pos(use.connected.Pos)
	case config.Current().Strict() && f.Limit > 0:
		f.Kind = Multiplied
	default:
		return
	}
	b.inherited = append(b.inherited, f)
}

// guards leaves those guards that decide about children of the start: the
// arguments are the same in the children of a library.
func (b *builder) guards(st *start, g effect.Guard) effect.Guard {
	if st.Does == process.Prefork {
		return g & effect.ByLibrary
	}
	return g
}

// before finds what is done with an object before a start.
func (b *builder) before(st *start, n int) opened {
	var out opened
	o := &b.objects[n]
	self := fresh(n)[0]
	ends := map[ssa.Instruction]bool{}
	for i := range b.proc.touches {
		t := &b.proc.touches[i]
		if !containsPath(b.resolve(t.Value), self) {
			continue
		}
		switch {
		case t.Kind == effect.Ended && !t.deferred:
			ends[t.at] = true
		case t.Kind == effect.Limited:
			out.limit = t
		case t.Kind == effect.Idled && t.N == 0:
			out.spared = true
		case b.guards(st, t.Guard) != 0 && meets(st, t), b.inGoroutine(t), b.usedByParent(st, t):
			out.spared = true
		}
	}
	for i := range b.proc.touches {
		t := &b.proc.touches[i]
		if t.Kind != effect.Connected || t.thread != 0 || t.deferred || !b.isOneOf(t, []access.Value{self}) {
			continue
		}
		stop := func(i ssa.Instruction) bool { return ends[i] }
		if (t.at == o.at || flow.Reaches(o.at, t.at, stop)) && flow.Reaches(t.at, st.at, stop) && out.connected == nil {
			out.connected = t
		}
	}
	return out
}

// meets reports whether a touch and a start may be of one run of the function:
// what a child alone does is none of the parent's.
func meets(st *start, t *touch) bool {
	return flow.Reaches(t.at, st.at, nil) || flow.Reaches(st.at, t.at, nil)
}

// inGoroutine reports whether a goroutine of the parent uses the pool.
func (b *builder) inGoroutine(t *touch) bool {
	return t.Kind <= effect.Connected && t.thread != 0 && !t.Serve && b.threads[t.thread-1].Kind != entrypoint.Serve
}

// usedByParent reports whether the parent goes on to use the pool itself after
// it has started children of its own.
func (b *builder) usedByParent(st *start, t *touch) bool {
	return st.Does == process.Start && t.Kind <= effect.Connected && (t.Serve || t.thread == 0 && flow.Reaches(st.at, t.at, nil))
}
