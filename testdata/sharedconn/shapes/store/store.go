// Package store makes stores in every way that constructors are written. It is
// upstream of the handlers.
package store

import (
	"context"
	"errors"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Queryer is what a pool, a connection and a transaction can do.
type Queryer interface {
	Exec(context.Context, string, ...any) (pgconn.CommandTag, error)
	QueryRow(context.Context, string, ...any) pgx.Row
}

// Users is a store of users.
type Users interface {
	Find(ctx context.Context, id int) (string, error)
	Save(ctx context.Context, name string) error
}

type users struct{ db Queryer }

func (u *users) Find(ctx context.Context, id int) (name string, err error) {
	err = u.db.QueryRow(ctx, "select name from users where id = $1", id).Scan(&name)
	return name, err
}

func (u *users) Save(ctx context.Context, name string) error {
	_, err := u.db.Exec(ctx, "insert into users values ($1)", name)
	return err
}

// Option sets up a store.
type Option func(*config)

type config struct {
	db    Queryer
	retry int
}

// WithDB uses a database.
func WithDB(db Queryer) Option { return func(c *config) { c.db = db } }

// WithRetry repeats.
func WithRetry(n int) Option { return func(c *config) { c.retry = n } }

// New makes a store from options, and gives back the interface.
func New(opts ...Option) (Users, error) {
	cfg := config{retry: 1}
	for _, o := range opts {
		o(&cfg)
	}
	if cfg.db == nil {
		return nil, errors.New("no database")
	}
	return &users{db: cfg.db}, nil
}

// An Applier is an option that is an interface.
type Applier interface{ apply(*users) }

type dbOption struct{ db Queryer }

func (o dbOption) apply(u *users) { u.db = o.db }

// DB uses a database.
func DB(db Queryer) Applier { return dbOption{db} }

// Apply makes a store from options that are interfaces.
func Apply(opts ...Applier) Users {
	u := &users{}
	for _, o := range opts {
		o.apply(u)
	}
	return u
}

// Builder collects what a store needs.
type Builder struct {
	db     Queryer
	locked bool
}

// NewBuilder starts.
func NewBuilder() *Builder { return &Builder{} }

// On sets the database.
func (b *Builder) On(db Queryer) *Builder {
	b.db = db
	return b
}

// Locked makes the store lock.
func (b *Builder) Locked() *Builder {
	b.locked = true
	return b
}

// Build makes the store.
func (b *Builder) Build() Users {
	return &users{db: b.db}
}

// BuildLocked makes a store that locks.
func (b *Builder) BuildLocked() Users {
	return &lockedUsers{inner: &users{db: b.db}}
}

// lockedUsers is a decorator that locks around every use.
type lockedUsers struct {
	mu    sync.Mutex
	inner Users
}

func (l *lockedUsers) Find(ctx context.Context, id int) (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.inner.Find(ctx, id)
}

func (l *lockedUsers) Save(ctx context.Context, name string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.inner.Save(ctx, name)
}

// Cached is a decorator that does not lock.
type Cached struct {
	Users
	names sync.Map
}

// NewCached decorates.
func NewCached(inner Users) *Cached { return &Cached{Users: inner} }

// Find looks into the cache first; Save is the inner store's.
func (c *Cached) Find(ctx context.Context, id int) (string, error) {
	if n, ok := c.names.Load(id); ok {
		return n.(string), nil
	}
	return c.Users.Find(ctx, id)
}

// Config is a struct of dependencies.
type Config struct {
	URL    string
	Conn   *pgx.Conn
	Pool   *pgxpool.Pool
	Logger func(string)
}

// FromConfig uses what is set.
func FromConfig(cfg Config) Users {
	if cfg.Pool != nil {
		return &users{db: cfg.Pool}
	}
	return &users{db: cfg.Conn}
}

// Open chooses by name, as a factory does.
func Open(ctx context.Context, driver, url string) (Users, error) {
	switch driver {
	case "single":
		conn, err := pgx.Connect(ctx, url)
		if err != nil {
			return nil, err
		}
		return &users{db: conn}, nil
	case "memory":
		return memory{}, nil
	}
	return nil, errors.New("unknown driver")
}

// OpenPooled is a factory without a single connection.
func OpenPooled(ctx context.Context, driver, url string) (Users, error) {
	if driver == "memory" {
		return memory{}, nil
	}
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return nil, err
	}
	return &users{db: pool}, nil
}

type memory struct{}

func (memory) Find(context.Context, int) (string, error) { return "", nil }
func (memory) Save(context.Context, string) error        { return nil }

// Provider gives out stores; what it keeps is a function.
type Provider struct {
	connect func(context.Context) (Queryer, error)
}

// NewProvider keeps how to connect.
func NewProvider(url string) *Provider {
	return &Provider{connect: func(ctx context.Context) (Queryer, error) { return pgx.Connect(ctx, url) }}
}

// Users makes a store with a connection of its own.
func (p *Provider) Users(ctx context.Context) (Users, error) {
	db, err := p.connect(ctx)
	if err != nil {
		return nil, err
	}
	return &users{db: db}, nil
}

// Registry keeps stores by name.
type Registry struct {
	mu     sync.RWMutex
	stores map[string]Users
}

// NewRegistry makes one.
func NewRegistry() *Registry { return &Registry{stores: map[string]Users{}} }

// Add adds a store.
func (r *Registry) Add(name string, u Users) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stores[name] = u
}

// Main is the store that everyone uses.
func (r *Registry) Main() Users {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.stores["main"]
}
