// Package duplex has connections with one reader and one writer.
package duplex

import (
	"context"
	"time"

	coder "github.com/coder/websocket"
	"github.com/gomodule/redigo/redis"
	"github.com/gorilla/websocket"
	"google.golang.org/grpc"
)

// BadTwoWriters writes beside the write pump.
func BadTwoWriters(ws *websocket.Conn, messages <-chan []byte, hello []byte) error {
	go func() {
		for m := range messages {
			_ = ws.WriteMessage(websocket.TextMessage, m)
		}
	}()
	return ws.WriteMessage(websocket.TextMessage, hello) // want "ws.WriteMessage may run at the same time"
}

// BadPingTicker pings by an ordinary write.
func BadPingTicker(ws *websocket.Conn, message []byte) error {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	go func() {
		for range ticker.C {
			_ = ws.WriteMessage(websocket.PingMessage, nil)
		}
	}()
	for {
		if err := ws.WriteMessage(websocket.TextMessage, message); err != nil { // want "ws.WriteMessage may run at the same time"
			return err
		}
	}
}

// BadWriteJSON writes an answer from the reading loop, beside the write pump.
func BadWriteJSON(ws *websocket.Conn, events <-chan int) error {
	go writePump(ws, events)
	for {
		if _, _, err := ws.ReadMessage(); err != nil {
			return err
		}
		if err := ws.WriteJSON("ok"); err != nil { // want "ws.WriteJSON may run at the same time"
			return err
		}
	}
}

func writePump(ws *websocket.Conn, events <-chan int) {
	for e := range events {
		_ = ws.WriteJSON(e)
	}
}

// BadAnswers starts a goroutine for each message, which all write.
func BadAnswers(ws *websocket.Conn) error {
	for {
		kind, message, err := ws.ReadMessage()
		if err != nil {
			return err
		}
		go func() {
			_ = ws.WriteMessage(kind, message) // want "ws.WriteMessage may run at the same time as itself"
		}()
	}
}

// BadTwoReaders reads on both sides.
func BadTwoReaders(ws *websocket.Conn) error {
	go func() {
		for {
			if _, _, err := ws.ReadMessage(); err != nil {
				return
			}
		}
	}()
	_, _, err := ws.ReadMessage() // want "ws.ReadMessage may run at the same time"
	return err
}

// BadDo mixes Do, which reads and writes, with a receiver.
func BadDo(c redis.Conn) error {
	go func() {
		for {
			if _, err := c.Receive(); err != nil {
				return
			}
		}
	}()
	_, err := c.Do("PING") // want "c.Do may run at the same time"
	return err
}

// BadRedigoClose closes beside the receiver.
func BadRedigoClose(c redis.Conn) error {
	go func() {
		_, _ = c.Receive()
	}()
	return c.Close() // want "c.Close may run at the same time"
}

// BadStreamSenders has two senders on one stream.
func BadStreamSenders(stream grpc.ClientStream, a, b any) error {
	go func() {
		_ = stream.SendMsg(a)
	}()
	return stream.SendMsg(b) // want "stream.SendMsg may run at the same time"
}

// BadCloseSend ends the sending side while another goroutine sends.
func BadCloseSend(stream grpc.ClientStream, messages <-chan any) error {
	go func() {
		for m := range messages {
			_ = stream.SendMsg(m)
		}
	}()
	return stream.CloseSend() // want "stream.CloseSend may run at the same time"
}

// BadBroadcast sends from a goroutine per message.
func BadBroadcast(stream grpc.ServerStream, messages <-chan any) {
	for m := range messages {
		go func() {
			_ = stream.SendMsg(m) // want "stream.SendMsg may run at the same time as itself"
		}()
	}
}

type request struct{ id int }

type reply struct{ text string }

// BadTypedStream has two senders on a generated stream.
func BadTypedStream(stream grpc.BidiStreamingClient[request, reply]) error {
	go func() {
		_ = stream.Send(&request{id: 1})
	}()
	return stream.Send(&request{id: 2}) // want "stream.Send may run at the same time"
}

// BadCoderReaders has two readers.
func BadCoderReaders(ctx context.Context, ws *coder.Conn) error {
	go func() {
		_, _, _ = ws.Read(ctx)
	}()
	_, _, err := ws.Read(ctx) // want "ws.Read may run at the same time"
	return err
}

