// Command others is the close linters that connvet is measured against, as one
// program: each alone would load everything again.
package main

import (
	"github.com/golangci/rowserrcheck/passes/rowserr"
	"github.com/ryanrolds/sqlclosecheck/pkg/analyzer"
	"github.com/timakin/bodyclose/passes/bodyclose"
	"golang.org/x/tools/go/analysis/multichecker"
)

func main() {
	multichecker.Main(
		analyzer.NewAnalyzer(),
		bodyclose.Analyzer,
		rowserr.NewAnalyzer("github.com/jmoiron/sqlx"),
	)
}
