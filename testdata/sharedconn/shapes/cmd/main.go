// Package main brings the layers together in every way that mains are written.
package main

import (
	"context"
	"log"
	"net/http"
	"net/smtp"
	"os"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/connvet/connvet/testdata/sharedconn/shapes/service"
	"github.com/connvet/connvet/testdata/sharedconn/shapes/store"
	"github.com/connvet/connvet/testdata/sharedconn/shapes/web"
)

// noMail sends nothing.
type noMail struct{}

func (noMail) Send(string) error { return nil }

// smtpMail sends on one session.
type smtpMail struct{ client *smtp.Client }

func (m *smtpMail) Send(to string) error {
	if err := m.client.Mail("noreply@example.org"); err != nil { // want "^m.client is shared by every call of .*Server.register without a lock \\(\\*smtp.Client"
		return err
	}
	return m.client.Rcpt(to)
}

func connect(ctx context.Context) *pgx.Conn {
	conn, err := pgx.Connect(ctx, os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	return conn
}

func pool(ctx context.Context) *pgxpool.Pool {
	p, err := pgxpool.New(ctx, os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	return p
}

// BadOptions gives the connection to an option of an option-made store.
func BadOptions(ctx context.Context, mux *http.ServeMux) error {
	users, err := store.New(store.WithRetry(3), store.WithDB(connect(ctx)))
	if err != nil {
		return err
	}
	web.Direct(mux, service.New(users, noMail{})) // want "is shared by every call of .*Server.register without a lock"
	return nil
}

func OkOptions(ctx context.Context, mux *http.ServeMux) error {
	users, err := store.New(store.WithRetry(3), store.WithDB(pool(ctx)))
	if err != nil {
		return err
	}
	web.Direct(mux, service.New(users, noMail{}))
	return nil
}

// BadSettings has options on both sides, and a table of routes between.
func BadSettings(ctx context.Context) http.Handler {
	users := store.NewBuilder().On(connect(ctx)).Build()
	srv := web.New(web.WithAccounts(service.New(users, noMail{}))) // want "is shared by every call of .*Server.register without a lock" "is shared by every call of .*Server.name without a lock"
	return srv.Mux()
}

func OkSettings(ctx context.Context) http.Handler {
	users := store.NewBuilder().On(pool(ctx)).Build()
	srv := web.New(web.WithAccounts(service.New(users, noMail{})))
	return srv.Mux()
}

// BadInterfaceOptions has options that are objects.
func BadInterfaceOptions(ctx context.Context, mux *http.ServeMux) {
	users := store.Apply(store.DB(connect(ctx)))
	web.Direct(mux, service.New(users, noMail{})) // want "is shared by every call of .*Server.register without a lock"
}

func OkInterfaceOptions(ctx context.Context, mux *http.ServeMux) {
	users := store.Apply(store.DB(pool(ctx)))
	web.Direct(mux, service.New(users, noMail{}))
}

// BadBuilder has no lock although the builder was told to make one.
func BadBuilder(ctx context.Context, mux *http.ServeMux) {
	users := store.NewBuilder().On(connect(ctx)).Locked().Build()
	web.Direct(mux, service.New(users, noMail{})) // want "is shared by every call of .*Server.register without a lock"
}

func OkBuilderLocked(ctx context.Context, mux *http.ServeMux) {
	users := store.NewBuilder().On(connect(ctx)).BuildLocked()
	web.Direct(mux, service.New(users, noMail{}))
}

// OkSerialService locks a layer above the store.
func OkSerialService(ctx context.Context) http.Handler {
	users := store.NewBuilder().On(connect(ctx)).Build()
	return web.New(web.WithAccounts(service.NewSerial(service.New(users, noMail{})))).Mux()
}

// BadDecorated puts a cache around the store, which does not help its writes.
func BadDecorated(ctx context.Context, mux *http.ServeMux) {
	users := store.NewCached(store.NewBuilder().On(connect(ctx)).Build())
	web.Direct(mux, service.New(users, noMail{})) // want "is shared by every call of .*Server.register without a lock"
}

func OkDecorated(ctx context.Context, mux *http.ServeMux) {
	users := store.NewCached(store.NewBuilder().On(pool(ctx)).Build())
	web.Direct(mux, service.New(users, noMail{}))
}

// OkDecoratedLocked locks inside the cache.
func OkDecoratedLocked(ctx context.Context, mux *http.ServeMux) {
	users := store.NewCached(store.NewBuilder().On(connect(ctx)).BuildLocked())
	web.Direct(mux, service.New(users, noMail{}))
}

// BadConfig sets one field of a struct of dependencies.
func BadConfig(ctx context.Context, mux *http.ServeMux) {
	users := store.FromConfig(store.Config{URL: "x", Conn: connect(ctx)})
	web.Direct(mux, service.New(users, noMail{})) // want "is shared by every call of .*Server.register without a lock"
}

func OkConfig(ctx context.Context, mux *http.ServeMux) {
	users := store.FromConfig(store.Config{URL: "x", Pool: pool(ctx)})
	web.Direct(mux, service.New(users, noMail{}))
}

// BadFactory chooses by a name that is known at run time only: one of the
// choices is a single connection.
func BadFactory(ctx context.Context, mux *http.ServeMux) error {
	users, err := store.Open(ctx, os.Getenv("DRIVER"), "")
	if err != nil {
		return err
	}
	web.Direct(mux, service.New(users, noMail{})) // want "is shared by every call of .*Server.register without a lock"
	return nil
}

func OkFactory(ctx context.Context, mux *http.ServeMux) error {
	users, err := store.OpenPooled(ctx, os.Getenv("DRIVER"), "")
	if err != nil {
		return err
	}
	web.Direct(mux, service.New(users, noMail{}))
	return nil
}

// BadProvider asks the provider once, outside the handler.
func BadProvider(ctx context.Context, mux *http.ServeMux) error {
	users, err := store.NewProvider("").Users(ctx)
	if err != nil {
		return err
	}
	web.Direct(mux, service.New(users, noMail{})) // want "is shared by every call of .*Server.register without a lock"
	return nil
}

// OkProvider asks it in each request.
func OkProvider(mux *http.ServeMux) {
	p := store.NewProvider("")
	mux.HandleFunc("POST /provided", func(w http.ResponseWriter, r *http.Request) {
		users, err := p.Users(r.Context())
		if err != nil {
			return
		}
		service.New(users, noMail{}).Register(r.Context(), "name")
	})
}

// BadRegistry keeps the store under a name and takes it out in the handler.
func BadRegistry(ctx context.Context, mux *http.ServeMux) {
	reg := store.NewRegistry()
	reg.Add("main", store.NewBuilder().On(connect(ctx)).Build())
	mux.HandleFunc("POST /registry", func(w http.ResponseWriter, r *http.Request) {
		reg.Main().Save(r.Context(), "name") // want "is shared by every call of .* without a lock"
	})
}

func OkRegistry(ctx context.Context, mux *http.ServeMux) {
	reg := store.NewRegistry()
	reg.Add("main", store.NewBuilder().On(pool(ctx)).Build())
	mux.HandleFunc("POST /registry/pooled", func(w http.ResponseWriter, r *http.Request) {
		reg.Main().Save(r.Context(), "name")
	})
}

// BadOther is right about the database and wrong about the session of smtpMail;
// Send shows it.
func BadOther(ctx context.Context, mux *http.ServeMux) error {
	client, err := smtp.Dial("mail:25")
	if err != nil {
		return err
	}
	users := store.NewBuilder().On(pool(ctx)).Build()
	web.Direct(mux, service.New(users, &smtpMail{client: client}))
	return nil
}

// BadMethodValue registers a method value of the service behind a function type.
func BadMethodValue(ctx context.Context, mux *http.ServeMux) {
	a := service.New(store.NewBuilder().On(connect(ctx)).Build(), noMail{})
	mux.Handle("GET /lookup", web.Lookup(a.Name)) // want "is shared by every call of .* without a lock"
}

func OkMethodValue(ctx context.Context, mux *http.ServeMux) {
	a := service.New(store.NewBuilder().On(pool(ctx)).Build(), noMail{})
	mux.Handle("GET /lookup/pooled", web.Lookup(a.Name))
}

// BadGetter takes the store out of the service again.
func BadGetter(ctx context.Context, mux *http.ServeMux) {
	a := service.New(store.NewBuilder().On(connect(ctx)).Build(), noMail{})
	mux.Handle("GET /getter", web.Lookup(a.Store().Find)) // want "is shared by every call of .* without a lock"
}

// app is a container of everything, filled step by step.
type app struct {
	users    store.Users
	accounts *service.Accounts
	web      *web.Server
}

func (a *app) initStore(ctx context.Context) { a.users = store.NewBuilder().On(connect(ctx)).Build() }
func (a *app) initPooled(ctx context.Context) {
	a.users = store.NewBuilder().On(pool(ctx)).Build()
}
func (a *app) initService() { a.accounts = service.New(a.users, noMail{}) }
func (a *app) initWeb()     { a.web = web.New(web.WithAccounts(a.accounts)) } // want "is shared by every call of .*Server.register without a lock" "is shared by every call of .*Server.name without a lock"

// BadSteps fills the container by methods, the last of them initWeb.
func BadSteps(ctx context.Context) error {
	a := &app{}
	a.initStore(ctx)
	a.initService()
	a.initWeb()
	return http.ListenAndServe(":8080", a.web.Mux())
}

func OkSteps(ctx context.Context) error {
	a := &app{}
	a.initPooled(ctx)
	a.initService()
	a.initWeb()
	return http.ListenAndServe(":8081", a.web.Mux())
}

// OkStartup uses the single connection before the server starts, and a pool after.
func OkStartup(ctx context.Context, mux *http.ServeMux) error {
	conn := connect(ctx)
	if err := store.NewBuilder().On(conn).Build().Save(ctx, "admin"); err != nil {
		return err
	}
	if err := conn.Close(ctx); err != nil {
		return err
	}
	web.Direct(mux, service.New(store.NewBuilder().On(pool(ctx)).Build(), noMail{}))
	return nil
}

// OkNoHandler has a connection and nothing that runs at once.
func OkNoHandler(ctx context.Context) error {
	a := service.New(store.NewBuilder().On(connect(ctx)).Build(), noMail{})
	if err := a.Register(ctx, "first"); err != nil {
		return err
	}
	return a.Register(ctx, "second")
}

func main() {
	ctx := context.Background()
	mux := http.NewServeMux()
	for _, f := range []func(context.Context, *http.ServeMux) error{
		BadOptions, OkOptions, BadFactory, OkFactory, BadProvider, BadOther, OkStartup,
	} {
		if err := f(ctx, mux); err != nil {
			log.Fatal(err)
		}
	}
	for _, f := range []func(context.Context, *http.ServeMux){
		BadInterfaceOptions, OkInterfaceOptions, BadBuilder, OkBuilderLocked, BadDecorated, OkDecorated,
		OkDecoratedLocked, BadConfig, OkConfig, BadRegistry, OkRegistry, BadMethodValue, OkMethodValue, BadGetter,
	} {
		f(ctx, mux)
	}
	OkProvider(mux)
	for _, h := range []http.Handler{BadSettings(ctx), OkSettings(ctx), OkSerialService(ctx)} {
		mux.Handle("/", h)
	}
	for _, f := range []func(context.Context) error{BadSteps, OkSteps, OkNoHandler} {
		if err := f(ctx); err != nil {
			log.Print(err)
		}
	}
	log.Fatal(http.ListenAndServe(":8080", mux))
}
