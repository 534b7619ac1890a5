package catalog

import (
	"fmt"
	"regexp"
	"strings"
)

var (
	typeSyntax   = regexp.MustCompile(`^(\*?)([^*()#\s]+)\.([A-Za-z_]\w*)(#\w+)?$`)
	methodSyntax = regexp.MustCompile(`^\(([^()]+)\)\.([A-Za-z_]\w*)$`)
	funcSyntax   = regexp.MustCompile(`^([^*()#\s]+)\.([A-Za-z_]\w*)$`)
)

// scope resolves the package names of one data file's symbols.
type scope map[string]string

// pkg turns a short name, or an import path that is spelt out, into a path.
func (s scope) pkg(name string) (string, error) {
	if path, ok := s[name]; ok {
		return path, nil
	}
	if strings.Contains(name, "/") {
		return name, nil
	}
	return "", fmt.Errorf("unknown import name %q", name)
}

// typeKey resolves a type symbol such as "*ws.Conn#draft" to its key and package.
func (s scope) typeKey(symbol string) (key, pkg string, err error) {
	m := typeSyntax.FindStringSubmatch(symbol)
	if m == nil {
		return "", "", fmt.Errorf("%q is no type: want pkg.T, *pkg.T or *pkg.T#role", symbol)
	}
	pkg, err = s.pkg(m[2])
	if err != nil {
		return "", "", err
	}
	return m[1] + pkg + "." + m[3] + m[4], pkg, nil
}

// funcKey resolves a function or method symbol.
func (s scope) funcKey(symbol string) (key, pkg string, err error) {
	if m := methodSyntax.FindStringSubmatch(symbol); m != nil {
		recv, pkg, err := s.typeKey(m[1])
		if err != nil {
			return "", "", err
		}
		return "(" + recv + ")." + m[2], pkg, nil
	}
	m := funcSyntax.FindStringSubmatch(symbol)
	if m == nil {
		return "", "", fmt.Errorf("%q is no function: want pkg.Func, (pkg.T).Method or (*pkg.T).Method", symbol)
	}
	pkg, err = s.pkg(m[1])
	if err != nil {
		return "", "", err
	}
	return pkg + "." + m[2], pkg, nil
}

// ReceiverKey is the type key of a method key's receiver; "" for a function.
func ReceiverKey(key string) string {
	if !strings.HasPrefix(key, "(") {
		return ""
	}
	end := strings.IndexByte(key, ')')
	if end < 0 {
		return ""
	}
	return key[1:end]
}

// ShortFunc turns a function key into what a user writes: pgx.CollectRows,
// (*sqlitex.Pool).Put.
func ShortFunc(key string) string {
	recv := ReceiverKey(key)
	if recv == "" {
		return ShortName(key)
	}
	return "(" + ShortName(recv) + ")" + key[len(recv)+2:]
}

// baseKey leaves out the role of a type key.
func baseKey(key string) string {
	base, _, _ := strings.Cut(key, "#")
	return base
}
