// Package data is the service layer.
package data

import (
	"context"

	"github.com/connvet/connvet/testdata/sharedconn/deep/vector"
)

// Data is all data.
type Data struct{ Vectors vector.Store }

// New brings the layers together.
func New(vectors vector.Store) *Data { return &Data{Vectors: vectors} }

// Ingest takes a document in.
func (d *Data) Ingest(ctx context.Context, name string) error { return d.Vectors.Add(ctx, name) }
