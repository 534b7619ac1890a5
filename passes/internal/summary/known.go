package summary

import (
	"strings"

	"github.com/connvet/connvet/passes/internal/access"
	"github.com/connvet/connvet/passes/internal/effect"
)

// knownCalls are functions of std whose effect on values is built in: places
// that are read and written through methods, and what waits or signals.
var knownCalls = map[string]func(*builder, *site) [][]access.Value{
	"(*sync.WaitGroup).Wait": (*builder).callJoin,
	"(*time.Timer).Stop":     (*builder).callJoin,
	"(*sync.WaitGroup).Done": (*builder).callSignal,
	"(*sync.WaitGroup).Add":  nothing,

	"(*sync.Pool).Get": (*builder).callTake,
	"(*sync.Pool).Put": (*builder).callPut,

	"(*sync/atomic.Pointer).Load":           (*builder).callLoad,
	"(*sync/atomic.Pointer).Store":          (*builder).callStore,
	"(*sync/atomic.Pointer).Swap":           (*builder).callSwap,
	"(*sync/atomic.Pointer).CompareAndSwap": (*builder).callStoreSecond,
	"(*sync/atomic.Value).Load":             (*builder).callLoad,
	"(*sync/atomic.Value).Store":            (*builder).callStore,
	"(*sync/atomic.Value).Swap":             (*builder).callSwap,

	"(*sync.Map).Load":          (*builder).callLoadElem,
	"(*sync.Map).Store":         (*builder).callStoreElem,
	"(*sync.Map).LoadOrStore":   (*builder).callLoadElem,
	"(*sync.Map).LoadAndDelete": (*builder).callLoadElem,
	"(*sync.Map).Range":         (*builder).callRange,

	"(*sync.Mutex).Lock": nothing, "(*sync.Mutex).Unlock": nothing, "(*sync.Mutex).TryLock": nothing,
	"(*sync.RWMutex).Lock": nothing, "(*sync.RWMutex).Unlock": nothing, "(*sync.RWMutex).TryLock": nothing,
	"(*sync.RWMutex).RLock": nothing, "(*sync.RWMutex).RUnlock": nothing, "(*sync.RWMutex).TryRLock": nothing,
	"(*sync.RWMutex).RLocker": (*builder).callRLocker,
	"(sync.Locker).Lock":      nothing, "(sync.Locker).Unlock": nothing,
	"golang.org/x/sync/semaphore.NewWeighted":         (*builder).callSemaphore,
	"(*golang.org/x/sync/semaphore.Weighted).Acquire": nothing, "(*golang.org/x/sync/semaphore.Weighted).TryAcquire": nothing,
	"(*golang.org/x/sync/semaphore.Weighted).Release": nothing,

	"sync.NewCond":           (*builder).callCond,
	"(*sync.Cond).Wait":      (*builder).callCondWait,
	"(*sync.Cond).Signal":    (*builder).callWake,
	"(*sync.Cond).Broadcast": (*builder).callWake,

	"context.WithValue":                      (*builder).callContext,
	"context.WithCancel":                     (*builder).callFirst,
	"context.WithTimeout":                    (*builder).callFirst,
	"context.WithDeadline":                   (*builder).callFirst,
	"context.WithCancelCause":                (*builder).callFirst,
	"context.WithoutCancel":                  (*builder).callFirst,
	"golang.org/x/sync/errgroup.WithContext": (*builder).callGroupContext,
	"(context.Context).Value":                (*builder).callContextValue,
	"(context.Context).Done":                 nothing,
	"(context.Context).Err":                  nothing,
	"(*net/http.Request).Context":            (*builder).callRequestContext,
	"(*net/http.Request).WithContext":        (*builder).callWithContext,
	"(*net/http.Request).Clone":              (*builder).callWithContext,
}

// lockedPlace is the step to the value inside an atomic or pool.
const lockedPlace = "(value)"

// The steps from a request to its context, and from a context to the one it was made of.
const (
	requestContext = "(context)"
	parentContext  = "(parent)"
)

func nothing(_ *builder, s *site) [][]access.Value {
	return make([][]access.Value, s.sig.Results().Len())
}

func (b *builder) callJoin(s *site) [][]access.Value {
	if len(s.args) > 0 {
		b.joins = append(b.joins, join{handle: s.args[0], at: s.ctx.at, deferred: s.ctx.deferred, thread: s.ctx.thread})
	}
	return nothing(b, s)
}

func (b *builder) callSignal(s *site) [][]access.Value {
	if len(s.args) > 0 {
		b.signal(s.args[0], s.ctx)
	}
	return nothing(b, s)
}

// callRLocker gives the lock of the readers.
func (b *builder) callRLocker(s *site) [][]access.Value {
	return [][]access.Value{b.step(s.args[0], readerSide)}
}

// callSemaphore makes a semaphore.
func (b *builder) callSemaphore(s *site) [][]access.Value {
	o := effect.Object{Kind: effect.Alloc, Thread: s.ctx.thread}
	if len(s.vals) > 0 {
		o.Slots = constInt(s.vals[0])
	}
	return [][]access.Value{fresh(b.newObject(o, s.ctx.at, s.ctx.pos))}
}

// callCond makes a condition, whose lock is the one it is given.
func (b *builder) callCond(s *site) [][]access.Value {
	out := fresh(b.newObject(effect.Object{Kind: effect.Alloc, Thread: s.ctx.thread}, s.ctx.at, s.ctx.pos))
	for _, p := range b.step(out, "L") {
		for _, l := range s.args[0] {
			b.store(p.Path, l, b.eng.test(s.ctx.pos))
		}
	}
	return [][]access.Value{out}
}

