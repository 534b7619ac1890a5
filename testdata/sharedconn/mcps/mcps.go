// Package mcps has the tools of MCP servers.
package mcps

import (
	"context"

	mark "github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

type tools struct {
	conn *pgx.Conn
	pool *pgxpool.Pool
}

func (t *tools) BadQuery(ctx context.Context, req mark.CallToolRequest) (*mark.CallToolResult, error) {
	rows, err := t.conn.Query(ctx, req.GetString("sql", "")) // want "^t.conn is shared by every call of handler tools.BadQuery without a lock"
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	return mark.NewToolResultText("ok"), nil
}

func (t *tools) OkQuery(ctx context.Context, req mark.CallToolRequest) (*mark.CallToolResult, error) {
	rows, err := t.pool.Query(ctx, req.GetString("sql", ""))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	return mark.NewToolResultText("ok"), nil
}

type args struct{ SQL string }

func (t *tools) BadTyped(ctx context.Context, req mark.CallToolRequest, a args) (*mark.CallToolResult, error) {
	_, err := t.conn.Exec(ctx, a.SQL) // want "^t.conn is shared by every call of handler tools.BadTyped without a lock"
	return mark.NewToolResultText("ok"), err
}

func (t *tools) BadTable(ctx context.Context, req mark.ReadResourceRequest) ([]mark.ResourceContents, error) {
	_, err := t.conn.Exec(ctx, "table users") // want "^t.conn is shared by every call of handler tools.BadTable without a lock"
	return nil, err
}

// Stdio serves on standard input, five calls at a time.
func Stdio(ctx context.Context, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	t := &tools{conn: conn}
	s := server.NewMCPServer("db", "1.0.0")
	s.AddTool(mark.NewTool("bad"), t.BadQuery)
	s.AddTools(server.ServerTool{Tool: mark.NewTool("ok"), Handler: t.OkQuery})
	s.AddTool(mark.NewTool("typed"), mark.NewTypedToolHandler(t.BadTyped))
	s.AddResource(mark.NewResource("db://users", "users"), t.BadTable)
	return server.ServeStdio(s)
}

type sdk struct {
	conn *pgx.Conn
	pool *pgxpool.Pool
}

func (s *sdk) BadTool(ctx context.Context, req *mcp.CallToolRequest, in args) (*mcp.CallToolResult, any, error) {
	_, err := s.conn.Exec(ctx, in.SQL) // want "^s.conn is shared by every call of handler sdk.BadTool without a lock"
	return nil, nil, err
}

func (s *sdk) OkTool(ctx context.Context, req *mcp.CallToolRequest, in args) (*mcp.CallToolResult, any, error) {
	_, err := s.pool.Exec(ctx, in.SQL)
	return nil, nil, err
}

func (s *sdk) BadRaw(ctx context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	return nil, s.conn.Ping(ctx) // want "^s.conn is shared by every call of handler sdk.BadRaw without a lock"
}

// Serve registers them with the official SDK.
func Serve(ctx context.Context, s *sdk) error {
	srv := mcp.NewServer(&mcp.Implementation{Name: "db"}, nil)
	mcp.AddTool(srv, &mcp.Tool{Name: "bad"}, s.BadTool)
	mcp.AddTool(srv, &mcp.Tool{Name: "ok"}, s.OkTool)
	srv.AddTool(&mcp.Tool{Name: "raw"}, s.BadRaw)
	return srv.Run(ctx, &mcp.StdioTransport{})
}
