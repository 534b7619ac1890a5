package catalog

import (
	"fmt"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"

	"github.com/connvet/connvet/passes/internal/datafile"
)

// file is one data file as it is written.
type file struct {
	name    string
	Library text                `yaml:"library"`
	Module  text                `yaml:"module"`
	Imports map[string]string   `yaml:"imports"`
	Mirrors []map[string]string `yaml:"mirrors"`
	Types   []row               `yaml:"types"`
	Funcs   []effect            `yaml:"funcs"`
	Drivers []driver            `yaml:"drivers"`
}

// driver is a driver of database/sql.
type driver struct {
	Package text   `yaml:"package"`
	Names   []text `yaml:"names"`
	Busy    text   `yaml:"busy"`
	Source  text   `yaml:"source"`
}

// ended is what must not be called after a release.
type ended = busy

// busy is what must wait for an open result.
type busy struct {
	Calls  []text `yaml:"calls"`
	Error  text   `yaml:"error"`
	Source text   `yaml:"source"`
}

type row struct {
	Type       text      `yaml:"type"`
	Also       []text    `yaml:"also"`
	Role       text      `yaml:"role"`
	Contract   text      `yaml:"contract"`
	Says       text      `yaml:"says"`
	Status     text      `yaml:"status"`
	Source     text      `yaml:"source"`
	Symptom    text      `yaml:"symptom"`
	Advice     text      `yaml:"advice"`
	Methods    methods   `yaml:"methods"`
	Acquire    []value   `yaml:"acquire"`
	Release    []release `yaml:"release"`
	Obligation text      `yaml:"obligation"`
	Inner      text      `yaml:"inner"`
	Error      text      `yaml:"error"`
	Twice      text      `yaml:"twice"`
	Drained    []text    `yaml:"drained"`
	Borrowed   []value   `yaml:"borrowed"`
	Lends      []lend    `yaml:"lends"`
	Busy       *busy     `yaml:"busy"`
	Ended      *ended    `yaml:"ended"`
	Leaves     text      `yaml:"leaves"`
	Literal    bool      `yaml:"literal"`
	Unless     []text    `yaml:"unless"`
}

type methods struct {
	Read  []text `yaml:"read"`
	Write []text `yaml:"write"`
	Open  []text `yaml:"open"`
	End   []text `yaml:"end"`
	Free  []text `yaml:"free"`
}

// value is a call that gives a value of the row it is listed in.
type value struct {
	Func   text `yaml:"func"`
	Result int  `yaml:"result"`
	Parent text `yaml:"parent"`
	Alias  bool `yaml:"alias"`
}

// release is a method by its short name, or a function that takes the value.
type release struct {
	Func text `yaml:"func"`
	Arg  *int `yaml:"arg"`
}

type lend struct {
	Func     text `yaml:"func"`
	Callback *int `yaml:"callback"`
	Param    *int `yaml:"param"`
	Parent   text `yaml:"parent"`
}

// effect is what a call does with an argument, or that a result of it is a
// value of a row of another file, or which numbers it never is.
type effect struct {
	Func   text   `yaml:"func"`
	Arg    *int   `yaml:"arg"`
	Result *int   `yaml:"result"`
	Type   text   `yaml:"type"`
	Does   text   `yaml:"does"`
	Parent text   `yaml:"parent"`
	Alias  bool   `yaml:"alias"`
	As     text   `yaml:"as"`
	Calls  []text `yaml:"calls"`
	Never  []int  `yaml:"never"`
}

type text = datafile.Text

// UnmarshalYAML accepts the symbol alone, which stands for result 0.
func (v *value) UnmarshalYAML(n ast.Node) error {
	type plain value
	return unmarshalEntry(n, &v.Func, (*plain)(v))
}

// UnmarshalYAML accepts a method name or {func: …, arg: …}.
func (r *release) UnmarshalYAML(n ast.Node) error {
	type plain release
	return unmarshalEntry(n, &r.Func, (*plain)(r))
}

func unmarshalEntry[T any](n ast.Node, short *text, long *T) error {
	if _, ok := n.(*ast.StringNode); ok {
		return short.UnmarshalYAML(n)
	}
	return yaml.NodeToValue(n, long, yaml.Strict())
}

func (f *file) errorf(at text, format string, args ...any) error {
	return &datafile.Fault{File: f.name, Line: max(at.Line, 1), Msg: fmt.Sprintf(format, args...)}
}

// decode reads one data file; unknown and repeated keys are refused.
func decode(name string, data []byte) (*file, error) {
	f := &file{name: name}
	return f, datafile.Decode(name, data, f)
}
