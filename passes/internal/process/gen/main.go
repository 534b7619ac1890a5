// Command gen writes the compact form of the table of processes.
package main

import (
	"fmt"
	"os"

	"github.com/connvet/connvet/passes/internal/process"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run() error {
	data, err := process.Compact(os.DirFS("data"))
	if err != nil {
		return err
	}
	return os.WriteFile("data/compact.txt", data, 0o644)
}
