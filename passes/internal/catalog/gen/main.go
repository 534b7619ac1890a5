// Command gen writes the catalog's compact form.
package main

import (
	"fmt"
	"os"

	"github.com/connvet/connvet/passes/internal/catalog"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run() error {
	data, err := catalog.Compact(os.DirFS("data"))
	if err != nil {
		return err
	}
	return os.WriteFile("data/compact.txt", data, 0o644)
}
