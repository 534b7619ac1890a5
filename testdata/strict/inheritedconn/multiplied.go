// Package inheritedconn holds what the strict profile says of limits that
// count in each child.
package inheritedconn

import (
	"database/sql"

	"github.com/gofiber/fiber/v2"
)

// Each child may open 25 connections, when it needs them.
func BadLimitPerChild(dsn string) error {
	db, err := sql.Open("pgx", dsn) // want `db may open 25 connections in each child process of app.Listen \(the database sees as many for every child\)`
	if err != nil {
		return err
	}
	defer db.Close()
	db.SetMaxOpenConns(25)
	app := fiber.New(fiber.Config{Prefork: true})
	app.Get("/", func(c *fiber.Ctx) error { return db.PingContext(c.Context()) })
	return app.Listen(":3000")
}

// One process, one limit.
func OkLimit(dsn string) error {
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	db.SetMaxOpenConns(25)
	app := fiber.New()
	app.Get("/", func(c *fiber.Ctx) error { return db.PingContext(c.Context()) })
	return app.Listen(":3000")
}
