package format

import (
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"path"
	"strings"
	"unicode/utf16"

	"golang.org/x/tools/go/analysis"

	"github.com/connvet/connvet/cmd/connvet/internal/report"
)

// The parts of SARIF 2.1.0 that connvet fills. Slices without omitempty are
// always there, as readers expect `results` even when nothing was found.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool        sarifTool                `json:"tool"`
		Invocations []sarifInvocation        `json:"invocations"`
		BaseIDs     map[string]sarifArtifact `json:"originalUriBaseIds,omitempty"`
		ColumnKind  string                   `json:"columnKind"`
		Language    string                   `json:"language"`
		Newlines    []string                 `json:"newlineSequences"`
		Results     []sarifResult            `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		Version        string      `json:"version,omitempty"`
		InformationURI string      `json:"informationUri"`
		Language       string      `json:"language"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID               string       `json:"id"`
		Name             string       `json:"name"`
		ShortDescription sarifText    `json:"shortDescription"`
		FullDescription  sarifText    `json:"fullDescription"`
		HelpURI          string       `json:"helpUri,omitempty"`
		Help             sarifText    `json:"help"`
		Default          sarifDefault `json:"defaultConfiguration"`
	}
	sarifDefault struct {
		Level string `json:"level"`
	}
	sarifText struct {
		Text     string `json:"text"`
		Markdown string `json:"markdown,omitempty"`
	}
	sarifInvocation struct {
		Successful    bool                `json:"executionSuccessful"`
		Notifications []sarifNotification `json:"toolExecutionNotifications,omitempty"`
	}
	sarifNotification struct {
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations,omitempty"`
	}
	sarifResult struct {
		RuleID           string          `json:"ruleId"`
		RuleIndex        int             `json:"ruleIndex"`
		Level            string          `json:"level"`
		Message          sarifText       `json:"message"`
		Locations        []sarifLocation `json:"locations"`
		RelatedLocations []sarifLocation `json:"relatedLocations,omitempty"`
		CodeFlows        []sarifCodeFlow `json:"codeFlows,omitempty"`
		Fixes            []sarifFix      `json:"fixes,omitempty"`
	}
	sarifLocation struct {
		ID       *int          `json:"id,omitempty"`
		Physical sarifPhysical `json:"physicalLocation"`
		Message  *sarifText    `json:"message,omitempty"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI       string `json:"uri,omitempty"`
		URIBaseID string `json:"uriBaseId,omitempty"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn,omitempty"`
		EndLine     int `json:"endLine,omitempty"`
		EndColumn   int `json:"endColumn,omitempty"`
	}
	sarifCodeFlow struct {
		ThreadFlows []sarifThreadFlow `json:"threadFlows"`
	}
	sarifThreadFlow struct {
		Locations []sarifFlowLocation `json:"locations"`
	}
	sarifFlowLocation struct {
		Location   sarifLocation `json:"location"`
		Importance string        `json:"importance"`
	}
	sarifFix struct {
		Description sarifText     `json:"description"`
		Changes     []sarifChange `json:"artifactChanges"`
	}
	sarifChange struct {
		Artifact     sarifArtifact      `json:"artifactLocation"`
		Replacements []sarifReplacement `json:"replacements"`
	}
	sarifReplacement struct {
		Deleted  sarifRegion `json:"deletedRegion"`
		Inserted sarifText   `json:"insertedContent"`
	}
)

const (
	sarifSchema = "https://json.schemastore.org/sarif-2.1.0.json"
	sourceRoot  = "%SRCROOT%"
	homepage    = "https://github.com/connvet/connvet"
)

