package capturedconn_test

import (
	"path/filepath"
	"testing"

	"github.com/connvet/connvet/passes/capturedconn"
	"github.com/connvet/connvet/passes/internal/golden"
)

var testdata = filepath.Join("..", "..", "testdata")

func TestGolden(t *testing.T) {
	golden.Run(t, testdata, capturedconn.Analyzer, "./capturedconn/...")
}

// TestGoldenSize keeps most of the golden functions ones that must stay silent.
func TestGoldenSize(t *testing.T) {
	c := golden.Count(t, filepath.Join(testdata, "capturedconn"))
	if c.Total() < 80 || 2*c.Ok <= c.Total() {
		t.Errorf("%d golden functions, %d of them silent; want at least 80, more than half silent", c.Total(), c.Ok)
	}
}
