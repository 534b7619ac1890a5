// Package fresh has servers that make an instance for each request or job.
package fresh

import (
	"context"

	machinery "github.com/RichardKnop/machinery/v1"
	"github.com/beego/beego/v2/server/web"
	bctx "github.com/beego/beego/v2/server/web/context"
	"github.com/gocraft/work"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// perRequest connects in Prepare: its instance is of one request.
type perRequest struct {
	web.Controller
	conn *pgx.Conn
}

func (c *perRequest) Prepare() {
	conn, err := pgx.Connect(c.Ctx.Request.Context(), "")
	if err == nil {
		c.conn = conn
	}
}

func (c *perRequest) Finish() { c.conn.Close(context.Background()) }

func (c *perRequest) OkGet() {
	c.conn.Exec(c.Ctx.Request.Context(), "select 1")
	c.ServeJSON()
}

// copied has its connection from the registered controller: every instance gets that one.
type copied struct {
	web.Controller
	Conn *pgx.Conn
	Pool *pgxpool.Pool
}

func (c *copied) BadList() {
	c.Conn.Exec(c.Ctx.Request.Context(), "select 1") // want "^c.Conn is shared by every call of handler copied.BadList without a lock"
}

func (c *copied) OkList() {
	c.Pool.Exec(c.Ctx.Request.Context(), "select 1")
}

// unexported is not copied: beego can not set the field, and requests find nil there.
type unexported struct {
	web.Controller
	conn *pgx.Conn
}

func (c *unexported) OkNil() {
	if c.conn != nil {
		c.conn.Exec(c.Ctx.Request.Context(), "select 1")
	}
}

// nested has the connection two steps away.
type nested struct {
	web.Controller
	Store *store
}

type store struct{ conn *pgx.Conn }

func (s *store) add(ctx context.Context) { s.conn.Exec(ctx, "insert") } // want "^s.conn is shared by every call of handler nested.BadNested without a lock"

// BadNested adds with the shared store.
func (c *nested) BadNested() { c.Store.add(c.Ctx.Request.Context()) }

// Beego registers all of them.
func Beego(url string) error {
	conn, err := pgx.Connect(context.Background(), url)
	if err != nil {
		return err
	}
	web.Router("/request", &perRequest{}, "get:OkGet")
	web.Router("/copied", &copied{Conn: conn}, "get:BadList;post:OkList")
	web.Include(&unexported{conn: conn})
	web.AddNamespace(web.NewNamespace("/v1", web.NSRouter("/nested", &nested{Store: &store{conn}}, "get:BadNested")))
	web.Run()
	return nil
}

// BadFilter is a filter: a function, and no instance.
func BadFilter(conn *pgx.Conn) {
	web.InsertFilter("/*", web.BeforeExec, func(ctx *bctx.Context) {
		conn.Ping(ctx.Request.Context()) // want "^conn is shared by every call of a handler without a lock"
	})
}

// OkFilter asks a pool.
func OkFilter(pool *pgxpool.Pool) {
	web.InsertFilter("/*", web.BeforeExec, func(ctx *bctx.Context) { pool.Ping(ctx.Request.Context()) })
}

// global is what contexts of jobs have in common.
var global = mustConnect()

func mustConnect() *pgx.Conn {
	conn, err := pgx.Connect(context.Background(), "")
	if err != nil {
		panic(err)
	}
	return conn
}

// jobContext is made for each job.
type jobContext struct {
	conn *pgx.Conn
	user string
}

func (c *jobContext) connect(job *work.Job, next work.NextMiddlewareFunc) error {
	conn, err := pgx.Connect(context.Background(), "")
	if err != nil {
		return err
	}
	defer conn.Close(context.Background())
	c.conn = conn
	return next()
}

// OkSend uses the connection of the job.
func (c *jobContext) OkSend(job *work.Job) error {
	_, err := c.conn.Exec(context.Background(), "insert into mails values ($1)", job.ArgString("to"))
	return err
}

// BadExport uses the global one.
func (c *jobContext) BadExport(job *work.Job) error {
	_, err := global.Exec(context.Background(), "select $1", c.user) // want "^global is shared by every call of handler jobContext.BadExport without a lock"
	return err
}

// mailer is no context: its method is bound to one value.
type mailer struct{ conn *pgx.Conn }

func (m *mailer) BadMail(job *work.Job) error {
	_, err := m.conn.Exec(context.Background(), "insert into mails values ($1)", job.ArgString("to")) // want "^m.conn is shared by every call of handler mailer.BadMail without a lock"
	return err
}

// Work registers them.
func Work(redis any, m *mailer) {
	wp := work.NewWorkerPool(jobContext{}, 10, "app", redis)
	wp.Middleware((*jobContext).connect)
	wp.Job("send", (*jobContext).OkSend)
	wp.Job("export", (*jobContext).BadExport)
	wp.JobWithOptions("mail", work.JobOptions{Priority: 10}, m.BadMail)
	wp.Start()
}

type tasks struct {
	conn *pgx.Conn
	pool *pgxpool.Pool
}

func (t *tasks) BadAdd(n int64) error {
	_, err := t.conn.Exec(context.Background(), "insert into numbers values ($1)", n) // want "^t.conn is shared by every call of handler tasks.BadAdd without a lock"
	return err
}

func (t *tasks) OkAdd(n int64) error {
	_, err := t.pool.Exec(context.Background(), "insert into numbers values ($1)", n)
	return err
}

func (t *tasks) BadDrop(n int64) error {
	_, err := t.conn.Exec(context.Background(), "delete from numbers where n = $1", n) // want "^t.conn is shared by every call of handler tasks.BadDrop without a lock"
	return err
}

// Machinery registers them, in both ways.
func Machinery(s *machinery.Server, t *tasks) error {
	if err := s.RegisterTasks(map[string]any{"add": t.BadAdd, "pooled": t.OkAdd}); err != nil {
		return err
	}
	if err := s.RegisterTask("drop", t.BadDrop); err != nil {
		return err
	}
	return s.NewWorker("worker", 10).Launch()
}