// OkReaderAndWriter has one of each.
func OkReaderAndWriter(ws *websocket.Conn, message []byte) error {
	go func() {
		for {
			if _, _, err := ws.ReadMessage(); err != nil {
				return
			}
		}
	}()
	return ws.WriteMessage(websocket.TextMessage, message)
}

// OkPumps runs both directions in goroutines.
func OkPumps(ws *websocket.Conn, events <-chan int) {
	go writePump(ws, events)
	go readPump(ws)
}

func readPump(ws *websocket.Conn) {
	defer ws.Close()
	for {
		if _, _, err := ws.ReadMessage(); err != nil {
			return
		}
	}
}

// OkPingControl pings by a control message, which may overlap anything.
func OkPingControl(ws *websocket.Conn, message []byte) error {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	go func() {
		for now := range ticker.C {
			_ = ws.WriteControl(websocket.PingMessage, nil, now.Add(time.Second))
		}
	}()
	return ws.WriteMessage(websocket.TextMessage, message)
}

// OkOneWriter has the pump do the pings too.
func OkOneWriter(ws *websocket.Conn, events <-chan []byte) error {
	go func() {
		ticker := time.NewTicker(time.Second)
		defer ticker.Stop()
		for {
			select {
			case m, ok := <-events:
				if !ok {
					return
				}
				_ = ws.WriteMessage(websocket.TextMessage, m)
			case <-ticker.C:
				_ = ws.WriteMessage(websocket.PingMessage, nil)
			}
		}
	}()
	_, _, err := ws.ReadMessage()
	return err
}

// OkClose closes while the other side reads: that is how one stops it.
func OkClose(ws *websocket.Conn) error {
	go func() {
		_, _, _ = ws.ReadMessage()
	}()
	return ws.Close()
}

// OkShutdownWatcher closes the websocket when the context ends.
func OkShutdownWatcher(ctx context.Context, ws *websocket.Conn) error {
	go func() {
		<-ctx.Done()
		_ = ws.Close()
	}()
	for {
		_, message, err := ws.ReadMessage()
		if err != nil {
			return err
		}
		if err := ws.WriteMessage(websocket.TextMessage, message); err != nil {
			return err
		}
	}
}

// OkDeferredClose closes at the end, beside the pump.
func OkDeferredClose(ws *websocket.Conn, events <-chan int) error {
	defer ws.Close()
	go writePump(ws, events)
	_, _, err := ws.ReadMessage()
	return err
}

// OkRemoteAddr asks for what never changes.
func OkRemoteAddr(ws *websocket.Conn, events <-chan int, report func(string)) {
	go writePump(ws, events)
	report(ws.RemoteAddr().String())
}

// OkReceive has a receiver beside the sender.
func OkReceive(c redis.Conn) error {
	go func() {
		_, _ = c.Receive()
	}()
	if err := c.Send("PING"); err != nil {
		return err
	}
	return c.Flush()
}

// OkRedigoPool gives each goroutine its own.
func OkRedigoPool(pool *redis.Pool) error {
	go func() {
		c := pool.Get()
		defer c.Close()
		_, _ = c.Do("PING")
	}()
	c := pool.Get()
	defer c.Close()
	_, err := c.Do("PING")
	return err
}

// OkStream sends in a goroutine and receives here.
func OkStream(stream grpc.ClientStream, messages <-chan any, into any) error {
	go func() {
		for m := range messages {
			_ = stream.SendMsg(m)
		}
		_ = stream.CloseSend()
	}()
	for {
		if err := stream.RecvMsg(into); err != nil {
			return err
		}
	}
}

// OkTypedStream does so with a generated stream.
func OkTypedStream(stream grpc.BidiStreamingClient[request, reply]) (string, error) {
	go func() {
		defer func() { _ = stream.CloseSend() }()
		_ = stream.Send(&request{id: 1})
	}()
	r, err := stream.Recv()
	if err != nil {
		return "", err
	}
	return r.text, nil
}

// OkCoderWriters has two writers, which this library serialises, and a reader.
func OkCoderWriters(ctx context.Context, ws *coder.Conn, message []byte) error {
	go func() {
		_ = ws.Write(ctx, coder.MessageText, message)
	}()
	if err := ws.Write(ctx, coder.MessageText, message); err != nil {
		return err
	}
	_, _, err := ws.Read(ctx)
	return err
}

// OkCoderClose closes beside the reader.
func OkCoderClose(ctx context.Context, ws *coder.Conn) error {
	go func() {
		_, _, _ = ws.Read(ctx)
	}()
	return ws.Close(coder.StatusNormalClosure, "")
}
