// Package pumps has websockets that are read and written by loops of their own.
package pumps

import (
	"context"
	"io"
	"net"
	"sync"
	"time"

	coder "github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"
	"github.com/gomodule/redigo/redis"
	"github.com/gorilla/websocket"
	"google.golang.org/grpc"

	"github.com/connvet/connvet/testdata/capturedconn/pumps/wire"
)

// BadOneUnlocked has all writers locked but the one that pings.
func BadOneUnlocked(p *wire.Peer, events <-chan int, tick <-chan time.Time) {
	go func() {
		for range tick {
			if p.PingMessage() != nil {
				return
			}
		}
	}()
	for e := range events {
		_ = p.Send(e) // want `^p\.WS\.WriteJSON may run at the same time|WriteJSON may run at the same time`
	}
}

// OkPingControl has the ping as a control message.
func OkPingControl(p *wire.Peer, events <-chan int, tick <-chan time.Time) {
	go func() {
		for range tick {
			if p.Ping() != nil {
				return
			}
		}
	}()
	for e := range events {
		_ = p.Send(e)
	}
}

// OkAllLocked has two writers, one of which takes the lock of the other package's type.
func OkAllLocked(p *wire.Peer, events <-chan int, tick <-chan time.Time) {
	go func() {
		for range tick {
			p.Mu.Lock()
			_ = p.WS.WriteMessage(websocket.PingMessage, nil)
			p.Mu.Unlock()
		}
	}()
	for e := range events {
		_ = p.Send(e)
	}
}

// BadWriterClosedLate gives the lock back before the message is closed, and
// closing it is what writes.
func BadWriterClosedLate(c *websocket.Conn, in <-chan []byte, more <-chan []byte) error {
	var mu sync.Mutex
	go func() {
		for m := range more {
			mu.Lock()
			_ = c.WriteMessage(websocket.BinaryMessage, m)
			mu.Unlock()
		}
	}()
	for m := range in {
		mu.Lock()
		w, err := c.NextWriter(websocket.BinaryMessage)
		if err != nil {
			mu.Unlock()
			return err
		}
		_, err = w.Write(m)
		mu.Unlock()
		if err != nil {
			return err
		}
		if err := w.Close(); err != nil { // want `^w\.Close may run at the same time as the write`
			return err
		}
	}
	return nil
}

// BadWriterClosedByDefer closes the message after the unlock: defers run last to first.
func BadWriterClosedByDefer(c *websocket.Conn, m []byte, more <-chan []byte) error {
	var mu sync.Mutex
	go func() {
		for m := range more {
			mu.Lock()
			_ = c.WriteMessage(websocket.BinaryMessage, m)
			mu.Unlock()
		}
	}()
	mu.Lock()
	w, err := c.NextWriter(websocket.BinaryMessage)
	if err != nil {
		mu.Unlock()
		return err
	}
	defer w.Close() // want `^w\.Close may run at the same time as the write`
	defer mu.Unlock()
	_, err = w.Write(m)
	return err
}

// OkWriterClosedFirst closes the message under the lock.
func OkWriterClosedFirst(c *websocket.Conn, m []byte, more <-chan []byte) error {
	var mu sync.Mutex
	go func() {
		for m := range more {
			mu.Lock()
			_ = c.WriteMessage(websocket.BinaryMessage, m)
			mu.Unlock()
		}
	}()
	mu.Lock()
	defer mu.Unlock()
	w, err := c.NextWriter(websocket.BinaryMessage)
	if err != nil {
		return err
	}
	if _, err := w.Write(m); err != nil {
		return err
	}
	return w.Close()
}

// OkDeadPong answers pings by hand, which the library never hands out: the
// branch does not run.
func OkDeadPong(c *websocket.Conn, in <-chan []byte) error {
	go wire.Pump(c, in)
	for {
		kind, data, err := c.ReadMessage()
		if err != nil {
			return err
		}
		if kind == websocket.PingMessage {
			if err := c.WriteMessage(websocket.PongMessage, data); err != nil {
				return err
			}
		}
	}
}

// OkDeadCases does so in a switch, for close frames too.
func OkDeadCases(c *websocket.Conn, in <-chan []byte, handle func([]byte)) error {
	go wire.Pump(c, in)
	for {
		kind, data, err := c.ReadMessage()
		if err != nil {
			return err
		}
		switch kind {
		case websocket.TextMessage, websocket.BinaryMessage:
			handle(data)
		case websocket.PingMessage, websocket.PongMessage:
			_ = c.WriteMessage(websocket.PongMessage, nil)
		case websocket.CloseMessage:
			return c.WriteMessage(websocket.CloseMessage, nil)
		}
	}
}

// OkDeadReader asks after NextReader.
func OkDeadReader(c *websocket.Conn, in <-chan []byte) error {
	go wire.Pump(c, in)
	for {
		kind, r, err := c.NextReader()
		if err != nil {
			return err
		}
		if kind != websocket.PingMessage {
			_, _ = io.Copy(io.Discard, r)
			continue
		}
		if err := c.WriteMessage(websocket.PongMessage, nil); err != nil {
			return err
		}
	}
}

