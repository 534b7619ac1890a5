package golden

import (
	"cmp"
	"fmt"
	"go/token"
	"slices"

	"golang.org/x/tools/go/analysis/checker"
)

// comparison gathers findings and holds them against the comments.
type comparison struct {
	mod    *module
	expect expectations
	seen   map[string]bool // findings and related positions already counted
	out    []problem
}

type problem struct {
	at   place
	text string
}

// newComparison reads the comments of all packages, each file once.
func newComparison(mod *module) (*comparison, error) {
	c := &comparison{
		mod:    mod,
		expect: expectations{exhaustive: make(map[string]bool)},
		seen:   make(map[string]bool),
	}
	read := make(map[string]bool)
	for _, p := range mod.roots {
		for _, f := range p.Syntax {
			name := p.Fset.Position(f.Package).Filename
			if read[name] {
				continue
			}
			read[name] = true
			if err := c.expect.addFile(p.Fset, p.PkgPath, f); err != nil {
				return nil, err
			}
		}
	}
	return c, nil
}

// add counts the findings of one package. A finding that the test variant of
// the package repeats is one finding.
func (c *comparison) add(act *checker.Action) {
	own := make(map[string]bool)
	for _, f := range act.Package.Syntax {
		own[act.Package.Fset.Position(f.Package).Filename] = true
	}
	for _, d := range act.Diagnostics {
		pos := act.Package.Fset.Position(d.Pos)
		if !own[pos.Filename] {
			c.fail(pos, "finding outside the files of %s: %s", act.Package.ID, d.Message)
			continue
		}
		if c.fresh("want", pos, d.Message) {
			c.finding(pos, d.Message)
		}
		for _, r := range d.Related {
			pos := act.Package.Fset.Position(r.Pos)
			if own[pos.Filename] && c.fresh("rel", pos, r.Message) {
				c.related(act.Package.PkgPath, pos, r.Message)
			}
		}
	}
}

func (c *comparison) fresh(kind string, pos token.Position, message string) bool {
	key := fmt.Sprintf("%s %s %s", kind, pos, message)
	if c.seen[key] {
		return false
	}
	c.seen[key] = true
	return true
}

// finding takes away the want that the finding fulfils.
func (c *comparison) finding(pos token.Position, message string) {
	at := place{pos.Filename, pos.Line}
	var left *expectation
	for _, w := range c.expect.wants {
		if w.at != at || w.matched {
			continue
		}
		if w.rx.MatchString(message) {
			w.matched = true
			return
		}
		left = w
	}
	if left != nil {
		c.fail(pos, "finding %q does not match %#q", message, left.rx)
		return
	}
	c.fail(pos, "unexpected finding: %s", message)
}

// related marks every rel that the position fulfils: findings of one package may share it.
func (c *comparison) related(pkg string, pos token.Position, message string) {
	at := place{pos.Filename, pos.Line}
	covered := false
	for _, r := range c.expect.rels {
		if r.at == at && r.pkg == pkg && r.rx.MatchString(message) {
			r.matched, covered = true, true
		}
	}
	if !covered && c.expect.exhaustive[pos.Filename] {
		c.fail(pos, "unexpected related position: %s", message)
	}
}

func (c *comparison) fail(pos token.Position, format string, args ...any) {
	c.out = append(c.out, problem{place{pos.Filename, pos.Line}, fmt.Sprintf(format, args...)})
}

// problems lists what did not fit, sorted, with files named from the module.
func (c *comparison) problems() []string {
	for _, w := range c.expect.wants {
		if !w.matched {
			c.out = append(c.out, problem{w.at, fmt.Sprintf("no finding matches %#q", w.rx)})
		}
	}
	for _, r := range c.expect.rels {
		if !r.matched {
			c.out = append(c.out, problem{r.at, fmt.Sprintf("no related position matches %#q", r.rx)})
		}
	}
	slices.SortFunc(c.out, func(a, b problem) int {
		return cmp.Or(cmp.Compare(a.at.file, b.at.file), cmp.Compare(a.at.line, b.at.line), cmp.Compare(a.text, b.text))
	})
	var lines []string
	for _, p := range c.out {
		lines = append(lines, fmt.Sprintf("%s:%d: %s", relative(c.mod.dir, p.at.file), p.at.line, p.text))
	}
	return lines
}
