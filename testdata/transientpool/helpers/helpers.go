// Package helpers has handlers whose pools come from other packages.
package helpers

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"time"

	"github.com/connvet/connvet/testdata/transientpool/helpers/lib"
	"github.com/redis/go-redis/v9"
	"gorm.io/gorm"
)

const dsn = "postgres://app@db/app"

// BadReturnedPool gets a new pool from its helper with each request.
func BadReturnedPool(w http.ResponseWriter, r *http.Request) {
	db, err := lib.Open(dsn) // want "db is a new pool for each call of handler BadReturnedPool, and never closed" rel "made in lib.go:1"
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, db.PingContext(r.Context()))
}

// BadThroughQueries wraps the pool in generated queries.
func BadThroughQueries(mux *http.ServeMux) {
	mux.HandleFunc("POST /touch", func(w http.ResponseWriter, r *http.Request) {
		db, err := sql.Open("pgx", dsn) // want "db is a new pool for each call of a handler, and never closed"
		if err != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		if err := lib.New(db).Touch(r.Context(), 1); err != nil {
			w.WriteHeader(http.StatusBadGateway)
		}
	})
}

type service struct{ addr string }

// limited makes its client two calls below.
func (s *service) limited(w http.ResponseWriter, r *http.Request) {
	if !s.allowed(r.Context(), r.RemoteAddr) {
		w.WriteHeader(http.StatusTooManyRequests)
	}
}

func (s *service) allowed(ctx context.Context, who string) bool {
	return s.BadCount(ctx, who) < 100
}

// BadCount makes a client for each count.
func (s *service) BadCount(ctx context.Context, who string) int64 {
	rdb := redis.NewClient(&redis.Options{Addr: s.addr}) // want "rdb is a new client for each call of handler service.limited, and never closed"
	pipe := rdb.TxPipeline()
	n := pipe.Incr(ctx, who)
	pipe.Expire(ctx, who, time.Minute)
	if _, err := pipe.Exec(ctx); err != nil {
		return 0
	}
	return n.Val()
}

// OkClosedByHelper hands the pool to a helper that closes it.
func OkClosedByHelper(w http.ResponseWriter, r *http.Request) {
	db, err := lib.Open(dsn)
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	defer lib.Finish(db)
	fmt.Fprintln(w, db.PingContext(r.Context()))
}

// OkGormClosedByHelper does so with a gorm handle.
func OkGormClosedByHelper(mux *http.ServeMux, dialector gorm.Dialector) {
	mux.HandleFunc("/vacuum", func(w http.ResponseWriter, r *http.Request) {
		db, err := gorm.Open(dialector)
		if err != nil {
			return
		}
		defer lib.FinishGorm(db)
		db.WithContext(r.Context()).Exec("vacuum")
	})
}

// OkCheck calls a helper that opens and closes.
func OkCheck(w http.ResponseWriter, r *http.Request) {
	if err := lib.Check(r.Context(), dsn); err != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
}

// OkCached asks a helper that keeps its clients.
func OkCached(w http.ResponseWriter, r *http.Request) {
	fmt.Fprintln(w, lib.Redis("cache:6379").Ping(r.Context()).Err())
}

// OkStartup runs a helper that drops its pool when the routes are made, not when they are served.
func OkStartup(ctx context.Context, mux *http.ServeMux) error {
	title, err := lib.Report(ctx, dsn)
	if err != nil {
		return err
	}
	mux.HandleFunc("/title", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, title) })
	return nil
}

// OkUnknown gives the pool to an interface whose implementation nobody knows.
func OkUnknown(mux *http.ServeMux, jobs interface{ Run(*sql.DB) }) {
	mux.HandleFunc("/jobs", func(w http.ResponseWriter, _ *http.Request) {
		db, err := lib.Open(dsn)
		if err != nil {
			return
		}
		jobs.Run(db)
		w.WriteHeader(http.StatusAccepted)
	})
}

// NewService makes the routes.
func NewService(mux *http.ServeMux, addr string) {
	s := &service{addr: addr}
	mux.HandleFunc("/limited", s.limited)
	mux.HandleFunc("/users", lib.BadExportedHandler)
}

// BadReport asks for a report whose pool is made three calls below, in another package.
func BadReport(w http.ResponseWriter, r *http.Request) {
	text, err := lib.Report(r.Context(), dsn) // want "the .sql.DB inside is a new pool for each call of handler BadReport, and never closed" rel "made in lib.go:1" "called in lib.go:3"
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	fmt.Fprintln(w, text)
}
