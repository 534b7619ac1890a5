// Command custom is golangci-lint with connvet in it: what "golangci-lint custom"
// makes of .custom-gcl.yml, without a clone.
package main

import (
	"os"

	"github.com/golangci/golangci-lint/v2/pkg/commands"
	"github.com/golangci/golangci-lint/v2/pkg/exitcodes"

	_ "github.com/connvet/connvet/passes/golangci"
)

func main() {
	// With this version golangci-lint keys its cache by the binary.
	if err := commands.Execute(commands.BuildInfo{Version: "(devel)"}); err != nil {
		os.Exit(exitcodes.Failure)
	}
}
