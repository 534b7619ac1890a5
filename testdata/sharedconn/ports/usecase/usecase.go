// Package usecase has what the application does.
package usecase

import (
	"context"
	"log/slog"

	"github.com/connvet/connvet/testdata/sharedconn/ports/domain"
)

// Deps is what it needs.
type Deps struct {
	Users domain.UserRepository
	Log   *slog.Logger
}

// Accounts manages users.
type Accounts struct {
	users domain.UserRepository
	log   *slog.Logger
}

// New wires it.
func New(d Deps) *Accounts {
	if d.Log == nil {
		d.Log = slog.Default()
	}
	return &Accounts{users: d.Users, log: d.Log}
}

// Get finds a user.
func (a *Accounts) Get(ctx context.Context, id int64) (*domain.User, error) {
	a.log.Info("get", "id", id)
	return a.users.ByID(ctx, id)
}

// Create adds one.
func (a *Accounts) Create(ctx context.Context, name string) error {
	return a.users.Save(ctx, &domain.User{Name: name})
}