// BadAnswersText answers messages that the library does hand out.
func BadAnswersText(c *websocket.Conn, in <-chan []byte) error {
	go wire.Pump(c, in)
	for {
		kind, data, err := c.ReadMessage()
		if err != nil {
			return err
		}
		if kind == websocket.TextMessage && string(data) == "ping" {
			if err := c.WriteMessage(kind, []byte("pong")); err != nil { // want `^c\.WriteMessage may run at the same time as the`
				return err
			}
		}
	}
}

// BadAck answers by a function of another package, beside a pump of it.
func BadAck(c *websocket.Conn, in <-chan []byte) error {
	go wire.Pump(c, in)
	for id := 0; ; id++ {
		if _, _, err := c.ReadMessage(); err != nil {
			return err
		}
		if err := wire.Ack(c, id); err != nil { // want `^c\.WriteJSON may run at the same time as the`
			return err
		}
	}
}

// OkAckQueued hands the answer to the writer.
func OkAckQueued(c *websocket.Conn, out chan []byte) error {
	go wire.Pump(c, out)
	for {
		_, data, err := c.ReadMessage()
		if err != nil {
			close(out)
			return err
		}
		out <- data
	}
}

// BadPongHandler writes the pong as a message in the handler of pings, which the reader runs.
func BadPongHandler(c *websocket.Conn, in <-chan []byte) error {
	c.SetPingHandler(func(data string) error {
		return c.WriteMessage(websocket.PongMessage, []byte(data)) // want "^c.WriteMessage may run at the same time as the write on line \\d+ \\(\\*websocket.Conn takes"
	})
	go wire.Pump(c, in)
	for {
		if _, _, err := c.ReadMessage(); err != nil {
			return err
		}
	}
}

// OkPongHandlerControl writes it as a control message.
func OkPongHandlerControl(c *websocket.Conn, in <-chan []byte) error {
	c.SetPingHandler(func(data string) error {
		return c.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(time.Second))
	})
	go wire.Pump(c, in)
	for {
		if _, _, err := c.ReadMessage(); err != nil {
			return err
		}
	}
}

// OkCloseFrame says good-bye by a control message, then closes.
func OkCloseFrame(ctx context.Context, c *websocket.Conn, in <-chan []byte) error {
	go wire.Pump(c, in)
	<-ctx.Done()
	bye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
	if err := c.WriteControl(websocket.CloseMessage, bye, time.Now().Add(time.Second)); err != nil {
		return err
	}
	return c.Close()
}

// BadCloseMessage says it by an ordinary message, beside the pump.
func BadCloseMessage(ctx context.Context, c *websocket.Conn, in <-chan []byte) error {
	go wire.Pump(c, in)
	<-ctx.Done()
	return c.WriteMessage(websocket.CloseMessage, nil) // want `^c\.WriteMessage may run at the same time as the`
}

// OkWriteThenPump writes the greeting before the pump starts.
func OkWriteThenPump(c *websocket.Conn, in <-chan []byte) error {
	if err := c.WriteJSON("hello"); err != nil {
		return err
	}
	go wire.Pump(c, in)
	_, _, err := c.ReadMessage()
	return err
}

// BadDeadline sets the deadline of the writer from the reader.
func BadDeadline(c *websocket.Conn, in <-chan []byte) error {
	go wire.Pump(c, in)
	for {
		if _, _, err := c.ReadMessage(); err != nil {
			return err
		}
		_ = c.SetReadDeadline(time.Now().Add(time.Minute))
		_ = c.SetWriteDeadline(time.Now().Add(time.Second)) // want `^c\.SetWriteDeadline may run at the same time as the`
	}
}

// BadFrames writes frames beside a reader that answers pings.
func BadFrames(conn net.Conn, in <-chan []byte) error {
	go func() {
		for m := range in {
			if wsutil.WriteServerText(conn, m) != nil {
				return
			}
		}
	}()
	for {
		if _, _, err := wsutil.ReadClientData(conn); err != nil { // want `may run at the same time as the write .*net\.Conn takes one goroutine that writes frames`
			return err
		}
	}
}

// BadFrameWriters writes frames from two goroutines, without any reader.
func BadFrameWriters(conn net.Conn, in, more <-chan []byte) error {
	go func() {
		for m := range in {
			_ = wsutil.WriteServerMessage(conn, ws.OpText, m)
		}
	}()
	for m := range more {
		if err := ws.WriteFrame(conn, ws.NewTextFrame(m)); err != nil { // want `may run at the same time as the write`
			return err
		}
	}
	return nil
}

// BadUpgraded reads and answers on the connection it upgraded, beside a pump.
func BadUpgraded(ctx context.Context, in <-chan []byte) error {
	conn, _, _, err := ws.Dial(ctx, "ws://localhost")
	if err != nil {
		return err
	}
	defer conn.Close()
	go func() {
		for m := range in {
			_ = wsutil.WriteClientBinary(conn, m)
		}
	}()
	for {
		if _, err := wsutil.ReadServerText(conn); err != nil { // want `may run at the same time as the write`
			return err
		}
	}
}

