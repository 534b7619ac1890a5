// Command connvet finds connections that are used wrongly: shared between
// goroutines, captured by one that outlives their owner, or never closed.
//
// It is run as
//
//	connvet [flags] [packages]
//
// or by the go command:
//
//	go vet -vettool=$(which connvet) [packages]
package main

import (
	"fmt"
	"os"

	"github.com/connvet/connvet/cmd/connvet/internal/cli"
	"github.com/connvet/connvet/cmd/connvet/internal/vettool"
	"github.com/connvet/connvet/passes"
)

func main() {
	if vettool.Wanted(os.Args[1:]) {
		fmt.Fprintln(os.Stderr, "connvet:", vettool.Main(passes.Rules()))
		os.Exit(2)
	}
	os.Exit(cli.Main(os.Args[1:], cli.Process(), passes.Rules()))
}
