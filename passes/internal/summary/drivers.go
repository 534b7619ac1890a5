package summary

import (
	"go/constant"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/connvet/connvet/passes/internal/catalog"
)

// seeDrivers lists the drivers of database/sql that the package can see: those
// it imports, those its imports see, and those it names when it opens a pool.
func (e *engine) seeDrivers() []string {
	out := slices.Clone(e.facts.drivers)
	for _, imp := range e.pass.Pkg.Imports() {
		if path := catalog.StripVendor(imp.Path()); e.cat.Driver(path) != nil {
			out = append(out, path)
		}
	}
	for _, fn := range e.pkg.Funcs {
		for _, b := range fn.Blocks {
			for _, i := range b.Instrs {
				if c, ok := i.(*ssa.Call); ok {
					out = append(out, e.openedDriver(c)...)
				}
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// openers are the functions that open a pool by the name of its driver.
var openers = map[string]bool{
	"database/sql.Open": true, "github.com/jmoiron/sqlx.Open": true, "github.com/jmoiron/sqlx.MustOpen": true,
	"github.com/jmoiron/sqlx.Connect": true, "github.com/jmoiron/sqlx.MustConnect": true,
}

// openedDriver gives the driver that a call names.
func (e *engine) openedDriver(c *ssa.Call) []string {
	fn := c.Call.StaticCallee()
	if fn == nil || len(c.Call.Args) == 0 || !openers[e.key(fn)] {
		return nil
	}
	name, ok := c.Call.Args[0].(*ssa.Const)
	if !ok || name.Value == nil || name.Value.Kind() != constant.String {
		return nil
	}
	for _, d := range e.cat.Drivers() {
		if slices.Contains(d.Names, constant.StringVal(name.Value)) {
			return []string{d.Package}
		}
	}
	return nil
}
