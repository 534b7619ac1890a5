package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"
)

// table prints the medians, and how connvet compares with the others; it tells whether
// that is within the limit.
func table(out io.Writer, tools []*tool) (bool, error) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "CPU s\twall s\tpeak MB\t  tool")
	for _, t := range tools {
		m := t.median()
		fmt.Fprintf(w, "%.2f\t%.2f\t%d\t  %s\n", m.cpu.Seconds(), m.wall.Seconds(), m.memory>>20, t.name)
	}
	if err := w.Flush(); err != nil {
		return false, err
	}
	c, o := tools[connvet].median(), tools[others].median()
	cpu := ratio(int64(c.cpu), int64(o.cpu))
	memory := ratio(c.memory, o.memory)
	within := cpu <= limit && memory <= limit
	_, err := fmt.Fprintf(out, "\nconnvet needs %.2f of the CPU and %.2f of the memory of %s; the limit is %.2f\n",
		cpu, memory, tools[others].name, limit)
	return within, err
}

func ratio(a, b int64) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

// median takes each quantity for itself.
func (t *tool) median() usage {
	return usage{
		cpu:    middle(t.runs, func(u usage) time.Duration { return u.cpu }),
		wall:   middle(t.runs, func(u usage) time.Duration { return u.wall }),
		memory: middle(t.runs, func(u usage) int64 { return u.memory }),
	}
}

func middle[T cmp.Ordered](runs []usage, of func(usage) T) T {
	var values []T
	for _, u := range runs {
		values = append(values, of(u))
	}
	slices.Sort(values)
	return values[len(values)/2]
}
