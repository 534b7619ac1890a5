// Package route stands in for the package of this name of hertz, with no more of
// its API than the entry points and the golden packages use.
package route

import "github.com/cloudwego/hertz/pkg/app"

type (
	// IRoutes has routes.
	IRoutes interface {
		Use(...app.HandlerFunc) IRoutes
	}
	// RouterGroup has routes below a path.
	RouterGroup struct{ handlers []app.HandlerFunc }
	// Engine is a server.
	Engine struct{ RouterGroup }
)

func (group *RouterGroup) Use(middleware ...app.HandlerFunc) IRoutes {
	group.handlers = append(group.handlers, middleware...)
	return group
}

func (group *RouterGroup) Group(relativePath string, handlers ...app.HandlerFunc) *RouterGroup {
	return &RouterGroup{handlers}
}

func (group *RouterGroup) GET(relativePath string, handlers ...app.HandlerFunc) IRoutes {
	return group.Use(handlers...)
}

func (group *RouterGroup) POST(relativePath string, handlers ...app.HandlerFunc) IRoutes {
	return group.Use(handlers...)
}

func (engine *Engine) Run() error { return nil }
