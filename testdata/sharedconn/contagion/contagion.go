// Package contagion has values that are as unsafe as the connection inside
// them, however many types, closures and containers are around it.
package contagion

import (
	"context"
	"net/http"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/rabbitmq/amqp091-go"

	"github.com/connvet/connvet/testdata/sharedconn/contagion/wrap"
)

// user is an entity.
type user struct{ Name string }

// embedded shares a session that embeds its connection.
type embedded struct{ session *wrap.Session }

func (e *embedded) BadEmbeddedWrapper(w http.ResponseWriter, r *http.Request) {
	e.session.Exec(r.Context(), "select 1") // want "^e.session is shared by every call of .*BadEmbeddedWrapper without a lock"
}

// traced is two wrappers deep.
type traced struct{ db wrap.Traced }

func (t *traced) BadWrapperOfWrapper(w http.ResponseWriter, r *http.Request) {
	t.db.Insert(r.Context(), r.FormValue("v")) // want "is shared by every call of .*BadWrapperOfWrapper without a lock"
}

// promoted embeds the wrapper: the handler calls the connection's method on itself.
type promoted struct {
	*wrap.Session
	mux *http.ServeMux
}

func (p *promoted) BadPromoted(w http.ResponseWriter, r *http.Request) {
	p.Exec(r.Context(), "select 1") // want "is shared by every call of .*BadPromoted without a lock"
}

// generic wraps the connection in a type with a type parameter.
type generic struct{ db wrap.Retry[*pgx.Conn] }

func (g *generic) BadGenericWrapper(w http.ResponseWriter, r *http.Request) {
	g.db.Exec(r.Context(), "select 1") // want "is shared by every call of .*BadGenericWrapper without a lock"
}

// genericPool wraps a pool in the same type.
type genericPool struct{ db wrap.Retry[*pgxpool.Pool] }

func (g *genericPool) OkGenericWrapper(w http.ResponseWriter, r *http.Request) {
	g.db.Exec(r.Context(), "select 1")
}

// genericLocked wraps it in one that locks.
type genericLocked struct{ db *wrap.Locked[*pgx.Conn] }

func (g *genericLocked) OkGenericLocked(w http.ResponseWriter, r *http.Request) {
	g.db.Exec(r.Context(), "select 1")
	g.db.Do(func(c *pgx.Conn) error { return c.Ping(r.Context()) })
}

// BadEscapesLock keeps what the lock guards.
func (g *genericLocked) BadEscapesLock(w http.ResponseWriter, r *http.Request) {
	var conn *pgx.Conn
	g.db.Do(func(c *pgx.Conn) error { conn = c; return nil })
	conn.Ping(r.Context()) // want "^conn is shared by every call of .*BadEscapesLock without a lock"
}

// repos has generic repositories.
type repos struct {
	users  *wrap.Repo[user]
	pooled *wrap.PoolRepo[user]
}

func (s *repos) BadRepo(w http.ResponseWriter, r *http.Request) {
	s.users.All(r.Context()) // want "is shared by every call of .*BadRepo without a lock"
}

func (s *repos) OkRepo(w http.ResponseWriter, r *http.Request) {
	s.pooled.All(r.Context())
}

// hooked has its store in function-typed fields.
type hooked struct{ hooks, locked wrap.Hooks }

func (h *hooked) BadFuncField(w http.ResponseWriter, r *http.Request) {
	h.hooks.Save(r.Context(), r.FormValue("v")) // want "^conn is shared by every call of .*BadFuncField without a lock"
}

func (h *hooked) OkFuncField(w http.ResponseWriter, r *http.Request) {
	h.locked.Save(r.Context(), r.FormValue("v"))
	h.locked.Load(r.Context())
}

// ping is a function-typed field that holds a method value of the connection.
type pinger struct{ ping func(context.Context) error }

func (p *pinger) BadMethodValueField(w http.ResponseWriter, r *http.Request) {
	p.ping(r.Context()) // want "is shared by every call of .*BadMethodValueField without a lock"
}

func (p *pinger) OkMethodValueField(w http.ResponseWriter, r *http.Request) {
	p.ping(r.Context())
}

// Execer is a function type with the shape of Exec.
type Execer func(context.Context, string, ...any) (pgconn.CommandTag, error)

// audit is a middleware that is given a function, not a connection.
func BadFuncParam(exec Execer, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		exec(r.Context(), "insert into audit values ($1)", r.URL.Path) // want "is shared by every call of .* without a lock"
		next.ServeHTTP(w, r)
	})
}

func OkFuncParam(exec Execer, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		exec(r.Context(), "insert into audit values ($1)", r.URL.Path)
		next.ServeHTTP(w, r)
	})
}

