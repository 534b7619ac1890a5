// Package repo keeps users by gorm; a repository is on the database or on a transaction.
package repo

import (
	"context"

	"gorm.io/gorm"
)

type User struct{ ID int }

type Repo struct{ db *gorm.DB }

func New(db *gorm.DB) *Repo { return &Repo{db: db} }

func (r *Repo) WithTx(tx *gorm.DB) *Repo { return &Repo{db: tx} }

func (r *Repo) Add(ctx context.Context, u *User) error {
	return r.db.WithContext(ctx).Create(u).Error
}

func (r *Repo) Find(ctx context.Context, id int) (*User, error) {
	var u User
	err := r.db.WithContext(ctx).Model(&User{}).Where("id = ?", id).First(&u).Error
	return &u, err
}

func (r *Repo) InTx(ctx context.Context, f func(*Repo) error) error {
	return r.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error { return f(r.WithTx(tx)) })
}

// OkRefresh is right on the database, and on a chain; not on a transaction, which its caller knows.
func OkRefresh(db *gorm.DB) error {
	s := db.Session(&gorm.Session{})
	done := make(chan error, 1)
	go func() { done <- s.Exec("refresh materialized view totals").Error }()
	err := s.Exec("analyze").Error
	if refreshErr := <-done; err == nil {
		err = refreshErr
	}
	return err
}
