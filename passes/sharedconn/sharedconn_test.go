package sharedconn_test

import (
	"testing"

	"github.com/connvet/connvet/passes/internal/config"
	"github.com/connvet/connvet/passes/internal/golden"
	"github.com/connvet/connvet/passes/sharedconn"
)

func TestGolden(t *testing.T) {
	golden.Run(t, "../../testdata", sharedconn.Analyzer, "./sharedconn/...")
}

// TestStrict runs what only the strict profile reports.
func TestStrict(t *testing.T) {
	config.Set(config.Options{Profile: config.Strict})
	defer config.Set(config.Options{})
	golden.Run(t, "../../testdata", sharedconn.Analyzer, "./strict/sharedconn")
}
