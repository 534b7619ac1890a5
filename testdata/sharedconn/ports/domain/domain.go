// Package domain has the entities and the ports.
package domain

import "context"

// User is an entity.
type User struct {
	ID   int64
	Name string
}

// UserReader is a port.
type UserReader interface {
	ByID(ctx context.Context, id int64) (*User, error)
}

// UserWriter is a port.
type UserWriter interface {
	Save(ctx context.Context, u *User) error
}

// UserRepository is both.
type UserRepository interface {
	UserReader
	UserWriter
}
