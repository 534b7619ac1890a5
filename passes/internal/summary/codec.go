package summary

import (
	"bytes"
	"compress/flate"
	"encoding/gob"
	"fmt"
	"io"
)

// unpacked is Package without its methods, for the codec.
type unpacked Package

// maxUnpacked bounds what a fact may unpack to, in bytes: far more than the
// budgets of the summaries let one reach.
const maxUnpacked = 64 << 20

// GobEncode packs a fact: its keys and paths repeat each other.
func (p *Package) GobEncode() ([]byte, error) {
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.DefaultCompression)
	if err != nil {
		return nil, fmt.Errorf("fact of %s: %w", p.Path, err)
	}
	if err := gob.NewEncoder(w).Encode((*unpacked)(p)); err != nil {
		return nil, fmt.Errorf("fact of %s: %w", p.Path, err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("fact of %s: %w", p.Path, err)
	}
	return out.Bytes(), nil
}

// GobDecode unpacks what GobEncode packed; other bytes are an error.
func (p *Package) GobDecode(data []byte) error {
	r := flate.NewReader(bytes.NewReader(data))
	if err := gob.NewDecoder(io.LimitReader(r, maxUnpacked)).Decode((*unpacked)(p)); err != nil {
		return fmt.Errorf("fact: %w", err)
	}
	return r.Close()
}
