package main_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	leaking = `package mail

import "net/smtp"

func Greet(addr, name string) error {
	c, err := smtp.Dial(addr)
	if err != nil {
		return err
	}
	return c.Hello(name)
}
`
	closing = `package mail

import "net/smtp"

func Greet(addr, name string) error {
	c, err := smtp.Dial(addr)
	if err != nil {
		return err
	}
	defer c.Close()
	return c.Hello(name)
}
`
)

// TestPreCommit commits to a repository that has the hooks of .pre-commit-hooks.yaml.
func TestPreCommit(t *testing.T) {
	if testing.Short() {
		t.Skip("installs connvet with pre-commit")
	}
	if _, err := exec.LookPath("pre-commit"); err != nil {
		t.Skip("pre-commit is not installed")
	}
	env := preCommitEnv(t)
	hooks := hookRepository(t, env)
	rev := strings.TrimSpace(hooks.must("git", "rev-parse", "HEAD"))
	for _, id := range []string{"connvet", "connvet-system"} {
		t.Run(id, func(t *testing.T) {
			r := &repository{t: t, dir: t.TempDir(), env: env}
			if id == "connvet-system" {
				bin := t.TempDir()
				hooks.must("go", "build", "-o", bin, "./cmd/connvet")
				r.env = append(slices.Clone(env), "PATH="+bin+string(filepath.ListSeparator)+os.Getenv("PATH"))
			}
			r.must("git", "init", "-q")
			r.write(".pre-commit-config.yaml", fmt.Sprintf("repos: [{repo: %q, rev: %s, hooks: [{id: %s}]}]\n", hooks.dir, rev, id))
			r.must("pre-commit", "install")
			r.refuses()
			if id == "connvet" {
				r.chooses()
			}
		})
	}
}

// refuses checks that a good commit passes and a bad one does not.
func (r *repository) refuses() {
	r.t.Helper()
	r.write("go.mod", "module example.com/mail\n\ngo 1.24\n")
	r.write("mail.go", closing)
	r.commit(true, "Passed")

	r.write("other/other.go", leaking)
	r.commit(false, filepath.Join("other", "other.go")+":6:17: unclosedconn: ")
	if got := strings.TrimSpace(r.must("git", "rev-list", "--count", "HEAD")); got != "1" {
		r.t.Errorf("%s commits, want 1: the bad one is there", got)
	}
	r.write("other/other.go", closing)
	r.commit(true, "Passed")
}

// chooses checks which changes the hook looks at.
func (r *repository) chooses() {
	r.t.Helper()
	r.write("README", "words\n")
	r.commit(true, "Skipped")
	r.write("go.mod", "module example.com/post\n\ngo 1.24\n")
	r.commit(true, "Passed")
}

// repository is a working copy and the environment of the commands run in it.
type repository struct {
	t   *testing.T
	dir string
	env []string
}

// preCommitEnv keeps the user's git configuration out, and lets pre-commit, which uses a
// GOPATH of its own, take modules from the module cache.
func preCommitEnv(t *testing.T) []string {
	t.Helper()
	var env []string
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "GIT_") && !strings.HasPrefix(e, "PRE_COMMIT") {
			env = append(env, e)
		}
	}
	out, err := exec.CommandContext(t.Context(), "go", "env", "GOMODCACHE", "GOPROXY").Output()
	if err != nil {
		t.Fatal(err)
	}
	cache, proxy, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	return append(env,
		"GOPROXY=file://"+filepath.ToSlash(cache)+"/cache/download,"+proxy,
		"GOWORK=off",
		"PRE_COMMIT_HOME="+t.TempDir(),
		"GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=test", "GIT_AUTHOR_EMAIL=test@example.com",
		"GIT_COMMITTER_NAME=test", "GIT_COMMITTER_EMAIL=test@example.com",
	)
}

// hookRepository makes a repository of this tree as it is, committed or not.
func hookRepository(t *testing.T, env []string) *repository {
	t.Helper()
	r := &repository{t: t, dir: t.TempDir(), env: env}
	root := filepath.Join("..", "..")
	for _, name := range []string{"go.mod", "go.sum", ".pre-commit-hooks.yaml"} {
		data, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		r.write(name, string(data))
	}
	for _, name := range []string{"cmd", "passes"} {
		if err := os.CopyFS(filepath.Join(r.dir, name), os.DirFS(filepath.Join(root, name))); err != nil {
			t.Fatal(err)
		}
	}
	r.must("git", "init", "-q")
	r.must("git", "add", "-A")
	r.must("git", "commit", "-q", "-m", "hooks")
	return r
}

func (r *repository) write(name, text string) {
	r.t.Helper()
	file := filepath.Join(r.dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		r.t.Fatal(err)
	}
}

// commit adds everything and commits; ok says whether that must succeed, and want
// what must be printed.
func (r *repository) commit(ok bool, want string) {
	r.t.Helper()
	r.must("git", "add", "-A")
	out, err := r.run("git", "commit", "-m", "change")
	if (err == nil) != ok || !strings.Contains(out, want) {
		r.t.Fatalf("commit: %v, want success %t and %q in\n%s", err, ok, want, out)
	}
}

func (r *repository) must(name string, args ...string) string {
	r.t.Helper()
	out, err := r.run(name, args...)
	if err != nil {
		r.t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return out
}

func (r *repository) run(name string, args ...string) (string, error) {
	cmd := exec.CommandContext(r.t.Context(), name, args...)
	cmd.Dir, cmd.Env = r.dir, r.env
	out, err := cmd.CombinedOutput()
	return string(out), err
}
