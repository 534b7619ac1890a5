// Command server is the pre-forking server, in one of its variants.
package main

import (
	"flag"
	"log"
	"maps"
	"slices"
	"strings"

	"github.com/connvet/connvet/testdata/cases/prefork-pool/broken"
	"github.com/connvet/connvet/testdata/cases/prefork-pool/fiber/guarded"
	"github.com/connvet/connvet/testdata/cases/prefork-pool/fiber/unguarded"
	"github.com/connvet/connvet/testdata/cases/prefork-pool/fixed/closebefore"
	"github.com/connvet/connvet/testdata/cases/prefork-pool/fixed/nopool"
	"github.com/connvet/connvet/testdata/cases/prefork-pool/fixed/openafter"
)

// variants are the servers by name. Each serves until it is told to end.
var variants = map[string]func(addr, database string) error{
	"broken":      broken.Serve,
	"openafter":   openafter.Serve,
	"closebefore": closebefore.Serve,
	"nopool":      nopool.Serve,
	"unguarded":   unguarded.Serve,
	"guarded":     guarded.Serve,
}

func main() {
	names := strings.Join(slices.Sorted(maps.Keys(variants)), ", ")
	variant := flag.String("variant", "broken", "one of "+names)
	addr := flag.String("addr", "127.0.0.1:8080", "address to listen on")
	database := flag.String("database", "postgres://127.0.0.1/letters?sslmode=disable", "URL of the database")
	flag.Parse()

	serve, known := variants[*variant]
	if !known {
		log.Fatalf("no variant %q; there are %s", *variant, names)
	}
	if err := serve(*addr, *database); err != nil {
		log.Fatal(err)
	}
}
