package format

import (
	"strings"

	"golang.org/x/tools/go/analysis"
)

// Summary says in one line what a rule reports. A rule's doc may be plain text
// or the source of its doc.go; the line that begins with the rule's name and a
// colon is preferred, as in the analysers of the Go project.
func Summary(a *analysis.Analyzer) string {
	first := ""
	for line := range strings.Lines(a.Doc) {
		line = strings.TrimSpace(strings.TrimLeft(strings.TrimSpace(line), "/*"))
		if title, ok := strings.CutPrefix(line, a.Name+": "); ok {
			return title
		}
		if first == "" && line != "" && !strings.HasPrefix(line, "package ") {
			first = line
		}
	}
	if first == "" {
		return a.Name
	}
	return first
}
