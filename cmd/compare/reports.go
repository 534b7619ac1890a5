package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// report is one finding of one tool.
type report struct {
	tool, file string
	line       int
}

// parseConnvet reads connvet's own document.
func parseConnvet(data []byte) ([]report, error) {
	var doc struct {
		Findings []struct {
			File string
			Line int
		}
		Errors []struct{ Message string }
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		return nil, err
	}
	if len(doc.Errors) > 0 {
		return nil, errors.New(doc.Errors[0].Message)
	}
	var out []report
	for _, f := range doc.Findings {
		out = append(out, report{tools[0].name, f.File, f.Line})
	}
	return out, nil
}

// parseOthers reads what a multichecker prints: findings by package and analyzer.
func parseOthers(data []byte) ([]report, error) {
	var doc map[string]map[string]json.RawMessage
	if err := json.Unmarshal(data, &doc); err != nil {
		return nil, err
	}
	var out []report
	for pkg, byTool := range doc {
		for tool, raw := range byTool {
			var found []struct{ Posn string }
			if err := json.Unmarshal(raw, &found); err != nil {
				return nil, fmt.Errorf("%s failed on %s: %s", tool, pkg, raw)
			}
			for _, f := range found {
				r, err := position(tool, f.Posn)
				if err != nil {
					return nil, err
				}
				out = append(out, r)
			}
		}
	}
	return out, nil
}

// position reads file:line:column.
func position(tool, s string) (report, error) {
	parts := strings.Split(s, ":")
	if len(parts) < 3 {
		return report{}, fmt.Errorf("%s: no position: %q", tool, s)
	}
	n, err := strconv.Atoi(parts[len(parts)-2])
	return report{tool, strings.Join(parts[:len(parts)-2], ":"), n}, err
}
