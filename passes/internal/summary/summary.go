// Package summary is the only pass with facts. It reports nothing.
package summary

import (
	"reflect"

	"golang.org/x/tools/go/analysis"
)

// Package is the only fact.
type Package struct{ Relevant bool }

// AFact marks Package as a fact.
func (*Package) AFact() {}

// Result is what the rules read.
type Result struct{}

// Analyzer summarises the functions of a package.
var Analyzer = &analysis.Analyzer{
	Name:       "connsummary",
	Doc:        "summarise what functions do with connections",
	Run:        func(*analysis.Pass) (any, error) { return &Result{}, nil },
	ResultType: reflect.TypeFor[*Result](),
	FactTypes:  []analysis.Fact{new(Package)},
}
