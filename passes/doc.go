// Package passes is the suite: the rules of connvet, and below it all they are
// built from.
//
// # The map
//
//	cmd/connvet             the binary, with two fronts: standalone and go vet -vettool
//	passes                  the ordered list of rules, and what a driver may configure
//	passes/RULE             one rule: doc.go is its page, RULE.go turns results into findings
//	passes/golangci         the same rules as a golangci-lint module plugin
//	passes/internal/rule    makes an analyzer of what a rule finds
//	passes/internal/summary the only pass with facts: follows values through each function,
//	                        instantiates callees, judges the package; reports nothing
//	passes/internal/obligation  what is owed inside a function, and on which exits
//	passes/internal/threads     what runs at the same time inside a function
//	passes/internal/sharing     what entries reach together
//	passes/internal/lockset     which locks are held where
//	passes/internal/effect      what a summary says
//	passes/internal/access      names of values: a root and the steps from it
//	passes/internal/catalog     contracts, acquisitions and releases, one data file per library
//	passes/internal/entrypoint  where code starts to run concurrently, one data file per library
//	passes/internal/process     what gives connections to child processes, one data file per library
//	passes/internal/datafile    how those data files are read
//	passes/internal/diag        the only place that reports; ignore comments
//	passes/internal/golden      the harness of the golden packages under testdata
//
// Layers only look down; layers_test.go and .golangci.yml enforce it.
//
// # To add a library
//
// Write passes/internal/catalog/data/NAME.yaml (the grammar is the catalog's
// package comment), and passes/internal/entrypoint/data/NAME.yaml if it calls
// user code. Require the module in testdata/go.mod and import it in
// testdata/libraries. Run go generate ./passes/internal/..., then go test
// ./passes/internal/...: a symbol that the module does not have fails. Add
// functions that use it to a golden package.
//
// # To add a rule
//
// Make a folder named by the misuse, in one word, with doc.go (the page, with
// the headings of the others), RULE.go (rule.New) and RULE_test.go, golden packages under
// testdata/RULE with more Ok functions than Bad ones, and a line in Rules.
package passes
