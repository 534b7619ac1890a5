package golden

import (
	"fmt"
	"go/ast"
	"go/token"
	"regexp"
	"strconv"
	"strings"
	"text/scanner"
)

// place is a line of a file.
type place struct {
	file string
	line int
}

// expectation is one regular expression of a want or rel comment.
type expectation struct {
	at      place
	pkg     string // import path of the package, which test variants share
	rx      *regexp.Regexp
	matched bool
}

// expectations are the comments of a set of files.
type expectations struct {
	wants, rels []*expectation
	exhaustive  map[string]bool // files that list all related positions
}

// marker above the package clause makes a file list all its related positions.
const marker = "//golden:related"

// addFile reads the comments of a file.
func (x *expectations) addFile(fset *token.FileSet, pkg string, f *ast.File) error {
	for _, group := range f.Comments {
		for _, c := range group.List {
			pos := fset.Position(c.Pos())
			if c.Pos() < f.Package && strings.TrimSpace(c.Text) == marker {
				x.exhaustive[pos.Filename] = true
			}
			if err := x.addComment(pkg, place{pos.Filename, pos.Line}, c.Text); err != nil {
				return fmt.Errorf("%s: %w", pos, err)
			}
		}
	}
	return nil
}

var keyword = regexp.MustCompile(`^\s*(want|rel)\s*["` + "`" + `+]`)

// addComment reads one comment. Only one that starts with a keyword, or
// has it after a further "//", is an expectation; other comments are prose.
func (x *expectations) addComment(pkg string, at place, text string) error {
	text = strings.TrimPrefix(text, "//")
	if strings.HasPrefix(text, "/*") {
		text = strings.TrimSuffix(strings.TrimPrefix(text, "/*"), "*/")
	}
	for _, part := range []string{"// want", "// rel"} {
		if i := strings.Index(text, part); i >= 0 && !keyword.MatchString(text) {
			text = text[i+len("//"):]
		}
	}
	if !keyword.MatchString(text) {
		return nil
	}
	p := &commentParser{x: x, pkg: pkg, at: at}
	p.sc.Init(strings.NewReader(text))
	p.sc.Mode = scanner.ScanIdents | scanner.ScanStrings | scanner.ScanRawStrings | scanner.ScanInts | scanner.ScanComments
	p.sc.Error = func(_ *scanner.Scanner, msg string) { p.err = fmt.Errorf("%s", msg) }
	return p.parse()
}

// commentParser reads `want "re" "re" rel +1 "re"`.
type commentParser struct {
	x    *expectations
	pkg  string
	at   place
	sc   scanner.Scanner
	list *[]*expectation
	plus int
	err  error
}

func (p *commentParser) parse() error {
	for p.err == nil {
		tok := p.sc.Scan()
		if tok == scanner.EOF {
			return p.err
		}
		p.token(tok)
	}
	return p.err
}

func (p *commentParser) token(tok rune) {
	switch {
	case tok == scanner.Ident && p.sc.TokenText() == "want":
		p.list, p.plus = &p.x.wants, 0
	case tok == scanner.Ident && p.sc.TokenText() == "rel":
		p.list, p.plus = &p.x.rels, 0
	case tok == '+':
		if p.sc.Scan() != scanner.Int {
			p.err = fmt.Errorf("+ must be followed by a number of lines")
			return
		}
		p.plus, _ = strconv.Atoi(p.sc.TokenText())
	case tok == scanner.String, tok == scanner.RawString:
		p.regexp(p.sc.TokenText())
	default:
		p.err = fmt.Errorf("unexpected %q in an expectation", p.sc.TokenText())
	}
}

func (p *commentParser) regexp(literal string) {
	pattern, err := strconv.Unquote(literal)
	if err != nil {
		p.err = fmt.Errorf("bad string %s", literal)
		return
	}
	rx, err := regexp.Compile(pattern)
	if err != nil {
		p.err = err
		return
	}
	at := place{p.at.file, p.at.line + p.plus}
	*p.list = append(*p.list, &expectation{at: at, pkg: p.pkg, rx: rx})
}
