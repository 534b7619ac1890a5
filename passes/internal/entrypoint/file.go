package entrypoint

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// file is one data file as it is written.
type file struct {
	name       string
	Library    string            `yaml:"library"`
	Module     string            `yaml:"module"`
	Imports    map[string]string `yaml:"imports"`
	Calls      []call            `yaml:"calls"`
	Types      []typeRow         `yaml:"types"`
	Signatures []signatureRow    `yaml:"signatures"`
	Registrars []registrarRow    `yaml:"registrars"`
	Injectors  []injectorRow     `yaml:"injectors"`
	Scopes     []text            `yaml:"scopes"`
	Serves     []text            `yaml:"serves"`
	Detaches   []text            `yaml:"detaches"`
	Limits     []text            `yaml:"limits"`
}

type call struct {
	Funcs     []text   `yaml:"funcs"`
	Callbacks []int    `yaml:"callbacks"`
	Methods   []string `yaml:"methods"`
	Field     string   `yaml:"field"`
	Kind      text     `yaml:"kind"`
	Level     text     `yaml:"level"`
	Handle    text     `yaml:"handle"`
	Joins     []text   `yaml:"joins"`
	Why       text     `yaml:"why"`
	Source    string   `yaml:"source"`
}

type typeRow struct {
	Type    text     `yaml:"type"`
	Methods []string `yaml:"methods"`
	Fields  []string `yaml:"fields"`
	Kind    text     `yaml:"kind"`
	Level   text     `yaml:"level"`
	Why     text     `yaml:"why"`
	Source  string   `yaml:"source"`
}

type signatureRow struct {
	Params []text `yaml:"params"`
	Kind   text   `yaml:"kind"`
	Level  text   `yaml:"level"`
	Why    text   `yaml:"why"`
	Source string `yaml:"source"`
}

type registrarRow struct {
	Params    []text   `yaml:"params"`
	Name      text     `yaml:"name"`
	Callbacks []int    `yaml:"callbacks"`
	Methods   []string `yaml:"methods"`
	Kind      text     `yaml:"kind"`
	Level     text     `yaml:"level"`
	Why       text     `yaml:"why"`
	Source    string   `yaml:"source"`
}

type injectorRow struct {
	Funcs  []text `yaml:"funcs"`
	Does   text   `yaml:"does"`
	Arg    int    `yaml:"arg"`
	Source string `yaml:"source"`
}

// text is a string that knows its line.
type text struct {
	value string
	line  int
}

// UnmarshalYAML keeps the line of the node.
func (t *text) UnmarshalYAML(n ast.Node) error {
	s, ok := n.(*ast.StringNode)
	if !ok {
		return fmt.Errorf("line %d: want a string", n.GetToken().Position.Line)
	}
	t.value, t.line = s.Value, s.Token.Position.Line
	return nil
}

// readFile decodes one data file. Keys that the grammar does not have are errors.
func readFile(dir fs.FS, name string) (*file, error) {
	src, err := fs.ReadFile(dir, name)
	if err != nil {
		return nil, err
	}
	f := &file{name: name}
	if err := yaml.UnmarshalWithOptions(src, f, yaml.Strict()); err != nil {
		return nil, located(name, err)
	}
	if f.Library == "" || f.Module == "" || len(f.Imports) == 0 {
		return nil, fmt.Errorf("%s:1: a file needs library, module and imports", name)
	}
	return f, nil
}

// located puts file and line in front of a decoding error.
func located(name string, err error) error {
	var yerr yaml.Error
	if errors.As(err, &yerr) && yerr.GetToken() != nil {
		return fmt.Errorf("%s:%d: %s", name, yerr.GetToken().Position.Line, yerr.GetMessage())
	}
	return fmt.Errorf("%s: %w", name, err)
}
