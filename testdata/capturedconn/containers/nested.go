package containers

import (
	"context"
	"sync"

	"google.golang.org/grpc"
)

// typed is a sync.Map whose values need no assertion.
type typed[K comparable, V any] struct{ m sync.Map }

func (t *typed[K, V]) load(k K) (v V, ok bool) {
	if x, found := t.m.Load(k); found {
		return x.(V), true
	}
	return v, false
}

func (t *typed[K, V]) each(f func(V)) {
	t.m.Range(func(_, v any) bool {
		f(v.(V))
		return true
	})
}

type follower struct{ stream grpc.ServerStream }

// send lets go of a send that takes too long.
func (f *follower) send(ctx context.Context, msg any) error {
	sent := make(chan error, 1)
	go func() { sent <- f.stream.SendMsg(msg) }()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case err := <-sent:
		return err
	}
}

type audience struct {
	rooms typed[string, *typed[string, *follower]]
}

func (a *audience) of(room string) []*follower {
	members, ok := a.rooms.load(room)
	if !ok {
		return nil
	}
	out := []*follower{}
	members.each(func(f *follower) { out = append(out, f) })
	return out
}

type broadcaster struct{ audience *audience }

// OkFollowers sends to each of those that were copied out of maps in maps: the
// next turn has another stream.
func (b *broadcaster) OkFollowers(ctx context.Context, room string, msg any) {
	for _, f := range b.audience.of(room) {
		if f.send(ctx, msg) != nil {
			return
		}
	}
}

// BadImpatient sends to the same follower again, whether it has got the last message or not.
func (b *broadcaster) BadImpatient(ctx context.Context, f *follower, msgs []any) {
	for _, msg := range msgs {
		_ = f.send(ctx, msg) // want "^f.stream.SendMsg may run at the same time as itself in another goroutine"
	}
}
