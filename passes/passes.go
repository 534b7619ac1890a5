package passes

import (
	"golang.org/x/tools/go/analysis"

	"github.com/connvet/connvet/passes/busyconn"
	"github.com/connvet/connvet/passes/capturedconn"
	"github.com/connvet/connvet/passes/inheritedconn"
	"github.com/connvet/connvet/passes/sharedconn"
	"github.com/connvet/connvet/passes/transientpool"
	"github.com/connvet/connvet/passes/unclosedconn"
)

// Rules is the suite, in the order in which the README explains it.
func Rules() []*analysis.Analyzer {
	return []*analysis.Analyzer{
		sharedconn.Analyzer,
		capturedconn.Analyzer,
		unclosedconn.Analyzer,
		busyconn.Analyzer,
		transientpool.Analyzer,
		inheritedconn.Analyzer,
	}
}
