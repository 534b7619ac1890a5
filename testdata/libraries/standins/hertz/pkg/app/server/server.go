// Package server stands in for the package of this name of hertz, with no more of
// its API than the entry points and the golden packages use.
package server

import "github.com/cloudwego/hertz/pkg/route"

// Hertz is a server that ends with the process.
type Hertz struct{ *route.Engine }

func Default() *Hertz { return &Hertz{&route.Engine{}} }

func (h *Hertz) Spin() {}
