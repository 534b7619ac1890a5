//go:build unix

package main

import (
	"os"
	"runtime"
	"syscall"
)

// peak is the largest resident size that the process or one of its children had.
func peak(state *os.ProcessState) int64 {
	r, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	if runtime.GOOS == "darwin" || runtime.GOOS == "ios" {
		return int64(r.Maxrss) //nolint:unconvert // 32 bits wide on some systems
	}
	return int64(r.Maxrss) << 10 //nolint:unconvert // elsewhere it counts in kilobytes, in 32 bits on some systems
}
