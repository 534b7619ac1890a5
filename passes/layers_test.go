package passes_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/connvet/connvet/"

// A layer is a set of packages that may import the layers below it. A package
// named with a trailing slash stands for everything beneath.
type layer struct {
	name     string
	packages []string
	peers    bool // its packages may import each other
}

// layers lists the tree from the top down. A new package goes where it belongs.
var layers = []layer{
	{name: "cmd", packages: []string{"cmd/"}, peers: true},
	{name: "adaptors", packages: []string{"passes/golangci", "passes/golangci/"}},
	{name: "suite", packages: []string{"passes"}},
	{name: "rules", packages: []string{
		"passes/sharedconn", "passes/capturedconn", "passes/unclosedconn",
		"passes/busyconn", "passes/transientpool", "passes/inheritedconn",
	}},
	{name: "rule", packages: []string{"passes/internal/rule"}},
	{name: "summaries", packages: []string{"passes/internal/summary", "passes/internal/diag"}},
	{name: "engines", packages: []string{
		"passes/internal/obligation", "passes/internal/threads", "passes/internal/sharing",
	}},
	{name: "ground", peers: true, packages: []string{
		"passes/internal/access", "passes/internal/catalog", "passes/internal/config", "passes/internal/datafile",
		"passes/internal/effect", "passes/internal/entrypoint", "passes/internal/flow",
		"passes/internal/lockset", "passes/internal/process",
		"passes/internal/ssabuild", "passes/internal/symbols",
		"passes/internal/catalog/", "passes/internal/entrypoint/", "passes/internal/process/",
	}},
	// Only tests import what is at the very bottom.
	{name: "test support", packages: []string{"passes/internal/golden"}},
}

// allowed are the modules that the analysis itself may depend on.
var allowed = []string{"golang.org/x/tools/", "honnef.co/go/tools/", "github.com/goccy/go-yaml"}

// A listed package is what go list says of it.
type listed struct {
	ImportPath string
	Imports    []string
}

// TestLayers holds every import of non-test code against the layers: down only, never
// between rules, and outside the module only to what the analysis may use.
func TestLayers(t *testing.T) {
	for _, p := range list(t) {
		path := strings.TrimPrefix(p.ImportPath, module)
		at := layerOf(path)
		if at < 0 {
			t.Errorf("%s is in no layer; name it in layers", path)
			continue
		}
		for _, imported := range p.Imports {
			if reason := forbidden(path, at, imported); reason != "" {
				t.Errorf("%s imports %s: %s", path, strings.TrimPrefix(imported, module), reason)
			}
		}
	}
}

// forbidden says why a package of layer at may not import imported; "" if it may.
func forbidden(path string, at int, imported string) string {
	if path == "passes/internal/flow" && strings.HasPrefix(imported, "golang.org/x/tools/go/analysis") {
		return "flow knows nothing of analysis passes"
	}
	if own, ok := strings.CutPrefix(imported, module); ok {
		return forbiddenLayer(at, layerOf(own))
	}
	if at <= layerNamed("adaptors") || !strings.Contains(firstElement(imported), ".") {
		return ""
	}
	for _, prefix := range allowed {
		if strings.HasPrefix(imported, prefix) {
			return ""
		}
	}
	return "the analysis depends only on x/tools, honnef and yaml"
}

func forbiddenLayer(from, to int) string {
	switch {
	case to < 0:
		return "it is in no layer"
	case to == layerNamed("test support"):
		return "only tests may"
	case to < from:
		return layers[to].name + " lies above " + layers[from].name
	case to == from && !layers[from].peers:
		return layers[from].name + " do not import each other"
	}
	return ""
}

func layerOf(path string) int {
	return slices.IndexFunc(layers, func(l layer) bool {
		return slices.ContainsFunc(l.packages, func(p string) bool {
			return path == p || strings.HasSuffix(p, "/") && strings.HasPrefix(path, p)
		})
	})
}

func layerNamed(name string) int {
	return slices.IndexFunc(layers, func(l layer) bool { return l.name == name })
}

func firstElement(path string) string {
	first, _, _ := strings.Cut(path, "/")
	return first
}

// list asks the go command for the packages of the module.
func list(t *testing.T) []listed {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-e", "-json=ImportPath,Imports", module+"...")
	cmd.Dir = ".."
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s", cmd, err, stderr.Bytes())
	}
	var packages []listed
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		switch err := decoder.Decode(&p); {
		case errors.Is(err, io.EOF):
			return packages
		case err != nil:
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}

// TestForbidden proves that the law bites.
func TestForbidden(t *testing.T) {
	for _, test := range []struct{ from, to, want string }{
		{"passes/sharedconn", module + "passes/capturedconn", "rules do not import each other"},
		{"passes/internal/catalog", module + "passes/internal/summary", "summaries lies above ground"},
		{"passes/internal/flow", "golang.org/x/tools/go/analysis", "flow knows nothing of analysis passes"},
		{"passes/internal/summary", "github.com/spf13/cobra", "the analysis depends only on x/tools, honnef and yaml"},
		{"passes/sharedconn", module + "passes/internal/golden", "only tests may"},
		{"passes/sharedconn", module + "passes/internal/new", "it is in no layer"},
		{"passes/sharedconn", module + "passes/internal/summary", ""},
		{"passes/internal/lockset", module + "passes/internal/access", ""},
		{"cmd/connvet/internal/cli", "golang.org/x/term", ""},
		{"passes/internal/catalog", "github.com/goccy/go-yaml/ast", ""},
	} {
		if got := forbidden(test.from, layerOf(test.from), test.to); got != test.want {
			t.Errorf("%s imports %s: %q, want %q", test.from, test.to, got, test.want)
		}
	}
}
