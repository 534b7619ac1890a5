package transientpool_test

import (
	"testing"

	"github.com/connvet/connvet/passes/internal/config"
	"github.com/connvet/connvet/passes/internal/golden"
	"github.com/connvet/connvet/passes/transientpool"
)

const testdata = "../../testdata"

func TestGolden(t *testing.T) {
	golden.Run(t, testdata, transientpool.Analyzer, "./transientpool/...")
}

// TestStrict runs what only the strict profile reports: pools that are closed in time.
func TestStrict(t *testing.T) {
	config.Set(config.Options{Profile: config.Strict})
	defer config.Set(config.Options{})
	golden.Run(t, testdata, transientpool.Analyzer, "./strict/transientpool")
}

// TestBalance keeps the shapes that must stay silent in the majority.
func TestBalance(t *testing.T) {
	c := golden.Count(t, testdata+"/transientpool")
	if c.Total() < 40 || 2*c.Ok <= c.Total() {
		t.Errorf("%d functions, of which %d must stay silent: want 40 or more, more than half silent", c.Total(), c.Ok)
	}
	t.Logf("%+v", c)
}