func sarif(w io.Writer, r *report.Report, o Options) error {
	b := &sarifBuilder{src: newSources(o.Open), index: map[string]int{}}
	run := sarifRun{
		Tool:        sarifTool{Driver: sarifDriver{Name: "connvet", Version: o.Version, InformationURI: homepage, Language: "en-US", Rules: b.rules(o.Rules)}},
		Invocations: []sarifInvocation{b.invocation(r.Errors)},
		ColumnKind:  "utf16CodeUnits",
		Language:    "en-US",
		Newlines:    []string{"\r\n", "\n"},
		Results:     []sarifResult{},
	}
	for _, f := range r.Findings {
		run.Results = append(run.Results, b.result(f))
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(sarifLog{Schema: sarifSchema, Version: "2.1.0", Runs: []sarifRun{run}}); err != nil {
		return err
	}
	WriteErrors(o.Errors, r.Errors)
	return nil
}

type sarifBuilder struct {
	src   *sources
	index map[string]int // of the rules
}

func (b *sarifBuilder) rules(as []*analysis.Analyzer) []sarifRule {
	out := []sarifRule{}
	for i, a := range as {
		b.index[a.Name] = i
		title, doc := Summary(a), strings.TrimSpace(a.Doc)
		if doc == "" {
			doc = title
		}
		out = append(out, sarifRule{
			ID:               a.Name,
			Name:             a.Name,
			ShortDescription: sarifText{Text: title},
			FullDescription:  sarifText{Text: title},
			HelpURI:          a.URL,
			Help:             sarifText{Text: doc, Markdown: doc},
			Default:          sarifDefault{Level: "error"},
		})
	}
	return out
}

func (b *sarifBuilder) invocation(errs []report.Error) sarifInvocation {
	inv := sarifInvocation{Successful: len(errs) == 0}
	for _, e := range errs {
		n := sarifNotification{Level: "error", Message: sarifText{Text: errorLine(e)}}
		if e.File != "" {
			n.Locations = []sarifLocation{b.location(e.File, max(e.Line, 1), 0, 0, 0)}
		}
		inv.Notifications = append(inv.Notifications, n)
	}
	return inv
}

// result shows the related places twice: as links, and as the steps of a path
// that ends at the finding.
func (b *sarifBuilder) result(f report.Finding) sarifResult {
	primary := b.location(f.File, f.Line, f.Column, f.EndLine, f.EndColumn)
	res := sarifResult{
		RuleID:    f.Rule,
		RuleIndex: b.index[f.Rule],
		Level:     "error",
		Locations: []sarifLocation{primary},
	}
	text := escapeLinks(f.Message)
	var steps []sarifFlowLocation
	for i, rel := range f.Related {
		loc := b.location(rel.File, rel.Line, rel.Column, 0, 0)
		loc.Message = &sarifText{Text: rel.Message}
		steps = append(steps, sarifFlowLocation{Location: loc, Importance: "important"})
		loc.ID = new(i)
		res.RelatedLocations = append(res.RelatedLocations, loc)
		text += fmt.Sprintf("\n[%s](%d)", escapeLinks(rel.Message), i)
	}
	res.Message = sarifText{Text: text}
	if len(steps) > 0 {
		primary.Message = &sarifText{Text: f.Message}
		steps = append(steps, sarifFlowLocation{Location: primary, Importance: "essential"})
		res.CodeFlows = []sarifCodeFlow{{ThreadFlows: []sarifThreadFlow{{Locations: steps}}}}
	}
	for _, fx := range f.Fixes {
		res.Fixes = append(res.Fixes, b.fix(fx))
	}
	return res
}

func (b *sarifBuilder) fix(fx report.Fix) sarifFix {
	out := sarifFix{Description: sarifText{Text: fx.Message}, Changes: []sarifChange{}}
	at := map[string]int{}
	for _, e := range fx.Edits {
		i, ok := at[e.File]
		if !ok {
			i = len(out.Changes)
			at[e.File] = i
			out.Changes = append(out.Changes, sarifChange{Artifact: artifact(e.File)})
		}
		out.Changes[i].Replacements = append(out.Changes[i].Replacements, sarifReplacement{
			Deleted:  b.region(e.File, e.Line, e.Column, e.EndLine, e.EndColumn),
			Inserted: sarifText{Text: e.NewText},
		})
	}
	return out
}

func (b *sarifBuilder) location(file string, line, column, endLine, endColumn int) sarifLocation {
	region := b.region(file, line, column, endLine, endColumn)
	return sarifLocation{Physical: sarifPhysical{Artifact: artifact(file), Region: &region}}
}

func (b *sarifBuilder) region(file string, line, column, endLine, endColumn int) sarifRegion {
	return sarifRegion{
		StartLine:   max(line, 1),
		StartColumn: b.column(file, line, column),
		EndLine:     endLine,
		EndColumn:   b.column(file, endLine, endColumn),
	}
}

// column turns a column in bytes into one in UTF-16 code units.
func (b *sarifBuilder) column(file string, line, column int) int {
	lines := b.src.lines(file)
	if line < 1 || line > len(lines) || column < 1 || column > len(lines[line-1])+1 {
		return column
	}
	return len(utf16.Encode([]rune(lines[line-1][:column-1]))) + 1
}

// artifact is relative to the root of the sources, unless the file lies outside.
func artifact(file string) sarifArtifact {
	u := url.URL{Path: file}
	if path.IsAbs(file) {
		u.Scheme = "file"
		return sarifArtifact{URI: u.String()}
	}
	return sarifArtifact{URI: u.String(), URIBaseID: sourceRoot}
}

var linkEscaper = strings.NewReplacer(`\`, `\\`, `[`, `\[`, `]`, `\]`)

func escapeLinks(s string) string { return linkEscaper.Replace(s) }
