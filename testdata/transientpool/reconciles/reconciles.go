// Package reconciles has controllers of Kubernetes.
package reconciles

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// Tenants makes what a tenant needs in its database.
type Tenants struct {
	dsn  string
	pool *pgxpool.Pool
}

// fresh connects anew for each object.
type fresh struct{ dsn string }

// Reconcile is called for each change, and again after every error.
func (f *fresh) Reconcile(ctx context.Context, req reconcile.Request) (reconcile.Result, error) {
	pool, err := pgxpool.New(ctx, f.dsn) // want "pool is a new pool for each call of handler fresh.Reconcile, and never closed"
	if err != nil {
		return reconcile.Result{RequeueAfter: time.Minute}, err
	}
	_, err = pool.Exec(ctx, "create schema if not exists "+req.Name)
	return reconcile.Result{}, err
}

// Reconcile uses the pool that the controller was made with.
func (t *Tenants) Reconcile(ctx context.Context, req reconcile.Request) (reconcile.Result, error) {
	_, err := t.pool.Exec(ctx, "create schema if not exists "+req.Name)
	return reconcile.Result{}, err
}

// OkNew opens the pool once.
func OkNew(ctx context.Context, dsn string) (*Tenants, error) {
	pool, err := pgxpool.New(ctx, dsn)
	if err != nil {
		return nil, err
	}
	return &Tenants{dsn: dsn, pool: pool}, nil
}

// BadController hands out the controller whose Reconcile connects anew.
func BadController(dsn string) reconcile.Reconciler { return &fresh{dsn} }
