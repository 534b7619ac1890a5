package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"
)

// score is what a tool does on a set of functions.
type score struct {
	leaks, found      int // functions with a leak; those in which the tool reports something
	own, ownFound     int // the same, of the types that the tool looks at
	fine, falsely     int // functions without a leak; those in which the tool reports something
	ownFine, ownWrong int
}

func (s *score) add(f function, own, reported bool) {
	n := func(b bool) int {
		if b {
			return 1
		}
		return 0
	}
	if f.leaks {
		s.leaks++
		s.found += n(reported)
		s.own += n(own)
		s.ownFound += n(own && reported)
		return
	}
	s.fine++
	s.falsely += n(reported)
	s.ownFine += n(own)
	s.ownWrong += n(own && reported)
}

// scores are by tool; those of one package, and of all under "".
type scores map[string][]score

// count holds the reports against the functions.
func count(functions []function, reports []report) scores {
	out := scores{}
	for _, f := range functions {
		for i, t := range tools {
			reported := slices.ContainsFunc(reports, func(r report) bool {
				return r.tool == t.name && r.file == f.file && f.first <= r.line && r.line <= f.last
			})
			for _, pkg := range []string{"", f.pkg} {
				if out[pkg] == nil {
					out[pkg] = make([]score, len(tools))
				}
				out[pkg][i].add(f, t.own(f), reported)
			}
		}
	}
	return out
}

// table prints the totals, then the packages.
func table(out io.Writer, all scores) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "tool\town: found\town: false\tall: found\tall: false\t")
	for i, t := range tools {
		if len(all[""]) == 0 {
			break
		}
		s := all[""][i]
		fmt.Fprintf(w, "%s\t%d of %d\t%d of %d\t%d of %d\t%d of %d\t\n", t.name,
			s.ownFound, s.own, s.ownWrong, s.ownFine, s.found, s.leaks, s.falsely, s.fine)
	}
	fmt.Fprint(w, "\npackage\tleaks\tfine\t")
	for _, t := range tools {
		fmt.Fprintf(w, "%s\t", t.name)
	}
	fmt.Fprintln(w)
	for _, pkg := range slices.SortedFunc(maps.Keys(all), cmp.Compare) {
		if pkg == "" {
			continue
		}
		row := all[pkg]
		fmt.Fprintf(w, "%s\t%d\t%d\t", pkg, row[0].leaks, row[0].fine)
		for _, s := range row {
			fmt.Fprintf(w, "%d, %d false\t", s.found, s.falsely)
		}
		fmt.Fprintln(w)
	}
	return w.Flush()
}
