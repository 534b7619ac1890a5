// Package cached remembers users: its lock is for its map, not for what is behind it.
package cached

import (
	"context"
	"sync"

	"github.com/connvet/connvet/testdata/sharedconn/ports/domain"
)

type users struct {
	domain.UserRepository
	mu   sync.RWMutex
	byID map[int64]*domain.User
}

// New puts a cache in front.
func New(next domain.UserRepository) domain.UserRepository {
	return &users{UserRepository: next, byID: map[int64]*domain.User{}}
}

func (u *users) ByID(ctx context.Context, id int64) (*domain.User, error) {
	u.mu.RLock()
	if x, ok := u.byID[id]; ok {
		u.mu.RUnlock()
		return x, nil
	}
	u.mu.RUnlock()
	x, err := u.UserRepository.ByID(ctx, id)
	if err != nil {
		return nil, err
	}
	u.mu.Lock()
	u.byID[id] = x
	u.mu.Unlock()
	return x, nil
}
