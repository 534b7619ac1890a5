package sharedconn_test

import (
	"testing"

	"github.com/connvet/connvet/passes/internal/golden"
	"github.com/connvet/connvet/passes/sharedconn"
)

func TestGolden(t *testing.T) {
	golden.Run(t, "../../testdata", sharedconn.Analyzer, "./sharedconn/...")
}
