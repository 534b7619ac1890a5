package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Parse reads the text of a configuration file. Everything it does not know is
// an error that names file and line, as a misspelt key would silently do nothing.
func Parse(file string, data []byte, rules []string) (Options, error) {
	p := &fileParser{file: file, rules: rules}
	doc, err := parser.ParseBytes(data, 0)
	if err != nil {
		return Options{}, p.syntax(err)
	}
	if len(doc.Docs) > 1 {
		return Options{}, p.errorf(doc.Docs[1].Body, "more than one document")
	}
	if len(doc.Docs) == 0 || doc.Docs[0].Body == nil {
		return Options{}, nil
	}
	err = p.mapping(doc.Docs[0].Body, "the file", p.top)
	return p.out, err
}

type fileParser struct {
	file  string
	rules []string
	out   Options
}

func (p *fileParser) top(key string, at, value ast.Node) error {
	switch key {
	case "profile":
		return p.profile(value)
	case "rules":
		p.out.Rules = map[string]bool{}
		return p.mapping(value, "rules", p.rule)
	}
	return p.errorf(at, "unknown key %q; use profile, rules", key)
}

func (p *fileParser) profile(value ast.Node) error {
	name, ok := value.(*ast.StringNode)
	if !ok {
		return p.errorf(value, "profile must be a name; use %s or %s", Default, Strict)
	}
	profile, err := ParseProfile(name.Value)
	if err != nil {
		return p.errorf(value, "%v", err)
	}
	p.out.Profile = profile
	return nil
}

func (p *fileParser) rule(name string, at, value ast.Node) error {
	if !slices.Contains(p.rules, name) {
		return p.errorf(at, "unknown rule %q; use %s", name, oneOf(p.rules))
	}
	on, ok := value.(*ast.BoolNode)
	if !ok {
		return p.errorf(value, "rule %s must be true or false", name)
	}
	p.out.Rules[name] = on.Value
	return nil
}

// mapping calls each for every key of a mapping, refusing repeated keys.
func (p *fileParser) mapping(node ast.Node, what string, each func(key string, at, value ast.Node) error) error {
	var pairs []*ast.MappingValueNode
	switch node := node.(type) {
	case *ast.MappingNode:
		pairs = node.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{node}
	case *ast.NullNode, *ast.CommentGroupNode:
		return nil
	default:
		return p.errorf(node, "%s must be a mapping", what)
	}
	seen := map[string]bool{}
	for _, pair := range pairs {
		key := pair.Key.GetToken().Value
		if seen[key] {
			return p.errorf(pair.Key, "key %q is set twice", key)
		}
		seen[key] = true
		if err := each(key, pair.Key, pair.Value); err != nil {
			return err
		}
	}
	return nil
}

func (p *fileParser) errorf(at ast.Node, format string, args ...any) error {
	line := 1
	if at != nil {
		line = tokenLine(at.GetToken())
	}
	return fmt.Errorf("%s:%d: %s", p.file, line, fmt.Sprintf(format, args...))
}

// syntax keeps position and first line of a parser's error; the rest is a
// picture of the source.
func (p *fileParser) syntax(err error) error {
	type positioned interface {
		GetToken() *token.Token
		GetMessage() string
	}
	if e, ok := err.(positioned); ok {
		return fmt.Errorf("%s:%d: %s", p.file, tokenLine(e.GetToken()), e.GetMessage())
	}
	first, _, _ := strings.Cut(err.Error(), "\n")
	return fmt.Errorf("%s: %s", p.file, first)
}

func tokenLine(t *token.Token) int {
	if t == nil || t.Position == nil {
		return 1
	}
	return t.Position.Line
}
