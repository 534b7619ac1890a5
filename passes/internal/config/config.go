// Package config holds the options of a run.
//
// The options belong to the process: a driver calls Set once, before any
// analysis starts, and analysers read Current. Nothing in a fact may depend on
// them, because facts of dependencies are made without the user's configuration.
package config

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
)

// Profile says how sure connvet must be before it speaks.
type Profile string

// The profiles.
const (
	Default Profile = "default" // silent when unsure
	Strict  Profile = "strict"  // also reports escapes that no summary explains
)

// ParseProfile reads the name of a profile.
func ParseProfile(name string) (Profile, error) {
	switch p := Profile(name); p {
	case Default, Strict:
		return p, nil
	}
	return "", fmt.Errorf("unknown profile %q; use %s or %s", name, Default, Strict)
}

// Options are what a user may set. The zero value is the default run.
type Options struct {
	Profile Profile
	Rules   map[string]bool // rules switched on or off; others keep their default
}

// Strict reports whether unexplained escapes are reported too.
func (o Options) Strict() bool { return o.Profile == Strict }

var current atomic.Pointer[Options]

// Set makes o the options of the process. Call it before analysis starts.
func Set(o Options) { current.Store(&o) }

// Current is what was set last; the default options if nothing was.
func Current() Options {
	if o := current.Load(); o != nil {
		return *o
	}
	return Options{}
}

// FileName is the name of the configuration file.
const FileName = ".connvet.yaml"

// Find looks for the configuration file in dir and above, up to the root of the
// repository; "" if there is none.
func Find(dir string) string {
	for {
		file := filepath.Join(dir, FileName)
		if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() {
			return file
		}
		if _, err := os.Stat(filepath.Join(dir, ".git")); err == nil {
			return ""
		}
		up := filepath.Dir(dir)
		if up == dir {
			return ""
		}
		dir = up
	}
}

// Read reads a configuration file. Rules lists the names it may speak of.
func Read(file string, rules []string) (Options, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return Options{}, err
	}
	return Parse(file, data, rules)
}

func oneOf(names []string) string {
	sorted := slices.Sorted(slices.Values(names))
	return strings.Join(sorted, ", ")
}
