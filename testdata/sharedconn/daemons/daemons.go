// Package daemons has servers that speak other protocols than HTTP, each of
// which calls its handlers beside each other.
package daemons

import (
	"context"
	"io"
	"sync"

	"github.com/bwmarrin/discordgo"
	"github.com/emersion/go-smtp"
	"github.com/gliderlabs/ssh"
	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/lxzan/gws"
	"github.com/miekg/dns"
	"github.com/olahol/melody"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/leaderelection"
)

type daemon struct {
	conn     *pgx.Conn
	pool     *pgxpool.Pool
	auditing struct {
		mu   sync.Mutex
		conn *pgx.Conn
	}
}

// BadResolveNames answers queries beside each other on one connection.
func (d *daemon) BadResolveNames(w dns.ResponseWriter, q *dns.Msg) {
	var addr string
	d.conn.QueryRow(context.Background(), "select addr from hosts where name = $1", q.Question[0].Name).Scan(&addr) // want "^d.conn is shared by every call of .*BadResolveNames without a lock"
	w.WriteMsg(new(dns.Msg).SetReply(q))
}

func (d *daemon) OkResolveNames(w dns.ResponseWriter, q *dns.Msg) {
	var addr string
	d.pool.QueryRow(context.Background(), "select addr from hosts where name = $1", q.Question[0].Name).Scan(&addr)
	w.WriteMsg(new(dns.Msg).SetReply(q))
}

func (d *daemon) serveDNS() error {
	mux := dns.NewServeMux()
	mux.HandleFunc("example.org.", d.BadResolveNames)
	mux.HandleFunc("example.com.", d.OkResolveNames)
	srv := &dns.Server{Addr: ":53", Net: "udp", Handler: mux}
	return srv.ListenAndServe()
}

// BadShell runs once for each session.
func (d *daemon) BadShell(s ssh.Session) {
	d.conn.Exec(s.Context(), "insert into logins values ($1)", s.User()) // want "^d.conn is shared by every call of .*BadShell without a lock"
}

// OkShell has the connection alone while it holds the lock.
func (d *daemon) OkShell(s ssh.Session) {
	d.auditing.mu.Lock()
	defer d.auditing.mu.Unlock()
	d.auditing.conn.Exec(s.Context(), "insert into sessions values ($1)", s.User())
}

// BadPassword checks passwords of clients that log in at the same time.
func (d *daemon) BadPassword(ctx ssh.Context, password string) bool {
	var n int
	err := d.conn.QueryRow(ctx, "select count(*) from users where password = $1", password).Scan(&n) // want "^d.conn is shared by every call of .*BadPassword without a lock"
	return err == nil && n > 0
}

func (d *daemon) serveSSH() error {
	ssh.Handle(d.BadShell)
	srv := &ssh.Server{Addr: ":22", PasswordHandler: d.BadPassword}
	srv.Handle(d.OkShell)
	return srv.ListenAndServe()
}

// mailbox opens a session for each client.
type mailbox struct {
	conn *pgx.Conn
	pool *pgxpool.Pool
}

func newMailbox(ctx context.Context, url string) (*mailbox, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, err
	}
	return &mailbox{conn: conn}, nil
}

// NewSession is called by the server for each client.
func (m *mailbox) NewSession(c *smtp.Conn) (smtp.Session, error) {
	_, err := m.conn.Exec(context.Background(), "insert into peers values ($1)", c.Hostname()) // want "^m.conn is shared by every call of .*NewSession without a lock"
	if err != nil {
		return nil, err
	}
	return &letter{}, nil
}

// letter is the session of one client, whose commands come one by one.
type letter struct {
	conn *pgx.Conn
}

func (l *letter) Reset()                                         {}
func (l *letter) Logout() error                                  { return l.conn.Close(context.Background()) }
func (l *letter) Mail(from string, opts *smtp.MailOptions) error { return nil }
func (l *letter) Rcpt(to string, opts *smtp.RcptOptions) error   { return nil }
func (l *letter) Data(r io.Reader) error {
	_, err := l.conn.Exec(context.Background(), "insert into mail default values")
	return err
}

// dedicated gives each session a connection of its own.
type dedicated struct{ url string }

func (d dedicated) NewSession(c *smtp.Conn) (smtp.Session, error) {
	conn, err := pgx.Connect(context.Background(), d.url)
	if err != nil {
		return nil, err
	}
	return &letter{conn: conn}, nil
}

