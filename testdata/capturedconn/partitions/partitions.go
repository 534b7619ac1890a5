// Package partitions consumes the partitions of a topic, each on a goroutine of its own.
package partitions

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kgo"
)

// reader is a loop over a reader: one goroutine, one connection.
type reader struct {
	r    *kafka.Reader
	conn *pgx.Conn
}

func (c *reader) run(ctx context.Context) error {
	for {
		m, err := c.r.FetchMessage(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if _, err := c.conn.Exec(ctx, "insert into events values ($1)", m.Value); err != nil {
			return err
		}
		if err := c.r.CommitMessages(ctx, m); err != nil {
			return err
		}
	}
}

// OkReader runs one loop, and has nothing beside it.
func OkReader(ctx context.Context, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	c := &reader{r: kafka.NewReader(kafka.ReaderConfig{Topic: "events"}), conn: conn}
	return c.run(ctx)
}

// BadReaders runs a loop for each topic, over one connection.
func BadReaders(ctx context.Context, url string, topics []string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	var wg sync.WaitGroup
	for _, t := range topics {
		c := &reader{r: kafka.NewReader(kafka.ReaderConfig{Topic: t}), conn: conn}
		wg.Go(func() { c.run(ctx) }) // want "^conn.Exec may run at the same time as itself in another goroutine started here"
	}
	wg.Wait()
	return nil
}

// BadGeneration consumes each assigned partition in a function of the generation.
func BadGeneration(ctx context.Context, g *kafka.ConsumerGroup, conn *pgx.Conn) error {
	gen, err := g.Next(ctx)
	if err != nil {
		return err
	}
	for _, p := range gen.Assignments["events"] {
		gen.Start(func(ctx context.Context) {
			r := kafka.NewReader(kafka.ReaderConfig{Topic: "events", Partition: p.ID})
			defer r.Close()
			for {
				m, err := r.ReadMessage(ctx)
				if err != nil {
					return
				}
				conn.Exec(ctx, "insert into events values ($1)", m.Value) // want "^conn.Exec may run at the same time as itself in another goroutine started on line"
			}
		})
	}
	return nil
}

// OkGeneration connects in each of them.
func OkGeneration(ctx context.Context, g *kafka.ConsumerGroup, url string) error {
	gen, err := g.Next(ctx)
	if err != nil {
		return err
	}
	for _, p := range gen.Assignments["events"] {
		gen.Start(func(ctx context.Context) {
			conn, err := pgx.Connect(ctx, url)
			if err != nil {
				return
			}
			defer conn.Close(ctx)
			r := kafka.NewReader(kafka.ReaderConfig{Topic: "events", Partition: p.ID})
			defer r.Close()
			for {
				m, err := r.ReadMessage(ctx)
				if err != nil {
					return
				}
				conn.Exec(ctx, "insert into events values ($1)", m.Value)
			}
		})
	}
	return nil
}

// splitter consumes each partition on a goroutine of its own.
type splitter struct {
	conn  *pgx.Conn
	parts map[int32]chan *kgo.Record
}

func (s *splitter) assigned(ctx context.Context, _ *kgo.Client, got map[string][]int32) {
	for _, ps := range got {
		for _, p := range ps {
			ch := make(chan *kgo.Record, 64)
			s.parts[p] = ch
			go s.consume(ctx, ch) // want "^s.conn.Exec may run at the same time as itself in another goroutine started here"
		}
	}
}

func (s *splitter) consume(ctx context.Context, ch <-chan *kgo.Record) {
	for r := range ch {
		s.conn.Exec(ctx, "insert into events values ($1)", r.Value)
	}
}

// BadAssigned lets assigned start them whenever partitions come.
func BadAssigned(conn *pgx.Conn) (*kgo.Client, error) {
	s := &splitter{conn: conn, parts: map[int32]chan *kgo.Record{}}
	return kgo.NewClient(kgo.ConsumeTopics("events"), kgo.OnPartitionsAssigned(s.assigned))
}

// partition has a connection of its own.
type partition struct {
	conn *pgx.Conn
	ch   chan *kgo.Record
}

func (p *partition) consume(ctx context.Context) {
	defer p.conn.Close(ctx)
	for r := range p.ch {
		p.conn.Exec(ctx, "insert into events values ($1)", r.Value)
	}
}

// OkAssigned connects for each partition.
func OkAssigned(url string) (*kgo.Client, error) {
	var mu sync.Mutex
	parts := map[int32]*partition{}
	return kgo.NewClient(kgo.ConsumeTopics("events"), kgo.OnPartitionsAssigned(func(ctx context.Context, _ *kgo.Client, got map[string][]int32) {
		mu.Lock()
		defer mu.Unlock()
		for _, p := range got["events"] {
			conn, err := pgx.Connect(ctx, url)
			if err != nil {
				continue
			}
			parts[p] = &partition{conn: conn, ch: make(chan *kgo.Record, 64)}
			go parts[p].consume(ctx)
		}
	}))
}

// OkPoll polls and executes on one goroutine.
func OkPoll(ctx context.Context, cl *kgo.Client, conn *pgx.Conn) {
	for {
		fs := cl.PollFetches(ctx)
		if fs.IsClientClosed() {
			return
		}
		fs.EachRecord(func(r *kgo.Record) { conn.Exec(ctx, "insert into events values ($1)", r.Value) })
	}
}

// BadEachPartition fans out what was polled.
func BadEachPartition(ctx context.Context, cl *kgo.Client, conn *pgx.Conn) {
	for {
		fs := cl.PollFetches(ctx)
		var wg sync.WaitGroup
		fs.EachPartition(func(p kgo.FetchTopicPartition) {
			wg.Add(1)
			go func() {
				defer wg.Done()
				for _, r := range p.Records {
					conn.Exec(ctx, "insert into events values ($1)", r.Value) // want "^conn.Exec may run at the same time as itself in another goroutine started on line"
				}
			}()
		})
		wg.Wait()
	}
}

