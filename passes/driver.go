package passes

import (
	"github.com/connvet/connvet/passes/internal/catalog"
	"github.com/connvet/connvet/passes/internal/config"
)

// Options are what a user may set for a run; see the fields of the type.
type Options = config.Options

// Profile says how sure connvet must be before it speaks.
type Profile = config.Profile

// Configure makes o the options of the process. A driver calls it before the
// analysis starts.
func Configure(o Options) { config.Set(o) }

// ParseProfile reads the name of a profile.
func ParseProfile(name string) (Profile, error) { return config.ParseProfile(name) }

// FindConfig looks for the configuration file in dir and above; "" if there is none.
func FindConfig(dir string) string { return config.Find(dir) }

// ReadConfig reads a configuration file.
func ReadConfig(file string) (Options, error) { return config.Read(file, RuleNames()) }

// RuleNames lists the rules in the order of the suite.
func RuleNames() []string {
	var names []string
	for _, a := range Rules() {
		names = append(names, a.Name)
	}
	return names
}

// Catalogued reports whether there are contracts for the package with this
// import path, so that its importers are worth analysing.
func Catalogued(path string) bool { return catalog.Default().Package(path) }
