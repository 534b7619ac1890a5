// Package guard has locks for others.
package guard

import "sync"

// With runs f under the lock.
func With(l sync.Locker, f func()) {
	l.Lock()
	defer l.Unlock()
	f()
}

// Gate lets one in at a time.
type Gate struct{ c chan struct{} }

// New makes a gate.
func New() *Gate { return &Gate{c: make(chan struct{}, 1)} }

// Enter waits, and gives the function that leaves.
func (g *Gate) Enter() func() {
	g.c <- struct{}{}
	return func() { <-g.c }
}

// Wide lets four in.
func Wide() *Gate { return &Gate{c: make(chan struct{}, 4)} }

const one = 1

// NewConst makes a gate.
func NewConst() *Gate { return &Gate{c: make(chan struct{}, one)} }

// Hold locks and gives the unlock.
func Hold(mu *sync.Mutex) (unlock func()) {
	mu.Lock()
	return mu.Unlock
}
