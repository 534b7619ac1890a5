// Package locks protects connections by locks, or seems to.
package locks

import (
	"context"
	"sync"

	"github.com/gorilla/websocket"
	"github.com/jackc/pgx/v5"
)

const touch = "update t set at = now()"

// BadOwnLock makes a lock per goroutine, which nobody else ever holds.
func BadOwnLock(ctx context.Context, conn *pgx.Conn) {
	for range 2 {
		go func() {
			var mu sync.Mutex
			mu.Lock()
			defer mu.Unlock()
			_, _ = conn.Exec(ctx, touch) // want "conn.Exec may run at the same time as itself"
		}()
	}
}

// BadLockPerTurn makes a lock per turn of the loop.
func BadLockPerTurn(ctx context.Context, conn *pgx.Conn) {
	for range 2 {
		mu := new(sync.Mutex)
		go func() {
			mu.Lock()
			defer mu.Unlock()
			_, _ = conn.Exec(ctx, touch) // want "conn.Exec may run at the same time as itself"
		}()
	}
}

// BadReadLock holds a lock that many may hold.
func BadReadLock(ctx context.Context, conn *pgx.Conn) {
	var mu sync.RWMutex
	for range 2 {
		go func() {
			mu.RLock()
			defer mu.RUnlock()
			_, _ = conn.Exec(ctx, touch) // want "conn.Exec may run at the same time as itself"
		}()
	}
}

// BadOneSide locks in the goroutine only.
func BadOneSide(ctx context.Context, conn *pgx.Conn) error {
	var mu sync.Mutex
	go func() {
		mu.Lock()
		defer mu.Unlock()
		_, _ = conn.Exec(ctx, touch)
	}()
	return conn.Ping(ctx) // want "conn.Ping may run at the same time"
}

// BadOtherSide locks in the spawner only.
func BadOtherSide(ctx context.Context, conn *pgx.Conn) error {
	var mu sync.Mutex
	go func() {
		_, _ = conn.Exec(ctx, touch)
	}()
	mu.Lock()
	defer mu.Unlock()
	return conn.Ping(ctx) // want "conn.Ping may run at the same time"
}

// BadLockHeldAtSpawn holds the lock when it spawns: a goroutine inherits none.
func BadLockHeldAtSpawn(ctx context.Context, conn *pgx.Conn) error {
	var mu sync.Mutex
	mu.Lock()
	defer mu.Unlock()
	go func() {
		_, _ = conn.Exec(ctx, touch)
	}()
	return conn.Ping(ctx) // want "conn.Ping may run at the same time"
}

// BadTwoLocks has a lock on each side, but not the same.
func BadTwoLocks(ctx context.Context, conn *pgx.Conn) error {
	var here, there sync.Mutex
	go func() {
		there.Lock()
		defer there.Unlock()
		_, _ = conn.Exec(ctx, touch)
	}()
	here.Lock()
	defer here.Unlock()
	return conn.Ping(ctx) // want "conn.Ping may run at the same time"
}

// BadUnlockedEarly gives the lock back before the use.
func BadUnlockedEarly(ctx context.Context, conn *pgx.Conn, ids []int) error {
	var mu sync.Mutex
	go func() {
		mu.Lock()
		defer mu.Unlock()
		_, _ = conn.Exec(ctx, touch)
	}()
	mu.Lock()
	n := len(ids)
	mu.Unlock()
	_, err := conn.Exec(ctx, touch, n) // want "conn.Exec may run at the same time"
	return err
}

// BadReadSides holds the read lock on both sides.
func BadReadSides(ctx context.Context, conn *pgx.Conn) error {
	var mu sync.RWMutex
	go func() {
		mu.RLock()
		defer mu.RUnlock()
		_ = conn.Ping(ctx)
	}()
	mu.RLock()
	defer mu.RUnlock()
	return conn.Ping(ctx) // want "conn.Ping may run at the same time"
}

// OkMutex locks on both sides.
func OkMutex(ctx context.Context, conn *pgx.Conn) error {
	var mu sync.Mutex
	go func() {
		mu.Lock()
		defer mu.Unlock()
		_, _ = conn.Exec(ctx, touch)
	}()
	mu.Lock()
	defer mu.Unlock()
	return conn.Ping(ctx)
}

// OkMutexInLoop has the goroutines of a loop take turns.
func OkMutexInLoop(ctx context.Context, conn *pgx.Conn) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			mu.Lock()
			_, _ = conn.Exec(ctx, touch)
			mu.Unlock()
		})
	}
	wg.Wait()
}

// OkWriteLock takes the write side of a lock everywhere.
func OkWriteLock(ctx context.Context, conn *pgx.Conn) {
	var mu sync.RWMutex
	for range 4 {
		go func() {
			mu.Lock()
			defer mu.Unlock()
			_, _ = conn.Exec(ctx, touch)
		}()
	}
}

// OkReadAndWriteLock has one reader side and one writer side.
func OkReadAndWriteLock(ctx context.Context, conn *pgx.Conn) error {
	var mu sync.RWMutex
	go func() {
		mu.RLock()
		defer mu.RUnlock()
		_ = conn.Ping(ctx)
	}()
	mu.Lock()
	defer mu.Unlock()
	return conn.Ping(ctx)
}

