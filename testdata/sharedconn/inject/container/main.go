// Package main takes its repositories from a container.
package main

import (
	"context"
	"net/http"

	"github.com/connvet/connvet/testdata/sharedconn/inject/container/deps"
)

type adder interface{ Add(context.Context) error }

type handler struct{ a adder }

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.a.Add(r.Context()) } // want "^c is shared by every call of handler handler.ServeHTTP without a lock"

// BadApp serves handler with the repository over the connection: see ServeHTTP.
func BadApp() {
	app := deps.New("")
	http.Handle("/users", &handler{app.Users()})
	http.ListenAndServe("", nil)
}

// OkApp uses that one at start-up only.
func OkApp() {
	app := deps.New("")
	app.Users().Add(context.Background())
	http.Handle("/users", &handler{app.Good()})
	http.ListenAndServe("", nil)
}

type api struct{ app *deps.App }

// BadCreate asks the container in each request, which has one connection for all.
func (a *api) BadCreate(w http.ResponseWriter, r *http.Request) {
	a.app.Users().Add(r.Context()) // want "^a.app.users.c is shared by every call of handler api.BadCreate without a lock"
}

// OkCreate asks for the other.
func (a *api) OkCreate(w http.ResponseWriter, r *http.Request) {
	a.app.Good().Add(r.Context())
}

func main() {
	BadApp()
	OkApp()
	a := &api{deps.New("")}
	http.HandleFunc("/", a.BadCreate)
	http.HandleFunc("/2", a.OkCreate)
	http.ListenAndServe("", nil)
}
