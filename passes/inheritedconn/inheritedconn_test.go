package inheritedconn_test

import (
	"testing"

	"github.com/connvet/connvet/passes/inheritedconn"
	"github.com/connvet/connvet/passes/internal/config"
	"github.com/connvet/connvet/passes/internal/golden"
)

const testdata = "../../testdata"

func TestGolden(t *testing.T) {
	golden.Run(t, testdata, inheritedconn.Analyzer, "./inheritedconn/...")
}

// TestStrict runs what only the strict profile reports.
func TestStrict(t *testing.T) {
	config.Set(config.Options{Profile: config.Strict})
	defer config.Set(config.Options{})
	golden.Run(t, testdata, inheritedconn.Analyzer, "./strict/inheritedconn")
}

// TestBalance keeps the shapes that must stay silent in the majority.
func TestBalance(t *testing.T) {
	c := golden.Count(t, testdata+"/inheritedconn")
	if c.Total() < 30 || 2*c.Ok <= c.Total() {
		t.Errorf("%d functions, of which %d must stay silent: want 30 or more, more than half silent", c.Total(), c.Ok)
	}
	t.Logf("%+v", c)
}
