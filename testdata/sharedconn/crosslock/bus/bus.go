// Package bus has publishers that reconnect by themselves.
package bus

import (
	"context"
	"errors"
	"sync"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// Publisher has its channel replaced behind the back of who publishes.
type Publisher struct {
	url  string
	conn *amqp.Connection
	ch   *amqp.Channel
}

// New connects.
func New(url string) (*Publisher, error) {
	p := &Publisher{url: url}
	return p, p.connect()
}

func (p *Publisher) connect() error {
	conn, err := amqp.Dial(p.url)
	if err != nil {
		return err
	}
	ch, err := conn.Channel()
	if err != nil {
		return errors.Join(err, conn.Close())
	}
	p.conn, p.ch = conn, ch
	lost := conn.NotifyClose(make(chan *amqp.Error, 1))
	go p.watch(lost)
	return nil
}

func (p *Publisher) watch(lost <-chan *amqp.Error) {
	if err := <-lost; err != nil {
		for p.connect() != nil {
			time.Sleep(time.Second)
		}
	}
}

// Publish sends a message.
func (p *Publisher) Publish(ctx context.Context, key string, body []byte) error {
	return p.ch.PublishWithContext(ctx, "", key, false, false, amqp.Publishing{Body: body})
}

// Locked is the same with a lock around everything.
type Locked struct {
	mu sync.Mutex
	p  Publisher
}

// NewLocked connects.
func NewLocked(url string) (*Locked, error) {
	l := &Locked{p: Publisher{url: url}}
	return l, l.connect()
}

func (l *Locked) connect() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	conn, err := amqp.Dial(l.p.url)
	if err != nil {
		return err
	}
	ch, err := conn.Channel()
	if err != nil {
		return errors.Join(err, conn.Close())
	}
	if l.p.conn != nil {
		_ = l.p.conn.Close()
	}
	l.p.conn, l.p.ch = conn, ch
	lost := conn.NotifyClose(make(chan *amqp.Error, 1))
	go func() {
		if err := <-lost; err != nil {
			for l.connect() != nil {
				time.Sleep(time.Second)
			}
		}
	}()
	return nil
}

// Publish sends a message.
func (l *Locked) Publish(ctx context.Context, key string, body []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.p.Publish(ctx, key, body)
}
