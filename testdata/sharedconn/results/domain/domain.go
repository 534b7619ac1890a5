// Package domain says what the web package needs of a database.
package domain

import "context"

// Store gives the repositories.
type Store interface {
	Users() Users
	Audit() Audit
}

// Users finds users.
type Users interface {
	Name(ctx context.Context, id int) (string, error)
}

// Audit writes down what was done.
type Audit interface {
	Log(ctx context.Context, what string) error
}
