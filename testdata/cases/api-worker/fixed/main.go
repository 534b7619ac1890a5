// Command fixed locates addresses, and gives back the connections of its workers.
package main

import (
	"flag"
	"log"
	"net/http"
	"time"

	"github.com/connvet/connvet/testdata/cases/api-worker/fixed/app"
	"github.com/connvet/connvet/testdata/cases/api-worker/geocoder"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "address to listen on")
	database := flag.String("database", "postgres://127.0.0.1/addresses", "URL of the database")
	service := flag.String("geocoder", "http://127.0.0.1:8081", "URL of the geocoder")
	flag.Parse()

	a, err := app.New(*database, geocoder.New(*service))
	if err != nil {
		log.Fatal(err)
	}
	server := &http.Server{Addr: *addr, Handler: a.Handler(), ReadHeaderTimeout: 5 * time.Second}
	log.Printf("listening on http://%s", *addr)
	log.Fatal(server.ListenAndServe())
}
