// Package service is the layer in between; it knows no driver.
package service

import (
	"context"
	"sync"

	"github.com/connvet/connvet/testdata/sharedconn/shapes/store"
)

// Accounts is the service.
type Accounts struct {
	users store.Users
	mail  Mailer
}

// Mailer sends.
type Mailer interface{ Send(to string) error }

// New makes the service.
func New(users store.Users, mail Mailer) *Accounts { return &Accounts{users: users, mail: mail} }

// Register registers a user.
func (a *Accounts) Register(ctx context.Context, name string) error {
	if err := a.users.Save(ctx, name); err != nil {
		return err
	}
	return a.mail.Send(name)
}

// Name finds a name.
func (a *Accounts) Name(ctx context.Context, id int) (string, error) { return a.users.Find(ctx, id) }

// Store gives the store away.
func (a *Accounts) Store() store.Users { return a.users }

// Serial makes every operation wait for the one before.
type Serial struct {
	mu    sync.Mutex
	inner *Accounts
}

// NewSerial wraps.
func NewSerial(a *Accounts) *Serial { return &Serial{inner: a} }

// Register registers a user.
func (s *Serial) Register(ctx context.Context, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.inner.Register(ctx, name)
}

// Name finds a name.
func (s *Serial) Name(ctx context.Context, id int) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.inner.Name(ctx, id)
}
