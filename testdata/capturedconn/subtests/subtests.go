// Package subtests uses connections in parallel tests and benchmarks.
package subtests

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

const touch = "update t set at = now()"

func connect(t testing.TB) *pgx.Conn {
	conn, err := pgx.Connect(context.Background(), "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// BadParallel shares one connection between the parallel subtests of a table.
func BadParallel(t *testing.T, conn *pgx.Conn) {
	for _, name := range []string{"a", "b"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _ = conn.Exec(t.Context(), touch) // want "conn.Exec may run at the same time"
		})
	}
}

// BadParallelSiblings shares it between two named subtests.
func BadParallelSiblings(t *testing.T, conn *pgx.Conn) {
	t.Run("a", func(t *testing.T) {
		t.Parallel()
		_, _ = conn.Exec(t.Context(), touch)
	})
	t.Run("b", func(t *testing.T) {
		t.Parallel()
		_ = conn.Ping(t.Context()) // want "conn.Ping may run at the same time"
	})
}

// BadParallelHelper makes the connection in a helper.
func BadParallelHelper(t *testing.T) {
	conn := connect(t)
	for _, name := range []string{"a", "b"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _ = conn.Exec(t.Context(), touch) // want "conn.Exec may run at the same time"
		})
	}
}

// BadParentCloses closes before the parallel subtest resumes.
func BadParentCloses(t *testing.T) {
	conn, err := pgx.Connect(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background()) // want "conn.Close may run at the same time"
	t.Run("a", func(t *testing.T) {
		t.Parallel()
		_, _ = conn.Exec(t.Context(), touch)
	})
}

// BadRunParallel shares it between the goroutines of a benchmark.
func BadRunParallel(b *testing.B, conn *pgx.Conn) {
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			_, _ = conn.Exec(b.Context(), touch) // want "conn.Exec may run at the same time"
		}
	})
}

// OkSequential runs one subtest after the other.
func OkSequential(t *testing.T, conn *pgx.Conn) {
	for _, name := range []string{"a", "b"} {
		t.Run(name, func(t *testing.T) {
			_, _ = conn.Exec(t.Context(), touch)
		})
	}
	_ = conn.Ping(t.Context())
}

// OkOneParallel has one parallel subtest, and closes in a cleanup.
func OkOneParallel(t *testing.T) {
	conn := connect(t)
	t.Run("a", func(t *testing.T) {
		t.Parallel()
		_, _ = conn.Exec(t.Context(), touch)
	})
}

// OkOwn connects in each subtest.
func OkOwn(t *testing.T) {
	for _, name := range []string{"a", "b"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn := connect(t)
			_, _ = conn.Exec(t.Context(), touch)
		})
	}
}

// OkPool shares a pool.
func OkPool(t *testing.T, pool *pgxpool.Pool) {
	for _, name := range []string{"a", "b"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _ = pool.Exec(t.Context(), touch)
		})
	}
}

// OkGroup uses the connection after the subtest that waits for the parallel one.
func OkGroup(t *testing.T, conn *pgx.Conn) {
	t.Run("group", func(t *testing.T) {
		t.Run("a", func(t *testing.T) {
			t.Parallel()
			_, _ = conn.Exec(t.Context(), touch)
		})
	})
	_ = conn.Ping(t.Context())
}

// OkParallelParent is parallel itself, with a connection of its own.
func OkParallelParent(t *testing.T) {
	t.Parallel()
	conn := connect(t)
	t.Run("a", func(t *testing.T) {
		_, _ = conn.Exec(t.Context(), touch)
	})
	_ = conn.Ping(t.Context())
}

// OkRunParallelOwn connects in each goroutine of the benchmark.
func OkRunParallelOwn(b *testing.B) {
	b.RunParallel(func(pb *testing.PB) {
		conn := connect(b)
		for pb.Next() {
			_, _ = conn.Exec(b.Context(), touch)
		}
	})
}

// OkAfterRunParallel uses the connection when the goroutines are gone.
func OkAfterRunParallel(b *testing.B, conn *pgx.Conn, pool *pgxpool.Pool) {
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			_, _ = pool.Exec(b.Context(), touch)
		}
	})
	_ = conn.Ping(b.Context())
}

// OkBenchmarkLoop runs on one goroutine.
func OkBenchmarkLoop(b *testing.B, conn *pgx.Conn) {
	for b.Loop() {
		_, _ = conn.Exec(b.Context(), touch)
	}
}
