//golden:related

// Package service is between the handlers and the store.
package service

import (
	"context"

	"github.com/connvet/connvet/testdata/sharedconn/trail/store"
)

// Service counts.
type Service struct{ store *store.Store }

// New makes a service of a store.
func New(s *store.Store) *Service { return &Service{store: s} }

// Total counts by the store.
func (s *Service) Total(ctx context.Context) error { return s.step(ctx) }

func (s *Service) step(ctx context.Context) error { return s.store.Count(ctx) }
