package catalog

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"testing"
)

func TestConflicts(t *testing.T) {
	all := []Role{Use, Read, Write, Open, End, Free}
	for c := Unknown; c <= Exclusive; c++ {
		for _, a := range all {
			for _, b := range all {
				if c.Conflicts(a, b) != c.Conflicts(b, a) {
					t.Errorf("contract %d is not symmetric for %d and %d", c, a, b)
				}
				if c < Duplex && c.Conflicts(a, b) {
					t.Errorf("contract %d has conflicts", c)
				}
				if c.Conflicts(a, b) && !Exclusive.Conflicts(a, b) {
					t.Errorf("contract %d is stricter than exclusive for %d and %d", c, a, b)
				}
			}
			if c.Conflicts(a, Free) {
				t.Errorf("contract %d: free conflicts with %d", c, a)
			}
		}
	}
	for _, tt := range []struct {
		c    Contract
		a, b Role
		want bool
	}{
		{Exclusive, Read, Write, true},
		{Duplex, Read, Write, false},
		{Duplex, Read, Read, true},
		{Duplex, Write, Write, true},
		{Duplex, Use, Read, true},
		{Duplex, End, Write, true},
		{Serial, Use, Use, false},
		{Serial, Open, Use, true},
		{Serial, End, Use, true},
	} {
		if got := tt.c.Conflicts(tt.a, tt.b); got != tt.want {
			t.Errorf("contract %d: conflict of %d and %d is %v", tt.c, tt.a, tt.b, got)
		}
	}
}

func TestShortName(t *testing.T) {
	for key, want := range map[string]string{
		"*database/sql.DB":                           "*sql.DB",
		"*github.com/jackc/pgx/v5.Conn":              "*pgx.Conn",
		"github.com/jackc/pgx/v5.Tx":                 "pgx.Tx",
		"*github.com/jackc/pgx/v5/pgxpool.Pool":      "*pgxpool.Pool",
		"*gorm.io/gorm.DB#tx":                        "*gorm.DB",
		"*github.com/redis/go-redis/v9.Client":       "*redis.Client",
		"*github.com/mattn/go-sqlite3.SQLiteConn":    "*sqlite3.SQLiteConn",
		"*github.com/duckdb/duckdb-go/v2.Conn":       "*duckdb.Conn",
		"*github.com/marcboeker/go-duckdb/v2.Conn":   "*duckdb.Conn",
		"*github.com/rabbitmq/amqp091-go.Connection": "*amqp091.Connection",
		"*gopkg.in/redis.v5.Client":                  "*redis.Client",
		"Conn":                                       "Conn",
	} {
		if got := ShortName(key); got != want {
			t.Errorf("ShortName(%q) = %q, want %q", key, got, want)
		}
	}
	for key, want := range map[string]string{
		"github.com/jackc/pgx/v5.CollectRows":                   "pgx.CollectRows",
		"(*zombiezen.com/go/sqlite/sqlitex.Pool).Put":           "(*sqlitex.Pool).Put",
		"(github.com/gomodule/redigo/redis.PubSubConn).Receive": "(redis.PubSubConn).Receive",
	} {
		if got := ShortFunc(key); got != want {
			t.Errorf("ShortFunc(%q) = %q, want %q", key, got, want)
		}
	}
}

func TestKeys(t *testing.T) {
	const src = `package p
import "io"
type T struct{}
func (T) Value() {}
func (*T) Pointer() {}
type G[X any] struct{}
func (*G[X]) Method() {}
type I interface { io.Closer; Own() }
type A = *T
func F() {}
func H[X any](X) {}
var (
	t T
	p *T
	a A
	g *G[int]
	i I
	s []T
	e error
	n interface{ M() }
)`
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "p.go", src, 0)
	if err != nil {
		t.Fatal(err)
	}
	conf := types.Config{Importer: importer.ForCompiler(fset, "source", nil)}
	p, err := conf.Check("example.com/app/vendor/example.com/p", fset, []*ast.File{f}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"t": "example.com/p.T", "p": "*example.com/p.T", "a": "*example.com/p.T", "g": "*example.com/p.G",
		"i": "example.com/p.I", "s": "", "e": "", "n": "",
	} {
		if got := TypeKey(p.Scope().Lookup(name).Type()); got != want {
			t.Errorf("TypeKey of %s is %q, want %q", name, got, want)
		}
	}
	for _, tt := range []struct{ typ, method, want string }{
		{"t", "Value", "(example.com/p.T).Value"},
		{"p", "Value", "(example.com/p.T).Value"},
		{"p", "Pointer", "(*example.com/p.T).Pointer"},
		{"g", "Method", "(*example.com/p.G).Method"},
		{"i", "Own", "(example.com/p.I).Own"},
		{"i", "Close", "(io.Closer).Close"},
		{"e", "Error", "Error"},
	} {
		obj, _, _ := types.LookupFieldOrMethod(p.Scope().Lookup(tt.typ).Type(), true, p, tt.method)
		fn, ok := obj.(*types.Func)
		if !ok {
			t.Fatalf("%s has no method %s", tt.typ, tt.method)
		}
		if got := FuncKey(fn); got != tt.want {
			t.Errorf("FuncKey of %s.%s is %q, want %q", tt.typ, tt.method, got, tt.want)
		}
	}
	for name, want := range map[string]string{"F": "example.com/p.F", "H": "example.com/p.H"} {
		if got := FuncKey(p.Scope().Lookup(name).(*types.Func)); got != want {
			t.Errorf("FuncKey of %s is %q, want %q", name, got, want)
		}
	}
	if got := MethodKey("*example.com/p.T#role", "M"); got != "(*example.com/p.T).M" {
		t.Errorf("MethodKey is %q", got)
	}
}
