// Package guarded opens the pool that it keeps in fiber's workers only.
package guarded

import (
	"context"
	"errors"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
	"github.com/jackc/pgx/v5"

	"github.com/connvet/connvet/testdata/cases/prefork-pool/letters"
)

// Serve makes the query in the leader, and opens the pool in the workers.
func Serve(addr, database string) error {
	config, err := letters.Config(database)
	if err != nil {
		return err
	}
	app := fiber.New(fiber.Config{Prefork: true, DisableStartupMessage: true})
	if !fiber.IsChild() {
		if err := prepare(context.Background(), config); err != nil {
			return err
		}
		return app.Listen(addr)
	}

	db := letters.Open(config)
	defer db.Close()
	app.All("/*", adaptor.HTTPHandler(letters.Handler(db)))
	return app.Listen(addr)
}

// prepare makes the query on a pool that is closed before the workers start.
func prepare(ctx context.Context, config *pgx.ConnConfig) (err error) {
	db := letters.Open(config)
	defer func() { err = errors.Join(err, db.Close()) }()
	return letters.RecordStart(ctx, db)
}
