// Package gormrepo has services on repositories whose *gorm.DB is the database
// or a transaction: the sessions and chains made of it are what it is.
package gormrepo

import (
	"context"
	"sync"

	"golang.org/x/sync/errgroup"
	"gorm.io/gorm"

	"github.com/connvet/connvet/testdata/capturedconn/gormrepo/repo"
)

// BadSessions has two sessions of one transaction at work.
func BadSessions(ctx context.Context, db *gorm.DB) error {
	return db.Transaction(func(tx *gorm.DB) error {
		var wg sync.WaitGroup
		wg.Go(func() { tx.WithContext(ctx).Create(&repo.User{}) })
		err := tx.Session(&gorm.Session{}).Create(&repo.User{}).Error // want "^tx.Session may run at the same time as the use on line \\d+ \\(\\*gorm.DB of a transaction runs on one connection"
		wg.Wait()
		return err
	})
}

// BadRepoInTx runs two methods of the transaction's repository side by side.
func BadRepoInTx(ctx context.Context, users *repo.Repo) error {
	return users.InTx(ctx, func(users *repo.Repo) error {
		g, ctx := errgroup.WithContext(ctx)
		g.Go(func() error { return users.Add(ctx, &repo.User{}) }) // want "^users.db.WithContext may run at the same time as the use on line \\d+ \\(\\*gorm.DB of a transaction"
		g.Go(func() error { _, err := users.Find(ctx, 1); return err })
		return g.Wait()
	})
}

// OkRepo does so on the database.
func OkRepo(ctx context.Context, users *repo.Repo) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return users.Add(ctx, &repo.User{}) })
	g.Go(func() error { _, err := users.Find(ctx, 1); return err })
	return g.Wait()
}

// OkRepoBeside has the database's repository in a goroutine beside the transaction's.
func OkRepoBeside(ctx context.Context, users *repo.Repo) error {
	return users.InTx(ctx, func(inTx *repo.Repo) error {
		g, ctx := errgroup.WithContext(ctx)
		g.Go(func() error { return users.Add(ctx, &repo.User{}) })
		if _, err := inTx.Find(ctx, 1); err != nil {
			return err
		}
		return g.Wait()
	})
}

// BadWorkers gives one transaction to all workers.
func BadWorkers(ctx context.Context, db *gorm.DB, users *repo.Repo) error {
	tx := db.WithContext(ctx).Begin()
	defer tx.Rollback()
	inTx := users.WithTx(tx)
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			_ = inTx.Add(ctx, &repo.User{}) // want "^inTx.db.WithContext may run at the same time as itself in another goroutine started on line \\d+ \\(\\*gorm.DB of a transaction"
		})
	}
	wg.Wait()
	return tx.Commit().Error
}

// OkWorkers has a transaction in each worker.
func OkWorkers(ctx context.Context, db *gorm.DB) {
	var wg sync.WaitGroup
	for i := range 3 {
		wg.Go(func() {
			_ = db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
				return repo.New(db).WithTx(tx).Add(ctx, &repo.User{ID: i})
			})
		})
	}
	wg.Wait()
}

// BadRefresh gives a transaction to a function that has two goroutines on what it is given.
func BadRefresh(db *gorm.DB) error {
	return db.Transaction(func(tx *gorm.DB) error {
		return repo.OkRefresh(tx) // want "Session may run at the same time as the use on line \\d+ \\(\\*gorm.DB of a transaction"
	})
}

func OkRefresh(db *gorm.DB) error {
	if err := repo.OkRefresh(db); err != nil {
		return err
	}
	return repo.OkRefresh(db.Where("deleted_at is null")) // the session copies the chain
}

// BadNested begins a savepoint beside another use of the transaction.
func BadNested(db *gorm.DB) error {
	return db.Transaction(func(tx *gorm.DB) error {
		done := make(chan error, 1)
		go func() { done <- tx.Debug().Exec("insert into audit default values").Error }()
		err := tx.Transaction(func(in *gorm.DB) error { return in.Exec("update").Error }) // want "^tx.Transaction may run at the same time as the use on line \\d+ \\(\\*gorm.DB of a transaction"
		if auditErr := <-done; err == nil {
			err = auditErr
		}
		return err
	})
}

// OkSharedChain ends the shared part of a chain with a session.
func OkSharedChain(db *gorm.DB) (n int64, err error) {
	base := db.Model(&repo.User{}).Where("active").Session(&gorm.Session{})
	var g errgroup.Group
	g.Go(func() error { return base.Count(&n).Error })
	g.Go(func() error { return base.Order("id").Find(&[]repo.User{}).Error })
	return n, g.Wait()
}

// OkEnded ends the transaction by a session of it.
func OkEnded(ctx context.Context, db *gorm.DB) error {
	tx := db.Begin()
	if tx.Error != nil {
		return tx.Error
	}
	s := tx.WithContext(ctx)
	if err := s.Exec("update").Error; err != nil {
		s.Rollback()
		return err
	}
	return s.Commit().Error
}

// service may be asked to work on its caller's transaction.
type service struct{ db *gorm.DB }

func (s *service) conn(tx *gorm.DB) *gorm.DB {
	if tx != nil {
		return tx
	}
	return s.db
}

func (s *service) OkFallback(ctx context.Context) error {
	return s.db.Transaction(func(tx *gorm.DB) error {
		go s.conn(nil).WithContext(ctx).Exec("insert into log default values")
		return s.conn(tx).WithContext(ctx).Exec("update").Error
	})
}
