package catalog

import "testing"

func TestDefaultLoads(t *testing.T) {
	c, err := Load(dataFS)
	if err != nil {
		t.Fatal(err)
	}
	if c.Type("*database/sql.DB") == nil {
		t.Fatal("no row for *sql.DB")
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := Load(dataFS); err != nil {
			b.Fatal(err)
		}
	}
}