type guarded struct {
	mu   sync.Mutex
	conn *pgx.Conn
}

func (g *guarded) exec(ctx context.Context) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	_, err := g.conn.Exec(ctx, touch)
	return err
}

// OkGuardedWrapper locks inside the methods of a wrapper.
func OkGuardedWrapper(ctx context.Context, conn *pgx.Conn) error {
	g := &guarded{conn: conn}
	go func() {
		_ = g.exec(ctx)
	}()
	return g.exec(ctx)
}

// OkGuardedField locks the mutex beside the field.
func OkGuardedField(ctx context.Context, g *guarded) error {
	go func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		_, _ = g.conn.Exec(ctx, touch)
	}()
	return g.exec(ctx)
}

// BadAroundWrapper goes around the lock of the wrapper.
func BadAroundWrapper(ctx context.Context, g *guarded) error {
	go func() {
		_ = g.exec(ctx)
	}()
	return g.conn.Ping(ctx) // want "conn.Ping may run at the same time"
}

func (g *guarded) lock()   { g.mu.Lock() }
func (g *guarded) unlock() { g.mu.Unlock() }

// OkLockHelpers locks through helpers.
func OkLockHelpers(ctx context.Context, g *guarded) error {
	go func() {
		_ = g.exec(ctx)
	}()
	g.lock()
	defer g.unlock()
	return g.conn.Ping(ctx)
}

// OkChannelLock has a channel of one token for a lock.
func OkChannelLock(ctx context.Context, conn *pgx.Conn) error {
	token := make(chan struct{}, 1)
	go func() {
		token <- struct{}{}
		defer func() { <-token }()
		_, _ = conn.Exec(ctx, touch)
	}()
	token <- struct{}{}
	defer func() { <-token }()
	return conn.Ping(ctx)
}

// OkUnknownLock is protected by a lock of unknown make.
func OkUnknownLock(ctx context.Context, conn *pgx.Conn, l sync.Locker) error {
	go func() {
		l.Lock()
		defer l.Unlock()
		_, _ = conn.Exec(ctx, touch)
	}()
	l.Lock()
	defer l.Unlock()
	return conn.Ping(ctx)
}

// OkWriterLock has two writers that lock, beside a reader that need not.
func OkWriterLock(ws *websocket.Conn, message []byte) error {
	var mu sync.Mutex
	go func() {
		mu.Lock()
		defer mu.Unlock()
		_ = ws.WriteMessage(websocket.TextMessage, message)
	}()
	go func() {
		mu.Lock()
		defer mu.Unlock()
		_ = ws.WriteMessage(websocket.PingMessage, nil)
	}()
	_, _, err := ws.ReadMessage()
	return err
}

// sender writes frames in the background, at most one goroutine at a time:
// whoever takes the lock starts it, and it gives the lock back.
type sender struct {
	writing sync.Mutex
	mu      sync.Mutex
	queue   [][]byte
	ws      *websocket.Conn
}

func (s *sender) wake() {
	if s.writing.TryLock() {
		go s.drain()
	}
}

func (s *sender) next() (frame []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.queue) > 0 {
		frame, s.queue = s.queue[0], s.queue[1:]
	}
	return frame
}

func (s *sender) drain() {
	for {
		if frame := s.next(); frame != nil {
			_ = s.ws.WriteMessage(websocket.BinaryMessage, frame)
		}
		s.writing.Unlock()
		if len(s.queue) == 0 || !s.writing.TryLock() {
			return
		}
	}
}

func (s *sender) send(frame []byte) {
	s.mu.Lock()
	s.queue = append(s.queue, frame)
	s.mu.Unlock()
	s.wake()
}

// OkLockHandedOver starts the writer with the lock taken.
func OkLockHandedOver(ws *websocket.Conn, frames [][]byte) {
	s := &sender{ws: ws}
	for _, f := range frames {
		s.send(f)
	}
	s.writing.Lock()
	_ = ws.WriteMessage(websocket.TextMessage, []byte("bye"))
	s.writing.Unlock()
}

// OkLockHandedToLiteral gives the lock to a goroutine that unlocks it at its end.
func OkLockHandedToLiteral(ctx context.Context, conn *pgx.Conn, ids []int) {
	var mu sync.Mutex
	for _, id := range ids {
		mu.Lock()
		go func() {
			defer mu.Unlock()
			_, _ = conn.Exec(ctx, touch, id)
		}()
	}
}

// BadUsedAfterHandedLock uses the connection after it gave the lock back.
func BadUsedAfterHandedLock(ctx context.Context, conn *pgx.Conn, ids []int) {
	var mu sync.Mutex
	for _, id := range ids {
		mu.Lock()
		go func() {
			_, _ = conn.Exec(ctx, touch, id) // want "conn.Exec may run at the same time as the use on line"
			mu.Unlock()
			_ = conn.Ping(ctx)
		}()
	}
}
