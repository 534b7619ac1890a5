package unclosedconn

import (
	"go/ast"
	"go/token"
	"os"

	"golang.org/x/tools/go/analysis"

	"github.com/connvet/connvet/passes/internal/obligation"
	"github.com/connvet/connvet/passes/internal/summary"
)

// fixer suggests fixes for the findings of one package. A fix is offered only
// where it is mechanical: nobody else holds the value, the place right after
// the acquisition is certain, and a further release does no harm.
type fixer struct {
	pass  *analysis.Pass
	files map[*token.File]*source
}

// source is a file and its text; without a text it gets no fixes.
type source struct {
	file *ast.File
	tok  *token.File
	text []byte
}

func newFixer(pass *analysis.Pass) *fixer {
	return &fixer{pass: pass, files: map[*token.File]*source{}}
}

// fixes are the suggestions for a finding about an acquisition: one or none.
func (f *fixer) fixes(a summary.Acquisition) []analysis.SuggestedFix {
	if a.Beside || transferred(a.Outcome) {
		return nil
	}
	s := f.site(a)
	if s == nil || !s.sole() || s.escapes() {
		return nil
	}
	p, ok := s.checked()
	if !ok {
		return nil
	}
	turns := a.Outcome.Turns
	message, edits, ok := s.release(p)
	if !ok || !turns && len(edits) == 0 {
		return nil
	}
	if turns {
		wrapping, ok := s.wrap()
		if !ok {
			return nil
		}
		message, edits = "Run each turn of the loop in a function of its own", append(wrapping, edits...)
	}
	return []analysis.SuggestedFix{{Message: message, TextEdits: edits}}
}

// transferred reports whether somebody else gets the value on some path, or
// may get it.
func transferred(o *obligation.Outcome) bool {
	return o.Moved || o.Half || o.Kept || o.Held != 0 || len(o.ReturnsAt)+len(o.Lost) > 0
}

// release gives the edits that make sure of the release from p on; none if a
// deferred release does so already. A deferred release that comes late moves
// up, otherwise a new one is added.
func (s *site) release(p place) (message string, edits []analysis.TextEdit, ok bool) {
	if d := s.laterDefer(p); d != nil {
		if !s.exitsBetween(p, d) {
			return "", nil, true
		}
		if edits, ok := s.move(d, p); ok {
			return "Move the deferred release of " + s.name + " up to its acquisition", edits, true
		}
	}
	if s.acq.Outcome.Released && !s.twiceHarmless() {
		return "", nil, false
	}
	text, ok := s.statement(p)
	if !ok {
		return "", nil, false
	}
	edit, ok := s.src.insert(p, text)
	return "Release " + s.name + " when the function returns", []analysis.TextEdit{edit}, ok
}

// source finds the file of a position, nil if it must not be changed.
func (f *fixer) source(pos token.Pos) *source {
	tok := f.pass.Fset.File(pos)
	if tok == nil {
		return nil
	}
	src, ok := f.files[tok]
	if !ok {
		src = f.load(tok)
		f.files[tok] = src
	}
	return src
}

func (f *fixer) load(tok *token.File) *source {
	for _, file := range f.pass.Files {
		if f.pass.Fset.File(file.Pos()) != tok {
			continue
		}
		read := f.pass.ReadFile
		if read == nil {
			read = os.ReadFile
		}
		text, err := read(tok.Name())
		if err != nil || len(text) != tok.Size() || ast.IsGenerated(file) {
			return nil
		}
		return &source{file: file, tok: tok, text: text}
	}
	return nil
}

// place is where a statement can be added: after a statement of a list, or
// before the first statement of a block.
type place struct {
	list  []ast.Stmt
	after int // index in list, -1 for the start of the block
	block *ast.BlockStmt
}

// pos is a position inside the scope of the place.
func (p place) pos() token.Pos {
	if p.after < 0 {
		return p.block.Lbrace + 1
	}
	return p.list[p.after].End()
}

// insert puts a statement on a line of its own.
func (src *source) insert(p place, text string) (analysis.TextEdit, bool) {
	var at token.Pos
	var model ast.Stmt
	if p.after < 0 {
		if len(p.block.List) == 0 {
			return analysis.TextEdit{}, false
		}
		model = p.block.List[0]
		at = p.block.Lbrace
	} else {
		model = p.list[p.after]
		at = model.End() - 1
	}
	line := src.tok.Line(at)
	if line >= src.tok.LineCount() {
		return analysis.TextEdit{}, false
	}
	if p.after+1 < len(p.list) && src.tok.Line(p.list[p.after+1].Pos()) <= line || p.after < 0 && src.tok.Line(model.Pos()) <= line {
		return analysis.TextEdit{}, false
	}
	indent, ok := src.indent(model)
	next := src.tok.LineStart(line + 1)
	if !ok || src.inComment(next) {
		return analysis.TextEdit{}, false
	}
	return analysis.TextEdit{Pos: next, End: next, NewText: []byte(indent + text + "\n")}, true
}

// indent is the white space before a node that is the first on its line.
func (src *source) indent(n ast.Node) (string, bool) {
	start := src.tok.LineStart(src.tok.Line(n.Pos()))
	text := src.slice(start, n.Pos())
	for _, c := range text {
		if c != ' ' && c != '\t' {
			return "", false
		}
	}
	return text, true
}

func (src *source) slice(from, to token.Pos) string {
	return string(src.text[src.tok.Offset(from):src.tok.Offset(to)])
}

func (src *source) inComment(pos token.Pos) bool {
	for _, g := range src.file.Comments {
		for _, c := range g.List {
			if c.Pos() < pos && pos < c.End() {
				return true
			}
		}
	}
	return false
}
