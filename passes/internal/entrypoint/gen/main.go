// Command gen writes the compact form of the entry points.
package main

import (
	"fmt"
	"os"

	"github.com/connvet/connvet/passes/internal/entrypoint"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run() error {
	data, err := entrypoint.Compact(os.DirFS("data"))
	if err != nil {
		return err
	}
	return os.WriteFile("data/compact.txt", data, 0o644)
}
