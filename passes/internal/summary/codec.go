package summary

import (
	"bytes"
	"compress/flate"
	"encoding/gob"
	"fmt"
	"io"
	"reflect"
	"sync"
)

// maxUnpacked bounds what a fact may unpack to, in bytes: far more than the
// budgets of the summaries let one reach.
const maxUnpacked = 64 << 20

// GobEncode packs a fact: its keys and paths repeat each other.
func (p *Package) GobEncode() ([]byte, error) {
	var out bytes.Buffer
	w, err := flate.NewWriterDict(&out, flate.DefaultCompression, fieldNames())
	if err != nil {
		return nil, fmt.Errorf("fact of %s: %w", p.Path, err)
	}
	if err := gob.NewEncoder(w).Encode(&p.contents); err != nil {
		return nil, fmt.Errorf("fact of %s: %w", p.Path, err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("fact of %s: %w", p.Path, err)
	}
	return out.Bytes(), nil
}

// GobDecode unpacks what GobEncode packed; other bytes are an error.
func (p *Package) GobDecode(data []byte) error {
	r := flate.NewReaderDict(bytes.NewReader(data), fieldNames())
	if err := gob.NewDecoder(io.LimitReader(r, maxUnpacked)).Decode(&p.contents); err != nil {
		return fmt.Errorf("fact: %w", err)
	}
	return r.Close()
}

// fieldNames is what every fact says of its own types, in the order in which
// gob says it: facts are packed and unpacked by one build of the program.
var fieldNames = sync.OnceValue(func() []byte {
	var out []byte
	seen := map[reflect.Type]bool{}
	var walk func(t reflect.Type)
	walk = func(t reflect.Type) {
		for t.Kind() == reflect.Slice || t.Kind() == reflect.Array || t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		if t.Kind() != reflect.Struct || seen[t] {
			return
		}
		seen[t] = true
		out = append(out, t.Name()...)
		for i := range t.NumField() {
			out = append(out, t.Field(i).Name...)
		}
		for i := range t.NumField() {
			walk(t.Field(i).Type)
		}
	}
	walk(reflect.TypeFor[contents]())
	return out
})