func serveSMTP(ctx context.Context, url string) error {
	box, err := newMailbox(ctx, url)
	if err != nil {
		return err
	}
	go smtp.NewServer(dedicated{url}).ListenAndServe()
	return smtp.NewServer(box).ListenAndServe()
}

// BadChat writes down what the sessions say, each on its own goroutine.
func (d *daemon) BadChat(s *melody.Session, msg []byte) {
	d.conn.Exec(context.Background(), "insert into chat values ($1)", msg) // want "^d.conn is shared by every call of .*BadChat without a lock"
}

func (d *daemon) OkChat(s *melody.Session) {
	d.pool.Exec(context.Background(), "insert into chat values ('hello')")
}

func (d *daemon) serveChat() *melody.Melody {
	m := melody.New()
	m.HandleConnect(d.OkChat)
	m.HandleMessage(d.BadChat)
	return m
}

// events handles what clients send.
type events struct {
	gws.BuiltinEventHandler
	conn *pgx.Conn
}

// OnMessage is called on the goroutine of each connection.
func (e *events) OnMessage(socket *gws.Conn, m *gws.Message) {
	defer m.Close()
	e.conn.Exec(context.Background(), "insert into events values ($1)", m.Bytes()) // want "^e.conn is shared by every call of .*OnMessage without a lock"
}

func upgrader(ctx context.Context, url string) (*gws.Upgrader, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, err
	}
	return gws.NewUpgrader(&events{conn: conn}, nil), nil
}

// BadDiscord runs each handler on a goroutine of its own.
func BadDiscord(ctx context.Context, s *discordgo.Session, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	s.AddHandler(func(s *discordgo.Session, m *discordgo.MessageCreate) {
		conn.Exec(ctx, "insert into said values ($1)", m.Content) // want "^conn is shared by every call of a handler without a lock"
	})
	if err := s.Open(); err != nil {
		return err
	}
	<-ctx.Done()
	return s.Close()
}

// BadBot handles each update on a goroutine of its own.
func BadBot(ctx context.Context, token string, conn *pgx.Conn) error {
	b, err := bot.New(token, bot.WithDefaultHandler(func(ctx context.Context, b *bot.Bot, u *models.Update) {
		conn.Exec(ctx, "insert into updates values ($1)", u.ID) // want "^conn is shared by every call of a handler without a lock"
	}))
	if err != nil {
		return err
	}
	b.Start(ctx)
	return nil
}

// OkBot looks its words up before the bot starts.
func OkBot(ctx context.Context, token string, conn *pgx.Conn) error {
	var greeting string
	if err := conn.QueryRow(ctx, "select greeting from words").Scan(&greeting); err != nil {
		return err
	}
	b, err := bot.New(token, bot.WithDefaultHandler(func(ctx context.Context, b *bot.Bot, u *models.Update) {
		b.SendMessage(ctx, &bot.SendMessageParams{ChatID: u.Message.Chat.ID, Text: greeting})
	}))
	if err != nil {
		return err
	}
	b.Start(ctx)
	return nil
}

// OkInformer is called by one informer on one goroutine.
func OkInformer(inf cache.SharedInformer, conn *pgx.Conn) error {
	_, err := inf.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: func(obj any) { conn.Exec(context.Background(), "insert into pods default values") },
	})
	return err
}

// counter counts what two informers tell it.
type counter struct{ conn *pgx.Conn }

func (c *counter) OnAdd(obj any, first bool) {
	c.conn.Exec(context.Background(), "update counts set n = n+1") // want "^c.conn is shared by handler counter.OnAdd and its second registration without a common lock"
}
func (c *counter) OnUpdate(old, obj any) {}
func (c *counter) OnDelete(obj any)      {}

// BadTwoInformers gives a counter to two informers, which call OnAdd beside each other.
func BadTwoInformers(ctx context.Context, pods, nodes cache.SharedInformer, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	c := &counter{conn: conn}
	pods.AddEventHandler(c)
	nodes.AddEventHandler(c) // rel "^other handler registered here$"
	return nil
}

// OkLeader works on its own connection as long as it leads.
func OkLeader(ctx context.Context, url string, cfg leaderelection.LeaderElectionConfig) {
	cfg.Callbacks = leaderelection.LeaderCallbacks{
		OnStartedLeading: func(ctx context.Context) {
			conn, err := pgx.Connect(ctx, url)
			if err != nil {
				return
			}
			defer conn.Close(ctx)
			conn.Exec(ctx, "refresh materialized view totals")
		},
		OnStoppedLeading: func() {},
	}
	leaderelection.RunOrDie(ctx, cfg)
}
