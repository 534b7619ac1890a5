// Package vettool is the front for go vet -vettool: it speaks the protocol by
// which the go command analyses one package at a time.
package vettool

import (
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"hash"
	"io"
	"log"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/unitchecker"

	"github.com/connvet/connvet/passes"
)

// Wanted reports whether the arguments come from the go command.
func Wanted(args []string) bool {
	for _, arg := range args {
		if arg == "-V=full" || arg == "-flags" || strings.HasSuffix(arg, ".cfg") {
			return true
		}
	}
	return false
}

// Main answers the go command and ends the process. It returns only if it cannot
// do so, without a working directory or with a configuration that cannot be read,
// and then always an error.
func Main(analyzers []*analysis.Analyzer) error {
	log.SetFlags(0)
	log.SetPrefix("connvet: ")
	wd, err := os.Getwd()
	if err != nil {
		return err
	}
	args := os.Args[1:]
	if n := len(args); n > 0 && strings.HasSuffix(args[n-1], ".cfg") {
		rules, err := configure(wd)
		if err != nil {
			return err
		}
		args[n-1] = wantFindings(args[n-1])
		os.Args = append([]string{os.Args[0]}, append(rules, args...)...)
	}
	flag.Var(version{wd}, "V", "print version and exit")
	flag.Var(&profile{}, "profile", "how sure to be before reporting: default or strict")
	unitchecker.Main(analyzers...)
	return nil
}

var options passes.Options

// configure applies the configuration file above the package. Rules it switches
// off become flags in front of the user's, which thereby win.
func configure(dir string) ([]string, error) {
	file := passes.FindConfig(dir)
	if file == "" {
		return nil, nil
	}
	o, err := passes.ReadConfig(file)
	if err != nil {
		return nil, err
	}
	options = o
	passes.Configure(options)
	var flags []string
	for _, rule := range passes.RuleNames() {
		if on, set := o.Rules[rule]; set && !on {
			flags = append(flags, "-"+rule+"=false")
		}
	}
	return flags, nil
}

// profile is a flag that takes effect when it is parsed, as unitchecker parses
// the flags and runs the analysis in one call.
type profile struct{}

func (*profile) String() string { return "" }

func (*profile) Set(name string) error {
	p, err := passes.ParseProfile(name)
	if err != nil {
		return err
	}
	options.Profile = p
	passes.Configure(options)
	return nil
}

// version answers -V=full. The go command runs it where the user runs go vet,
// and caches results by what it prints, so the configuration found from there
// is part of it: a changed one is noticed.
type version struct{ dir string }

func (version) IsBoolFlag() bool { return true }
func (version) String() string   { return "" }

func (v version) Set(value string) error {
	if value != "full" {
		return fmt.Errorf("unsupported value; use -V=full, or -version")
	}
	id, err := buildID(v.dir)
	if err != nil {
		return err
	}
	fmt.Printf("connvet version devel buildID=%s\n", id)
	os.Exit(0)
	return nil
}

func buildID(dir string) (string, error) {
	exe, err := os.Executable()
	if err != nil {
		return "", err
	}
	h := sha256.New()
	if err := hashFile(h, exe); err != nil {
		return "", err
	}
	if file := passes.FindConfig(dir); file != "" {
		fmt.Fprintf(h, "\x00%s\x00", filepath.Dir(file))
		if err := hashFile(h, file); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%x", h.Sum(nil)), nil
}

func hashFile(h hash.Hash, file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	_, err = io.Copy(h, f)
	return errors.Join(err, f.Close())
}
