// Package entweb serves what a generated ent client reads: over the pool, or
// over a transaction that somebody began at start-up.
package entweb

import (
	"context"
	"net/http"

	"github.com/connvet/connvet/testdata/unclosedconn/generated/ent"
)

// api has the whole client; serveClientOfTx gives it that of a transaction.
type api struct{ client *ent.Client }

func (a *api) BadCreate(w http.ResponseWriter, r *http.Request) {
	if err := a.client.User.Create().SetName(r.FormValue("name")).Exec(r.Context()); err != nil { // want "^tx.tx is shared by every call of handler api.BadCreate without a lock \\(dialect.Tx "
		w.WriteHeader(http.StatusInternalServerError)
	}
}

// counter has the builders of one type.
type counter struct{ users *ent.UserClient }

func (c *counter) BadCount(w http.ResponseWriter, r *http.Request) {
	if _, err := c.users.Query().Count(r.Context()); err != nil { // want "^tx.tx is shared by every call of .* without a lock \\(dialect.Tx "
		w.WriteHeader(http.StatusInternalServerError)
	}
}

// okAPI begins a transaction for each request.
type okAPI struct{ client *ent.Client }

func (a *okAPI) OkCreate(w http.ResponseWriter, r *http.Request) {
	tx, err := a.client.Tx(r.Context())
	if err != nil {
		return
	}
	defer tx.Rollback()
	if tx.User.Create().SetName("a").Exec(r.Context()) == nil && insert(r.Context(), tx.Client()) == nil {
		tx.Commit()
	}
}

func (a *okAPI) OkCount(w http.ResponseWriter, r *http.Request) {
	a.client.User.Query().Count(r.Context())
	insert(r.Context(), a.client.Debug())
}

func insert(ctx context.Context, c *ent.Client) error { return c.User.Create().Exec(ctx) }

// okCounter is the same type as serveTxBuilders serves, over the pool.
type okCounter struct{ users *ent.UserClient }

func (c *okCounter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.users.Query().Count(r.Context())
}

// serveClientOfTx serves everything from the client of one transaction.
func serveClientOfTx(ctx context.Context, client *ent.Client, mux *http.ServeMux) error {
	tx, err := client.Tx(ctx)
	if err != nil {
		return err
	}
	a := &api{client: tx.Client()}
	mux.HandleFunc("/create", a.BadCreate)
	return nil
}

// serveTxBuilders serves counts from the builders of one transaction.
func serveTxBuilders(ctx context.Context, client *ent.Client, mux *http.ServeMux) error {
	tx, err := client.Tx(ctx)
	if err != nil {
		return err
	}
	c := &counter{users: tx.User}
	mux.HandleFunc("/count", c.BadCount)
	return nil
}

// Serve opens the pool.
func Serve(ctx context.Context) error {
	client, err := ent.Open("postgres", "")
	if err != nil {
		return err
	}
	defer client.Close()
	mux := http.NewServeMux()
	if err := serveClientOfTx(ctx, client, mux); err != nil {
		return err
	}
	if err := serveTxBuilders(ctx, client, mux); err != nil {
		return err
	}
	ok := &okAPI{client: client}
	mux.HandleFunc("/ok", ok.OkCreate)
	mux.HandleFunc("/ok/count", ok.OkCount)
	mux.Handle("/ok/counter", &okCounter{users: client.User})
	return http.ListenAndServe(":8080", mux)
}
