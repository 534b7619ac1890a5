package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	rules := []string{"sharedconn", "unclosedconn"}
	tests := []struct{ name, text, err string }{
		{"empty", "", ""},
		{"comment", "# nothing\n", ""},
		{"full", "profile: strict\nrules:\n  sharedconn: false\n", ""},
		{"flow", "rules: {sharedconn: false}\nprofile: strict\n", ""},
		{"unknown key", "profile: strict\nrule: {}\n", `f.yaml:2: unknown key "rule"`},
		{"unknown rule", "rules:\n  sharedcon: true\n", `f.yaml:2: unknown rule "sharedcon"; use sharedconn, unclosedconn`},
		{"unknown profile", "\nprofile: lax\n", `f.yaml:2: unknown profile "lax"`},
		{"profile of another kind", "profile: 3\n", "f.yaml:1: profile must be a name"},
		{"rule of another kind", "rules:\n  sharedconn: maybe\n", "f.yaml:2: rule sharedconn must be true or false"},
		{"twice", "profile: strict\nprofile: default\n", "f.yaml:"},
		{"list", "- profile\n", "f.yaml:1: the file must be a mapping"},
		{"syntax", "profile: [\n", "f.yaml:"},
		{"two documents", "profile: strict\n---\nprofile: default\n", "more than one document"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o, err := Parse("f.yaml", []byte(tt.text), rules)
			if tt.err == "" {
				if err != nil {
					t.Fatal(err)
				}
				if strings.Contains(tt.text, "strict") && (!o.Strict() || o.Rules["sharedconn"]) {
					t.Errorf("got %+v", o)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.err) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got error %v, want %s", err, tt.err)
			}
		})
	}
}

func TestFindStopsAtRepository(t *testing.T) {
	top := t.TempDir()
	repo := filepath.Join(top, "repo")
	deep := filepath.Join(repo, "a", "b")
	for _, dir := range []string{deep, filepath.Join(repo, ".git")} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	write := func(dir string) string {
		file := filepath.Join(dir, FileName)
		if err := os.WriteFile(file, nil, 0o644); err != nil {
			t.Fatal(err)
		}
		return file
	}
	write(top)
	if got := Find(deep); got != "" {
		t.Errorf("found %s above the repository", got)
	}
	if want, got := write(repo), Find(deep); got != want {
		t.Errorf("found %q, want %s", got, want)
	}
}
