// Command fixed serves the landing page's API with a pooled connection per request.
package main

import (
	"flag"
	"log"
	"net/http"
	"time"

	"github.com/connvet/connvet/testdata/cases/landing-page/fixed/api"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "address to listen on")
	flag.Parse()

	server := &http.Server{Addr: *addr, Handler: api.Handler(), ReadHeaderTimeout: 5 * time.Second}
	log.Printf("listening on http://%s/api/stats", *addr)
	log.Fatal(server.ListenAndServe())
}
