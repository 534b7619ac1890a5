package catalog

import (
	"strings"
	"testing"
	"testing/fstest"
)

// head is the top of a data file; its types start at line 6.
const head = `library: lib
module: example.com/lib
imports:
  lib: example.com/lib
types:
`

// conn is a row that is right; eight lines.
const conn = `  - type: "*lib.Conn"
    role: conn
    contract: exclusive
    says: "is for one goroutine"
    status: documented
    source: "doc.go"
    advice: "use the pool"
    release: [Close]
`

func TestParseErrors(t *testing.T) {
	for _, tt := range []struct{ name, data, err string }{
		{"syntax", "library: [", "f.yaml:1: sequence end token ']' not found"},
		{"unknown key", "library: lib\nmodul: x\n", `f.yaml:2: unknown field "modul"`},
		{"unknown key in a row", head + conn + "    realease: [Close]\n", `f.yaml:14: unknown field "realease"`},
		{"unknown key in an entry", head + conn + "    acquire:\n      - {func: lib.Dial, ressult: 1}\n", `f.yaml:15: unknown field "ressult"`},
		{"repeated key", "library: lib\nlibrary: lib\n", `f.yaml:2: mapping key "library" already defined at [1:1]`},
		{"not a string", "library: [lib]\n", "f.yaml:1: want a string, not Sequence"},
		{"line break", "library: \"a\\nb\"\n", "f.yaml:1: tab or line break in a string"},
		{"no library", "module: std\n", "f.yaml:1: library is missing"},
		{"no module", "library: lib\n", "f.yaml:1: module is missing"},
		{"type twice", head + conn + conn, "f.yaml:14: type *example.com/lib.Conn is declared twice"},
		{"also twice", head + conn + "    also: [\"*lib.Conn\"]\n", "f.yaml:14: type *example.com/lib.Conn is declared twice"},
		{"bad type", head + strings.Replace(conn, "*lib.Conn", "Conn", 1), `f.yaml:6: "Conn" is no type: want pkg.T, *pkg.T or *pkg.T#role`},
		{"unknown import", head + conn + "    acquire: [\"libb.Dial\"]\n", `f.yaml:14: unknown import name "libb"`},
		{"unknown import of a type", head + strings.Replace(conn, "*lib.Conn", "*libb.Conn", 1), `f.yaml:6: unknown import name "libb"`},
		{"bad function", head + conn + "    acquire: [\"Dial\"]\n", `f.yaml:14: "Dial" is no function: want pkg.Func, (pkg.T).Method or (*pkg.T).Method`},
		{"unknown role", head + strings.Replace(conn, "role: conn", "role: con", 1), `f.yaml:7: *lib.Conn: unknown role "con"`},
		{"no role", head + strings.Replace(conn, "    role: conn\n", "", 1), `f.yaml:6: *lib.Conn: unknown role ""`},
		{"unknown contract", head + strings.Replace(conn, "exclusive", "safe", 1), `f.yaml:8: *lib.Conn: unknown contract "safe"`},
		{"unknown status", head + strings.Replace(conn, "documented", "guessed", 1), `f.yaml:10: *lib.Conn: unknown status "guessed"`},
		{"unknown twice", head + conn + "    twice: fine\n", `f.yaml:14: *lib.Conn: unknown twice "fine"`},
		{"unknown obligation", head + conn + "    obligation: should\n", `f.yaml:14: *lib.Conn: unknown obligation "should"`},
		{"no says", head + strings.Replace(conn, "    says: \"is for one goroutine\"\n", "", 1), "f.yaml:6: *lib.Conn: says is missing"},
		{"no source", head + strings.Replace(conn, "    source: \"doc.go\"\n", "", 1), "f.yaml:6: *lib.Conn: source is missing"},
		{"no advice", head + strings.Replace(conn, "    advice: \"use the pool\"\n", "", 1), "f.yaml:6: *lib.Conn: advice is missing"},
		{"no release", head + strings.Replace(conn, "release: [Close]", "obligation: must", 1), "f.yaml:13: *lib.Conn: obligation must without a release"},
		{"two roles", head + conn + "    methods:\n      read: [Read]\n      write:\n        - Read\n", "f.yaml:17: method Read has two roles"},
		{"release of a function", head + conn + "    drained: []\n" + "    borrowed: []\n" + "    lends: []\n" + "    also: []\n" +
			"    acquire: []\n" + "  - type: lib.B\n    role: conn\n    contract: none\n    says: s\n    status: documented\n    source: s\n    release: [lib.Put]\n",
			`f.yaml:25: release "lib.Put" is no method name; a function needs arg`},
		{"busy without calls", head + conn + "    busy:\n      source: s\n", "f.yaml:6: *lib.Conn: busy needs calls and source"},
		{"busy call of a package", head + conn + "    busy:\n      source: s\n      calls: [lib.Exec]\n", `f.yaml:16: busy "lib.Exec" is no method name`},
		{"ended without error", head + conn + "    ended: {calls: [Exec], source: s}\n", "f.yaml:6: *lib.Conn: ended needs error"},
		{"driver without source", head + conn + "drivers:\n  - package: example.com/driver\n", "f.yaml:15: a driver needs package and source"},
		{"driver twice", head + conn + "drivers:\n  - {package: example.com/d, source: s}\n  - {package: example.com/d, source: s}\n",
			"f.yaml:16: driver example.com/d is declared twice"},
		{"result twice", head + conn + "    acquire: [lib.Dial]\n    borrowed:\n      - lib.Dial\n", "f.yaml:16: result 0 of example.com/lib.Dial is listed twice"},
		{"owned alias", head + conn + "    acquire:\n      - {func: lib.Dial, alias: true}\n", "f.yaml:15: lib.Dial: an acquired value is no alias"},
		{"undeclared receiver", head + conn + "    acquire: [\"(*lib.Pool).Get\"]\n", "f.yaml:14: receiver of (*example.com/lib.Pool).Get is not a declared type: say parent: none"},
		{"undeclared receiver of a lend", head + conn + "    lends:\n      - {func: (*lib.Pool).Do, callback: 0, param: 0}\n", "f.yaml:15: receiver of (*example.com/lib.Pool).Do is not a declared type: say parent: none"},
		{"parent word", head + conn + "    acquire:\n      - {func: lib.Dial, parent: up}\n", `f.yaml:15: unknown parent "up"`},
		{"parent number", head + conn + "    acquire:\n      - {func: lib.Dial, parent: argx}\n", `f.yaml:15: unknown parent "argx"`},
		{"parent of a function", head + conn + "    acquire:\n      - {func: lib.Dial, parent: recv}\n", "f.yaml:15: example.com/lib.Dial has no receiver to be the parent"},
		{"short lend", head + conn + "    lends:\n      - {func: lib.Do, callback: 0}\n", "f.yaml:15: lends needs func, callback and param"},
		{"lend twice", head + conn + "    lends:\n      - {func: lib.Do, callback: 0, param: 0}\n      - {func: lib.Do, callback: 0, param: 0}\n", "f.yaml:16: parameter 0 of the callback of example.com/lib.Do is listed twice"},
		{"unknown effect", head + conn + "funcs:\n  - {func: lib.Do, arg: 0, does: eat}\n", `f.yaml:15: lib.Do: unknown effect "eat"`},
		{"two effects", head + conn + "funcs:\n  - {func: lib.Do, arg: 0, does: use}\n  - {func: lib.Do, arg: 0, does: own}\n", "f.yaml:16: argument 0 of example.com/lib.Do has two effects"},
		{"no arg or result", head + conn + "funcs:\n  - {func: lib.Do, does: use}\n", "f.yaml:15: lib.Do: want either arg or result"},
		{"undeclared type", head + conn + "funcs:\n  - {func: lib.Do, result: 0, type: lib.X, does: acquire}\n", "f.yaml:15: type example.com/lib.X is not declared"},
		{"result effect", head + conn + "funcs:\n  - {func: lib.Do, result: 0, type: '*lib.Conn', does: own}\n", `f.yaml:15: lib.Do: a result can be acquire or borrow, not "own"`},
		{"mirror", "library: l\nmodule: m\nmirrors: [{lib: example.com/old}]\n", `f.yaml:2: mirror of unknown import name "lib"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse("f.yaml", []byte(tt.data))
			if err == nil {
				t.Fatalf("no error, want %q", tt.err)
			}
			for line := range strings.Lines(err.Error()) {
				if strings.TrimSpace(line) == tt.err {
					return
				}
			}
			t.Errorf("got error\n%v\nwant\n%s", err, tt.err)
		})
	}
}

func TestLoadNamesEveryFile(t *testing.T) {
	_, err := Load(fstest.MapFS{
		"a.yaml": {Data: []byte("librari: a\n")},
		"b.yaml": {Data: []byte("librari: b\n")},
	})
	if err == nil || !strings.Contains(err.Error(), "a.yaml:1:") || !strings.Contains(err.Error(), "b.yaml:1:") {
		t.Errorf("got error %v, want both files in it", err)
	}
}

func TestParseFull(t *testing.T) {
	c, err := Parse("f.yaml", []byte(`
library: lib
module: example.com/lib
imports: {lib: example.com/lib, io: io}
mirrors: [{lib: example.com/old}]
types:
  - {type: "*lib.Pool", role: pool, contract: shareable, says: s, status: documented, source: s}
  - type: "*lib.Conn"
    role: lease
    contract: duplex
    says: s
    status: documented
    source: s
    advice: a
    inner: Body
    error: Err
    methods: {read: [Read], free: [Close]}
    acquire: ["(*lib.Pool).{Get,TryGet}"]
    borrowed:
      - {func: "(*lib.Conn).Raw", result: 1, alias: true}
      - {func: "(*lib.Conn#tx).Raw", result: 1}
    release: [Close, {func: "(*lib.Pool).Put", arg: 0}]
    lends: [{func: lib.Do, callback: 1, param: 0, parent: arg0}]
    obligation: must
  - {type: "io.Reader#lib", role: stream, contract: none, says: s, status: documented, source: s, borrowed: ["(*lib.Conn).NextReader"]}
funcs:
  - {func: lib.Do, arg: 0, does: use}
`))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"example.com/lib", "example.com/old"} {
		checkFull(t, c, path)
	}
	if c.Package("io") || c.TypeOf(nil) != nil || c.Type("io.Reader") != nil {
		t.Error("a role of io.Reader must not make io a catalogued package")
	}
}

func checkFull(t *testing.T, c *Catalog, path string) {
	t.Helper()
	conn := c.Type("*" + path + ".Conn")
	if conn == nil {
		t.Fatalf("%s: no row", path)
	}
	if !conn.Must || conn.Contract != Duplex || conn.Inner != "Body" || conn.ErrField != "Err" {
		t.Errorf("%s: row is %+v", path, conn)
	}
	for name, want := range map[string]Role{"Read": Read, "Close": Free, "Other": Use} {
		if got := conn.MethodRole(name); got != want {
			t.Errorf("%s: role of %s is %v, want %v", path, name, got, want)
		}
	}
	for _, name := range []string{"Get", "TryGet"} {
		f := c.Func("(*" + path + ".Pool)." + name)
		if f == nil || len(f.Results) != 1 || f.Results[0] != (Result{Type: conn, Owned: true, Parent: NoParent}) {
			t.Errorf("%s: %s is %+v, want an owned connection without parent", path, name, f)
		}
	}
	raw := c.MethodOn(conn, "Raw")
	if raw == nil || raw.Results[0] != (Result{Index: 1, Type: conn, Parent: Receiver, Alias: true}) {
		t.Errorf("%s: Raw is %+v, want an alias of the receiver", path, raw)
	}
	if tx := c.MethodOn(&Type{Key: "*" + path + ".Conn#tx"}, "Raw"); tx == nil || tx == raw || tx.Results[0].Alias {
		t.Errorf("%s: Raw on the second role is %+v", path, tx)
	}
	if f := c.Func("(*" + path + ".Pool).Put"); f == nil || f.Args[0] != ArgRelease {
		t.Errorf("%s: Put is %+v, want a release of argument 0", path, f)
	}
	do := c.Func(path + ".Do")
	if do == nil || len(do.Lends) != 1 || do.Lends[0] != (Lend{Callback: 1, Type: conn, Parent: 0}) || do.Args[0] != ArgUse {
		t.Errorf("%s: Do is %+v", path, do)
	}
	if f := c.Func("(*" + path + ".Conn).NextReader"); f == nil || f.Results[0].Type.Key != "io.Reader#lib" {
		t.Errorf("%s: NextReader is %+v", path, f)
	}
}
