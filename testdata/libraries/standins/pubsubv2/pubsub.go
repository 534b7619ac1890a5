// Package pubsub stands in for the package of this name, with no more of its API
// than the entry points and the golden packages use.
package pubsub

import "context"

type (
	// Message is one message.
	Message struct{ Data []byte }
	// Subscriber gets messages.
	Subscriber struct{ id string }
	// Client makes subscribers.
	Client struct{ project string }
)

func (m *Message) Ack()  {}
func (m *Message) Nack() {}

func NewClient(ctx context.Context, projectID string) (*Client, error) {
	return &Client{projectID}, nil
}

func (c *Client) Subscriber(id string) *Subscriber { return &Subscriber{id} }

func (s *Subscriber) Receive(ctx context.Context, f func(context.Context, *Message)) error {
	return nil
}
