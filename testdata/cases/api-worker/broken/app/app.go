// Package app locates addresses.
package app

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"net/http"
	"strconv"
	"sync"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver pgx

	"github.com/connvet/connvet/testdata/cases/api-worker/geocoder"
)

// timeout bounds one lookup, from the request to the row.
const timeout = 30 * time.Second

// App is the service.
type App struct {
	db       *sql.DB
	geocoder *geocoder.Client
	workers  sync.WaitGroup
}

// New opens the service's database, which has a table of addresses.
func New(database string, g *geocoder.Client) (*App, error) {
	db, err := sql.Open("pgx", database)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	return &App{db: db, geocoder: g}, nil
}

// Close waits for the lookups under way and closes the database.
func (a *App) Close() error {
	a.workers.Wait()
	return a.db.Close()
}

// Handler routes the API.
func (a *App) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /addresses/{id}/location", a.locate)
	return mux
}

// locate accepts the request and leaves the lookup to a worker.
func (a *App) locate(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.Atoi(r.PathValue("id"))
	if err != nil {
		http.Error(w, "no such address", http.StatusNotFound)
		return
	}
	a.workers.Add(1)
	go func() {
		defer a.workers.Done()
		if err := a.lookUp(id); err != nil {
			log.Printf("address %d: %v", id, err)
		}
	}()
	w.WriteHeader(http.StatusAccepted)
}

// lookUp asks the geocoder for one address and writes its answer.
func (a *App) lookUp(id int) error {
	// The lookup outlives the request, and so its context.
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()

	conn, err := a.db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	var address string
	if err := conn.QueryRowContext(ctx, `SELECT address FROM addresses WHERE id = $1`, id).Scan(&address); err != nil {
		return fmt.Errorf("read address: %w", err)
	}
	point, err := a.geocoder.Locate(ctx, address)
	if err != nil {
		return err
	}
	if _, err := conn.ExecContext(ctx, `UPDATE addresses SET lat = $2, lon = $3 WHERE id = $1`, id, point.Lat, point.Lon); err != nil {
		return fmt.Errorf("write location: %w", err)
	}
	return nil
}
