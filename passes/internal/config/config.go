// Package config holds the options of a run.
package config

// Profile says how sure connvet must be before it speaks.
type Profile string

// The profiles.
const (
	Default Profile = "default" // silent when unsure
	Strict  Profile = "strict"  // also reports escapes that no summary explains
)

// Options are what a user may set. The zero value is the default run.
type Options struct {
	Profile Profile
}
