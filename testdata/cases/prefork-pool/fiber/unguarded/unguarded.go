// Package unguarded opens its pool and uses it before fiber pre-forks.
package unguarded

import (
	"context"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"

	"github.com/connvet/connvet/testdata/cases/prefork-pool/letters"
)

// Serve runs from its first line in the leader and again in every worker.
func Serve(addr, database string) error {
	config, err := letters.Config(database)
	if err != nil {
		return err
	}
	db := letters.Open(config)
	defer db.Close()
	if err := letters.RecordStart(context.Background(), db); err != nil {
		return err
	}

	app := fiber.New(fiber.Config{Prefork: true, DisableStartupMessage: true})
	app.All("/*", adaptor.HTTPHandler(letters.Handler(db)))
	return app.Listen(addr)
}
