// Package context stands in for the package of this name of beego, with no more
// of its API than the golden packages use.
package context

import "net/http"

// Context is one request and its response.
type Context struct {
	Request        *http.Request
	ResponseWriter http.ResponseWriter
}
