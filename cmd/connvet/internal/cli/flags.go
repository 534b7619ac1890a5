package cli

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"runtime/debug"
	"strconv"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/connvet/connvet/cmd/connvet/internal/format"
	"github.com/connvet/connvet/passes"
)

// flags are the command line.
type flags struct {
	dir, tags, format, profile, config string
	tests, json, fix, diff, version    bool
	context                            int
	patterns                           []string
	rules                              []*analysis.Analyzer
	enabled                            map[string]bool // rules named on the command line
}

// parseFlags tells by done that there is nothing more to do than to exit.
func parseFlags(args []string, s Streams, rules []*analysis.Analyzer) (f *flags, code int, done bool) {
	f = &flags{rules: rules, enabled: map[string]bool{}}
	fs := f.flagSet()
	err := fs.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		help(s.Out, fs, rules)
		return f, exitClean, true
	case err == nil:
		err = f.check()
	}
	if err != nil {
		fmt.Fprintf(s.Err, "connvet: %v; connvet -h lists the flags\n", err)
		return f, exitFailed, true
	}
	if f.version {
		fmt.Fprintf(s.Out, "connvet %s\n", Version())
		return f, exitClean, true
	}
	f.patterns = fs.Args()
	if len(f.patterns) == 0 {
		f.patterns = []string{"."}
	}
	return f, 0, false
}

func (f *flags) flagSet() *flag.FlagSet {
	fs := flag.NewFlagSet("connvet", flag.ContinueOnError)
	fs.SetOutput(io.Discard) // Main says what is wrong, in one line
	fs.StringVar(&f.dir, "C", "", "change to `dir` before doing anything")
	fs.IntVar(&f.context, "c", -1, "show `N` lines of source around each finding")
	fs.StringVar(&f.config, "config", "", "read the configuration from `file`, not from .connvet.yaml here or above")
	fs.BoolVar(&f.diff, "diff", false, "print fixes as a unified diff, change nothing")
	fs.BoolVar(&f.fix, "fix", false, "apply the first suggested fix of each finding")
	fs.StringVar(&f.format, "format", "text", "output `format`: "+strings.Join(format.Names(), ", "))
	fs.BoolVar(&f.json, "json", false, "short for -format=json")
	fs.StringVar(&f.profile, "profile", "", "how sure to be before reporting: default, or strict")
	fs.StringVar(&f.tags, "tags", "", "build `tags`, separated by commas")
	fs.BoolVar(&f.tests, "tests", true, "analyse tests too")
	fs.BoolVar(&f.version, "version", false, "print the version and exit")
	for _, a := range f.rules {
		fs.BoolFunc(a.Name, format.Summary(a), func(value string) error {
			on, err := strconv.ParseBool(value)
			if err != nil {
				return errors.New("want true or false")
			}
			f.enabled[a.Name] = on
			return nil
		})
	}
	return fs
}

func (f *flags) check() error {
	if f.json {
		if f.format != "text" && f.format != "json" {
			return fmt.Errorf("-json contradicts -format=%s", f.format)
		}
		f.format = "json"
	}
	if (f.fix || f.diff) && f.format != "text" {
		return fmt.Errorf("-format=%s has no meaning together with -fix or -diff", f.format)
	}
	if _, err := format.Lookup(f.format); err != nil {
		return fmt.Errorf("-format: %w", err)
	}
	if f.profile != "" {
		if _, err := passes.ParseProfile(f.profile); err != nil {
			return fmt.Errorf("-profile: %w", err)
		}
	}
	return nil
}

// configure makes the configuration file and the flags, which win, the options
// of the process, and returns the rules to run.
func (f *flags) configure(wd string) ([]*analysis.Analyzer, error) {
	file := f.config
	if file == "" {
		file = passes.FindConfig(wd)
	}
	var o passes.Options
	if file != "" {
		var err error
		if o, err = passes.ReadConfig(file); err != nil {
			return nil, err
		}
	}
	if f.profile != "" {
		p, err := passes.ParseProfile(f.profile)
		if err != nil {
			return nil, err
		}
		o.Profile = p
	}
	passes.Configure(o)
	rules := choose(f.rules, f.enabled, o.Rules)
	if len(rules) == 0 {
		return nil, errors.New("all rules are switched off")
	}
	return rules, nil
}

// choose follows go vet: rules named positively run alone, otherwise those
// named negatively do not run. The configuration speaks only where flags do not.
func choose(rules []*analysis.Analyzer, flags, config map[string]bool) []*analysis.Analyzer {
	only := false
	for _, on := range flags {
		only = only || on
	}
	var out []*analysis.Analyzer
	for _, a := range rules {
		on, set := flags[a.Name]
		if !set && !only {
			on, set = config[a.Name]
		}
		if on || !set && !only {
			out = append(out, a)
		}
	}
	return out
}

// Version is that of the module, as the go command recorded it.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}

func help(w io.Writer, fs *flag.FlagSet, rules []*analysis.Analyzer) {
	fmt.Fprint(w, `connvet finds connections that are used wrongly.

Usage:

	connvet [flags] [packages]
	go vet -vettool=$(which connvet) [packages]

Packages are named as for the go command; the default is the one here.
Exit code: 0 nothing found, 1 findings, 2 the run itself failed.

Rules (-NAME runs only what is named so, -NAME=false all but that):

`)
	rule := map[string]bool{}
	for _, a := range rules {
		rule[a.Name] = true
		fmt.Fprintf(w, "	%-14s %s\n", a.Name, format.Summary(a))
	}
	fmt.Fprint(w, "\nFlags:\n\n")
	fs.VisitAll(func(fl *flag.Flag) {
		if rule[fl.Name] {
			return
		}
		arg, usage := flag.UnquoteUsage(fl)
		fmt.Fprintf(w, "	%-14s %s\n", strings.TrimSpace("-"+fl.Name+" "+arg), usage)
	})
	fmt.Fprint(w, "\nThe file .connvet.yaml, here or above, may set profile and rules.\n")
}