// shards keeps a connection for each shard.
type shards struct {
	all    []*pgx.Conn
	byName map[string]*pgx.Conn
	first  [2]*pgx.Conn
	pools  map[string]*pgxpool.Pool
}

func (s *shards) BadRangeSlice(w http.ResponseWriter, r *http.Request) {
	for _, c := range s.all {
		c.Exec(r.Context(), "vacuum") // want "^c is shared by every call of .*BadRangeSlice without a lock"
	}
}

func (s *shards) BadRangeMap(w http.ResponseWriter, r *http.Request) {
	for name, c := range s.byName {
		if err := c.Ping(r.Context()); err != nil { // want "^c is shared by every call of .*BadRangeMap without a lock"
			http.Error(w, name, http.StatusServiceUnavailable)
		}
	}
}

func (s *shards) BadArray(w http.ResponseWriter, r *http.Request) {
	s.first[1].Ping(r.Context()) // want "is shared by every call of .*BadArray without a lock"
}

func (s *shards) OkRangePools(w http.ResponseWriter, r *http.Request) {
	for _, p := range s.pools {
		p.Ping(r.Context())
	}
}

// OkByKey finds one of many by the request: perhaps each request has its own.
func (s *shards) OkByKey(w http.ResponseWriter, r *http.Request) {
	s.byName[r.FormValue("session")].Ping(r.Context())
}

// client is what the hub keeps for each connection.
type client struct {
	conn *pgx.Conn
	name string
}

// table keeps structs that hold connections.
type table struct{ clients []*client }

func (t *table) BadRangeStructs(w http.ResponseWriter, r *http.Request) {
	for _, c := range t.clients {
		c.conn.Exec(r.Context(), "select 1") // want "^c.conn is shared by every call of .*BadRangeStructs without a lock"
	}
}

// guarded is a wrapper that locks around every use of its own connection.
type guarded struct {
	mu   sync.Mutex
	conn *pgx.Conn
}

func (g *guarded) exec(ctx context.Context, q string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	_, err := g.conn.Exec(ctx, q)
	return err
}

// tableGuarded keeps wrappers that lock: each element has its own lock.
type tableGuarded struct{ all []*guarded }

func (t *tableGuarded) OkRangeGuarded(w http.ResponseWriter, r *http.Request) {
	for _, g := range t.all {
		g.exec(r.Context(), "select 1")
	}
}

// tableLocked locks the container around the whole loop.
type tableLocked struct {
	mu  sync.Mutex
	all []*pgx.Conn
}

func (t *tableLocked) OkRangeLocked(w http.ResponseWriter, r *http.Request) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, c := range t.all {
		c.Ping(r.Context())
	}
}

// tableCopied takes the elements out under the lock and uses them without it.
func (t *tableLocked) BadRangeCopied(w http.ResponseWriter, r *http.Request) {
	t.mu.Lock()
	all := append([]*pgx.Conn(nil), t.all...)
	t.mu.Unlock()
	for _, c := range all {
		c.Ping(r.Context()) // want "^c is shared by every call of .*BadRangeCopied without mu, which other uses hold"
	}
}

// publisher is a wrapper type around a channel, and outbox a wrapper around that.
type publisher struct{ ch *amqp091.Channel }

func (p publisher) publish(ctx context.Context, body []byte) error {
	return p.ch.PublishWithContext(ctx, "", "q", false, false, amqp091.Publishing{Body: body}) // want "^p.ch is shared by every call of .*BadPromotedHelper without a lock"
}

type outbox struct{ publisher }

type shop struct{ out outbox }

func (s *shop) BadPromotedHelper(w http.ResponseWriter, r *http.Request) {
	s.out.publish(r.Context(), []byte("order"))
}

// OkWrapperOfRequest makes the wrapper in the handler.
func OkWrapperOfRequest(w http.ResponseWriter, r *http.Request) {
	s, err := wrap.Dial(r.Context(), "", "t")
	if err != nil {
		return
	}
	defer s.Close(r.Context())
	wrap.Traced{Session: s}.Insert(r.Context(), 1)
}

// OkHooksOfRequest makes the closures in the handler.
func OkHooksOfRequest(w http.ResponseWriter, r *http.Request) {
	conn, err := pgx.Connect(r.Context(), "")
	if err != nil {
		return
	}
	defer conn.Close(r.Context())
	h := wrap.NewHooks(conn)
	h.Save(r.Context(), 1)
}

// OkRepoOfRequest makes a generic repository in the handler.
func OkRepoOfRequest(w http.ResponseWriter, r *http.Request) {
	conn, err := pgx.Connect(r.Context(), "")
	if err != nil {
		return
	}
	defer conn.Close(r.Context())
	wrap.NewRepo[user](conn, "users").All(r.Context())
}

