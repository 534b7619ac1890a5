package summary

import (
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/connvet/connvet/passes/internal/access"
	"github.com/connvet/connvet/passes/internal/catalog"
)

// Always reports whether an assertion to a concrete type cannot fail: all that
// the operand may be was made an interface value of that type, or it is the
// address of a socket of the same network.
func (o *oracle) Always(a *ssa.TypeAssert) bool {
	if types.IsInterface(a.AssertedType) {
		return false
	}
	key := catalog.TypeKey(a.AssertedType)
	if of := addressed(a.X); of != "" {
		return addresses[of] == key
	}
	vs := o.b.eval(a.X)
	return len(vs) > 0 && !slices.ContainsFunc(vs, func(v access.Value) bool { return v.Type != key })
}

// addresses are the types of the addresses of sockets.
var addresses = map[string]string{
	"*net.TCPConn": "*net.TCPAddr", "*net.TCPListener": "*net.TCPAddr", "*net.UDPConn": "*net.UDPAddr",
	"*net.IPConn": "*net.IPAddr", "*net.UnixConn": "*net.UnixAddr", "*net.UnixListener": "*net.UnixAddr",
}

// addressed gives the type of the socket that a value is an address of, "" if
// it is none.
func addressed(v ssa.Value) string {
	c, ok := v.(*ssa.Call)
	if !ok || c.Call.IsInvoke() || len(c.Call.Args) != 1 {
		return ""
	}
	fn, ok := c.Call.Value.(*ssa.Function)
	if !ok {
		return ""
	}
	x := c.Call.Args[0]
	if f, ok := x.(*ssa.FieldAddr); ok && fieldOf(f.X.Type(), f.Field).Embedded() {
		x = f.X
	}
	switch fn.Name() {
	case "LocalAddr", "RemoteAddr", "Addr":
		return catalog.TypeKey(x.Type())
	}
	return ""
}