// OkFramesAndReader reads by a function that answers nothing.
func OkFramesAndReader(conn net.Conn, in <-chan []byte) error {
	go func() {
		for m := range in {
			_ = wsutil.WriteServerText(conn, m)
		}
	}()
	var messages []wsutil.Message
	for {
		var err error
		if messages, err = wsutil.ReadClientMessage(conn, messages[:0]); err != nil {
			return err
		}
	}
}

// OkFramesLocked locks the writer and the reader, who waits for data elsewhere.
func OkFramesLocked(conn net.Conn, in <-chan []byte, readable <-chan struct{}) {
	var mu sync.Mutex
	go func() {
		for m := range in {
			mu.Lock()
			_ = wsutil.WriteServerText(conn, m)
			mu.Unlock()
		}
	}()
	for range readable {
		mu.Lock()
		_, _, _ = wsutil.ReadClientData(conn)
		mu.Unlock()
	}
}

// OkCompiledFrame writes whole frames in one call, which net.Conn keeps apart.
func OkCompiledFrame(conn net.Conn, beat []byte, tick <-chan time.Time) error {
	go func() {
		for range tick {
			_, _ = conn.Write(beat)
		}
	}()
	for {
		if _, _, err := wsutil.ReadClientData(conn); err != nil {
			return err
		}
	}
}

// BadFanOut sends to each stream from a goroutine per message.
func BadFanOut(stream grpc.ServerStreamingServer[string], rooms []<-chan *string) {
	for _, room := range rooms {
		go func() {
			for m := range room {
				_ = stream.Send(m) // want `^stream\.Send may run at the same time as itself`
			}
		}()
	}
}

// OkFanIn merges the rooms into one channel and sends from one goroutine.
func OkFanIn(stream grpc.ServerStreamingServer[string], rooms []<-chan *string) error {
	all := make(chan *string)
	for _, room := range rooms {
		go func() {
			for m := range room {
				all <- m
			}
		}()
	}
	for m := range all {
		if err := stream.Send(m); err != nil {
			return err
		}
	}
	return nil
}

// OkFanOutLocked has one lock for all who send.
func OkFanOutLocked(stream grpc.ServerStreamingServer[string], rooms []<-chan *string) {
	var mu sync.Mutex
	for _, room := range rooms {
		go func() {
			for m := range room {
				mu.Lock()
				_ = stream.Send(m)
				mu.Unlock()
			}
		}()
	}
}

// BadHeartbeat sends on the stream beside the loop that answers.
func BadHeartbeat(stream grpc.BidiStreamingServer[string, string], tick <-chan time.Time) error {
	go func() {
		for range tick {
			_ = stream.Send(new(string))
		}
	}()
	for {
		m, err := stream.Recv()
		if err != nil {
			return err
		}
		if err := stream.Send(m); err != nil { // want `^stream\.Send may run at the same time as the write`
			return err
		}
	}
}

// OkRedigoDuplex has one goroutine that receives and one that sends and flushes.
func OkRedigoDuplex(c redis.Conn, commands <-chan string) error {
	go func() {
		for cmd := range commands {
			if c.Send(cmd) != nil || c.Flush() != nil {
				return
			}
		}
	}()
	for {
		if _, err := c.Receive(); err != nil {
			return err
		}
	}
}

// BadRedigoSenders sends from two.
func BadRedigoSenders(c redis.Conn, commands <-chan string) error {
	go func() {
		for cmd := range commands {
			_ = c.Send(cmd)
		}
	}()
	return c.Flush() // want `^c\.Flush may run at the same time as the write`
}

// BadRedigoSubscriber subscribes to more by Do while another goroutine receives.
func BadRedigoSubscriber(c redis.Conn, topics <-chan string) {
	psc := redis.PubSubConn{Conn: c}
	go func() {
		for {
			if _, ok := psc.Receive().(error); ok {
				return
			}
		}
	}()
	for t := range topics {
		_, _ = c.Do("SUBSCRIBE", t) // want `^c\.Do may run at the same time as the`
	}
}

// BadCoderJSON reads in two places.
func BadCoderJSON(ctx context.Context, c *coder.Conn, into any) error {
	go func() {
		var v any
		_ = wsjson.Read(ctx, c, &v)
	}()
	return wsjson.Read(ctx, c, into) // want `may run at the same time as the`
}

// OkCoderFanOut writes from many goroutines, which this library allows.
func OkCoderFanOut(ctx context.Context, c *coder.Conn, rooms []<-chan string) error {
	for _, room := range rooms {
		go func() {
			for m := range room {
				_ = wsjson.Write(ctx, c, m)
			}
		}()
	}
	_, _, err := c.Read(ctx)
	return err
}

// OkCoderPing pings beside the reader.
func OkCoderPing(ctx context.Context, c *coder.Conn, tick <-chan time.Time) error {
	go func() {
		for range tick {
			_ = c.Ping(ctx)
		}
	}()
	_, _, err := c.Read(ctx)
	return err
}
