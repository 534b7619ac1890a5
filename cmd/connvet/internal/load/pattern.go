package load

import (
	"go/build"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/tools/go/packages"
)

func inGoroot(p *packages.Package) bool {
	if len(p.GoFiles) == 0 {
		return true
	}
	root := filepath.Join(build.Default.GOROOT, "src") + string(filepath.Separator)
	return build.Default.GOROOT == "" || strings.HasPrefix(p.GoFiles[0], root)
}

// unmatched lists the wildcard patterns that no named package matches. The go
// command only warns about them, and go/packages drops the warning.
func unmatched(dir string, patterns []string, pkgs []*Package) []string {
	var out []string
	for _, pattern := range patterns {
		if strings.Contains(pattern, "...") && !matchesAny(dir, pattern, pkgs) {
			out = append(out, pattern)
		}
	}
	return out
}

func matchesAny(dir, pattern string, pkgs []*Package) bool {
	local := pattern == "." || strings.HasPrefix(pattern, "./") || strings.HasPrefix(pattern, "../") || filepath.IsAbs(pattern)
	if local && !filepath.IsAbs(pattern) {
		pattern = filepath.ToSlash(filepath.Join(dir, pattern))
	}
	re := wildcard(pattern)
	for _, n := range pkgs {
		if !n.Root && len(n.Errors) == 0 {
			continue
		}
		name := n.Path
		if local && len(n.GoFiles) > 0 {
			name = filepath.ToSlash(filepath.Dir(n.GoFiles[0]))
		}
		if re.MatchString(name) {
			return true
		}
	}
	return false
}

// wildcard gives "..." its meaning for the go command: any string, and x/...
// also matches x.
func wildcard(pattern string) *regexp.Regexp {
	re := strings.ReplaceAll(regexp.QuoteMeta(pattern), `\.\.\.`, `.*`)
	if before, ok := strings.CutSuffix(re, `/.*`); ok {
		re = before + `(/.*)?`
	}
	return regexp.MustCompile(`^` + re + `(_test)?$`)
}

var posRE = regexp.MustCompile(`^(.+?):(\d+)(?::\d+)?$`)

// splitPos takes apart file:line:col as the go command writes it.
func splitPos(pos string) (file string, line int) {
	m := posRE.FindStringSubmatch(pos)
	if m == nil {
		return strings.TrimSuffix(pos, "-"), 0
	}
	line, _ = strconv.Atoi(m[2]) // digits only; too many of them mean no line
	return m[1], line
}
