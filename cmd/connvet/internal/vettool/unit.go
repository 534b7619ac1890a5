package vettool

import (
	"encoding/json"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/tools/go/analysis/unitchecker"
)

// wantFindings works around a fault of the go command: its cache does not
// distinguish a package analysed for the sake of its importers, with findings
// suppressed, from one whose findings are wanted. Whichever ran first is
// replayed. So findings of the main module are never suppressed. The go command
// gets its own file back untouched; the changed copy lies beside it, in the
// directory that the go command removes.
//
// A package with tests of its own is left alone: the go command asks for its
// findings under the name of the test variant, which has another cache key.
func wantFindings(file string) string {
	data, err := os.ReadFile(file)
	if err != nil {
		return file // unitchecker will say so
	}
	var unit unitchecker.Config
	if err := json.Unmarshal(data, &unit); err != nil {
		return file
	}
	if !unit.VetxOnly || !inMain(&unit) || hasOwnTests(&unit) {
		return file
	}
	var fields map[string]json.RawMessage // keeps fields that only a newer go command knows
	if err := json.Unmarshal(data, &fields); err != nil {
		return file
	}
	fields["VetxOnly"] = json.RawMessage("false")
	data, err = json.Marshal(fields)
	if err != nil {
		return file
	}
	out := filepath.Join(filepath.Dir(file), "connvet-"+filepath.Base(file))
	if err := os.WriteFile(out, data, 0o600); err != nil {
		return file
	}
	return out
}

func inMain(unit *unitchecker.Config) bool {
	if unit.Module != nil {
		return unit.Module.Main || unit.Module.Version == ""
	}
	return unit.ModulePath != "" && unit.ModuleVersion == ""
}

// hasOwnTests reports whether the package is also compiled together with its
// tests. Test files that build constraints exclude do not count.
func hasOwnTests(unit *unitchecker.Config) bool {
	if len(unit.GoFiles) == 0 {
		return false
	}
	name := packageName(unit.GoFiles[0])
	tests, err := filepath.Glob(filepath.Join(unit.Dir, "*_test.go"))
	if err != nil {
		return false
	}
	return slices.ContainsFunc(tests, func(test string) bool {
		return !slices.Contains(unit.IgnoredFiles, test) && packageName(test) == name
	})
}

func packageName(file string) string {
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.PackageClauseOnly)
	if err != nil {
		return ""
	}
	return f.Name.Name
}
