// Package geocoder is the client of a third-party service that knows where
// addresses are.
package geocoder

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
)

// Point is where an address is.
type Point struct {
	Lat float64 `json:"lat"`
	Lon float64 `json:"lon"`
}

// Client asks one geocoder.
type Client struct{ base string }

// New returns a client of the geocoder at base.
func New(base string) *Client { return &Client{base} }

// Locate asks where an address is.
func (c *Client) Locate(ctx context.Context, address string) (Point, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+"/search?q="+url.QueryEscape(address), nil)
	if err != nil {
		return Point{}, fmt.Errorf("ask geocoder: %w", err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return Point{}, fmt.Errorf("ask geocoder: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return Point{}, fmt.Errorf("geocoder answers %s for %q", response.Status, address)
	}
	var p Point
	if err := json.NewDecoder(response.Body).Decode(&p); err != nil {
		return Point{}, fmt.Errorf("read geocoder's answer: %w", err)
	}
	return p, nil
}
