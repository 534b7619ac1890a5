// Package golangci makes connvet a module plugin of golangci-lint.
//
// It registers one linter, connvet, with every rule of the suite. Its settings
// are those of .connvet.yaml, and they go inline, because golangci-lint does not
// see changes of other files and would serve old findings from its cache:
//
//	linters:
//	  enable: [connvet]
//	  settings:
//	    custom:
//	      connvet:
//	        type: module
//	        settings:
//	          profile: strict
//	          rules:
//	            capturedconn: false
package golangci

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/golangci/plugin-module-register/register"
	"golang.org/x/tools/go/analysis"

	"github.com/connvet/connvet/passes"
)

// Name is the name of the linter.
const Name = "connvet"

// golangci-lint finds a module plugin by what its package registers when it is imported.
func init() { register.Plugin(Name, New) }

// Settings are what .golangci.yml may say. The zero value is the default run.
type Settings struct {
	Profile string          `json:"profile"` // default, or strict
	Rules   map[string]bool `json:"rules"`   // rules switched on or off
}

// New makes the linter from its settings, which must all be known: a misspelt one
// would silently do nothing.
func New(conf any) (register.LinterPlugin, error) {
	settings, err := register.DecodeSettings[Settings](conf)
	if err != nil {
		return nil, fmt.Errorf("connvet: %w; use profile, rules", err)
	}
	options, err := settings.options()
	if err != nil {
		return nil, fmt.Errorf("connvet: %w", err)
	}
	return &plugin{options: options}, nil
}

func (s Settings) options() (passes.Options, error) {
	options := passes.Options{Rules: s.Rules}
	if s.Profile != "" {
		profile, err := passes.ParseProfile(s.Profile)
		if err != nil {
			return options, err
		}
		options.Profile = profile
	}
	names := passes.RuleNames()
	for name := range s.Rules {
		if !slices.Contains(names, name) {
			return options, fmt.Errorf("unknown rule %q; use %s", name, strings.Join(names, ", "))
		}
	}
	return options, nil
}

type plugin struct{ options passes.Options }

// GetLoadMode asks for types.
func (*plugin) GetLoadMode() string { return register.LoadModeTypesInfo }

// BuildAnalyzers gives the rules that are switched on.
func (p *plugin) BuildAnalyzers() ([]*analysis.Analyzer, error) {
	passes.Configure(p.options)
	var out []*analysis.Analyzer
	for _, rule := range passes.Rules() {
		if on, set := p.options.Rules[rule.Name]; on || !set {
			out = append(out, adapt(rule))
		}
	}
	if len(out) == 0 {
		return nil, errors.New("connvet: all rules are switched off")
	}
	return out, nil
}
