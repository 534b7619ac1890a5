package symbols_test

import (
	"path/filepath"
	"testing"

	"github.com/connvet/connvet/passes/internal/symbols"
)

// TestResolve shows that what the libraries lack is found out.
func TestResolve(t *testing.T) {
	w, err := symbols.Load(filepath.Join("..", "..", "..", "testdata"), "database/sql", "github.com/jmoiron/sqlx")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ key, err string }{
		{"database/sql.Open", ""},
		{"(*database/sql.DB).Query", ""},
		{"(*github.com/jmoiron/sqlx.Tx).Queryx", ""},
		{"(*github.com/jmoiron/sqlx.Stmt#tx).Queryx", ""},
		{"database/sql.Reopen", "database/sql.Reopen: package database/sql declares no such function"},
		{"database/sql.DB", "database/sql.DB: package database/sql declares no such function"},
		{"(*database/sql.DB).Requery", "(*database/sql.DB).Requery: *database/sql.DB has no method Requery"},
		{"(*database/sql.DBB).Query", "(*database/sql.DBB).Query: *database/sql.DBB: package database/sql declares no such type"},
		{"(*github.com/jmoiron/sqlx.Tx).Commit", "(*github.com/jmoiron/sqlx.Tx).Commit is declared as (*database/sql.Tx).Commit"},
		{"example.com/sql.Open", "example.com/sql.Open: package example.com/sql does not exist"},
	} {
		_, err := w.Func(tt.key)
		if got := message(err); got != tt.err {
			t.Errorf("Func(%q): got error %q, want %q", tt.key, got, tt.err)
		}
	}
	if _, err := w.Method("*github.com/jmoiron/sqlx.Tx", "Commit"); err != nil {
		t.Errorf("promoted method: %v", err)
	}
	_, err = w.Field("*github.com/jmoiron/sqlx.NamedStmt", "Stmt")
	if err != nil {
		t.Error(err)
	}
	_, err = w.Field("*github.com/jmoiron/sqlx.NamedStmt", "Statement")
	if got, want := message(err), "*github.com/jmoiron/sqlx.NamedStmt has no field Statement"; got != want {
		t.Errorf("got error %q, want %q", got, want)
	}
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