// jobs is a table of functions over one connection.
func jobs(conn *pgx.Conn) map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"ping":   conn.Ping,
		"vacuum": func(ctx context.Context) error { _, err := conn.Exec(ctx, "vacuum"); return err }, // want "^conn is shared by every call of .*BadFuncTable without a lock"
	}
}

type console struct {
	jobs map[string]func(context.Context) error
}

func (c *console) BadFuncTable(w http.ResponseWriter, r *http.Request) {
	for _, job := range c.jobs {
		job(r.Context())
	}
}

// steps is a slice of method values, called one by one.
type pipeline struct{ steps []func(context.Context) error }

func (p *pipeline) BadFuncSlice(w http.ResponseWriter, r *http.Request) {
	for _, step := range p.steps {
		if err := step(r.Context()); err != nil { // want "^conn is shared by every call of .*BadFuncSlice without a lock"
			return
		}
	}
}

func (p *pipeline) OkFuncSlice(w http.ResponseWriter, r *http.Request) {
	for _, step := range p.steps {
		if err := step(r.Context()); err != nil {
			return
		}
	}
}

// Serve makes everything.
func Serve(ctx context.Context, url string, mq *amqp091.Connection) error {
	s, err := wrap.Dial(ctx, url, "tenant")
	if err != nil {
		return err
	}
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return err
	}
	ch, err := mq.Channel()
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/1", (&embedded{session: s}).BadEmbeddedWrapper)
	mux.HandleFunc("/2", (&traced{db: wrap.Traced{Session: s}}).BadWrapperOfWrapper)
	mux.HandleFunc("/3", (&promoted{Session: s, mux: mux}).BadPromoted)
	mux.HandleFunc("/4", (&generic{db: wrap.Retry[*pgx.Conn]{Inner: conn, Times: 3}}).BadGenericWrapper)
	mux.HandleFunc("/5", (&genericPool{db: wrap.Retry[*pgxpool.Pool]{Inner: pool, Times: 3}}).OkGenericWrapper)
	guardedConn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	gl := &genericLocked{db: wrap.NewLocked(guardedConn)}
	mux.HandleFunc("/6", gl.OkGenericLocked)
	gl2 := &genericLocked{db: wrap.NewLocked(conn)}
	mux.HandleFunc("/7", gl2.BadEscapesLock)
	rs := &repos{users: wrap.NewRepo[user](conn, "users"), pooled: wrap.NewPoolRepo[user](pool, "users")}
	mux.HandleFunc("/8", rs.BadRepo)
	mux.HandleFunc("/9", rs.OkRepo)
	hookedConn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	h := &hooked{hooks: wrap.NewHooks(conn), locked: wrap.NewLockedHooks(hookedConn)}
	mux.HandleFunc("/10", h.BadFuncField)
	mux.HandleFunc("/11", h.OkFuncField)
	mux.HandleFunc("/12", (&pinger{ping: conn.Ping}).BadMethodValueField)
	mux.HandleFunc("/13", (&pinger{ping: pool.Ping}).OkMethodValueField)
	mux.Handle("/14", BadFuncParam(conn.Exec, mux))
	mux.Handle("/15", OkFuncParam(pool.Exec, mux))
	sh := &shards{all: []*pgx.Conn{conn, s.Conn}, byName: map[string]*pgx.Conn{"a": conn}, first: [2]*pgx.Conn{conn, s.Conn}}
	mux.HandleFunc("/16", sh.BadRangeSlice)
	mux.HandleFunc("/17", sh.BadRangeMap)
	mux.HandleFunc("/18", sh.BadArray)
	mux.HandleFunc("/19", sh.OkRangePools)
	mux.HandleFunc("/20", sh.OkByKey)
	mux.HandleFunc("/21", (&table{clients: []*client{{conn: conn}}}).BadRangeStructs)
	mux.HandleFunc("/22", (&tableGuarded{all: []*guarded{{conn: conn}}}).OkRangeGuarded)
	tl := &tableLocked{all: []*pgx.Conn{conn}}
	mux.HandleFunc("/23", tl.OkRangeLocked)
	mux.HandleFunc("/24", tl.BadRangeCopied)
	mux.HandleFunc("/25", (&shop{out: outbox{publisher{ch: ch}}}).BadPromotedHelper)
	mux.HandleFunc("/26", OkWrapperOfRequest)
	mux.HandleFunc("/27", OkHooksOfRequest)
	mux.HandleFunc("/28", OkRepoOfRequest)
	mux.HandleFunc("/29", (&console{jobs: jobs(conn)}).BadFuncTable)
	mux.HandleFunc("/30", (&pipeline{steps: []func(context.Context) error{conn.Ping, s.Ping}}).BadFuncSlice)
	mux.HandleFunc("/31", (&pipeline{steps: []func(context.Context) error{pool.Ping}}).OkFuncSlice)
	return http.ListenAndServe(":8080", mux)
}
