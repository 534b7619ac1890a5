package entrypoint

import "github.com/connvet/connvet/passes/internal/datafile"

// file is one data file as it is written.
type file struct {
	name          string
	datafile.Head `yaml:",inline"`

	Calls      []call         `yaml:"calls"`
	Types      []typeRow      `yaml:"types"`
	Signatures []signatureRow `yaml:"signatures"`
	Registrars []registrarRow `yaml:"registrars"`
	Injectors  []injectorRow  `yaml:"injectors"`
	Scopes     []text         `yaml:"scopes"`
	Privates   []text         `yaml:"privates"`
	Annotated  []text         `yaml:"annotated"`
	Serves     []text         `yaml:"serves"`
	Detaches   []text         `yaml:"detaches"`
	Limits     []text         `yaml:"limits"`
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
	Fresh     text     `yaml:"fresh"`
	Queue     string   `yaml:"queue"`
	Count     *int     `yaml:"count"`
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

type text = datafile.Text
