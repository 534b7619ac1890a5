package b

import (
	"strings"

	"example.com/toy/a"
)

// BadFar is known to be bad because of a fact of package a.
func BadFar() string {
	a.Mark() // want "call of Mark"
	return strings.ToUpper("the standard library has no bodies here")
}
