// Package web stands in for the package of this name of beego, with no more of
// its API than the entry points and the golden packages use.
package web

import "github.com/beego/beego/v2/server/web/context"

type (
	// Controller is embedded in controllers.
	Controller struct {
		Ctx  *context.Context
		Data map[any]any
	}
	// ControllerInterface is what a controller is known by.
	ControllerInterface interface {
		Prepare()
		Finish()
		Get()
		Post()
	}
	// HandleFunc handles a request without a controller.
	HandleFunc func(ctx *context.Context)
	// FilterFunc runs before or after.
	FilterFunc = HandleFunc
	// FilterOpt is an option of a filter.
	FilterOpt func()
	// LinkNamespace is part of a namespace.
	LinkNamespace func(*Namespace)
	// Namespace has routes below a prefix.
	Namespace struct{ links []LinkNamespace }
	// HttpServer is the server that routes are put into.
	HttpServer struct{ routes []any }
)

// BeforeExec is a position of filters.
const BeforeExec = 2

func (c *Controller) Prepare()                {}
func (c *Controller) Finish()                 {}
func (c *Controller) Get()                    {}
func (c *Controller) Post()                   {}
func (c *Controller) ServeJSON(...bool) error { return nil }

// BeeApp is the server of the functions of this package.
var BeeApp = &HttpServer{}

func (s *HttpServer) add(r any) *HttpServer {
	s.routes = append(s.routes, r)
	return s
}

func Router(rootpath string, c ControllerInterface, mappingMethods ...string) *HttpServer {
	return BeeApp.add(c)
}
func RESTRouter(rootpath string, c ControllerInterface) *HttpServer { return BeeApp.add(c) }
func AutoPrefix(prefix string, c ControllerInterface) *HttpServer   { return BeeApp.add(c) }
func AutoRouter(c ControllerInterface) *HttpServer                  { return BeeApp.add(c) }
func Include(cList ...ControllerInterface) *HttpServer              { return BeeApp.add(cList) }
func Get(rootpath string, f HandleFunc) *HttpServer                 { return BeeApp.add(f) }
func Post(rootpath string, f HandleFunc) *HttpServer                { return BeeApp.add(f) }

func InsertFilter(pattern string, pos int, filter FilterFunc, opts ...FilterOpt) *HttpServer {
	return BeeApp.add(filter)
}

func NewNamespace(prefix string, params ...LinkNamespace) *Namespace { return &Namespace{params} }
func AddNamespace(nl ...*Namespace)                                  { BeeApp.add(nl) }

func NSRouter(rootpath string, c ControllerInterface, mappingMethods ...string) LinkNamespace {
	return func(*Namespace) { BeeApp.add(c) }
}

func NSAutoPrefix(prefix string, c ControllerInterface) LinkNamespace {
	return func(*Namespace) { BeeApp.add(c) }
}

func NSAutoRouter(c ControllerInterface) LinkNamespace {
	return func(*Namespace) { BeeApp.add(c) }
}

func NSInclude(cList ...ControllerInterface) LinkNamespace {
	return func(*Namespace) { BeeApp.add(cList) }
}

// MiddleWare is put around the server.
type MiddleWare func()

func Run(params ...string)                              {}
func RunWithMiddleWares(addr string, mws ...MiddleWare) {}