// callCondWait waits for a condition.
func (b *builder) callCondWait(s *site) [][]access.Value {
	n := len(b.joins)
	b.callJoin(s)
	if len(b.joins) > n {
		b.joins[n].cond = true
	}
	return nothing(b, s)
}

// callWake tells the waiters of a condition something, nobody knows what: it
// counts as the end of what came before.
func (b *builder) callWake(s *site) [][]access.Value {
	n := len(b.signals)
	b.callSignal(s)
	if len(b.signals) > n {
		b.signals[n].token = true
	}
	return nothing(b, s)
}

// callTake takes a value out of a pool: it belongs to who took it.
func (b *builder) callTake(s *site) [][]access.Value {
	n := b.newObject(effect.Object{Kind: effect.Moved}, s.ctx.at, s.ctx.pos)
	if n >= 0 {
		b.objects[n].Thread = s.ctx.thread
	}
	return [][]access.Value{fresh(n)}
}

// callPut gives a value away.
func (b *builder) callPut(s *site) [][]access.Value {
	if len(s.args) > 1 {
		b.escape(s.ctx, s.args[1])
	}
	return nothing(b, s)
}

func (b *builder) callLoad(s *site) [][]access.Value {
	return [][]access.Value{b.step(s.args[0], lockedPlace)}
}

func (b *builder) callStore(s *site) [][]access.Value { return b.storeArg(s, lockedPlace, 1) }

func (b *builder) callStoreSecond(s *site) [][]access.Value { return b.storeArg(s, lockedPlace, 2) }

func (b *builder) storeArg(s *site, step string, arg int) [][]access.Value {
	if arg < len(s.args) {
		for _, p := range b.step(s.args[0], step) {
			for _, v := range s.args[arg] {
				b.store(p.Path, v, b.eng.test(s.ctx.pos))
			}
		}
	}
	return nothing(b, s)
}

// callSwap stores the new value; the old one belongs to who swapped it out.
func (b *builder) callSwap(s *site) [][]access.Value {
	b.callStore(s)
	return b.callTake(s)
}

func (b *builder) callLoadElem(s *site) [][]access.Value {
	return [][]access.Value{b.step(s.args[0], access.Elem), nil}
}

func (b *builder) callStoreElem(s *site) [][]access.Value { return b.storeArg(s, access.Elem, 2) }

// callRange calls a function with one element after the other before it returns.
func (b *builder) callRange(s *site) [][]access.Value {
	if len(s.args) > 1 {
		b.callback(s, s.args[1], [][]access.Value{nil, b.step(s.args[0], access.Each)})
	}
	return nil
}

// callFirst gives a result that stands for the first argument.
func (b *builder) callFirst(s *site) [][]access.Value {
	out := nothing(b, s)
	if len(s.args) > 0 && len(out) > 0 {
		out[0] = s.args[0]
	}
	return out
}

// callGroupContext makes a group of goroutines and a context that is cancelled with it.
func (b *builder) callGroupContext(s *site) [][]access.Value {
	out := nothing(b, s)
	if len(s.args) > 0 && len(out) > 1 {
		out[0] = fresh(b.newObject(effect.Object{Kind: effect.Alloc, Type: "golang.org/x/sync/errgroup.Group", Thread: s.ctx.thread}, s.ctx.at, s.ctx.pos))
		out[1] = s.args[0]
	}
	return out
}

// callContext makes a context that carries a value.
func (b *builder) callContext(s *site) [][]access.Value {
	if len(s.args) < 3 {
		return nothing(b, s)
	}
	n := b.newObject(effect.Object{Kind: effect.Alloc, Thread: s.ctx.thread, On: s.args[0]}, s.ctx.at, s.ctx.pos)
	if n < 0 {
		return nothing(b, s)
	}
	self := access.Of(access.Root{Kind: access.Fresh, N: n})
	for _, v := range s.args[2] {
		b.store(self.Step(contextStep(s.args[1])), v, b.eng.test(s.ctx.pos))
	}
	for _, v := range s.args[0] {
		b.store(self.Step(parentContext), v, b.eng.test(s.ctx.pos))
	}
	return [][]access.Value{fresh(n)}
}

// inheritedValue gives the places where the value of a key is if it is not in the
// context at hand: in those that it was made of.
func (b *builder) inheritedValue(p access.Path) []access.Value {
	n := p.Len()
	if n == 0 || !strings.HasPrefix(p.Steps[n-1], "<") {
		return nil
	}
	base, key := p.Prefix(n - 1)
	var out []access.Value
	for _, v := range b.heap[base.Step(parentContext)] {
		out = append(out, b.step([]access.Value{v}, key[0])...)
	}
	return out
}

// callWithContext makes a request that carries a context.
func (b *builder) callWithContext(s *site) [][]access.Value {
	n := b.newObject(effect.Object{Kind: effect.Alloc, Type: "*net/http.Request", Thread: s.ctx.thread}, s.ctx.at, s.ctx.pos)
	if n < 0 || len(s.args) < 2 {
		return nothing(b, s)
	}
	self := access.Of(access.Root{Kind: access.Fresh, N: n})
	for _, v := range s.args[1] {
		b.store(self.Step(requestContext), v, b.eng.test(s.ctx.pos))
	}
	return [][]access.Value{fresh(n)}
}

func (b *builder) callRequestContext(s *site) [][]access.Value {
	return [][]access.Value{b.step(s.args[0], requestContext)}
}

func (b *builder) callContextValue(s *site) [][]access.Value {
	if len(s.args) < 2 {
		return nothing(b, s)
	}
	return [][]access.Value{b.step(s.args[0], contextStep(s.args[1]))}
}

// contextStep names the place of a key in a context by the key's type.
func contextStep(key []access.Value) string {
	if len(key) == 1 && key[0].Type != "" {
		return "<" + key[0].Type + ">"
	}
	return "<key>"
}
