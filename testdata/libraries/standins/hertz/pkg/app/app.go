// Package app stands in for the package of this name of hertz, with no more of
// its API than the entry points and the golden packages use.
package app

import "context"

type (
	// RequestContext is one request and its response.
	RequestContext struct{ status int }
	// HandlerFunc handles a request.
	HandlerFunc func(c context.Context, ctx *RequestContext)
)

func (ctx *RequestContext) Next(c context.Context)     {}
func (ctx *RequestContext) JSON(code int, obj any)     { ctx.status = code }
func (ctx *RequestContext) Param(key string) string    { return key }
func (ctx *RequestContext) AbortWithStatus(status int) { ctx.status = status }
