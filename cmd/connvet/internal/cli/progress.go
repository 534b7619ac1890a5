package cli

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// quiet is how long a run may take before it shows how far it is.
const quiet = 2 * time.Second

// progress shows one line on a terminal, on long runs only.
type progress struct {
	mu    sync.Mutex
	w     io.Writer // nil for none
	start time.Time
	last  time.Time
	shown bool
}

func newProgress(w io.Writer, terminal bool) *progress {
	if !terminal {
		w = nil
	}
	return &progress{w: w, start: time.Now()}
}

func (p *progress) update(done, total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if p.w == nil || now.Sub(p.start) < quiet || now.Sub(p.last) < 100*time.Millisecond {
		return
	}
	p.last, p.shown = now, true
	fmt.Fprintf(p.w, "\r\x1b[Kconnvet: %d of %d packages", done, total)
}

// stop clears the line.
func (p *progress) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
	p.w = nil
}
